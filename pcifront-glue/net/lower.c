// SPDX-License-Identifier: GPL-2.0
/*
 * Lowers: which NIC belongs to which shadow device, joining and leaving.
 *
 * Whose a NIC is the owner says, never its MAC. It is marked as a slave before
 * anyone in user space can see it, and joined when its driver has finished
 * probing: some drivers still touch the carrier after they have registered.
 */
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/ktime.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include <net/sch_generic.h>
#include <net/xdp_sock_drv.h>

#include "net_priv.h"

/* ------------------------------------------------ matching */

/*
 * A device may have several ports, and network devices that stand for others
 * (representors): meant is its first port.
 */
static bool is_first_port(struct net_device *dev)
{
	return !dev->dev_port && !sp_compat_stands_for_other(dev);
}

static struct sp_shadow *lower_match(struct net_device *dev,
				     enum sp_role *role)
{
	if (!dev->dev.parent || dev->type != ARPHRD_ETHER ||
	    !is_first_port(dev))
		return NULL;
	return sp_net_owner->match(dev, role);
}

/* The lower that @dev is, or NULL. */
static struct sp_lower *lower_of(struct net_device *dev,
				 struct sp_shadow **shadow, enum sp_role *role)
{
	struct net_device *upper = netdev_master_upper_dev_get(dev);
	unsigned int i;

	if (!upper || !sp_is_shadow(upper))
		return NULL;
	*shadow = netdev_priv(upper);
	for (i = 0; i < SP_ROLES; i++) {
		if ((*shadow)->lower[i].dev == dev) {
			*role = i;
			return &(*shadow)->lower[i];
		}
	}
	return NULL;
}

/* ------------------------------------------------ join and leave */

/*
 * No address of its own, not even a link-local one; and an alias by which udev
 * rules and people know whose it is.
 */
static void lower_mark(struct net_device *dev, const struct sp_shadow *shadow)
{
	char alias[sizeof("shadowport ") + SP_ID_LEN];
	int len = snprintf(alias, sizeof(alias), "shadowport %s", shadow->id);

	dev->flags |= IFF_SLAVE;
	sp_compat_no_addrconf(dev, true);
	if (dev_set_alias(dev, alias, len) < 0)
		netdev_warn(dev, "no alias: network managers will see it\n");
}

static void lower_unmark(struct net_device *dev)
{
	dev->flags &= ~IFF_SLAVE;
	sp_compat_no_addrconf(dev, false);
	dev_set_alias(dev, NULL, 0);
}

static int lower_attach(struct sp_shadow *shadow, struct sp_lower *lower,
			struct net_device *dev)
{
	int err;

	err = netdev_rx_handler_register(dev, sp_rx_handler, shadow);
	if (err)
		return err;
	err = netdev_master_upper_dev_link(dev, shadow->dev, NULL, NULL, NULL);
	if (err)
		goto err_rx_handler;

	mutex_lock(&shadow->switching);
	lower->dev = dev;
	lower->going_down = false;
	lower->hangs = false;
	lower->opened = false;
	mutex_unlock(&shadow->switching);

	err = sp_settings_replay(shadow, lower);
	if (err)
		goto err_link;
	return 0;

err_link:
	mutex_lock(&shadow->switching);
	lower->dev = NULL;
	mutex_unlock(&shadow->switching);
	netdev_upper_dev_unlink(dev, shadow->dev);
err_rx_handler:
	netdev_rx_handler_unregister(dev);
	return err;
}

void sp_lower_open(struct sp_shadow *shadow, struct sp_lower *lower)
{
	int err;

	ASSERT_RTNL();
	err = dev_open(lower->dev, NULL);
	if (err) {
		netdev_warn(shadow->dev, "%s does not come up: %pe\n",
			    netdev_name(lower->dev), ERR_PTR(err));
		return;
	}
	lower->opened = true;
	sp_settings_opened(shadow, lower);
}

/* Its routes would shadow the shadow's when it is up again. */
static void addresses_warn(struct sp_shadow *shadow, struct net_device *dev)
{
	const struct in_device *in_dev = __in_dev_get_rtnl(dev);

	if (in_dev && rtnl_dereference(in_dev->ifa_list))
		netdev_warn(shadow->dev, "%s has addresses of its own, which get in the way: ip addr flush dev %s\n",
			    netdev_name(dev), netdev_name(dev));
}

static void lower_join(struct sp_shadow *shadow, enum sp_role role,
		       struct net_device *dev)
{
	struct sp_lower *lower = &shadow->lower[role];
	ktime_t start = ktime_get();
	int err;

	ASSERT_RTNL();
	if (netif_running(dev)) {
		netdev_info(shadow->dev, "taking %s over, it was up\n",
			    netdev_name(dev));
		dev_close(dev);
	}
	addresses_warn(shadow, dev);
	lower_mark(dev, shadow);
	err = lower_attach(shadow, lower, dev);
	if (err) {
		sp_count(shadow, SP_JOIN_FAILED);
		netdev_err(shadow->dev, "%s cannot join: %pe\n",
			   netdev_name(dev), ERR_PTR(err));
		WRITE_ONCE(shadow->join_error, err);
		lower_unmark(dev);
		sp_net_owner->event(SP_EVENT_PROGRESS);
		return;
	}
	netdev_hold(dev, &lower->tracker, GFP_KERNEL);
	sp_stats_join(shadow, lower);
	WRITE_ONCE(shadow->join_error, 0);
	if (netif_running(shadow->dev))
		sp_lower_open(shadow, lower);
	sp_count(shadow, SP_JOINED);
	WRITE_ONCE(shadow->join_us, ktime_us_delta(ktime_get(), start) ?: 1);
	netdev_info(shadow->dev, "%s joined as %s\n", netdev_name(dev),
		    role == SP_DIRECT ? "direct" : "standby");
	sp_shadow_pick(shadow);
	sp_net_owner->event(SP_EVENT_DEVICES);
}

/* Packets that are still in its queues when it goes are lost with it. */
static void count_lost(struct sp_shadow *shadow, struct net_device *dev)
{
	unsigned int i;
	u64 lost = 0;

	for (i = 0; i < dev->real_num_tx_queues; i++) {
		const struct Qdisc *q;

		rcu_read_lock();
		q = rcu_dereference(netdev_get_tx_queue(dev, i)->qdisc);
		if (q)
			lost += qdisc_qlen_sum(q);
		rcu_read_unlock();
	}
	atomic64_add(lost, &shadow->counter[SP_LOST_IN_LOWER]);
}

/* Nobody sends to it any more. */
static void lower_unlink(struct sp_shadow *shadow, enum sp_role role)
{
	struct sp_lower *lower = &shadow->lower[role];
	struct net_device *dev = lower->dev;

	sp_stats_leave(shadow, lower);
	sp_settings_undo(shadow, lower);
	netdev_upper_dev_unlink(dev, shadow->dev);
	netdev_rx_handler_unregister(dev);

	mutex_lock(&shadow->switching);
	/* The callers have seen to that, with what was under way. */
	if (WARN_ON_ONCE(rcu_access_pointer(shadow->active) == dev))
		RCU_INIT_POINTER(shadow->active, NULL);
	lower->dev = NULL;
	if (role == SP_DIRECT)
		shadow->quiesced = false;	/* that was the one that goes */
	mutex_unlock(&shadow->switching);
	netdev_put(dev, &lower->tracker);
	sp_count(shadow, SP_LEFT);
	netdev_info(shadow->dev, "%s left\n", netdev_name(dev));
	sp_net_owner->event(SP_EVENT_DEVICES);
}

void sp_lower_leave(struct sp_shadow *shadow, enum sp_role role)
{
	struct sp_lower *lower = &shadow->lower[role];
	struct net_device *dev = lower->dev;

	ASSERT_RTNL();
	if (!dev)
		return;
	mutex_lock(&shadow->switching);
	lower->going_down = true;
	mutex_unlock(&shadow->switching);
	sp_shadow_pick(shadow);
	synchronize_net();

	if (lower->opened && dev->reg_state == NETREG_REGISTERED)
		dev_close(dev);
	lower_unlink(shadow, role);
	lower_unmark(dev);
}

/*
 * Its driver hangs: it leaves, with the driver asked as little as can be.
 * It stays marked, so that nobody else takes it for a NIC.
 */
static void hanging_leave(struct sp_shadow *shadow)
{
	struct net_device *dev = shadow->lower[SP_DIRECT].dev;

	mutex_lock(&shadow->switching);
	shadow->lower[SP_DIRECT].going_down = true;
	mutex_unlock(&shadow->switching);
	sp_shadow_pick(shadow);
	synchronize_net();
	netif_device_detach(dev);
	dev_hold(dev);
	lower_unlink(shadow, SP_DIRECT);
	count_lost(shadow, dev);
	sp_retain_resend(shadow, dev);
	dev_put(dev);
}

/* ------------------------------------------------ finding lowers */

#define PROBING_POLL	msecs_to_jiffies(20)

static void rescan_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(lower_rescan, rescan_work);

/* False: it would join, but its driver is not done with probing. */
static bool lower_try(struct net_device *dev)
{
	struct sp_shadow *shadow;
	enum sp_role role;

	shadow = lower_match(dev, &role);
	if (!shadow || shadow->lower[role].dev ||
	    dev->reg_state != NETREG_REGISTERED)
		return true;
	if (!sp_net_owner->ready(dev))
		return false;
	if (netdev_master_upper_dev_get(dev))
		netdev_warn(shadow->dev, "%s has another master\n",
			    netdev_name(dev));
	else
		lower_join(shadow, role, dev);
	return true;
}

static void all_hanging_leave(void)
{
	struct sp_shadow *shadow;

	sp_for_each_shadow(shadow)
		if (shadow->lower[SP_DIRECT].dev &&
		    READ_ONCE(shadow->lower[SP_DIRECT].hangs))
			hanging_leave(shadow);
}

/* False: somebody is not done with probing. */
static bool rescan(void)
{
	struct net_device *dev;
	bool done = true;

	ASSERT_RTNL();
	all_hanging_leave();
	for_each_netdev(&init_net, dev)
		done &= lower_try(dev);
	return done;
}

/* Whoever has the RTNL may keep it, and a suspend waits for the end of this. */
static void rescan_work(struct work_struct *work)
{
	bool done = false;

	if (rtnl_trylock()) {
		done = rescan();
		rtnl_unlock();
	}
	if (!done)
		queue_delayed_work(sp_net_wq, &lower_rescan, PROBING_POLL);
}

/* Any context. */
void sp_lower_rescan(void)
{
	mod_delayed_work(sp_net_wq, &lower_rescan, 0);
}

/* Whoever owns it has given it up, and matches it no more. */
void sp_lower_give_up(struct sp_shadow *shadow)
{
	mutex_lock(&shadow->switching);
	shadow->lower[SP_DIRECT].hangs = true;
	mutex_unlock(&shadow->switching);
	sp_lower_rescan();
}

/* AF_XDP sockets that share memory with one of the queues. */
bool sp_lower_busy(struct sp_shadow *shadow)
{
	struct net_device *dev;
	unsigned int i;
	bool xsk = false;

	mutex_lock(&shadow->switching);
	dev = shadow->lower[SP_DIRECT].dev;
	for (i = 0; dev && i < dev->num_rx_queues; i++)
		if (xsk_get_pool_from_qid(dev, i))
			xsk = true;
	mutex_unlock(&shadow->switching);
	return xsk;
}

/* Nothing is about to join. */
bool sp_lower_settled(void)
{
	return !work_busy(&lower_rescan.work);
}

/* Everything that is there now has joined, or does when it is probed. */
void sp_lower_settle(void)
{
	rtnl_lock();
	rescan();
	rtnl_unlock();
	sp_lower_rescan();
}

static void lower_event(unsigned long event, struct net_device *dev)
{
	struct sp_shadow *shadow;
	struct sp_lower *lower;
	enum sp_role role;

	lower = lower_of(dev, &shadow, &role);
	if (!lower)
		return;

	switch (event) {
	case NETDEV_GOING_DOWN:
		count_lost(shadow, dev);
		/* Some drivers forget them when they are closed. */
		sp_stats_fold(shadow);
		lower->going_down = true;
		sp_shadow_pick(shadow);
		sp_retain_resend(shadow, dev);
		break;
	case NETDEV_UP:
		lower->going_down = false;
		fallthrough;
	case NETDEV_CHANGE:
		sp_shadow_pick(shadow);
		/*
		 * A bond above asks for the speed only when it hears of a
		 * change: with LACP a port of unknown speed never joins.
		 */
		if (rcu_access_pointer(shadow->active) == dev)
			netdev_state_change(shadow->dev);
		break;
	case NETDEV_NOTIFY_PEERS:
		/* It is connected anew (netfront after a restore). */
		if (rcu_access_pointer(shadow->active) == dev)
			sp_announce_start(shadow);
		break;
	case NETDEV_UNREGISTER:
		sp_lower_leave(shadow, role);
		break;
	}
}

static int netdev_event(struct notifier_block *nb, unsigned long event,
			void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct sp_shadow *shadow;
	enum sp_role role;

	switch (event) {
	case NETDEV_POST_INIT:
		shadow = lower_match(dev, &role);
		if (shadow && !shadow->lower[role].dev)
			lower_mark(dev, shadow);
		break;
	case NETDEV_REGISTER:
		if (lower_match(dev, &role))
			sp_lower_rescan();
		break;
	default:
		lower_event(event, dev);
	}
	return NOTIFY_DONE;
}

static struct notifier_block netdev_notifier = {
	.notifier_call = netdev_event,
};

int sp_lower_start(void)
{
	return register_netdevice_notifier(&netdev_notifier);
}

void sp_lower_stop(void)
{
	unregister_netdevice_notifier(&netdev_notifier);
	cancel_delayed_work_sync(&lower_rescan);
}
