/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_NIC_COMPAT_H
#define SHADOWPORT_NIC_COMPAT_H

/* Kernel differences of ethtool's operations; see core/compat.h. */
#include <linux/ethtool.h>

#include "core/compat_netdev.h"
#include "nic/nic.h"

/* A driver shall keep its table when the number of its channels changes. */
static inline void sp_compat_keep_indir(struct net_device *dev, u32 size)
{
#ifdef SP_HAVE_RXFH_CONFIGURED
	dev->priv_flags |= IFF_RXFH_CONFIGURED;
#else
	dev->ethtool->rss_indir_user_size = size;
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

/* As below: an operation of its own, or not yet. */
static inline int sp_compat_get_rings(struct net_device *dev, u64 *rings)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;
	struct ethtool_rxnfc info = { .cmd = ETHTOOL_GRXRINGS };
	int err;

#ifdef SP_HAVE_RX_RING_COUNT
	if (ops->get_rx_ring_count) {
		*rings = ops->get_rx_ring_count(dev);
		return 0;
	}
#endif
	if (!ops->get_rxnfc)
		return -EOPNOTSUPP;
	err = ops->get_rxnfc(dev, &info, NULL);
	*rings = info.data;
	return err;
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
