// SPDX-License-Identifier: GPL-2.0
/*
 * After a switch the network has to learn where everybody is now: the shadow
 * device itself, and those who send through it with MACs of their own
 * (macvlans, VLANs, what hangs on the other ports of a bridge). Addresses are
 * announced by those who own them; a MAC alone by a reverse ARP request, which
 * says nothing but its source, and which every switch learns from.
 */
#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/arp.h>
#include <net/netlink.h>

#include "net_priv.h"

static unsigned int announce_count = 3;
module_param(announce_count, uint, 0644);
MODULE_PARM_DESC(announce_count, "times the MAC is announced after a switch");

static unsigned int announce_ms = 300;
module_param(announce_ms, uint, 0644);
MODULE_PARM_DESC(announce_ms, "time between two announcements");

/* Of one device, or of one port of a bridge. */
#define MACS_MAX	256

struct macs {
	unsigned int count;
	u8 mac[MACS_MAX][ETH_ALEN];
};

static void macs_add(struct macs *macs, const u8 *mac)
{
	if (macs->count < MACS_MAX && is_valid_ether_addr(mac))
		ether_addr_copy(macs->mac[macs->count++], mac);
}

static void macs_announce(struct macs *macs, struct net_device *dev)
{
	struct sk_buff *skb;
	unsigned int i;

	for (i = 0; i < macs->count; i++) {
		skb = arp_create(ARPOP_RREQUEST, ETH_P_RARP, 0, dev, 0, NULL,
				 macs->mac[i], macs->mac[i]);
		if (skb)
			arp_xmit(skb);
	}
	macs->count = 0;
}

/* ------------------------------------------------ who is there */

/* Macvlans and such: whoever wants to receive for a further address. */
static void own_macs(struct net_device *dev, struct macs *macs)
{
	struct netdev_hw_addr *ha;

	macs_add(macs, dev->dev_addr);
	netif_addr_lock_bh(dev);
	netdev_for_each_uc_addr(ha, dev)
		macs_add(macs, ha->addr);
	netif_addr_unlock_bh(dev);
}

/* The messages that "bridge fdb" would get. */
static void fdb_parse(struct sk_buff *skb, struct macs *macs)
{
	struct nlmsghdr *nlh = nlmsg_hdr(skb);
	const struct nlattr *mac;
	const struct ndmsg *ndm;
	int left = skb->len;

	for (; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
		ndm = nlmsg_data(nlh);
		mac = nlmsg_find_attr(nlh, sizeof(*ndm), NDA_LLADDR);
		/* Permanent ones are the ports' own. */
		if (mac && nla_len(mac) == ETH_ALEN &&
		    !(ndm->ndm_state & NUD_PERMANENT))
			macs_add(macs, nla_data(mac));
	}
}

static void port_macs(struct net_device *bridge, struct net_device *port,
		      struct macs *macs)
{
	struct sk_buff *skb = alloc_skb(MACS_MAX * 128, GFP_KERNEL);
	struct netlink_callback cb = { .skb = skb };
	struct nlmsghdr request = { };
	int index = 0;

	if (!skb)
		return;
	cb.nlh = &request;
	/* An error is that there are more than fit. */
	bridge->netdev_ops->ndo_fdb_dump(skb, &cb, bridge, port, &index);
	fdb_parse(skb, macs);
	kfree_skb(skb);
}

/* @dev is a port of @bridge: announce those behind the other ports there. */
static void bridge_announce(struct net_device *bridge, struct net_device *dev,
			    struct macs *macs)
{
	struct net_device *port;
	struct list_head *iter;

	__netdev_notify_peers(bridge);
	if (!bridge->netdev_ops->ndo_fdb_dump)
		return;
	netdev_for_each_lower_dev(bridge, port, iter) {
		if (port == dev)
			continue;
		port_macs(bridge, port, macs);
		macs_announce(macs, dev);
	}
}

static void dev_announce(struct net_device *dev, struct macs *macs)
{
	struct net_device *master = netdev_master_upper_dev_get(dev);

	own_macs(dev, macs);
	macs_announce(macs, dev);
	if (master && netif_is_bridge_master(master))
		bridge_announce(master, dev, macs);
}

/* VLANs are networks of their own. */
static void vlans_announce(struct sp_shadow *shadow, struct macs *macs)
{
	struct net_device *vlan;
	unsigned int vid;

	for_each_set_bit(vid, shadow->vlans, VLAN_N_VID) {
		/* It stays longer than that: we have the RTNL. */
		rcu_read_lock();
		vlan = __vlan_find_dev_deep_rcu(shadow->dev,
						htons(ETH_P_8021Q), vid);
		rcu_read_unlock();
		if (vlan && netif_running(vlan))
			dev_announce(vlan, macs);
	}
}

static void announce(struct sp_shadow *shadow)
{
	struct macs *macs = kzalloc(sizeof(*macs), GFP_KERNEL);

	/* ARP and ND announcements, IGMP and MLD reports, also of uppers. */
	__netdev_notify_peers(shadow->dev);
	if (macs) {
		dev_announce(shadow->dev, macs);
		vlans_announce(shadow, macs);
	}
	kfree(macs);
	sp_count(shadow, SP_ANNOUNCED);
}

/* ------------------------------------------------ when */

static void announce_work(struct work_struct *work)
{
	struct sp_shadow *shadow = container_of(to_delayed_work(work),
						struct sp_shadow,
						announce_work);

	if (!rtnl_trylock()) {
		queue_delayed_work(sp_net_wq, &shadow->announce_work, 1);
		return;
	}
	if (netif_running(shadow->dev))
		announce(shadow);
	rtnl_unlock();
	if (atomic_dec_if_positive(&shadow->announcements) > 0)
		queue_delayed_work(sp_net_wq, &shadow->announce_work,
				   msecs_to_jiffies(announce_ms));
}

void sp_announce_init(struct sp_shadow *shadow)
{
	INIT_DELAYED_WORK(&shadow->announce_work, announce_work);
}

void sp_announce_start(struct sp_shadow *shadow)
{
	atomic_set(&shadow->announcements,
		   clamp(READ_ONCE(announce_count), 1U, 20U));
	mod_delayed_work(sp_net_wq, &shadow->announce_work, 0);
}

void sp_announce_stop(struct sp_shadow *shadow)
{
	cancel_delayed_work_sync(&shadow->announce_work);
}
