// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool of the shadow device: counters, the link of the active lower, and
 * the settings of the direct lower, which are kept for the next one.
 */
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>

#include "net_priv.h"

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

/* Whose settings these are: NULL while there is none. */
static struct net_device *card(struct net_device *dev)
{
	struct sp_shadow *shadow = netdev_priv(dev);

	return shadow->lower[SP_DIRECT].dev;
}

static struct sp_nic *kept(struct net_device *dev)
{
	struct sp_shadow *shadow = netdev_priv(dev);

	return &shadow->nic;
}

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
	switch (sset) {
	case ETH_SS_STATS:
		return SP_COUNTERS;
	case ETH_SS_PRIV_FLAGS:
		return sp_flags_count(card(dev));
	default:
		return -EOPNOTSUPP;
	}
}

static void get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	if (sset == ETH_SS_STATS)
		memcpy(data, counter_names, sizeof(counter_names));
	else if (sset == ETH_SS_PRIV_FLAGS)
		sp_flags_strings(card(dev), data);
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

/* ------------------------------------------------ the NIC's settings */

/*
 * What the card of now does not do, or has none to do, a program in user space
 * may have for the next: it is where the settings of cards are kept.
 */
static int answer(int err, struct netlink_ext_ack *extack)
{
	if (err)
		NL_SET_ERR_MSG(extack, "not taken by the card, or there is none: see shadowport-settings(8)");
	return err;
}

static void get_ringparam(struct net_device *dev,
			  struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kernel_ring,
			  struct netlink_ext_ack *extack)
{
	struct sp_numbers_buf buf;

	if (sp_numbers_get(card(dev), SP_NUMBERS_RING, &buf))
		return;
	*ring = buf.ring;
	*kernel_ring = buf.kernel_ring;
}

static int set_ringparam(struct net_device *dev,
			 struct ethtool_ringparam *ring,
			 struct kernel_ethtool_ringparam *kernel_ring,
			 struct netlink_ext_ack *extack)
{
	struct sp_numbers_buf buf = {
		.ring = *ring,
		.kernel_ring = *kernel_ring,
	};

	return answer(sp_numbers_set(card(dev), SP_NUMBERS_RING, &buf,
				     &kept(dev)->numbers[SP_NUMBERS_RING]),
		      extack);
}

static int get_coalesce(struct net_device *dev,
			struct ethtool_coalesce *coalesce,
			struct kernel_ethtool_coalesce *kernel_coalesce,
			struct netlink_ext_ack *extack)
{
	struct sp_numbers_buf buf;
	int err;

	err = sp_numbers_get(card(dev), SP_NUMBERS_COALESCE, &buf);
	if (err)
		return answer(err, extack);
	*coalesce = buf.coalesce;
	*kernel_coalesce = buf.kernel_coalesce;
	return 0;
}

static int set_coalesce(struct net_device *dev,
			struct ethtool_coalesce *coalesce,
			struct kernel_ethtool_coalesce *kernel_coalesce,
			struct netlink_ext_ack *extack)
{
	struct sp_numbers_buf buf = {
		.coalesce = *coalesce,
		.kernel_coalesce = *kernel_coalesce,
	};

	return answer(sp_numbers_set(card(dev), SP_NUMBERS_COALESCE, &buf,
				     &kept(dev)->numbers[SP_NUMBERS_COALESCE]),
		      extack);
}

static void get_channels(struct net_device *dev,
			 struct ethtool_channels *channels)
{
	struct sp_numbers_buf buf;

	if (!sp_numbers_get(card(dev), SP_NUMBERS_CHANNELS, &buf))
		*channels = buf.channels;
}

static int set_channels(struct net_device *dev,
			struct ethtool_channels *channels)
{
	struct sp_numbers_buf buf = { .channels = *channels };

	return sp_numbers_set(card(dev), SP_NUMBERS_CHANNELS, &buf,
			      &kept(dev)->numbers[SP_NUMBERS_CHANNELS]);
}

static void get_pauseparam(struct net_device *dev,
			   struct ethtool_pauseparam *pause)
{
	struct sp_numbers_buf buf;

	if (!sp_numbers_get(card(dev), SP_NUMBERS_PAUSE, &buf))
		*pause = buf.pause;
}

static int set_pauseparam(struct net_device *dev,
			  struct ethtool_pauseparam *pause)
{
	struct sp_numbers_buf buf = { .pause = *pause };

	return sp_numbers_set(card(dev), SP_NUMBERS_PAUSE, &buf,
			      &kept(dev)->numbers[SP_NUMBERS_PAUSE]);
}

static u32 get_priv_flags(struct net_device *dev)
{
	return sp_flags_get(card(dev));
}

static int set_priv_flags(struct net_device *dev, u32 flags)
{
	return sp_flags_set(card(dev), flags, &kept(dev)->flags);
}

/* ------------------------------------------------ receive side scaling */

static u32 get_rxfh_indir_size(struct net_device *dev)
{
	return sp_rss_indir_count(card(dev));
}

static u32 get_rxfh_key_size(struct net_device *dev)
{
	return sp_rss_key_size(card(dev));
}

#ifdef SP_HAVE_RXFH_PARAM
static int get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *param)
{
	struct sp_rxfh rxfh = { .indir = param->indir, .key = param->key };
	int err = sp_rss_get(card(dev), &rxfh);

	param->hfunc = rxfh.function;
	return err;
}

static int set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *param,
		    struct netlink_ext_ack *extack)
{
	struct sp_rxfh rxfh = {
		.indir = param->indir,
		.key = param->key,
		.function = param->hfunc,
	};

	if (param->rss_context)
		return answer(-EOPNOTSUPP, extack);
	return answer(sp_rss_set(card(dev), &rxfh, &kept(dev)->rss), extack);
}
#else
static int get_rxfh(struct net_device *dev, u32 *indir, u8 *key, u8 *hfunc)
{
	struct sp_rxfh rxfh = { .indir = indir, .key = key };
	int err = sp_rss_get(card(dev), &rxfh);

	if (hfunc)
		*hfunc = rxfh.function;
	return err;
}

static int set_rxfh(struct net_device *dev, const u32 *indir, const u8 *key,
		    const u8 hfunc)
{
	struct sp_rxfh rxfh = {
		.indir = (u32 *)indir,
		.key = (u8 *)key,
		.function = hfunc,
	};

	return sp_rss_set(card(dev), &rxfh, &kept(dev)->rss);
}
#endif

/* Rules for single flows are not carried: there are none. */
static int get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info,
		     u32 *rules)
{
	switch (info->cmd) {
	case ETHTOOL_GRXRINGS:
		return sp_rss_rings(card(dev), &info->data);
	case ETHTOOL_GRXFH:
		return sp_rss_hash_get(card(dev), info->flow_type,
				       &info->data);
	default:
		return -EOPNOTSUPP;
	}
}

static int set_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info)
{
	if (info->cmd != ETHTOOL_SRXFH)
		return -EOPNOTSUPP;
	return sp_rss_hash_set(card(dev), info->flow_type, info->data,
			       &kept(dev)->rss);
}

#ifdef SP_HAVE_RXFH_FIELDS
static int get_rxfh_fields(struct net_device *dev,
			   struct ethtool_rxfh_fields *rxfh)
{
	u64 fields = 0;
	int err;

	if (rxfh->rss_context)
		return -EOPNOTSUPP;
	err = sp_rss_hash_get(card(dev), rxfh->flow_type, &fields);
	rxfh->data = fields;
	return err;
}

static int set_rxfh_fields(struct net_device *dev,
			   const struct ethtool_rxfh_fields *rxfh,
			   struct netlink_ext_ack *extack)
{
	if (rxfh->rss_context)
		return -EOPNOTSUPP;
	return sp_rss_hash_set(card(dev), rxfh->flow_type, rxfh->data,
			       &kept(dev)->rss);
}
#endif

#ifdef SP_HAVE_RX_RING_COUNT
static u32 get_rx_ring_count(struct net_device *dev)
{
	u64 rings = 0;

	return sp_rss_rings(card(dev), &rings) ? 0 : rings;
}
#endif

const struct ethtool_ops sp_ethtool_ops = {
	.supported_coalesce_params = SP_COALESCE_PARAMS,
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
	.get_channels		= get_channels,
	.set_channels		= set_channels,
	.get_pauseparam		= get_pauseparam,
	.set_pauseparam		= set_pauseparam,
	.get_priv_flags		= get_priv_flags,
	.set_priv_flags		= set_priv_flags,
	.get_rxfh_indir_size	= get_rxfh_indir_size,
	.get_rxfh_key_size	= get_rxfh_key_size,
	.get_rxfh		= get_rxfh,
	.set_rxfh		= set_rxfh,
	.get_rxnfc		= get_rxnfc,
	.set_rxnfc		= set_rxnfc,
#ifdef SP_HAVE_RX_RING_COUNT
	.get_rx_ring_count	= get_rx_ring_count,
#endif
#ifdef SP_HAVE_RXFH_FIELDS
	.get_rxfh_fields	= get_rxfh_fields,
	.set_rxfh_fields	= set_rxfh_fields,
#endif
};
