/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_COMPAT_H
#define SHADOWPORT_COMPAT_H

/*
 * Kernel differences. Kbuild defines SP_HAVE_* by looking into the headers
 * that the module is built against, never at a version: distributions
 * backport.
 */
#include <linux/dma-map-ops.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/pci.h>

#include "nic_settings.h"

static inline void sp_compat_set_lltx(struct net_device *dev)
{
#ifdef SP_HAVE_NETDEV_LLTX
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/* Before there was a flag of its own, IPv6 went by IFF_SLAVE. */
static inline void sp_compat_no_addrconf(struct net_device *dev, bool on)
{
#ifdef SP_HAVE_NO_ADDRCONF
	if (on)
		dev->priv_flags |= IFF_NO_ADDRCONF;
	else
		dev->priv_flags &= ~IFF_NO_ADDRCONF;
#endif
}

/* A driver that would not call for syncing, since there is none to do, does. */
static inline void sp_compat_dma_always_sync(struct device *dev)
{
#ifdef SP_HAVE_DMA_NEED_SYNC
	dma_reset_need_sync(dev);
#endif
}

/* ---- receive side scaling: the driver has the operation that is called */

static inline int sp_compat_get_rxfh(struct net_device *dev,
				     struct sp_rxfh *rxfh)
{
#ifdef SP_HAVE_RXFH_PARAM
	struct ethtool_rxfh_param param = {
		.indir = rxfh->indir,
		.key = rxfh->key,
	};
	int err = dev->ethtool_ops->get_rxfh(dev, &param);

	rxfh->function = param.hfunc;
	return err;
#else
	return dev->ethtool_ops->get_rxfh(dev, rxfh->indir, rxfh->key,
					  &rxfh->function);
#endif
}

static inline int sp_compat_set_rxfh(struct net_device *dev,
				     const struct sp_rxfh *rxfh)
{
#ifdef SP_HAVE_RXFH_PARAM
	struct ethtool_rxfh_param param = {
		.hfunc = rxfh->function,
		.indir = rxfh->indir,
		.key = rxfh->key,
#ifdef RXH_XFRM_NO_CHANGE
		.input_xfrm = RXH_XFRM_NO_CHANGE,
#endif
	};

	if (rxfh->indir)
		param.indir_size = dev->ethtool_ops->get_rxfh_indir_size(dev);
	if (rxfh->key)
		param.key_size = dev->ethtool_ops->get_rxfh_key_size(dev);
	return dev->ethtool_ops->set_rxfh(dev, &param, NULL);
#else
	return dev->ethtool_ops->set_rxfh(dev, rxfh->indir, rxfh->key,
					  rxfh->function);
#endif
}

/* Some drivers have operations of their own for it, others have not yet. */
static inline int sp_compat_get_hash(struct net_device *dev, u32 type,
				     u64 *fields)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;
	struct ethtool_rxnfc info = { .cmd = ETHTOOL_GRXFH };
	int err;

#ifdef SP_HAVE_RXFH_FIELDS
	if (ops->get_rxfh_fields) {
		struct ethtool_rxfh_fields rxfh = { .flow_type = type };

		err = ops->get_rxfh_fields(dev, &rxfh);
		*fields = rxfh.data;
		return err;
	}
#endif
	if (!ops->get_rxnfc)
		return -EOPNOTSUPP;
	info.flow_type = type;
	err = ops->get_rxnfc(dev, &info, NULL);
	*fields = info.data;
	return err;
}

static inline int sp_compat_set_hash(struct net_device *dev, u32 type,
				     u64 fields)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;
	struct ethtool_rxnfc info = { .cmd = ETHTOOL_SRXFH };

#ifdef SP_HAVE_RXFH_FIELDS
	if (ops->set_rxfh_fields) {
		struct ethtool_rxfh_fields rxfh = {
			.flow_type = type,
			.data = fields,
		};

		return ops->set_rxfh_fields(dev, &rxfh, NULL);
	}
#endif
	if (!ops->set_rxnfc)
		return -EOPNOTSUPP;
	info.flow_type = type;
	info.data = fields;
	return ops->set_rxnfc(dev, &info);
}

#endif
