/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/handlers.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "ethnl.h"

struct ethnl {
    struct nl_sock *socket;
    uint16_t family;
    uint32_t monitor;       /* multicast group */
};

/* Of all messages to and from a group. */
#define HEADER 1
#define ATTRS_MAX 64

/* ---- asking */

struct answer {
    void (*take)(struct nlattr **attrs, void *arg);
    void *arg;
    int error;
};

static int take_message(struct nl_msg *msg, void *arg)
{
    struct nlattr *attrs[ATTRS_MAX + 1];
    struct nlmsghdr *header = nlmsg_hdr(msg);
    struct answer *answer = arg;

    if (nlmsg_valid_hdr(header, GENL_HDRLEN) &&
        !nlmsg_parse(header, GENL_HDRLEN, attrs, ATTRS_MAX, NULL))
        answer->take(attrs, answer->arg);
    return NL_OK;
}

static int take_error(struct sockaddr_nl *from, struct nlmsgerr *error,
                      void *arg)
{
    struct answer *answer = arg;

    answer->error = -error->error;
    return NL_STOP;
}

static int take_ack(struct nl_msg *msg, void *arg)
{
    struct answer *answer = arg;

    answer->error = 0;
    return NL_STOP;
}

static int receive(struct nl_sock *socket, struct answer *answer)
{
    struct nl_cb *cb = need(nl_cb_alloc(NL_CB_DEFAULT));
    int r = 0;

    nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, take_message, answer);
    nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, take_ack, answer);
    nl_cb_err(cb, NL_CB_CUSTOM, take_error, answer);
    answer->error = -1;
    while (r >= 0 && answer->error < 0)
        r = nl_recvmsgs(socket, cb);
    nl_cb_put(cb);
    return answer->error >= 0 ? answer->error : EIO;
}

/* Frees the message. */
static int ask(struct ethnl *nl, struct nl_msg *msg, struct answer *answer)
{
    int r = nl_send_auto(nl->socket, msg);

    nlmsg_free(msg);
    return r < 0 ? EIO : receive(nl->socket, answer);
}

static struct nl_msg *message(uint16_t family, uint8_t command)
{
    struct genlmsghdr header = { .cmd = command, .version = 1 };
    struct nl_msg *msg = need(nlmsg_alloc_size(64 * 1024));

    need(nlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0,
                   NLM_F_REQUEST | NLM_F_ACK));
    nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
    return msg;
}

static struct nlattr *nest(struct nl_msg *msg, int attr)
{
    return need(nla_nest_start(msg, attr | NLA_F_NESTED));
}

static struct nl_msg *message_to(struct ethnl *nl, uint8_t command,
                                 unsigned ifindex)
{
    struct nl_msg *msg = message(nl->family, command);
    struct nlattr *header = nest(msg, HEADER);

    nla_put_u32(msg, ETHTOOL_A_HEADER_DEV_INDEX, ifindex);
    nla_nest_end(msg, header);
    return msg;
}

/* ---- bits, which have names */

struct bits {
    char *on, *all;
    bool masked;            /* `all` is known */
};

static void bit_read(struct nlattr *bit, struct bits *bits)
{
    struct nlattr *attrs[ETHTOOL_A_BITSET_BIT_MAX + 1];
    const char *name;

    if (nla_parse_nested(attrs, ETHTOOL_A_BITSET_BIT_MAX, bit, NULL) ||
        !attrs[ETHTOOL_A_BITSET_BIT_NAME])
        return;
    name = nla_get_string(attrs[ETHTOOL_A_BITSET_BIT_NAME]);
    bits->all = words_add(bits->all, name);
    if (attrs[ETHTOOL_A_BITSET_BIT_VALUE] || !bits->masked)
        bits->on = words_add(bits->on, name);
}

static struct bits bits_read(struct nlattr *attr)
{
    struct nlattr *attrs[ETHTOOL_A_BITSET_MAX + 1], *bit;
    struct bits bits = { .on = text("%s", ""), .all = text("%s", "") };
    int rest;

    if (!attr ||
        nla_parse_nested(attrs, ETHTOOL_A_BITSET_MAX, attr, NULL))
        return bits;
    bits.masked = !attrs[ETHTOOL_A_BITSET_NOMASK];
    if (attrs[ETHTOOL_A_BITSET_BITS])
        nla_for_each_nested(bit, attrs[ETHTOOL_A_BITSET_BITS], rest)
            bit_read(bit, &bits);
    return bits;
}

static void bits_free(struct bits *bits)
{
    free(bits->on);
    free(bits->all);
}

static void bit_write(struct nl_msg *msg, const char *name, bool value)
{
    struct nlattr *bit = nest(msg, ETHTOOL_A_BITSET_BITS_BIT);

    nla_put_string(msg, ETHTOOL_A_BITSET_BIT_NAME, name);
    if (value)
        nla_put_flag(msg, ETHTOOL_A_BITSET_BIT_VALUE);
    nla_nest_end(msg, bit);
}

/* These, and none of the others that the card has; if that is not known, none
 * at all. */
static void set_write(struct nl_msg *msg, int attr,
                      const struct setting *want)
{
    struct nlattr *bitset = nest(msg, attr), *bits;
    char *copy = text("%s", want->may ? want->may : want->value);
    char *rest = copy, *word;

    if (!want->may)
        nla_put_flag(msg, ETHTOOL_A_BITSET_NOMASK);
    bits = nest(msg, ETHTOOL_A_BITSET_BITS);
    while ((word = strsep(&rest, ",")))
        if (*word)
            bit_write(msg, word, want->may && words_have(want->value, word));
    nla_nest_end_keep_empty(msg, bits);
    nla_nest_end(msg, bitset);
    free(copy);
}

/* ---- a row of the table */

static void bytes_read(const struct row *row, struct nlattr *attr,
                       struct list *out)
{
    const uint8_t *bytes = nla_data(attr);
    char *value = text("%s", ""), *longer;
    int i;

    for (i = 0; i < nla_len(attr); i++) {
        longer = text("%s%02x", value, bytes[i]);
        free(value);
        value = longer;
    }
    setting_may(list_put(out, row->name, value), text("%zu", strlen(value)));
    free(value);
}

static void bytes_write(struct nl_msg *msg, int attr, const char *hex)
{
    uint8_t bytes[64];
    size_t n;
    unsigned byte;

    for (n = 0; n < sizeof(bytes) && sscanf(hex + 2 * n, "%2x", &byte) == 1;
         n++)
        bytes[n] = byte;
    nla_put(msg, attr, n, bytes);
}

static void set_read(const struct row *row, struct nlattr *attr,
                     struct list *out)
{
    const char *not = row->not ? row->not : "";
    struct bits bits = bits_read(attr);
    char *on = words_without(bits.on, not);
    struct setting *setting = list_put(out, row->name, on);

    if (bits.masked)
        setting_may(setting, words_without(bits.all, not));
    free(on);
    bits_free(&bits);
}

static void each_bit_read(const struct row *row, struct nlattr **attrs,
                          struct list *out)
{
    int changeable = row->max_attr ? row->max_attr : row->attr;
    struct bits bits = bits_read(attrs[row->attr]);
    struct bits may = bits_read(attrs[changeable]);
    struct bits active = bits_read(attrs[row->active_attr]);
    char *rest = row->max_attr ? may.on : may.all, *word, *name;
    struct setting *setting;

    while ((word = strsep(&rest, ","))) {
        if (!*word || (row->not && words_have(row->not, word)))
            continue;
        name = text("%.*s%s", (int)strlen(row->name) - 1, row->name, word);
        setting = list_put(out, name,
                           words_have(bits.on, word) ? "on" : "off");
        if (row->active_attr)
            setting->active = text("%s", words_have(active.on, word) ?
                                         "on" : "off");
        free(name);
    }
    bits_free(&bits);
    bits_free(&may);
    bits_free(&active);
}

static void number_read(const struct row *row, struct nlattr **attrs,
                        struct list *out)
{
    uint32_t number = row->wire == WIRE_U32 ? nla_get_u32(attrs[row->attr]) :
                                              nla_get_u8(attrs[row->attr]);
    char *value = row->wire == WIRE_ONOFF ?
                  text("%s", number ? "on" : "off") : text("%u", number);
    struct setting *setting;

    if (row->unknown && !strcmp(row->unknown, value)) {
        free(value);
        return;
    }
    setting = list_put(out, row->name, value);
    if (row->max_attr && attrs[row->max_attr])
        setting_may(setting, text("%u", nla_get_u32(attrs[row->max_attr])));
    free(value);
}

static void row_read(const struct row *row, struct nlattr **attrs,
                     struct list *out)
{
    if (!attrs[row->attr])
        return;
    if (row->wire == WIRE_BITS && row_is_many(row))
        each_bit_read(row, attrs, out);
    else if (row->wire == WIRE_BITS)
        set_read(row, attrs[row->attr], out);
    else if (row->wire == WIRE_BYTES)
        bytes_read(row, attrs[row->attr], out);
    else
        number_read(row, attrs, out);
}

static void each_bit_write(struct nl_msg *msg, const struct row *row,
                           const struct list *wants)
{
    struct nlattr *bitset = NULL, *bits = NULL;
    size_t i;

    for (i = 0; i < wants->count; i++) {
        const struct setting *want = &wants->settings[i];

        if (table_row(want->name, NULL) != row)
            continue;
        if (!bitset) {
            bitset = nest(msg, row->attr);
            bits = nest(msg, ETHTOOL_A_BITSET_BITS);
        }
        bit_write(msg, row_bit(row, want->name), !strcmp(want->value, "on"));
    }
    if (!bitset)
        return;
    nla_nest_end(msg, bits);
    nla_nest_end(msg, bitset);
}

static void row_write(struct nl_msg *msg, const struct row *row,
                      const struct list *wants)
{
    const struct setting *want = list_find(wants, row->name);

    if (row_is_many(row))
        each_bit_write(msg, row, wants);
    else if (!want)
        return;
    else if (row->wire == WIRE_BITS)
        set_write(msg, row->attr, want);
    else if (row->wire == WIRE_BYTES)
        bytes_write(msg, row->attr, want->value);
    else if (row->wire == WIRE_ONOFF)
        nla_put_u8(msg, row->attr, !strcmp(want->value, "on"));
    else if (row->wire == WIRE_U8)
        nla_put_u8(msg, row->attr, atoi(want->value));
    else
        nla_put_u32(msg, row->attr, strtoul(want->value, NULL, 10));
}

/* ---- a group */

struct reading {
    const struct group *group;
    struct list *out;
};

static void group_read(struct nlattr **attrs, void *arg)
{
    struct reading *reading = arg;
    const struct row *row;
    const struct setting *state;
    size_t i;

    for (i = 0; i < reading->group->count; i++) {
        row = &reading->group->rows[i];
        state = row->state_if ? list_find(reading->out, row->state_if) : NULL;
        if (!state || strcmp(state->value, "on"))
            row_read(row, attrs, reading->out);
    }
}

int ethnl_get(struct ethnl *nl, const struct group *group, unsigned ifindex,
              struct list *out)
{
    struct reading reading = { .group = group, .out = out };
    struct answer answer = { .take = group_read, .arg = &reading };

    return ask(nl, message_to(nl, group->get, ifindex), &answer);
}

static void ignore(struct nlattr **attrs, void *arg)
{
}

int ethnl_set(struct ethnl *nl, const struct group *group, unsigned ifindex,
              const struct list *wants)
{
    struct answer answer = { .take = ignore };
    struct nl_msg *msg = message_to(nl, group->set, ifindex);
    size_t i;

    for (i = 0; i < group->count; i++)
        row_write(msg, &group->rows[i], wants);
    return ask(nl, msg, &answer);
}

/* ---- the family and its monitor */

static void monitor_find(struct ethnl *nl, struct nlattr *groups)
{
    struct nlattr *attrs[CTRL_ATTR_MCAST_GRP_MAX + 1], *group;
    int rest;

    nla_for_each_nested(group, groups, rest)
        if (!nla_parse_nested(attrs, CTRL_ATTR_MCAST_GRP_MAX, group, NULL) &&
            attrs[CTRL_ATTR_MCAST_GRP_NAME] && attrs[CTRL_ATTR_MCAST_GRP_ID] &&
            !nla_strcmp(attrs[CTRL_ATTR_MCAST_GRP_NAME],
                        ETHTOOL_MCGRP_MONITOR_NAME))
            nl->monitor = nla_get_u32(attrs[CTRL_ATTR_MCAST_GRP_ID]);
}

static void family_read(struct nlattr **attrs, void *arg)
{
    struct ethnl *nl = arg;

    if (attrs[CTRL_ATTR_FAMILY_ID])
        nl->family = nla_get_u16(attrs[CTRL_ATTR_FAMILY_ID]);
    if (attrs[CTRL_ATTR_MCAST_GROUPS])
        monitor_find(nl, attrs[CTRL_ATTR_MCAST_GROUPS]);
}

int ethnl_open(struct ethnl **out)
{
    struct ethnl *nl = need(calloc(1, sizeof(*nl)));
    struct answer answer = { .take = family_read, .arg = nl };
    struct nl_msg *msg;
    int r;

    nl->socket = need(nl_socket_alloc());
    r = nl_connect(nl->socket, NETLINK_GENERIC) < 0 ? EIO : 0;
    if (!r) {
        msg = message(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
        nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, ETHTOOL_GENL_NAME);
        r = ask(nl, msg, &answer);
    }
    if (!r && !nl->family)
        r = ENOENT;
    if (r) {
        ethnl_close(nl);
        return r;
    }
    *out = nl;
    return 0;
}

void ethnl_close(struct ethnl *nl)
{
    nl_socket_free(nl->socket);
    free(nl);
}

static int listen_to(int protocol, unsigned group)
{
    struct sockaddr_nl local = { .nl_family = AF_NETLINK };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    protocol);

    if (fd < 0)
        return -errno;
    if (bind(fd, (struct sockaddr *)&local, sizeof(local)) ||
        setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
                   sizeof(group))) {
        int r = -errno;

        close(fd);
        return r;
    }
    return fd;
}

int ethnl_monitor(struct ethnl *nl)
{
    return nl->monitor ? listen_to(NETLINK_GENERIC, nl->monitor) : -ENOENT;
}

int ethnl_monitor_links(void)
{
    return listen_to(NETLINK_ROUTE, RTNLGRP_LINK);
}

static groups_t groups_told(const char *buffer, ssize_t length)
{
    const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
    const struct genlmsghdr *message;
    groups_t groups = 0;
    int rest = length;
    size_t i;

    for (; nlmsg_ok(header, rest);
         header = nlmsg_next((struct nlmsghdr *)header, &rest)) {
        if (!nlmsg_valid_hdr(header, GENL_HDRLEN))
            continue;
        message = nlmsg_data(header);
        for (i = 0; i < table_groups; i++)
            if (table[i].means == MEANS_NETLINK &&
                table[i].told == message->cmd)
                groups |= (groups_t)1 << i;
    }
    return groups;
}

/* Whatever was said is looked up: so it is enough to know of what it was. */
groups_t ethnl_drain(int fd, bool ethtool)
{
    /* Aligned as messages are. */
    union { struct nlmsghdr header; char bytes[16 * 1024]; } buffer;
    groups_t groups = 0;
    ssize_t n;

    for (;;) {
        n = recv(fd, &buffer, sizeof(buffer), 0);
        if (n < 0 && errno == ENOBUFS)
            groups = GROUPS_ALL;
        else if (n < 0 && errno != EINTR)
            return ethtool ? groups : 0;
        else if (n > 0)
            groups |= groups_told(buffer.bytes, n);
    }
}
