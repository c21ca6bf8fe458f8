// SPDX-License-Identifier: GPL-2.0
/*
 * The hold queue: what the guest sends while no lower can take it. Bounded in
 * packets and bytes; when it is full the oldest goes, since what is newest is
 * of most use to the receiver. Flushed in order, before anything newer.
 */
#include <linux/module.h>
#include <linux/skbuff.h>
#include <net/sock.h>

#include "net_priv.h"

static unsigned int hold_packets = 1024;
module_param(hold_packets, uint, 0644);
MODULE_PARM_DESC(hold_packets, "packets held per device while it is away");

static unsigned int hold_kbytes = 4096;
module_param(hold_kbytes, uint, 0644);
MODULE_PARM_DESC(hold_kbytes, "memory for them, in KiB");

/* A sender that outruns the flush is cut off after this many rounds. */
#define FLUSH_ROUNDS	64

void sp_hold_init(struct sp_hold *hold)
{
	spin_lock_init(&hold->lock);
	__skb_queue_head_init(&hold->queue);
	hold->bytes = 0;
}

static bool hold_full(const struct sp_hold *hold)
{
	return skb_queue_len(&hold->queue) > READ_ONCE(hold_packets) ||
	       hold->bytes > READ_ONCE(hold_kbytes) * 1024ull;
}

/*
 * A sender must not block on its socket buffer for as long as the device is
 * away. TCP may: its own limits keep it from filling the queue, and it knows
 * from the buffer that the segment has not left the host.
 */
static void hold_orphan(struct sk_buff *skb)
{
	if (!skb->sk || !sk_fullsock(skb->sk) || !sk_is_tcp(skb->sk))
		skb_orphan(skb);
}

/*
 * What user space or a virtual machine has lent (MSG_ZEROCOPY, vhost) must not
 * be kept for as long as the device is away: take a copy. False: no memory.
 */
static bool hold_own(struct sp_shadow *shadow, struct sk_buff *skb)
{
	if (!skb_orphan_frags_rx(skb, GFP_ATOMIC))
		return true;
	sp_count(shadow, SP_HOLD_DROPPED);
	dev_core_stats_tx_dropped_inc(shadow->dev);
	kfree_skb(skb);
	return false;
}

static void hold_trim(struct sp_shadow *shadow)
{
	struct sp_hold *hold = &shadow->hold;
	struct sk_buff *old;

	while (hold_full(hold)) {
		old = __skb_dequeue(&hold->queue);
		if (!old)
			break;
		hold->bytes -= old->truesize;
		sp_count(shadow, SP_HOLD_DROPPED);
		dev_core_stats_tx_dropped_inc(shadow->dev);
		kfree_skb(old);
	}
}

/* Softirqs are off. False: a lower is there after all, the packet untouched. */
bool sp_hold_packet(struct sp_shadow *shadow, struct sk_buff *skb)
{
	struct sp_hold *hold = &shadow->hold;
	bool away;

	spin_lock(&hold->lock);
	away = !rcu_access_pointer(shadow->active);
	if (away && !netif_running(shadow->dev)) {
		/* The last words of a device that goes down. */
		sp_count(shadow, SP_HOLD_PURGED);
		kfree_skb(skb);
	} else if (away && shadow->given_up) {
		sp_count(shadow, SP_HOLD_DROPPED);
		dev_core_stats_tx_dropped_inc(shadow->dev);
		kfree_skb(skb);
	} else if (away && hold_own(shadow, skb)) {
		hold_orphan(skb);
		__skb_queue_tail(&hold->queue, skb);
		hold->bytes += skb->truesize;
		sp_count(shadow, SP_HELD);
		hold_trim(shadow);
	}
	spin_unlock(&hold->lock);
	return away;
}

static void hold_send(struct sp_shadow *shadow, struct sk_buff_head *list,
		      struct net_device *to)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(list))) {
		sp_count(shadow, SP_HOLD_FLUSHED);
		sp_shadow_send(shadow, skb, to);
	}
}

/*
 * Send all that was held through @to and make it the active lower. It becomes
 * so only when the queue was seen empty under the lock: until then new packets
 * line up behind the held ones.
 */
void sp_hold_flush(struct sp_shadow *shadow, struct net_device *to)
{
	struct sp_hold *hold = &shadow->hold;
	struct sk_buff_head batch;
	unsigned int round;
	bool done = false;

	__skb_queue_head_init(&batch);
	for (round = 0; !done; round++) {
		spin_lock_bh(&hold->lock);
		skb_queue_splice_tail_init(&hold->queue, &batch);
		hold->bytes = 0;
		done = skb_queue_empty(&batch) || round >= FLUSH_ROUNDS;
		if (done)
			rcu_assign_pointer(shadow->active, to);
		spin_unlock_bh(&hold->lock);

		local_bh_disable();
		hold_send(shadow, &batch, to);
		local_bh_enable();
	}
}

void sp_hold_purge(struct sp_shadow *shadow)
{
	struct sp_hold *hold = &shadow->hold;
	struct sk_buff_head batch;
	struct sk_buff *skb;

	__skb_queue_head_init(&batch);
	spin_lock_bh(&hold->lock);
	skb_queue_splice_tail_init(&hold->queue, &batch);
	hold->bytes = 0;
	spin_unlock_bh(&hold->lock);

	while ((skb = __skb_dequeue(&batch))) {
		sp_count(shadow, SP_HOLD_PURGED);
		kfree_skb(skb);
	}
}

/*
 * These were sent before anything that is held now, and yet not sent: first in
 * the queue, or at once if there is a lower. RTNL.
 */
void sp_hold_return(struct sp_shadow *shadow, struct sk_buff_head *list)
{
	struct sp_hold *hold = &shadow->hold;
	struct net_device *active;
	struct sk_buff *skb;

	mutex_lock(&shadow->switching);
	active = rcu_dereference_protected(shadow->active,
					   lockdep_is_held(&shadow->switching));
	if (active) {
		local_bh_disable();
		while ((skb = __skb_dequeue(list)))
			sp_shadow_send(shadow, skb, active);
		local_bh_enable();
	} else {
		spin_lock_bh(&hold->lock);
		skb_queue_walk(list, skb)
			hold->bytes += skb->truesize;
		skb_queue_splice_init(list, &hold->queue);
		hold_trim(shadow);
		spin_unlock_bh(&hold->lock);
	}
	mutex_unlock(&shadow->switching);
}
