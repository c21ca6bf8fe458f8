// SPDX-License-Identifier: GPL-2.0
/*
 * shadowport_net: the network device that never goes away. It knows no PCI
 * driver, no hypervisor and no command: net.h is all that is said.
 */
#include <linux/module.h>

#include "net_priv.h"

struct workqueue_struct *sp_net_wq;
const struct sp_net_owner *sp_net_owner;
bool sp_net_expected;
LIST_HEAD(sp_shadows);

static int net_start(const struct sp_net_owner *owner)
{
	sp_net_owner = owner;
	sp_net_expected = false;
	return sp_lower_start();
}

static void net_forget_error(struct sp_shadow *shadow)
{
	WRITE_ONCE(shadow->join_error, 0);
}

static void net_expect(bool expected)
{
	WRITE_ONCE(sp_net_expected, expected);
}

const struct sp_net_ops sp_net_ops = {
	.interface	= SP_NET_INTERFACE,
	.start		= net_start,
	.stop		= sp_lower_stop,
	.create		= sp_shadow_create,
	.destroy	= sp_shadow_destroy,
	.look		= sp_lower_settle,
	.look_soon	= sp_lower_rescan,
	.settled	= sp_lower_settled,
	.status		= sp_shadow_status,
	.forget_error	= net_forget_error,
	.refused	= sp_refused_text,
	.busy		= sp_lower_busy,
	.quiesce	= sp_shadow_quiesce,
	.drain		= sp_drain,
	.want_standby	= sp_shadow_want,
	.give_up	= sp_lower_give_up,
	.announce	= sp_announce_start,
	.expect		= net_expect,
};
EXPORT_SYMBOL_GPL(sp_net_ops);

static int __init net_init(void)
{
	int err;

	sp_net_wq = alloc_workqueue(KBUILD_MODNAME,
				    WQ_UNBOUND | WQ_FREEZABLE, 0);
	if (!sp_net_wq)
		return -ENOMEM;
	err = sp_kind_start();
	if (err) {
		destroy_workqueue(sp_net_wq);
		return err;
	}
	sp_retain_setup();
	return 0;
}

static void __exit net_exit(void)
{
	sp_kind_stop();
	destroy_workqueue(sp_net_wq);
}

module_init(net_init);
module_exit(net_exit);

MODULE_ALIAS("shadowport:net");
MODULE_DESCRIPTION("A network device whose NIC comes and goes");
MODULE_AUTHOR("Shadowport");
MODULE_LICENSE("GPL");
