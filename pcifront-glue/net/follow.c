// SPDX-License-Identifier: GPL-2.0
/*
 * Settings. The shadow device owns the truth; each lower is made to follow,
 * when it joins and whenever something changes. What a lower refuses is
 * counted, logged by name and, if traffic could not work without it, an error.
 */
#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "net_priv.h"

static char *features_off = "";
module_param(features_off, charp, 0444);
MODULE_PARM_DESC(features_off, "offloads that no shadow device ever has");

/* Features that work on the way up, before the shadow sees the packet. */
#define SP_FEATURES_LOWER	(NETIF_F_RXCSUM | NETIF_F_GRO | \
				 NETIF_F_RXHASH | NETIF_F_HW_VLAN_CTAG_RX | \
				 SP_FEATURES_HARD)

static int lower_set_mac(struct net_device *dev, const u8 *mac)
{
	return ether_addr_equal(dev->dev_addr, mac) ? 0 :
						      sp_compat_set_mac(dev, mac);
}

/* Has anybody to look at addresses for the lowers? */
static void sort_follow(struct sp_shadow *shadow)
{
	bool any = shadow->lower[SP_DIRECT].own_mac ||
		   shadow->lower[SP_STANDBY].own_mac;

	WRITE_ONCE(shadow->sorts, any);
}

/*
 * A VF may not change its MAC unless it is trusted. Then it takes the shadow's
 * as one more address, and if need be all frames: rx.c sorts them.
 */
int sp_settings_mac(struct sp_shadow *shadow, struct sp_lower *lower)
{
	const u8 *mac = shadow->dev->dev_addr;
	int err;

	ASSERT_RTNL();
	if (lower->own_mac) {
		dev_uc_del(lower->dev, lower->extra_mac);
		lower->own_mac = false;
	}
	err = lower_set_mac(lower->dev, mac);
	if (err) {
		sp_refused_add(shadow, lower, err, "mac");
		sp_count(shadow, SP_MAC_REFUSED);
		lower->own_mac = true;
		ether_addr_copy(lower->extra_mac, mac);
		dev_uc_add(lower->dev, mac);
	}
	sort_follow(shadow);
	sp_settings_rx_flags(shadow, lower);
	return 0;
}

/*
 * The lower was opened. Some devices (QEMU's vmxnet3) load their own MAC into
 * the filter then: say it again. A driver that does not take one while it
 * runs refuses, and needs none.
 */
void sp_settings_opened(struct sp_shadow *shadow, struct sp_lower *lower)
{
	const struct net_device_ops *ops = lower->dev->netdev_ops;
	/* Drivers read a sockaddr of it, or a storage. */
	struct sockaddr_storage sa = { .ss_family = lower->dev->type };

	ASSERT_RTNL();
	if (!ops->ndo_set_mac_address || lower->own_mac)
		return;
	memcpy(((struct sockaddr *)&sa)->sa_data, lower->dev->dev_addr,
	       ETH_ALEN);
	sp_compat_lock(lower->dev);
	ops->ndo_set_mac_address(lower->dev, &sa);
	sp_compat_unlock(lower->dev);
}

void sp_settings_rx_flags(struct sp_shadow *shadow, struct sp_lower *lower)
{
	unsigned int want = shadow->dev->flags & (IFF_PROMISC | IFF_ALLMULTI);
	unsigned int change;

	ASSERT_RTNL();
	if (lower->own_mac)
		want |= IFF_PROMISC;
	change = want ^ lower->flags;
	if (change & IFF_PROMISC)
		dev_set_promiscuity(lower->dev, want & IFF_PROMISC ? 1 : -1);
	if (change & IFF_ALLMULTI)
		dev_set_allmulti(lower->dev, want & IFF_ALLMULTI ? 1 : -1);
	lower->flags = want;
}

/* The shadow's address lock is held. */
void sp_settings_rx_lists(struct sp_shadow *shadow, struct net_device *lower)
{
	dev_uc_sync_multiple(lower, shadow->dev);
	dev_mc_sync_multiple(lower, shadow->dev);
}

/* All lowers or none. */
int sp_settings_mtu(struct sp_shadow *shadow, int mtu)
{
	unsigned int old = shadow->dev->mtu;
	int i, err;

	for (i = 0; i < SP_ROLES; i++) {
		if (!shadow->lower[i].dev)
			continue;
		err = dev_set_mtu(shadow->lower[i].dev, mtu);
		if (err)
			goto undo;
	}
	WRITE_ONCE(shadow->dev->mtu, mtu);
	sp_net_owner->event(SP_EVENT_DEVICES);
	return 0;

undo:
	while (--i >= 0)
		if (shadow->lower[i].dev)
			dev_set_mtu(shadow->lower[i].dev, old);
	return err;
}

static void vlan_add(struct sp_shadow *shadow, struct sp_lower *lower, u16 vid)
{
	int err = vlan_vid_add(lower->dev, htons(ETH_P_8021Q), vid);

	if (err)
		sp_refused_add(shadow, lower, err, "vlan-%u", vid);
}

/* The shadow filters none but these. */
int sp_settings_vlan(struct sp_shadow *shadow, __be16 proto, u16 vid, bool add)
{
	struct sp_lower *lower;
	unsigned int i;

	ASSERT_RTNL();
	if (proto != htons(ETH_P_8021Q))
		return -EPROTONOSUPPORT;
	__assign_bit(vid, shadow->vlans, add);
	for (i = 0; i < SP_ROLES; i++) {
		lower = &shadow->lower[i];
		if (lower->dev && add)
			vlan_add(shadow, lower, vid);
		else if (lower->dev)
			vlan_vid_del(lower->dev, proto, vid);
	}
	return 0;
}

/* ------------------------------------------------ offloads */

static const struct {
	const char *name;	/* as ethtool -K says it */
	netdev_features_t features;
} offloads[] = {
	{ "rx",     NETIF_F_RXCSUM },
	{ "tx",     NETIF_F_HW_CSUM },
	{ "sg",     NETIF_F_SG | NETIF_F_FRAGLIST },
	{ "tso",    NETIF_F_ALL_TSO },
	{ "gso",    NETIF_F_GSO_SOFTWARE | NETIF_F_GSO_ENCAP_ALL },
	{ "gro",    NETIF_F_GRO },
	{ "rxvlan", NETIF_F_HW_VLAN_CTAG_RX },
	{ "txvlan", NETIF_F_HW_VLAN_CTAG_TX },
	{ "rxhash", NETIF_F_RXHASH },
	{ "rx-fcs", NETIF_F_RXFCS },
	{ "rx-all", NETIF_F_RXALL },
};

static netdev_features_t offload(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(offloads); i++)
		if (!strcmp(name, offloads[i].name))
			return offloads[i].features;
	pr_warn("features_off: %s is not known\n", name);
	return 0;
}

/* The offloads that the administrator rules out, for all NICs to come. */
netdev_features_t sp_settings_features_off(void)
{
	netdev_features_t off = 0;
	char *list, *rest, *name;

	list = kstrdup(features_off, GFP_KERNEL);
	rest = list;
	while ((name = strsep(&rest, ",")))
		if (*name)
			off |= offload(name);
	kfree(list);
	return off;
}

/* What somebody wants of the shadow, as far as it can be had. RTNL. */
netdev_features_t sp_settings_fix(struct sp_shadow *shadow,
				  netdev_features_t features)
{
	const struct net_device *nic = shadow->lower[SP_DIRECT].dev;
	netdev_features_t missing = 0;

	/* What is on stays so, for the NIC after this one. */
	if (nic)
		missing = SP_FEATURES_HARD & ~nic->hw_features &
			  ~shadow->dev->features;
	return features & ~missing & ~shadow->features_off;
}

static void hard_features_refused(struct sp_shadow *shadow,
				  struct sp_lower *lower,
				  netdev_features_t want)
{
	netdev_features_t missing = want & SP_FEATURES_HARD & ~lower->dev->features;

	if (missing & NETIF_F_RXFCS)
		sp_refused_add(shadow, lower, -EOPNOTSUPP, "feature-rx-fcs");
	if (missing & NETIF_F_RXALL)
		sp_refused_add(shadow, lower, -EOPNOTSUPP, "feature-rx-all");
}

void sp_settings_features(struct sp_shadow *shadow, struct sp_lower *lower,
			  netdev_features_t features)
{
	struct net_device *dev = lower->dev;
	/* The kernel believes whatever is wanted of one that cannot change. */
	netdev_features_t mask = SP_FEATURES_LOWER & dev->hw_features;

	ASSERT_RTNL();
	sp_compat_lock(dev);
	dev->wanted_features = (dev->wanted_features & ~mask) |
			       (features & mask);
	netdev_update_features(dev);
	sp_compat_unlock(dev);
	hard_features_refused(shadow, lower, features);
}

/* ------------------------------------------------ joining and leaving */

static void vlans_replay(struct sp_shadow *shadow, struct sp_lower *lower)
{
	unsigned int vid;

	for_each_set_bit(vid, shadow->vlans, VLAN_N_VID)
		vlan_add(shadow, lower, vid);
}

static void vlans_undo(struct sp_shadow *shadow, struct sp_lower *lower)
{
	unsigned int vid;

	for_each_set_bit(vid, shadow->vlans, VLAN_N_VID)
		vlan_vid_del(lower->dev, htons(ETH_P_8021Q), vid);
}

/*
 * The stack cuts packets to what each lower can take, and leaves room for what
 * it puts in front: not a second time, by the processor, below the shadow.
 */
static void limits_follow(struct sp_shadow *shadow)
{
	unsigned int size = TSO_MAX_SIZE, segs = TSO_MAX_SEGS, room = 0, i;
	const struct net_device *dev;

	/* With none, as it was: there will be one. */
	if (!shadow->lower[SP_DIRECT].listed && !shadow->lower[SP_STANDBY].listed)
		return;
	for (i = 0; i < SP_ROLES; i++) {
		dev = shadow->lower[i].listed;
		if (!dev)
			continue;
		size = min(size, dev->tso_max_size);
		segs = min_t(unsigned int, segs, dev->tso_max_segs);
		room = max_t(unsigned int, room, dev->needed_headroom);
	}
	netif_set_tso_max_size(shadow->dev, size);
	netif_set_tso_max_segs(shadow->dev, segs);
	shadow->dev->needed_headroom = room;
}

/* The lower is down and linked. Only an MTU it cannot do is an error. */
int sp_settings_replay(struct sp_shadow *shadow, struct sp_lower *lower)
{
	struct net_device *dev = shadow->dev;
	int err;

	ASSERT_RTNL();
	ether_addr_copy(lower->old_mac, lower->dev->dev_addr);
	lower->old_mtu = lower->dev->mtu;
	lower->old_wanted = lower->dev->wanted_features;
	lower->own_mac = false;
	lower->flags = 0;
	sp_refused_clear(shadow, lower - shadow->lower);

	err = dev_set_mtu(lower->dev, dev->mtu);
	if (err) {
		sp_refused_add(shadow, lower, err, "mtu");
		return err;
	}
	sp_settings_mac(shadow, lower);
	dev_disable_lro(lower->dev);
	sp_settings_features(shadow, lower, dev->features);

	netif_addr_lock_bh(dev);
	lower->listed = lower->dev;
	sp_settings_rx_lists(shadow, lower->dev);
	netif_addr_unlock_bh(dev);
	limits_follow(shadow);

	vlans_replay(shadow, lower);
	return 0;
}

/* As it was before the replay, which succeeded. */
void sp_settings_undo(struct sp_shadow *shadow, struct sp_lower *lower)
{
	ASSERT_RTNL();
	vlans_undo(shadow, lower);
	netif_addr_lock_bh(shadow->dev);
	lower->listed = NULL;
	netif_addr_unlock_bh(shadow->dev);
	dev_uc_unsync(lower->dev, shadow->dev);
	dev_mc_unsync(lower->dev, shadow->dev);
	if (lower->flags & IFF_PROMISC)
		dev_set_promiscuity(lower->dev, -1);
	if (lower->flags & IFF_ALLMULTI)
		dev_set_allmulti(lower->dev, -1);
	if (lower->own_mac)
		dev_uc_del(lower->dev, lower->extra_mac);
	lower->flags = 0;
	lower->own_mac = false;
	sort_follow(shadow);
	limits_follow(shadow);

	/* The rest is the driver's, and it has no device any more. */
	if (lower->dev->reg_state != NETREG_REGISTERED ||
	    !netif_device_present(lower->dev))
		return;
	sp_compat_lock(lower->dev);
	lower->dev->wanted_features = lower->old_wanted;
	netdev_update_features(lower->dev);
	sp_compat_unlock(lower->dev);
	lower_set_mac(lower->dev, lower->old_mac);
	dev_set_mtu(lower->dev, lower->old_mtu);
}
