// SPDX-License-Identifier: GPL-2.0
/*
 * The kind of link that tools can ask for: "ip link show type shadow". User space
 * makes none and deletes none: there is no setup, and no dellink.
 */
#include <linux/module.h>
#include <net/rtnetlink.h>

#include "net_priv.h"

static bool link_kind;
module_param(link_kind, bool, 0444);
MODULE_PARM_DESC(link_kind, "say that shadow devices are of the kind \"shadow\": not with NetworkManager, which takes only what is of no kind for Ethernet");

static struct rtnl_link_ops kind_ops = {
	.kind = "shadow",
	/* It lives on when its network namespace ends, as a card would. */
	.netns_refund = true,
};

/* Before it is registered. */
void sp_kind_set(struct net_device *dev)
{
	if (link_kind)
		dev->rtnl_link_ops = &kind_ops;
}

int sp_kind_start(void)
{
	return rtnl_link_register(&kind_ops);
}

/* No shadow device is left. */
void sp_kind_stop(void)
{
	rtnl_link_unregister(&kind_ops);
}
