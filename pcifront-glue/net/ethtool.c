// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool of the shadow device: counters, the link of the active lower, and who
 * is to be asked for the rest.
 */
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>

#include "net_priv.h"

/* All that there are as numbers: ETHTOOL_COALESCE_…. */
#define COALESCE_PARAMS	GENMASK(21, 0)

static const char counter_names[SP_COUNTERS][ETH_GSTRING_LEN] = {
	[SP_HELD]           = "held",
	[SP_HOLD_FLUSHED]   = "hold_flushed",
	[SP_HOLD_DROPPED]   = "hold_dropped",
	[SP_HOLD_PURGED]    = "hold_purged",
	[SP_TX_REFUSED]     = "tx_refused",
	[SP_RX_DUPLICATE]   = "rx_duplicate",
	[SP_RX_REFLECTED]   = "rx_reflected",
	[SP_TO_DIRECT]      = "to_direct",
	[SP_TO_STANDBY]     = "to_standby",
	[SP_TO_AWAY]        = "to_away",
	[SP_JOINED]         = "joined",
	[SP_LEFT]           = "left",
	[SP_JOIN_FAILED]    = "join_failed",
	[SP_MAC_REFUSED]    = "mac_refused",
	[SP_REFUSED]        = "lost_settings",
	[SP_LOST_IN_LOWER]  = "lost_in_lower",
	[SP_ANNOUNCED]      = "announced",
	[SP_RETAINED_SENT]  = "retained_sent",
	[SP_MARKED_PAGES]   = "marked_pages",
	[SP_MARKED_CALLS]   = "marked_calls",
};

static void get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	struct sp_shadow *shadow = netdev_priv(dev);
	struct net_device *active = rtnl_dereference(shadow->active);

	strscpy(info->driver, "shadowport", sizeof(info->driver));
	if (active)
		strscpy(info->bus_info, netdev_name(active),
			sizeof(info->bus_info));
}

static int get_link_ksettings(struct net_device *dev,
			      struct ethtool_link_ksettings *cmd)
{
	struct sp_shadow *shadow = netdev_priv(dev);
	struct net_device *active = rtnl_dereference(shadow->active);

	if (active && !__ethtool_get_link_ksettings(active, cmd))
		return 0;
	cmd->base.speed = SPEED_UNKNOWN;
	cmd->base.duplex = DUPLEX_UNKNOWN;
	cmd->base.port = PORT_OTHER;
	return 0;
}

static int get_sset_count(struct net_device *dev, int sset)
{
	return sset == ETH_SS_STATS ? SP_COUNTERS : -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	if (sset == ETH_SS_STATS)
		memcpy(data, counter_names, sizeof(counter_names));
}

static void get_ethtool_stats(struct net_device *dev,
			      struct ethtool_stats *stats, u64 *data)
{
	struct sp_shadow *shadow = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < SP_COUNTERS; i++)
		data[i] = atomic64_read(&shadow->counter[i]);
	sp_net_owner->marked(shadow->cookie, &data[SP_MARKED_PAGES],
			     &data[SP_MARKED_CALLS]);
}

/* ------------------------------------------------ settings of the card */

/*
 * They are not the shadow device's: a program in user space carries what is set
 * on the card itself. Where an operation can say so in words, it is there only
 * to do that; all others are left out.
 */
static int not_ours(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "set it on the card: see shadowport-settings(8)");
	return -EOPNOTSUPP;
}

/* Without limits the kernel would speak of those, and not ask any further. */
static void get_ringparam(struct net_device *dev,
			  struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kernel_ring,
			  struct netlink_ext_ack *extack)
{
	ring->rx_max_pending = U32_MAX;
	ring->tx_max_pending = U32_MAX;
}

static int set_ringparam(struct net_device *dev,
			 struct ethtool_ringparam *ring,
			 struct kernel_ethtool_ringparam *kernel_ring,
			 struct netlink_ext_ack *extack)
{
	return not_ours(extack);
}

static int get_coalesce(struct net_device *dev,
			struct ethtool_coalesce *coalesce,
			struct kernel_ethtool_coalesce *kernel_coalesce,
			struct netlink_ext_ack *extack)
{
	return not_ours(extack);
}

static int set_coalesce(struct net_device *dev,
			struct ethtool_coalesce *coalesce,
			struct kernel_ethtool_coalesce *kernel_coalesce,
			struct netlink_ext_ack *extack)
{
	return not_ours(extack);
}

const struct ethtool_ops sp_ethtool_ops = {
	.supported_coalesce_params = COALESCE_PARAMS,
	.get_drvinfo		= get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= get_link_ksettings,
	.get_sset_count		= get_sset_count,
	.get_strings		= get_strings,
	.get_ethtool_stats	= get_ethtool_stats,
	.get_ringparam		= get_ringparam,
	.set_ringparam		= set_ringparam,
	.get_coalesce		= get_coalesce,
	.set_coalesce		= set_coalesce,
};
