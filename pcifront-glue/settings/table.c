/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>

#include "table.h"

#define NUMBER(n, a) { .name = n, .kind = KIND_NUMBER, .wire = WIRE_U32, \
    .attr = ETHTOOL_A_ ## a }
#define LIMITED(n, a, max) { .name = n, .kind = KIND_NUMBER, \
    .wire = WIRE_U32, .attr = ETHTOOL_A_ ## a, \
    .max_attr = ETHTOOL_A_ ## max, .idle = "0" }
#define CHOICE(n, w, a) { .name = n, .kind = KIND_CHOICE, .wire = w, \
    .attr = ETHTOOL_A_ ## a }
#define ONOFF(n, a) CHOICE(n, WIRE_ONOFF, a)
#define OTHER(n, k, nr) { .name = n, .kind = k, .number = nr }

static const struct row flags[] = {
    CHOICE("flag-*", WIRE_BITS, PRIVFLAGS_FLAGS),
};

static const struct row channels[] = {
    LIMITED("channels-rx", CHANNELS_RX_COUNT, CHANNELS_RX_MAX),
    LIMITED("channels-tx", CHANNELS_TX_COUNT, CHANNELS_TX_MAX),
    LIMITED("channels-other", CHANNELS_OTHER_COUNT, CHANNELS_OTHER_MAX),
    LIMITED("channels-combined", CHANNELS_COMBINED_COUNT,
            CHANNELS_COMBINED_MAX),
};

static const struct row rings[] = {
    LIMITED("ring-rx", RINGS_RX, RINGS_RX_MAX),
    LIMITED("ring-rx-mini", RINGS_RX_MINI, RINGS_RX_MINI_MAX),
    LIMITED("ring-rx-jumbo", RINGS_RX_JUMBO, RINGS_RX_JUMBO_MAX),
    LIMITED("ring-tx", RINGS_TX, RINGS_TX_MAX),
    CHOICE("ring-rx-buf-len", WIRE_U32, RINGS_RX_BUF_LEN),
    { .name = "ring-tcp-data-split", .kind = KIND_CHOICE, .wire = WIRE_U8,
      .attr = ETHTOOL_A_RINGS_TCP_DATA_SPLIT, .unknown = "0" },
    CHOICE("ring-cqe-size", WIRE_U32, RINGS_CQE_SIZE),
    ONOFF("ring-tx-push", RINGS_TX_PUSH),
};

/* Not those that the module makes each card follow. */
static const struct row features[] = {
    { .name = "feature-*", .kind = KIND_CHOICE, .wire = WIRE_BITS,
      .attr = ETHTOOL_A_FEATURES_WANTED,
      .max_attr = ETHTOOL_A_FEATURES_HW,
      .active_attr = ETHTOOL_A_FEATURES_ACTIVE, .idle = "off",
      .not = "rx-checksum,rx-gro,rx-hashing,rx-vlan-hw-parse,rx-fcs,rx-all,"
             "rx-lro" },
};

static const struct row coalesce[] = {
    NUMBER("coalesce-rx-usecs", COALESCE_RX_USECS),
    NUMBER("coalesce-rx-frames", COALESCE_RX_MAX_FRAMES),
    NUMBER("coalesce-rx-usecs-irq", COALESCE_RX_USECS_IRQ),
    NUMBER("coalesce-rx-frames-irq", COALESCE_RX_MAX_FRAMES_IRQ),
    NUMBER("coalesce-tx-usecs", COALESCE_TX_USECS),
    NUMBER("coalesce-tx-frames", COALESCE_TX_MAX_FRAMES),
    NUMBER("coalesce-tx-usecs-irq", COALESCE_TX_USECS_IRQ),
    NUMBER("coalesce-tx-frames-irq", COALESCE_TX_MAX_FRAMES_IRQ),
    NUMBER("coalesce-stats-block-usecs", COALESCE_STATS_BLOCK_USECS),
    ONOFF("coalesce-adaptive-rx", COALESCE_USE_ADAPTIVE_RX),
    ONOFF("coalesce-adaptive-tx", COALESCE_USE_ADAPTIVE_TX),
    NUMBER("coalesce-pkt-rate-low", COALESCE_PKT_RATE_LOW),
    NUMBER("coalesce-rx-usecs-low", COALESCE_RX_USECS_LOW),
    NUMBER("coalesce-rx-frames-low", COALESCE_RX_MAX_FRAMES_LOW),
    NUMBER("coalesce-tx-usecs-low", COALESCE_TX_USECS_LOW),
    NUMBER("coalesce-tx-frames-low", COALESCE_TX_MAX_FRAMES_LOW),
    NUMBER("coalesce-pkt-rate-high", COALESCE_PKT_RATE_HIGH),
    NUMBER("coalesce-rx-usecs-high", COALESCE_RX_USECS_HIGH),
    NUMBER("coalesce-rx-frames-high", COALESCE_RX_MAX_FRAMES_HIGH),
    NUMBER("coalesce-tx-usecs-high", COALESCE_TX_USECS_HIGH),
    NUMBER("coalesce-tx-frames-high", COALESCE_TX_MAX_FRAMES_HIGH),
    NUMBER("coalesce-sample-interval", COALESCE_RATE_SAMPLE_INTERVAL),
    ONOFF("coalesce-cqe-mode-tx", COALESCE_USE_CQE_MODE_TX),
    ONOFF("coalesce-cqe-mode-rx", COALESCE_USE_CQE_MODE_RX),
};

static const struct row pause_rows[] = {
    ONOFF("pause-autoneg", PAUSE_AUTONEG),
    ONOFF("pause-rx", PAUSE_RX),
    ONOFF("pause-tx", PAUSE_TX),
};

static const struct row eee[] = {
    { .name = "eee-enabled", .kind = KIND_CHOICE, .wire = WIRE_ONOFF,
      .attr = ETHTOOL_A_EEE_ENABLED, .idle = "off" },
    { .name = "eee-tx-lpi", .kind = KIND_CHOICE, .wire = WIRE_ONOFF,
      .attr = ETHTOOL_A_EEE_TX_LPI_ENABLED, .idle = "off" },
    NUMBER("eee-tx-lpi-timer", EEE_TX_LPI_TIMER),
    { .name = "eee-modes", .kind = KIND_SET, .wire = WIRE_BITS,
      .attr = ETHTOOL_A_EEE_MODES_OURS },
};

static const struct row fec[] = {
    { .name = "fec-modes", .kind = KIND_SET, .wire = WIRE_BITS,
      .attr = ETHTOOL_A_FEC_MODES },
    { .name = "fec-auto", .kind = KIND_CHOICE, .wire = WIRE_ONOFF,
      .attr = ETHTOOL_A_FEC_AUTO },
};

static const struct row linkinfo[] = {
    { .name = "link-mdix", .kind = KIND_CHOICE, .wire = WIRE_U8,
      .attr = ETHTOOL_A_LINKINFO_TP_MDIX_CTRL, .unknown = "0" },
};

static const struct row linkmodes[] = {
    ONOFF("link-autoneg", LINKMODES_AUTONEG),
    /* What is no mode is for other settings, or cannot be set at all. */
    { .name = "link-modes", .kind = KIND_SET, .wire = WIRE_BITS,
      .attr = ETHTOOL_A_LINKMODES_OURS,
      .not = "Autoneg,TP,AUI,MII,FIBRE,BNC,Backplane,Pause,Asym_Pause,None,"
             "RS,BASER,LLRS" },
    { .name = "link-speed", .kind = KIND_CHOICE, .wire = WIRE_U32,
      .attr = ETHTOOL_A_LINKMODES_SPEED, .state_if = "link-autoneg",
      .unknown = "4294967295" },
    { .name = "link-duplex", .kind = KIND_CHOICE, .wire = WIRE_U8,
      .attr = ETHTOOL_A_LINKMODES_DUPLEX, .state_if = "link-autoneg",
      .unknown = "255" },
    CHOICE("link-master-slave", WIRE_U8, LINKMODES_MASTER_SLAVE_CFG),
};

static const struct row debug[] = {
    { .name = "message-level", .kind = KIND_SET, .wire = WIRE_BITS,
      .attr = ETHTOOL_A_DEBUG_MSGMASK },
};

static const struct row wol[] = {
    { .name = "wol-modes", .kind = KIND_SET, .wire = WIRE_BITS,
      .attr = ETHTOOL_A_WOL_MODES, .idle = "" },
    CHOICE("wol-password", WIRE_BYTES, WOL_SOPASS),
};

static const struct row transceiver[] = {
    CHOICE("transceiver-power-mode", WIRE_U8, MODULE_POWER_MODE_POLICY),
};

static const struct row rss[] = {
    OTHER("rss-hash-function", KIND_CHOICE, RSS_FUNCTION),
    OTHER("rss-key", KIND_CHOICE, RSS_KEY),
    OTHER("rss-indirection", KIND_SPREAD, RSS_INDIRECTION),
};

static const struct row hash[] = {
    OTHER("rss-hash-tcp4", KIND_CHOICE, TCP_V4_FLOW),
    OTHER("rss-hash-udp4", KIND_CHOICE, UDP_V4_FLOW),
    OTHER("rss-hash-sctp4", KIND_CHOICE, SCTP_V4_FLOW),
    OTHER("rss-hash-ah4", KIND_CHOICE, AH_ESP_V4_FLOW),
    OTHER("rss-hash-tcp6", KIND_CHOICE, TCP_V6_FLOW),
    OTHER("rss-hash-udp6", KIND_CHOICE, UDP_V6_FLOW),
    OTHER("rss-hash-sctp6", KIND_CHOICE, SCTP_V6_FLOW),
    OTHER("rss-hash-ah6", KIND_CHOICE, AH_ESP_V6_FLOW),
};

static const struct row rules[] = {
    OTHER("rule-*", KIND_RULE, 0),
};

static const struct row stamp[] = {
    { .name = "timestamp-tx", .kind = KIND_CHOICE, .number = STAMP_TX,
      .idle = "0" },
    { .name = "timestamp-rx", .kind = KIND_CHOICE, .number = STAMP_RX,
      .idle = "0" },
};

#define ROWS(r) .rows = r, .count = sizeof(r) / sizeof(*r)
#define NETLINK(m) .means = MEANS_NETLINK, .get = ETHTOOL_MSG_ ## m ## _GET, \
    .set = ETHTOOL_MSG_ ## m ## _SET, .told = ETHTOOL_MSG_ ## m ## _NTF

const struct group table[] = {
    { "private flags", NETLINK(PRIVFLAGS), ROWS(flags) },
    { "channels", NETLINK(CHANNELS), ROWS(channels) },
    { "rings", NETLINK(RINGS), ROWS(rings) },
    { "features", NETLINK(FEATURES), ROWS(features) },
    { "coalescing", NETLINK(COALESCE), ROWS(coalesce) },
    { "pause", NETLINK(PAUSE), .whole = true, ROWS(pause_rows) },
    { "EEE", NETLINK(EEE), ROWS(eee) },
    { "FEC", NETLINK(FEC), .whole = true, ROWS(fec) },
    { "link", NETLINK(LINKINFO), ROWS(linkinfo) },
    { "link modes", NETLINK(LINKMODES), ROWS(linkmodes) },
    { "transceiver", NETLINK(MODULE), ROWS(transceiver) },
    { "Wake-on-LAN", NETLINK(WOL), ROWS(wol) },
    { "message level", NETLINK(DEBUG), ROWS(debug) },
    { "RSS", MEANS_RSS, .quiet = true, ROWS(rss) },
    { "RSS hash", MEANS_HASH, .quiet = true, ROWS(hash) },
    { "flow rules", MEANS_RULES, .quiet = true, ROWS(rules) },
    { "time stamps", MEANS_STAMP, .quiet = true, ROWS(stamp) },
};

const size_t table_groups = sizeof(table) / sizeof(*table);

_Static_assert(sizeof(table) / sizeof(*table) <= 32, "groups_t is too small");

groups_t groups_quiet(void)
{
    groups_t groups = 0;
    size_t i;

    for (i = 0; i < table_groups; i++)
        if (table[i].quiet)
            groups |= (groups_t)1 << i;
    return groups;
}

bool row_is_many(const struct row *row)
{
    return row->name[strlen(row->name) - 1] == '*';
}

const char *row_bit(const struct row *row, const char *name)
{
    return name + strlen(row->name) - 1;
}

static bool row_fits(const struct row *row, const char *name)
{
    size_t length = strlen(row->name) - 1;

    if (!row_is_many(row))
        return !strcmp(row->name, name);
    return !strncmp(row->name, name, length) && name[length];
}

const struct row *table_row(const char *name, const struct group **group)
{
    size_t i, j;

    for (i = 0; i < table_groups; i++)
        for (j = 0; j < table[i].count; j++)
            if (row_fits(&table[i].rows[j], name)) {
                if (group)
                    *group = &table[i];
                return &table[i].rows[j];
            }
    return NULL;
}
