// SPDX-License-Identifier: GPL-2.0
/*
 * shadowport: the guest's side of live migration with passed-through devices.
 * See PROTOCOL.md for what is said between host and guest, shadowport.h for
 * the words and the locks.
 */
#include <linux/module.h>

#include "shadowport.h"

bool sp_fixups_only;
module_param_named(fixups_only, sp_fixups_only, bool, 0444);
MODULE_PARM_DESC(fixups_only, "no shadow devices, only protocol and repairs");

static bool test_control;
module_param(test_control, bool, 0444);
MODULE_PARM_DESC(test_control, "take commands from debugfs, where there is no Xen");

struct workqueue_struct *sp_wq;

static const struct sp_frontend *frontend;	/* NULL: nothing to do */

/* The devices exist, with what is there as lowers, when this returns. */
static int start_ports(void)
{
	int err;

	sp_retain_setup();
	sp_repair_start();
	sp_repair_msix();
	sp_marking_init();
	sp_commands_start(frontend);
	err = sp_lower_start();
	if (err)
		goto err_ports;
	err = sp_pci_events_start();
	if (err)
		goto err_lower;
	sp_marking_watch();
	/* What came between the first look and the notifiers. */
	sp_toolstack_slots();
	sp_lower_settle();
	return 0;

err_lower:
	sp_lower_stop();
err_ports:
	sp_repair_msix_stop();
	sp_ports_destroy();
	return err;
}

static void stop_ports(void)
{
	sp_commands_stop();
	frontend->cleanup();
	sp_pci_events_stop();
	sp_repair_msix_stop();
	sp_lower_stop();
	sp_marking_exit();
	sp_ports_destroy();
}

static int start_all(void)
{
	int err;

	err = start_ports();
	if (err)
		return err;
	err = frontend->start();
	if (err) {
		stop_ports();
		return err;
	}
	sp_commands_ready();
	return 0;
}

static int __init shadowport_init(void)
{
	int err;

	if (sp_toolstack_present())
		frontend = &sp_toolstack;
	else if (test_control)
		frontend = &sp_test_control;
	if (!frontend) {
		pr_info("not a guest of Xen: nothing to do\n");
		return 0;
	}
	/* Freezable: nothing half done in a saved guest. */
	sp_wq = alloc_workqueue("shadowport", WQ_UNBOUND | WQ_FREEZABLE, 0);
	if (!sp_wq)
		return -ENOMEM;
	err = start_all();
	if (err)
		destroy_workqueue(sp_wq);
	return err;
}

static void __exit shadowport_exit(void)
{
	if (!frontend)
		return;
	frontend->stop();
	stop_ports();
	destroy_workqueue(sp_wq);
}

module_init(shadowport_init);
module_exit(shadowport_exit);

MODULE_DESCRIPTION("Live migration of Xen guests with passed-through devices");
MODULE_AUTHOR("Shadowport");
MODULE_LICENSE("GPL");
