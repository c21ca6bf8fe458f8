/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>

#include "ioctls.h"

/* What drivers say of themselves is not believed without limit. */
#define ENTRIES_MAX 4096

struct card {
    int fd;
    struct ifreq ifr;
};

static int card_open(struct card *card, unsigned ifindex)
{
    memset(card, 0, sizeof(*card));
    if (!if_indextoname(ifindex, card->ifr.ifr_name))
        return errno;
    card->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return card->fd < 0 ? errno : 0;
}

static int card_ask(struct card *card, unsigned long request, void *data)
{
    card->ifr.ifr_data = data;
    return ioctl(card->fd, request, &card->ifr) ? errno : 0;
}

static int ethtool(struct card *card, void *data)
{
    return card_ask(card, SIOCETHTOOL, data);
}

static char *hex(const void *data, size_t n)
{
    const unsigned char *bytes = data;
    char *s = need(malloc(2 * n + 1));
    size_t i;

    s[0] = '\0';
    for (i = 0; i < n; i++)
        sprintf(s + 2 * i, "%02x", bytes[i]);
    return s;
}

static int unhex(const char *s, void *data, size_t n)
{
    unsigned char *bytes = data;
    unsigned byte;
    size_t i;

    if (strlen(s) != 2 * n)
        return EINVAL;
    for (i = 0; i < n; i++) {
        if (sscanf(s + 2 * i, "%2x", &byte) != 1)
            return EINVAL;
        bytes[i] = byte;
    }
    return 0;
}

/* How many queues flows can be sent to; 0: that cannot be said. */
static unsigned long long queues(struct card *card)
{
    struct ethtool_rxnfc info = { .cmd = ETHTOOL_GRXRINGS };

    return ethtool(card, &info) ? 0 : info.data;
}

static void may_queues(struct card *card, struct setting *setting)
{
    unsigned long long n = queues(card);

    if (n)
        setting_may(setting, text("%llu", n));
}

/* ---- RSS */

static struct ethtool_rxfh *rxfh_alloc(uint32_t indir_size, uint32_t key_size)
{
    struct ethtool_rxfh *rxfh =
        need(calloc(1, sizeof(*rxfh) + indir_size * sizeof(uint32_t) +
                       key_size));

    rxfh->indir_size = indir_size;
    rxfh->key_size = key_size;
    return rxfh;
}

static int rxfh_read(struct card *card, struct ethtool_rxfh **out)
{
    struct ethtool_rxfh sizes = { .cmd = ETHTOOL_GRSSH };
    int r = ethtool(card, &sizes);

    if (r)
        return r;
    if (sizes.indir_size > ENTRIES_MAX || sizes.key_size > ENTRIES_MAX)
        return E2BIG;
    *out = rxfh_alloc(sizes.indir_size, sizes.key_size);
    (*out)->cmd = ETHTOOL_GRSSH;
    r = ethtool(card, *out);
    if (r)
        free(*out);
    return r;
}

static char *table_text(const struct ethtool_rxfh *rxfh)
{
    char *value = text("%s", ""), *entry;
    uint32_t i;

    for (i = 0; i < rxfh->indir_size; i++) {
        entry = text("%u", rxfh->rss_config[i]);
        value = words_add(value, entry);
        free(entry);
    }
    return value;
}

static void rss_put(struct card *card, const struct row *row,
                    const struct ethtool_rxfh *rxfh, struct list *out)
{
    char *value = NULL;

    if (row->number == RSS_FUNCTION && rxfh->hfunc)
        value = text("%u", rxfh->hfunc);
    else if (row->number == RSS_KEY && rxfh->key_size)
        value = hex(rxfh->rss_config + rxfh->indir_size, rxfh->key_size);
    else if (row->number == RSS_INDIRECTION && rxfh->indir_size)
        value = table_text(rxfh);
    if (!value)
        return;
    list_put(out, row->name, value);
    if (row->number == RSS_KEY)
        setting_may(list_find(out, row->name), text("%zu", strlen(value)));
    else if (row->number == RSS_INDIRECTION)
        may_queues(card, list_find(out, row->name));
    free(value);
}

static int rss_get(struct card *card, const struct group *group,
                   struct list *out)
{
    struct ethtool_rxfh *rxfh;
    size_t i;
    int r = rxfh_read(card, &rxfh);

    if (r)
        return r;
    for (i = 0; i < group->count; i++)
        rss_put(card, &group->rows[i], rxfh, out);
    free(rxfh);
    return 0;
}

static struct ethtool_rxfh *rss_request(const struct row *row,
                                        const char *value)
{
    struct ethtool_rxfh *rxfh;
    size_t n, i;
    char *end;

    switch (row->number) {
    case RSS_INDIRECTION:
        n = words_count(value);
        rxfh = rxfh_alloc(n, 0);
        for (i = 0; i < n; i++) {
            rxfh->rss_config[i] = strtoul(value, &end, 10);
            value = *end ? end + 1 : end;
        }
        break;
    case RSS_KEY:
        n = strlen(value) / 2;
        rxfh = rxfh_alloc(0, n);
        unhex(value, rxfh->rss_config, n);
        rxfh->indir_size = ETH_RXFH_INDIR_NO_CHANGE;
        break;
    default:
        rxfh = rxfh_alloc(0, 0);
        rxfh->hfunc = atoi(value);
        rxfh->indir_size = ETH_RXFH_INDIR_NO_CHANGE;
    }
    rxfh->cmd = ETHTOOL_SRSSH;
    return rxfh;
}

static int rss_set(struct card *card, const struct row *row,
                   const char *value)
{
    struct ethtool_rxfh *rxfh = rss_request(row, value);
    int r = ethtool(card, rxfh);

    free(rxfh);
    return r;
}

static int hash_get(struct card *card, const struct group *group,
                    struct list *out)
{
    struct ethtool_rxnfc info;
    char *value;
    size_t i;
    int r = 0, error;

    for (i = 0; i < group->count; i++) {
        memset(&info, 0, sizeof(info));
        info.cmd = ETHTOOL_GRXFH;
        info.flow_type = group->rows[i].number;
        error = ethtool(card, &info);
        if (error == ENODEV)
            r = error;
        if (error)
            continue;
        value = text("%llu", (unsigned long long)info.data);
        list_put(out, group->rows[i].name, value);
        free(value);
    }
    return r;
}

static int hash_set(struct card *card, const struct row *row,
                    const char *value)
{
    struct ethtool_rxnfc info = {
        .cmd = ETHTOOL_SRXFH,
        .flow_type = row->number,
        .data = strtoull(value, NULL, 10),
    };

    return ethtool(card, &info);
}

/* ---- rules for single flows */

static void rule_put(struct card *card, const struct row *row,
                     uint32_t location, struct list *out)
{
    struct ethtool_rxnfc info = { .cmd = ETHTOOL_GRXCLSRULE };
    unsigned long long cookie;
    char *name, *bytes, *value;

    info.fs.location = location;
    /* One of a context of its own is no rule by itself. */
    if (ethtool(card, &info) || info.fs.flow_type & FLOW_RSS)
        return;
    cookie = info.fs.ring_cookie;
    info.fs.ring_cookie = 0;
    bytes = hex(&info.fs, sizeof(info.fs));
    name = text("%.*s%u", (int)strlen(row->name) - 1, row->name, location);
    value = text("%llu %s", cookie, bytes);
    may_queues(card, list_put(out, name, value));
    free(value);
    free(name);
    free(bytes);
}

static int rules_get(struct card *card, const struct group *group,
                     struct list *out)
{
    struct ethtool_rxnfc count = { .cmd = ETHTOOL_GRXCLSRLCNT }, *all;
    const struct row *row = group->rows;
    uint32_t i;
    int r = ethtool(card, &count);

    if (r)
        return r;
    if (count.rule_cnt > ENTRIES_MAX)
        return E2BIG;
    may_queues(card, list_put(out, row->name, ""));
    all = need(calloc(1, sizeof(*all) + count.rule_cnt * sizeof(uint32_t)));
    all->cmd = ETHTOOL_GRXCLSRLALL;
    all->rule_cnt = count.rule_cnt;
    r = ethtool(card, all);
    for (i = 0; !r && i < all->rule_cnt && i < count.rule_cnt; i++)
        rule_put(card, row, all->rule_locs[i], out);
    free(all);
    return r;
}

static int rule_set(struct card *card, const struct row *row,
                    const struct setting *want)
{
    struct ethtool_rxnfc info = { .cmd = ETHTOOL_SRXCLSRLINS };
    char *bytes;
    unsigned long long cookie = strtoull(want->value, &bytes, 10);

    if (*bytes++ != ' ' || unhex(bytes, &info.fs, sizeof(info.fs)))
        return EINVAL;
    info.fs.ring_cookie = cookie;
    info.fs.location = strtoul(row_bit(row, want->name), NULL, 10);
    return ethtool(card, &info);
}

/* ---- time stamps: both halves of one request */

static int stamp_read(struct card *card, struct hwtstamp_config *config)
{
    memset(config, 0, sizeof(*config));
    return card_ask(card, SIOCGHWTSTAMP, config);
}

static int stamp_get(struct card *card, const struct group *group,
                     struct list *out)
{
    struct hwtstamp_config config;
    char *value;
    size_t i;
    int r = stamp_read(card, &config);

    for (i = 0; !r && i < group->count; i++) {
        value = text("%d", group->rows[i].number == STAMP_TX ?
                           config.tx_type : config.rx_filter);
        list_put(out, group->rows[i].name, value);
        free(value);
    }
    return r;
}

static int stamp_set(struct card *card, const struct row *row,
                     const char *value)
{
    struct hwtstamp_config config;
    int r = stamp_read(card, &config);

    if (r)
        return r;
    if (row->number == STAMP_TX)
        config.tx_type = atoi(value);
    else
        config.rx_filter = atoi(value);
    return card_ask(card, SIOCSHWTSTAMP, &config);
}

/* ---- */

int ioctls_get(const struct group *group, unsigned ifindex, struct list *out)
{
    struct card card;
    int r = card_open(&card, ifindex);

    if (r)
        return r;
    switch (group->means) {
    case MEANS_RSS:   r = rss_get(&card, group, out); break;
    case MEANS_HASH:  r = hash_get(&card, group, out); break;
    case MEANS_RULES: r = rules_get(&card, group, out); break;
    case MEANS_STAMP: r = stamp_get(&card, group, out); break;
    default:          r = EOPNOTSUPP;
    }
    close(card.fd);
    return r;
}

int ioctls_set(const struct group *group, unsigned ifindex,
               const struct setting *want)
{
    const struct row *row = table_row(want->name, NULL);
    struct card card;
    int r = card_open(&card, ifindex);

    if (r)
        return r;
    switch (group->means) {
    case MEANS_RSS:   r = rss_set(&card, row, want->value); break;
    case MEANS_HASH:  r = hash_set(&card, row, want->value); break;
    case MEANS_RULES: r = rule_set(&card, row, want); break;
    case MEANS_STAMP: r = stamp_set(&card, row, want->value); break;
    default:          r = EOPNOTSUPP;
    }
    close(card.fd);
    return r;
}
