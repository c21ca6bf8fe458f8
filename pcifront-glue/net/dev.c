// SPDX-License-Identifier: GPL-2.0
/*
 * The shadow device: the network device that never goes away. Its features
 * are constant and all done in software where a lower lacks them, so that
 * sockets see no difference between one lower and the next. It has no queue
 * and no transmit lock of its own: the lower's qdisc and BQL do the work.
 */
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <net/sch_generic.h>

#include "net_priv.h"

#define SP_FEATURES_TX	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | \
			 NETIF_F_HIGHDMA | NETIF_F_GSO_SOFTWARE | \
			 NETIF_F_GSO_ENCAP_ALL)
#define SP_FEATURES_VLAN (NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_CTAG_RX | \
			  NETIF_F_HW_VLAN_CTAG_FILTER)
#define SP_FEATURES	(SP_FEATURES_TX | SP_FEATURES_VLAN | \
			 NETIF_F_RXCSUM | NETIF_F_RXHASH)
/* The VLAN filter stays: some NICs cannot switch theirs off either. */
#define SP_FEATURES_CHANGE ((SP_FEATURES & ~NETIF_F_HW_VLAN_CTAG_FILTER) | \
			    SP_FEATURES_HARD)

/* None is a queue: they are for qdiscs that want some, and for their numbers. */
#define TX_QUEUES	16

/* ------------------------------------------------ transmit */

netdev_tx_t sp_shadow_send(struct sp_shadow *shadow, struct sk_buff *skb,
			   struct net_device *lower)
{
	int rc;

	skb->dev = lower;
	if (static_branch_unlikely(&sp_retain_on))
		sp_retain_packet(shadow, skb);
	rc = dev_queue_xmit(skb);
	if (unlikely(rc != NET_XMIT_SUCCESS && rc != NET_XMIT_CN)) {
		sp_count(shadow, SP_TX_REFUSED);
		dev_core_stats_tx_dropped_inc(shadow->dev);
	}
	return rc;
}

static netdev_tx_t shadow_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct sp_shadow *shadow = netdev_priv(dev);
	struct net_device *active;

	skb_set_queue_mapping(skb, qdisc_skb_cb(skb)->slave_dev_queue_mapping);
	for (;;) {
		active = rcu_dereference_bh(shadow->active);
		if (likely(active))
			return sp_shadow_send(shadow, skb, active);
		if (sp_hold_packet(shadow, skb))
			return NETDEV_TX_OK;
	}
}

/* ------------------------------------------------ which lower transmits */

/* Running, with carrier, and seen by the link watch: its queues are live. */
static bool lower_usable(const struct sp_lower *lower)
{
	return lower->dev && !lower->going_down && netif_running(lower->dev) &&
	       netif_carrier_ok(lower->dev) && !qdisc_tx_is_noop(lower->dev);
}

static struct net_device *shadow_best(const struct sp_shadow *shadow,
				      const struct net_device *now)
{
	const struct sp_lower *direct = &shadow->lower[SP_DIRECT];
	const struct sp_lower *standby = &shadow->lower[SP_STANDBY];

	if (!shadow->quiesced && !shadow->want_standby && lower_usable(direct))
		return direct->dev;
	if (lower_usable(standby))
		return standby->dev;
	/* The standby is wanted, but better the card than nothing. */
	if (!shadow->quiesced && lower_usable(direct))
		return direct->dev;
	/* A cable was pulled: no reason to hold, whoever is above may know. */
	if (!shadow->quiesced && direct->dev && direct->dev == now &&
	    !direct->going_down && netif_running(direct->dev))
		return direct->dev;
	return NULL;
}

static enum sp_counter switch_counter(const struct sp_shadow *shadow,
				      const struct net_device *to)
{
	if (!to)
		return SP_TO_AWAY;
	return to == shadow->lower[SP_DIRECT].dev ? SP_TO_DIRECT :
						    SP_TO_STANDBY;
}

/* Read with either lock. */
static void given_up_set(struct sp_shadow *shadow, bool given_up)
{
	lockdep_assert_held(&shadow->switching);
	spin_lock_bh(&shadow->hold.lock);
	shadow->given_up = given_up;
	spin_unlock_bh(&shadow->hold.lock);
}

/*
 * Away for too long, and nobody is about to bring a card: whoever is above may
 * know. A card that comes ends that.
 */
void sp_shadow_give_up(struct sp_shadow *shadow)
{
	bool away;

	mutex_lock(&shadow->switching);
	away = !rcu_access_pointer(shadow->active);
	if (away) {
		given_up_set(shadow, true);
		/* Who sees the carrier go finds nothing held. */
		sp_hold_purge(shadow);
		netif_carrier_off(shadow->dev);
		netdev_warn(shadow->dev, "away for too long: carrier off, nothing is held\n");
	}
	mutex_unlock(&shadow->switching);
}

/*
 * Choose the lower again; what was held goes out before this returns. With
 * or without RTNL: a quiesce must not wait for whoever holds that.
 */
void sp_shadow_pick(struct sp_shadow *shadow)
{
	struct net_device *now, *best;

	mutex_lock(&shadow->switching);
	now = rcu_dereference_protected(shadow->active,
					lockdep_is_held(&shadow->switching));
	best = shadow_best(shadow, now);
	if (best != now) {
		if (best) {
			sp_hold_flush(shadow, best);
		} else {
			RCU_INIT_POINTER(shadow->active, NULL);
			sp_neighbours_away(shadow);
		}
		shadow->since = ktime_get();
		sp_count(shadow, switch_counter(shadow, best));
		netdev_info(shadow->dev, "%s%s\n", best ? "now on " : "away",
			    best ? netdev_name(best) : "");
	}
	if (best)
		given_up_set(shadow, false);
	if (shadow->given_up || (best && !netif_carrier_ok(best) &&
				 best == shadow->lower[SP_DIRECT].dev))
		netif_carrier_off(shadow->dev);
	else
		netif_carrier_on(shadow->dev);
	mutex_unlock(&shadow->switching);

	if (best == now)
		return;
	if (best)
		sp_announce_start(shadow);
	sp_net_owner->event(SP_EVENT_DEVICES);
	sp_net_owner->event(SP_EVENT_PROGRESS);
}

void sp_shadow_quiesce(struct sp_shadow *shadow, bool on)
{
	mutex_lock(&shadow->switching);
	shadow->quiesced = on;
	mutex_unlock(&shadow->switching);
	sp_shadow_pick(shadow);
}

/* The old lower goes on receiving: nothing is lost, whatever the network does. */
void sp_shadow_want(struct sp_shadow *shadow, bool standby)
{
	mutex_lock(&shadow->switching);
	shadow->want_standby = standby;
	mutex_unlock(&shadow->switching);
	sp_shadow_pick(shadow);
}

void sp_shadow_status(struct sp_shadow *shadow, struct sp_net_status *status)
{
	const struct net_device *active;

	mutex_lock(&shadow->switching);
	active = rcu_dereference_protected(shadow->active,
					   lockdep_is_held(&shadow->switching));
	if (!active)
		status->state = SP_NET_AWAY;
	else if (active == shadow->lower[SP_DIRECT].dev)
		status->state = SP_NET_DIRECT;
	else
		status->state = SP_NET_STANDBY;
	status->has_direct = shadow->lower[SP_DIRECT].dev;
	status->want_standby = shadow->want_standby;
	mutex_unlock(&shadow->switching);
	status->running = netif_running(shadow->dev);
	status->join_error = READ_ONCE(shadow->join_error);
	status->mtu = READ_ONCE(shadow->dev->mtu);
	status->join_us = READ_ONCE(shadow->join_us);
	strscpy(status->name, netdev_name(shadow->dev), sizeof(status->name));
}

/* ------------------------------------------------ netdev operations */

static int shadow_init(struct net_device *dev)
{
	netdev_lockdep_set_classes(dev);
	return 0;
}

/*
 * What is forwarded remembers the queue it came by, and the lower sends it by
 * the like. The kernel uses the same word for the queue of ours.
 */
static u16 shadow_select_queue(struct net_device *dev, struct sk_buff *skb,
			       struct net_device *unused)
{
	u16 queue = skb_rx_queue_recorded(skb) ? skb_get_rx_queue(skb) : 0;

	qdisc_skb_cb(skb)->slave_dev_queue_mapping = skb_get_queue_mapping(skb);
	return queue % dev->real_num_tx_queues;
}

static int shadow_open(struct net_device *dev)
{
	struct sp_shadow *shadow = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < SP_ROLES; i++)
		if (shadow->lower[i].dev)
			sp_lower_open(shadow, &shadow->lower[i]);
	sp_shadow_pick(shadow);
	return 0;
}

static int shadow_stop(struct net_device *dev)
{
	struct sp_shadow *shadow = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < SP_ROLES; i++) {
		struct sp_lower *lower = &shadow->lower[i];

		if (lower->dev && lower->opened)
			dev_close(lower->dev);
		lower->opened = false;
	}
	sp_hold_purge(shadow);
	return 0;
}

/* The address lock is held, and perhaps nothing else. */
static void shadow_set_rx_mode(struct net_device *dev)
{
	struct sp_shadow *shadow = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < SP_ROLES; i++)
		if (shadow->lower[i].listed)
			sp_settings_rx_lists(shadow, shadow->lower[i].listed);
}

static void shadow_change_rx_flags(struct net_device *dev, int change)
{
	struct sp_shadow *shadow = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < SP_ROLES; i++)
		if (shadow->lower[i].dev)
			sp_settings_rx_flags(shadow, &shadow->lower[i]);
}

static int shadow_set_mac(struct net_device *dev, void *addr)
{
	struct sp_shadow *shadow = netdev_priv(dev);
	unsigned int i;
	int err;

	err = eth_mac_addr(dev, addr);
	if (err)
		return err;
	for (i = 0; i < SP_ROLES; i++)
		if (shadow->lower[i].dev)
			sp_settings_mac(shadow, &shadow->lower[i]);
	return 0;
}

static int shadow_change_mtu(struct net_device *dev, int mtu)
{
	return sp_settings_mtu(netdev_priv(dev), mtu);
}

static int shadow_vlan_add(struct net_device *dev, __be16 proto, u16 vid)
{
	return sp_settings_vlan(netdev_priv(dev), proto, vid, true);
}

static int shadow_vlan_kill(struct net_device *dev, __be16 proto, u16 vid)
{
	return sp_settings_vlan(netdev_priv(dev), proto, vid, false);
}

static netdev_features_t shadow_fix_features(struct net_device *dev,
					     netdev_features_t features)
{
	return sp_settings_fix(netdev_priv(dev), features);
}

static int shadow_set_features(struct net_device *dev,
			       netdev_features_t features)
{
	struct sp_shadow *shadow = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < SP_ROLES; i++)
		if (shadow->lower[i].dev)
			sp_settings_features(shadow, &shadow->lower[i],
					     features);
	return 0;
}

static const struct net_device_ops shadow_netdev_ops = {
	.ndo_init		= shadow_init,
	.ndo_open		= shadow_open,
	.ndo_stop		= shadow_stop,
	.ndo_start_xmit		= shadow_xmit,
	.ndo_select_queue	= shadow_select_queue,
	.ndo_get_stats64	= sp_stats_get,
	.ndo_set_rx_mode	= shadow_set_rx_mode,
	.ndo_change_rx_flags	= shadow_change_rx_flags,
	.ndo_set_mac_address	= shadow_set_mac,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_change_mtu		= shadow_change_mtu,
	.ndo_vlan_rx_add_vid	= shadow_vlan_add,
	.ndo_vlan_rx_kill_vid	= shadow_vlan_kill,
	.ndo_fix_features	= shadow_fix_features,
	.ndo_set_features	= shadow_set_features,
	.ndo_features_check	= passthru_features_check,
	.ndo_neigh_construct	= sp_steer_neighbour,
};

bool sp_is_shadow(const struct net_device *dev)
{
	return dev->netdev_ops == &shadow_netdev_ops;
}

static void shadow_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &shadow_netdev_ops;
	dev->ethtool_ops = &sp_ethtool_ops;
	dev->header_ops = &sp_header_ops;
	/* No devtype: NetworkManager would not take it for Ethernet. */

	dev->priv_flags |= IFF_NO_QUEUE | IFF_UNICAST_FLT |
			   IFF_LIVE_ADDR_CHANGE;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	sp_compat_set_lltx(dev);
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = ETH_MAX_MTU;

	dev->vlan_features = SP_FEATURES_TX;
	dev->hw_enc_features = SP_FEATURES_TX;
	dev->hw_features |= SP_FEATURES_CHANGE;
	dev->features |= SP_FEATURES;
}

/* ------------------------------------------------ life */

static struct sp_shadow *shadow_register(const struct sp_net_desc *desc,
					 const char *name)
{
	struct sp_shadow *shadow;
	struct net_device *dev;
	int err;

	dev = alloc_netdev_mqs(sizeof(*shadow), name,
			       strchr(name, '%') ? NET_NAME_ENUM :
						   NET_NAME_PREDICTABLE,
			       shadow_setup, TX_QUEUES, 1);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	shadow = netdev_priv(dev);
	shadow->dev = dev;
	strscpy(shadow->id, desc->id, sizeof(shadow->id));
	shadow->cookie = desc->cookie;
	mutex_init(&shadow->switching);
	sp_stats_init(shadow);
	sp_hold_init(&shadow->hold);
	sp_refused_init(&shadow->refused);
	shadow->features_off = sp_settings_features_off();
	dev->sysfs_groups[0] = &sp_sysfs_group;
	sp_kind_set(dev);
	sp_announce_init(shadow);
	shadow->want_standby = desc->want_standby;
	sp_neighbours_init(shadow);
	shadow->away_since = jiffies;
	shadow->since = ktime_get();
	if (is_zero_ether_addr(desc->mac))
		eth_hw_addr_random(dev);
	else
		eth_hw_addr_set(dev, desc->mac);
	netif_carrier_on(dev);

	err = sp_retain_init(shadow);
	if (err)
		goto err_free;
	err = register_netdev(dev);
	if (err)
		goto err_retain;
	sp_neighbours_away(shadow);
	return shadow;

err_retain:
	sp_retain_free(shadow);
err_free:
	free_netdev(dev);
	return ERR_PTR(err);
}

static struct sp_shadow *shadow_any_name(const struct sp_net_desc *desc)
{
	struct sp_shadow *shadow;

	if (desc->name[0]) {
		shadow = shadow_register(desc, desc->name);
		/* "all" and "default" are taken, too: by sysctl. */
		if (!IS_ERR(shadow) || (PTR_ERR(shadow) != -EEXIST &&
					PTR_ERR(shadow) != -EINVAL))
			return shadow;
		pr_warn("port %s: name %s is taken, using another\n",
			desc->id, desc->name);
	}
	return shadow_register(desc, "shadow%d");
}

struct sp_shadow *sp_shadow_create(const struct sp_net_desc *desc)
{
	struct sp_shadow *shadow = shadow_any_name(desc);

	if (!IS_ERR(shadow))
		list_add_tail_rcu(&shadow->node, &sp_shadows);
	return shadow;
}

/* Nobody looks at the list any more. */
void sp_shadow_destroy(struct sp_shadow *shadow)
{
	unsigned int i;

	list_del(&shadow->node);
	rtnl_lock();
	dev_close(shadow->dev);
	for (i = 0; i < SP_ROLES; i++)
		sp_lower_leave(shadow, i);
	rtnl_unlock();
	sp_announce_stop(shadow);
	sp_neighbours_stop(shadow);
	unregister_netdev(shadow->dev);
	sp_hold_purge(shadow);
	sp_retain_free(shadow);
	free_netdev(shadow->dev);
}
