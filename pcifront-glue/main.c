// SPDX-License-Identifier: GPL-2.0
/*
 * shadowport: the guest's side of live migration with passed-through devices.
 * See PROTOCOL.md for what is said between host and guest, README.md for the
 * folders. The network devices are a module of their own: net/net.c.
 */
#include <linux/module.h>

#include "core/base.h"
#include "dma/mark.h"
#include "host/host.h"
#include "xenfix/fix.h"

#ifdef SP_TEST
static bool test_control;
module_param(test_control, bool, 0444);
MODULE_PARM_DESC(test_control, "take commands from debugfs, where there is no Xen");

static unsigned int fail_at = UINT_MAX;
module_param(fail_at, uint, 0400);
MODULE_PARM_DESC(fail_at, "loading fails at this step");
#else
#define fail_at	UINT_MAX
#endif

static const struct sp_frontend *frontend;	/* NULL: nothing to do */

static const char fixed[] = ""
#ifdef SP_HAVE_FIXED_GSI
	" GSI"
#endif
#ifdef SP_HAVE_FIXED_SWIOTLB
	" SWIOTLB"
#endif
#ifdef SP_HAVE_FIXED_MSIX
	" MSIX"
#endif
	;

static int repairs_start(void)
{
	if (sp_fix_needed() && fixed[0])
		pr_info("repairs that this kernel makes itself:%s\n", fixed);
	sp_fix_swiotlb_start();
	sp_fix_msix();
	sp_fix_scan_start();
	return 0;
}

static int marking_start(void)
{
	sp_marking_init(sp_ports_marked);
	return 0;
}

static int ports_start(void)
{
	sp_commands_start(frontend);
	return 0;
}

/* The devices exist, with what is there as lowers, when this returns. */
static int look_start(void)
{
	sp_marking_watch();
	/* What came between the first look and the notifiers. */
	sp_xenstore_slots();
	sp_nets_look();
	return 0;
}

static int frontend_start(void)
{
	return frontend->start();
}

static void frontend_stop(void)
{
	frontend->stop();
}

static void frontend_cleanup(void)
{
	frontend->cleanup();
}

/* In this order, and backwards: each stop undoes what is above and beside it. */
static const struct {
	int (*start)(void);
	void (*stop)(void);
} steps[] = {
	{ sp_wq_start,		sp_wq_stop },
	{ repairs_start,	NULL },
	{ marking_start,	NULL },
	{ ports_start,		sp_ports_destroy },
	{ NULL,			sp_marking_exit },
	{ NULL,			sp_fix_msix_stop },
	{ NULL,			sp_fix_scan_stop },
	{ sp_buses_start,	sp_buses_stop },
	{ sp_nets_watch,	sp_nets_unwatch },
	{ look_start,		NULL },
	/* Nobody rings, and no command is run, when that is cleaned up. */
	{ NULL,			frontend_cleanup },
	{ NULL,			sp_commands_stop },
	{ frontend_start,	frontend_stop },
	{ sp_commands_ready,	NULL },
};

static void stop_from(int i)
{
	while (i-- > 0)
		if (steps[i].stop)
			steps[i].stop();
}

static int __init shadowport_init(void)
{
	unsigned int i;
	int err;

	if (sp_xenstore_present())
		frontend = &sp_xenstore;
#ifdef SP_TEST
	else if (test_control)
		frontend = &sp_debugfs;
#endif
	if (!frontend) {
		pr_info("not a guest of Xen: nothing to do\n");
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		err = 0;
		if (i == fail_at)
			err = -ECANCELED;
		else if (steps[i].start)
			err = steps[i].start();
		if (err) {
			stop_from(i);
			return err;
		}
	}
	return 0;
}

static void __exit shadowport_exit(void)
{
	if (frontend)
		stop_from(ARRAY_SIZE(steps));
}

module_init(shadowport_init);
module_exit(shadowport_exit);

MODULE_DESCRIPTION("Live migration of Xen guests with passed-through devices");
MODULE_AUTHOR("Shadowport");
MODULE_LICENSE("GPL");
