// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>

#include "core/base.h"

struct workqueue_struct *sp_wq;

/* Freezable: nothing half done in a saved guest. */
int sp_wq_start(void)
{
	sp_wq = alloc_workqueue("shadowport", WQ_UNBOUND | WQ_FREEZABLE, 0);
	return sp_wq ? 0 : -ENOMEM;
}

void sp_wq_stop(void)
{
	destroy_workqueue(sp_wq);
}
