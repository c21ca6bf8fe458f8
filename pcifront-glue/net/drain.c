// SPDX-License-Identifier: GPL-2.0
/*
 * Before NICs go, what they were given is to be sent: by all shadow devices at
 * the same time, with one limit. Without the RTNL, since whoever has it may not
 * let go.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <net/sch_generic.h>

#include "net_priv.h"

static unsigned int drain_ms = 200;
module_param(drain_ms, uint, 0644);
MODULE_PARM_DESC(drain_ms, "longest wait for a NIC to send what it has");

static unsigned int drain_grace_ms = 20;
module_param(drain_grace_ms, uint, 0644);
MODULE_PARM_DESC(drain_grace_ms, "wait for NICs that do not tell (no BQL)");

static bool tells_progress(const struct net_device *dev)
{
#ifdef CONFIG_BQL
	unsigned int i;

	for (i = 0; i < dev->real_num_tx_queues; i++)
		if (netdev_get_tx_queue(dev, i)->dql.num_queued)
			return true;
#endif
	return false;
}

static bool queue_drained(struct netdev_queue *txq)
{
	const struct Qdisc *q;
	bool empty;

	rcu_read_lock();
	q = rcu_dereference(txq->qdisc);
	empty = !q || !qdisc_qlen_sum(q);
	rcu_read_unlock();
#ifdef CONFIG_BQL
	if (READ_ONCE(txq->dql.num_queued) !=
	    READ_ONCE(txq->dql.num_completed))
		return false;
#endif
	return empty;
}

/* It has sent what it was given. Nobody gives it more: the shadow has left it. */
static bool drained(struct net_device *dev)
{
	unsigned int i;

	for (i = 0; i < dev->real_num_tx_queues; i++)
		if (!queue_drained(netdev_get_tx_queue(dev, i)))
			return false;
	return true;
}

struct drain {
	bool tells;		/* all tell how far they are */
	bool done;
};

/* Its card, with a reference, or NULL. It may leave at any time. */
static struct net_device *card_get(struct sp_shadow *shadow)
{
	struct net_device *dev;

	mutex_lock(&shadow->switching);
	dev = shadow->lower[SP_DIRECT].dev;
	dev_hold(dev);
	mutex_unlock(&shadow->switching);
	return dev;
}

static struct drain look(void)
{
	struct drain drain = { .tells = true, .done = true };
	struct sp_shadow *shadow;
	struct net_device *dev;

	sp_for_each_shadow(shadow) {
		dev = card_get(shadow);
		if (!dev)
			continue;
		drain.tells &= tells_progress(dev);
		drain.done &= drained(dev);
		dev_put(dev);
	}
	return drain;
}

/* The shadow devices have been told to leave their cards alone. */
void sp_drain(void)
{
	ktime_t end = ktime_add_ms(ktime_get(), READ_ONCE(drain_ms));
	struct drain drain;

	/* Nobody is left who still gives them something. */
	synchronize_net();
	drain = look();
	if (!drain.tells)
		msleep(READ_ONCE(drain_grace_ms));
	while (!drain.done && ktime_before(ktime_get(), end)) {
		usleep_range(500, 1000);
		drain = look();
	}
}
