/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_COMPAT_H
#define SHADOWPORT_COMPAT_H

/*
 * Kernel differences. Kbuild defines SP_HAVE_* by looking into the headers
 * that the module is built against, never at a version: distributions
 * backport.
 */
#include <linux/dma-map-ops.h>
#include <linux/netdevice.h>
#include <linux/pci.h>

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

#endif
