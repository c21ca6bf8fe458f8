/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_INSIDE_H
#define SHADOWPORT_INSIDE_H

#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

/*
 * Operations of the kernel that were wrapped are its own again: wait until nobody
 * is in ours any more, who count themselves in and out.
 */
static inline void sp_fix_wait_outside(const atomic_t *inside)
{
	/* Preemption is on there: who has read a pointer has come in by then. */
	synchronize_rcu_tasks();
	while (atomic_read(inside))
		schedule_timeout_uninterruptible(1);
	/* … and who was counted out has returned. */
	synchronize_rcu_tasks();
}

#endif
