// SPDX-License-Identifier: GPL-2.0
/*
 * Hot path: what IP sends by the shadow device itself to a neighbour that is known
 * enters the lower's queue at once. Else the kernel would take each packet through
 * its transmit path twice, which is nine tenths of what the device costs. Whatever
 * looks at packets on the first of these ways, or changes them, has them go there.
 *
 * A device above (VLAN, macvlan, bridge) has neighbours of its own.
 */
#include <linux/etherdevice.h>
#include <net/neighbour.h>
#include <net/sch_generic.h>

#include "net_priv.h"

/* The stack shall ask the neighbour each time, and keep no header of its own. */
const struct header_ops sp_header_ops = {
	.create		= eth_header,
	.parse		= eth_header_parse,
	.parse_protocol	= eth_header_parse_protocol,
};

/* The kernel's operations of either family, with ours among them. */
enum { IPV4, IPV6, FAMILIES };

static DEFINE_SPINLOCK(lock);			/* both */
static struct neigh_ops steering[FAMILIES];
static const struct neigh_ops *plain[FAMILIES];	/* NULL: not seen yet */

static bool has_qdisc(const struct net_device *dev)
{
	return rcu_dereference_check(netdev_get_tx_queue(dev, 0)->qdisc,
				     rcu_read_lock_bh_held())->enqueue;
}

/* Does nobody wait for packets on the shadow device's own way? */
static bool way_is_free(struct net_device *dev)
{
	return dev->flags & IFF_UP && !dev_nit_active(dev) &&
	       !sp_compat_egress(dev) && !has_qdisc(dev);
}

static int header_write(struct neighbour *n, struct sk_buff *skb)
{
	unsigned int seq;
	int err;

	do {
		__skb_pull(skb, skb_network_offset(skb));
		seq = read_seqbegin(&n->ha_lock);
		err = eth_header(skb, n->dev, ntohs(skb->protocol), n->ha,
				 NULL, skb->len);
	} while (read_seqretry(&n->ha_lock, seq));
	return err;
}

static int plain_output(struct neighbour *n, struct sk_buff *skb)
{
	return plain[n->ops == &steering[IPV6]]->connected_output(n, skb);
}

/* The neighbour's address is known. The caller holds RCU. */
static int steer(struct neighbour *n, struct sk_buff *skb)
{
	struct sp_shadow *shadow = netdev_priv(n->dev);
	struct net_device *active;

	active = rcu_dereference_check(shadow->active, rcu_read_lock_bh_held());
	if (unlikely(!active || !way_is_free(n->dev)))
		return plain_output(n, skb);
	if (unlikely(header_write(n, skb) < 0)) {
		kfree_skb(skb);
		return -EINVAL;
	}
	return sp_shadow_send(shadow, skb, active);
}

/* False: it is not of those that write a header each time. */
static bool ops_learn(unsigned int family, const struct neigh_ops *ops)
{
	bool known;

	spin_lock_bh(&lock);
	if (!plain[family] && ops->connected_output != ops->output) {
		steering[family] = *ops;
		steering[family].connected_output = steer;
		plain[family] = ops;
	}
	known = plain[family] == ops;
	spin_unlock_bh(&lock);
	return known;
}

/* ndo_neigh_construct: made by its protocol, and seen by nobody yet. */
int sp_steer_neighbour(struct net_device *dev, struct neighbour *n)
{
	unsigned int family = n->tbl->family == AF_INET6 ? IPV6 : IPV4;

	if (!ops_learn(family, n->ops))
		return 0;
	if (n->output == n->ops->connected_output)
		n->output = steer;
	n->ops = &steering[family];
	return 0;
}
