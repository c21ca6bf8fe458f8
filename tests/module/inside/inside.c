// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody is in a function that a module has put in place of the kernel's, while
 * the module takes it away: xenfix/inside.h says when nobody is. He never sleeps
 * between reading the pointer and counting himself in, nor between counting
 * himself out and returning; he may be preempted there, or take long as here.
 *
 * Reading "early" tries it once: 1 if he was still there when that was denied.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>

#include "xenfix/inside.h"

static unsigned int busy_ms = 500;
module_param(busy_ms, uint, 0644);

static atomic_t inside;
static bool returned;

static void busy(void)
{
	unsigned long end = jiffies + msecs_to_jiffies(busy_ms);

	while (time_before(jiffies, end))
		cpu_relax();
}

static int visitor(void *unused)
{
	busy();
	atomic_inc(&inside);
	msleep(busy_ms);
	atomic_dec(&inside);
	busy();
	WRITE_ONCE(returned, true);
	while (!kthread_should_stop())
		schedule_timeout_uninterruptible(1);
	return 0;
}

static int early_get(char *buf, const struct kernel_param *kp)
{
	struct task_struct *thread;
	bool early;

	WRITE_ONCE(returned, false);
	thread = kthread_run(visitor, NULL, "visitor");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	/* He is on his way in. */
	msleep(busy_ms / 5);
	sp_fix_wait_outside(&inside);
	early = !READ_ONCE(returned);
	kthread_stop(thread);
	return sysfs_emit(buf, "%d\n", early);
}

static const struct kernel_param_ops early_ops = { .get = early_get };
module_param_cb(early, &early_ops, NULL, 0444);

MODULE_DESCRIPTION("Somebody who is in a function of a module's that goes");
MODULE_LICENSE("GPL");
