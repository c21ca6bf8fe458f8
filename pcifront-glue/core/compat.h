/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_COMPAT_H
#define SHADOWPORT_COMPAT_H

/*
 * Kernel differences. SP_HAVE_* comes from sp_config.h, which configure makes
 * by compiling probes.c for the kernel at hand.
 */
#include "sp_config.h"

#include <linux/dma-map-ops.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/msi.h>
#include <linux/pci.h>
#ifdef SP_HAVE_HEX_HEADER
#include <linux/hex.h>
#endif
#ifdef SP_HAVE_DEVLINK_PORT
#include <net/devlink.h>
#endif
#ifdef SP_HAVE_NETDEV_LOCK
#include <net/netdev_lock.h>
#endif
#if !defined(CONFIG_DEBUG_FS)
#undef SP_HAVE_IO_TLB_USED		/* there, and not counted */
#endif
#if defined(SP_HAVE_DMA_OPS_PAGE) || defined(SP_HAVE_DMA_OPS_PHYS)
#define SP_HAVE_DMA_OPS
#endif
#if defined(SP_HAVE_DMA_EVENTS_PAGE) || defined(SP_HAVE_DMA_EVENTS_PHYS)
#define SP_HAVE_DMA_EVENTS
#endif

#include "nic/nic.h"

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

/* Is that so now? */
static inline bool sp_compat_dma_skips_sync(struct device *dev)
{
#if defined(SP_HAVE_DMA_SKIP_SYNC_FLAG)
	return dev_dma_skip_sync(dev);
#elif defined(SP_HAVE_DMA_NEED_SYNC) && defined(CONFIG_DMA_NEED_SYNC)
	return dev->dma_skip_sync;
#else
	return false;
#endif
}

/*
 * Around calls of a driver's operations: some drivers ask for a lock of the
 * device's besides the RTNL. Not around the kernel's own dev_…() functions,
 * which take it.
 */
static inline void sp_compat_lock(struct net_device *dev)
{
#ifdef SP_HAVE_NETDEV_LOCK
	netdev_lock_ops(dev);
#endif
}

static inline void sp_compat_unlock(struct net_device *dev)
{
#ifdef SP_HAVE_NETDEV_LOCK
	netdev_unlock_ops(dev);
#endif
}

static inline int sp_compat_set_mac(struct net_device *dev, const u8 *mac)
{
	struct sockaddr_storage ss = { .ss_family = dev->type };

	memcpy(((struct sockaddr *)&ss)->sa_data, mac, ETH_ALEN);
#ifdef SP_HAVE_MAC_STORAGE
	return dev_set_mac_address(dev, &ss, NULL);
#else
	return dev_set_mac_address(dev, (struct sockaddr *)&ss, NULL);
#endif
}

/* A representor: of a virtual function or a subfunction. */
static inline bool sp_compat_stands_for_other(struct net_device *dev)
{
#ifdef SP_HAVE_DEVLINK_PORT
	const struct devlink_port *port = dev->devlink_port;

	return port && port->attrs_set &&
	       (port->attrs.flavour == DEVLINK_PORT_FLAVOUR_PCI_PF ||
		port->attrs.flavour == DEVLINK_PORT_FLAVOUR_PCI_VF ||
		port->attrs.flavour == DEVLINK_PORT_FLAVOUR_PCI_SF);
#else
	return false;
#endif
}

/* Empty: any driver may bind; else none but the one of that name. Sleeps. */
static inline int sp_compat_override(struct pci_dev *pdev, const char *name)
{
#ifdef SP_HAVE_DRIVER_OVERRIDE
	return device_set_driver_override(&pdev->dev, name);
#else
	return driver_set_override(&pdev->dev, &pdev->driver_override,
				   name, strlen(name));
#endif
}

static inline void sp_compat_msi_lock(struct device *dev)
{
#ifdef SP_HAVE_MSI_LOCK_DESCS
	msi_lock_descs(dev);
#else
	__msi_lock_descs(dev);
#endif
}

static inline void sp_compat_msi_unlock(struct device *dev)
{
#ifdef SP_HAVE_MSI_LOCK_DESCS
	msi_unlock_descs(dev);
#else
	__msi_unlock_descs(dev);
#endif
}

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
