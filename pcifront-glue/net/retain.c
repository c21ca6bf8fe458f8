// SPDX-License-Identifier: GPL-2.0
/*
 * Opt-in (retain=1): keep a reference to what was given to a NIC until the
 * NIC has sent it, and send it again if the NIC goes before. That it was sent
 * shows in the data having no other user any more: the driver has freed its
 * packet. TCP is left out: it keeps its own, and sends again by itself.
 *
 * A packet that somebody else still looks at (a capture) seems unsent, and may
 * arrive twice; one that the driver had to copy seems sent, and may be lost.
 */
#include <linux/jump_label.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "net_priv.h"

static bool retain;
module_param(retain, bool, 0444);
MODULE_PARM_DESC(retain, "send again what a NIC that went had not sent");

DEFINE_STATIC_KEY_FALSE(sp_retain_on);

/* Flows are spread over the queues, so that each keeps its order. */
#define QUEUES		8
#define QUEUE_LEN	256	/* packets; the oldest are forgotten */

struct queue {
	spinlock_t lock;	/* all below */
	unsigned int first;	/* the oldest packet */
	unsigned int next;	/* where the next one goes; both only grow */
	struct sk_buff *ring[QUEUE_LEN];
};

struct sp_retain {
	struct queue queue[QUEUES];
};

void sp_retain_setup(void)
{
	if (retain)
		static_branch_enable(&sp_retain_on);
}

int sp_retain_init(struct sp_shadow *shadow)
{
	unsigned int i;

	if (!static_key_enabled(&sp_retain_on))
		return 0;
	shadow->retain = kvzalloc(sizeof(*shadow->retain), GFP_KERNEL);
	if (!shadow->retain)
		return -ENOMEM;
	for (i = 0; i < QUEUES; i++)
		spin_lock_init(&shadow->retain->queue[i].lock);
	return 0;
}

static struct sk_buff **slot(struct queue *q, unsigned int n)
{
	return &q->ring[n % QUEUE_LEN];
}

static void forget_first(struct queue *q)
{
	consume_skb(*slot(q, q->first++));
}

static bool wanted(struct sk_buff *skb)
{
	return !skb_zcopy(skb) &&
	       !(skb->sk && sk_fullsock(skb->sk) && sk_is_tcp(skb->sk));
}

/* It is about to be given to skb->dev. Softirqs are off. */
void sp_retain_packet(struct sp_shadow *shadow, struct sk_buff *skb)
{
	struct sk_buff *copy;
	struct queue *q;

	if (!wanted(skb))
		return;
	q = &shadow->retain->queue[reciprocal_scale(skb_get_hash(skb), QUEUES)];
	copy = skb_clone(skb, GFP_ATOMIC);
	if (!copy)
		return;
	spin_lock(&q->lock);
	/* Let go of what was sent, or of the oldest. */
	while (q->first != q->next &&
	       (q->next - q->first == QUEUE_LEN ||
		!skb_cloned(*slot(q, q->first))))
		forget_first(q);
	*slot(q, q->next++) = copy;
	spin_unlock(&q->lock);
}

/* Take out all of @dev; what it has not sent goes to @unsent. */
static void queue_take(struct queue *q, const struct net_device *dev,
		       struct sk_buff_head *unsent)
{
	unsigned int i, kept;
	struct sk_buff *skb;

	spin_lock_bh(&q->lock);
	kept = q->first;
	for (i = q->first; i != q->next; i++) {
		skb = *slot(q, i);
		if (skb->dev != dev)
			*slot(q, kept++) = skb;
		else if (skb_cloned(skb))
			__skb_queue_tail(unsent, skb);
		else
			consume_skb(skb);
	}
	q->next = kept;
	spin_unlock_bh(&q->lock);
}

/*
 * @dev goes and will not send any more, but has not thrown away yet what it
 * has: send it by another way. The shadow has switched away. RTNL.
 */
void sp_retain_resend(struct sp_shadow *shadow, const struct net_device *dev)
{
	struct sk_buff_head unsent;
	unsigned int i;

	if (!shadow->retain)
		return;
	/* Until those who still saw it as the active one are through. */
	synchronize_net();
	__skb_queue_head_init(&unsent);
	for (i = 0; i < QUEUES; i++)
		queue_take(&shadow->retain->queue[i], dev, &unsent);
	atomic64_add(skb_queue_len(&unsent),
		     &shadow->counter[SP_RETAINED_SENT]);
	sp_hold_return(shadow, &unsent);
}

void sp_retain_free(struct sp_shadow *shadow)
{
	unsigned int i;

	for (i = 0; shadow->retain && i < QUEUES; i++) {
		struct queue *q = &shadow->retain->queue[i];

		while (q->first != q->next)
			forget_first(q);
	}
	kvfree(shadow->retain);
	shadow->retain = NULL;
}
