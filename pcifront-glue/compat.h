/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_COMPAT_H
#define SHADOWPORT_COMPAT_H

/*
 * Kernel differences. Kbuild defines SP_HAVE_* by looking into the headers
 * that the module is built against, never at a version: distributions
 * backport.
 */
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

#endif
