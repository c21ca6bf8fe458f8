/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_COMPAT_NETDEV_H
#define SHADOWPORT_COMPAT_NETDEV_H

#include <linux/netdevice.h>

#include "core/compat.h"

#ifdef SP_HAVE_DEVLINK_PORT
#include <net/devlink.h>
#endif
#ifdef SP_HAVE_NETDEV_LOCK
#include <net/netdev_lock.h>
#endif

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

/* Somebody filters, redirects or sorts what the device is about to send. */
static inline bool sp_compat_egress(const struct net_device *dev)
{
	bool any = false;

#ifdef CONFIG_NETFILTER_EGRESS
	any |= !!rcu_access_pointer(dev->nf_hooks_egress);
#endif
#if defined(SP_HAVE_TCX)
	any |= !!rcu_access_pointer(dev->tcx_egress);
#elif defined(CONFIG_NET_CLS_ACT)
	any |= !!rcu_access_pointer(dev->miniq_egress);
#endif
#if IS_ENABLED(CONFIG_CGROUP_NET_PRIO)
	any |= !!rcu_access_pointer(dev->priomap);
#endif
	return any;
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

#endif
