// SPDX-License-Identifier: GPL-2.0
/* Hot path: what a lower receives was received by the shadow device. */
#include <linux/if_ether.h>
#include <linux/rtnetlink.h>

#include "net_priv.h"

/*
 * Both lowers may hang on the same segment: unicast is welcome from either,
 * since the switch may not have learned yet, but a flooded frame would arrive
 * twice. While nothing transmits (away) all are taken. And a NIC with virtual
 * functions may flood a frame back to the one that sent it: IPv6 would find
 * its own addresses in use.
 */
static bool rx_unwanted(struct sp_shadow *shadow, const struct sk_buff *skb)
{
	const struct net_device *active = rcu_access_pointer(shadow->active);

	if (active && active != skb->dev) {
		sp_count(shadow, SP_RX_DUPLICATE);
		return true;
	}
	if (ether_addr_equal(eth_hdr(skb)->h_source, shadow->dev->dev_addr)) {
		sp_count(shadow, SP_RX_REFLECTED);
		return true;
	}
	return false;
}

static bool rx_flooded(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_BROADCAST ||
	       skb->pkt_type == PACKET_MULTICAST;
}

/* A lower that kept its own MAC took that for ours, and ours for a stranger's. */
static void rx_sort(const struct sp_shadow *shadow, struct sk_buff *skb)
{
	if (skb->pkt_type != PACKET_HOST && skb->pkt_type != PACKET_OTHERHOST)
		return;
	skb->pkt_type = ether_addr_equal(eth_hdr(skb)->h_dest,
					 shadow->dev->dev_addr) ?
			PACKET_HOST : PACKET_OTHERHOST;
}

rx_handler_result_t sp_rx_handler(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct sp_shadow *shadow;

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb))
		return RX_HANDLER_CONSUMED;
	*pskb = skb;

	if (unlikely(skb->pkt_type == PACKET_LOOPBACK))
		return RX_HANDLER_PASS;

	shadow = rcu_dereference(skb->dev->rx_handler_data);
	if (unlikely(rx_flooded(skb)) && rx_unwanted(shadow, skb)) {
		kfree_skb(skb);
		return RX_HANDLER_CONSUMED;
	}

	if (unlikely(READ_ONCE(shadow->sorts)))
		rx_sort(shadow, skb);
	skb->dev = shadow->dev;
	return RX_HANDLER_ANOTHER;
}
