// SPDX-License-Identifier: GPL-2.0
/*
 * Settings. The shadow device owns the truth; each lower is made to follow,
 * when it joins and whenever something changes. What a lower refuses is
 * counted, logged by name and, if traffic could not work without it, an error.
 */
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>

#include "shadowport.h"

/* Features that work on the way up, which only the lower can do. */
#define SP_FEATURES_LOWER	(NETIF_F_RXCSUM | NETIF_F_GRO)

static void setting_lost(struct sp_shadow *shadow, struct sp_lower *lower,
			 const char *what, int err)
{
	sp_count(shadow, SP_LOST_SETTINGS);
	netdev_warn(shadow->dev, "%s does not take %s: %pe\n",
		    netdev_name(lower->dev), what, ERR_PTR(err));
}

static int lower_set_mac(struct net_device *dev, const u8 *mac)
{
	struct sockaddr_storage ss = { .ss_family = dev->type };

	if (ether_addr_equal(dev->dev_addr, mac))
		return 0;
	memcpy(((struct sockaddr *)&ss)->sa_data, mac, ETH_ALEN);
	return dev_set_mac_address(dev, (struct sockaddr *)&ss, NULL);
}

/*
 * A VF may not change its MAC unless it is trusted. Then it takes the shadow's
 * as one more address, and if need be all frames: rx_handler.c sorts them.
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
		setting_lost(shadow, lower, "the MAC", err);
		sp_count(shadow, SP_MAC_REFUSED);
		lower->own_mac = true;
		ether_addr_copy(lower->extra_mac, mac);
		dev_uc_add(lower->dev, mac);
	}
	sp_settings_rx_flags(shadow, lower);
	return 0;
}

/*
 * The lower was opened. Some devices (QEMU's vmxnet3) load their own MAC into
 * the filter then: say it again. A driver that does not take one while it
 * runs refuses, and needs none.
 */
void sp_settings_opened(struct sp_lower *lower)
{
	const struct net_device_ops *ops = lower->dev->netdev_ops;
	struct sockaddr sa = { .sa_family = lower->dev->type };

	ASSERT_RTNL();
	if (!ops->ndo_set_mac_address || lower->own_mac)
		return;
	ether_addr_copy((u8 *)sa.sa_data, lower->dev->dev_addr);
	ops->ndo_set_mac_address(lower->dev, &sa);
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
	return 0;

undo:
	while (--i >= 0)
		if (shadow->lower[i].dev)
			dev_set_mtu(shadow->lower[i].dev, old);
	return err;
}

int sp_settings_vlan(struct sp_shadow *shadow, __be16 proto, u16 vid, bool add)
{
	unsigned int i;
	int err;

	for (i = 0; i < SP_ROLES; i++) {
		struct sp_lower *lower = &shadow->lower[i];

		if (!lower->dev)
			continue;
		if (!add) {
			vlan_vid_del(lower->dev, proto, vid);
			continue;
		}
		err = vlan_vid_add(lower->dev, proto, vid);
		if (err)
			setting_lost(shadow, lower, "a VLAN", err);
	}
	return 0;
}

void sp_settings_features(struct sp_shadow *shadow, struct sp_lower *lower,
			  netdev_features_t features)
{
	netdev_features_t mask = SP_FEATURES_LOWER;
	struct net_device *dev = lower->dev;

	ASSERT_RTNL();
	dev->wanted_features = (dev->wanted_features & ~mask) |
			       (features & mask);
	netdev_update_features(dev);
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

	err = dev_set_mtu(lower->dev, dev->mtu);
	if (err) {
		setting_lost(shadow, lower, "the MTU", err);
		return err;
	}
	sp_settings_mac(shadow, lower);
	dev_disable_lro(lower->dev);
	sp_settings_features(shadow, lower, dev->features);

	netif_addr_lock_bh(dev);
	sp_settings_rx_lists(shadow, lower->dev);
	netif_addr_unlock_bh(dev);

	err = vlan_vids_add_by_dev(lower->dev, dev);
	if (err)
		setting_lost(shadow, lower, "the VLANs", err);
	return 0;
}

/* As it was before the replay, which succeeded. */
void sp_settings_undo(struct sp_shadow *shadow, struct sp_lower *lower)
{
	ASSERT_RTNL();
	vlan_vids_del_by_dev(lower->dev, shadow->dev);
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

	if (lower->dev->reg_state != NETREG_REGISTERED)
		return;
	lower->dev->wanted_features = lower->old_wanted;
	netdev_update_features(lower->dev);
	lower_set_mac(lower->dev, lower->old_mac);
	dev_set_mtu(lower->dev, lower->old_mtu);
}
