// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the host's commands, one at a time, in a thread of its own. What each
 * does is in cmd_….c, what to answer is core/order.c's business; where commands
 * come from and answers go is a front end's (xenstore.c, debugfs.c).
 *
 * Every wait here has a limit and ends early when a newer command is there,
 * so that a cancel is heard at any point.
 */
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/module.h>

#include "commands.h"
#include "core/order.h"

#define POLL_JIFFIES	msecs_to_jiffies(100)
#define SETTLE_LIMIT_MS	2000

static const struct sp_frontend *frontend;
static struct sp_machine machine;		/* command worker */
static struct sp_order running;			/* command worker */
static bool migrating;				/* command worker */
static atomic_t kicked;
static bool stopping;
static DECLARE_WAIT_QUEUE_HEAD(waiting);

/* ------------------------------------------------ waiting */

/* A kick is only a hint: what counts is whether the command changed. */
static bool superseded(void)
{
	struct sp_order now;
	char text[128];

	if (READ_ONCE(stopping))
		return true;
	if (!atomic_xchg(&kicked, 0))
		return false;
	if (frontend->read_command(text, sizeof(text)) ||
	    sp_order_parse(text, &now))
		return false;
	if (sp_order_same(&now, &running))
		return false;
	atomic_set(&kicked, 1);		/* for the worker's next round */
	return true;
}

/*
 * 0, -ETIMEDOUT or -ECANCELED. Polls too: not everything wakes us. The guest can
 * be suspended meanwhile, and goes on waiting when it is back.
 */
int sp_command_wait_until(bool (*cond)(void *arg), void *arg, ktime_t end)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err;

	add_wait_queue(&waiting, &wait);
	for (;;) {
		err = 0;
		if (cond(arg))
			break;
		err = -ECANCELED;
		if (superseded())
			break;
		err = -ETIMEDOUT;
		if (ktime_after(ktime_get(), end))
			break;
		wait_woken(&wait, TASK_IDLE | TASK_FREEZABLE, POLL_JIFFIES);
		try_to_freeze();
	}
	remove_wait_queue(&waiting, &wait);
	return err;
}

int sp_command_wait(bool (*cond)(void *arg), void *arg,
		    unsigned int limit_ms)
{
	return sp_command_wait_until(cond, arg, sp_in_ms(limit_ms));
}

static bool settled(void *unused)
{
	return sp_net->settled();
}

/* What is there shall join; not for long, since somebody may sit on the RTNL. */
void sp_command_settle(void)
{
	if (!sp_net)
		return;
	sp_nets_look_soon();
	sp_command_wait(settled, NULL, SETTLE_LIMIT_MS);
}

/* ------------------------------------------------ from prepare to the end */

/*
 * While a migration is under way the module stays: without it, drivers would be
 * bound again to devices that the host is about to take, and what they write
 * would not be marked.
 */
bool sp_migration_begin(void)
{
	if (migrating)
		return true;
	if (!try_module_get(THIS_MODULE))
		return false;
	migrating = true;
	sp_nets_expect(true);
	return true;
}

void sp_migration_end(void)
{
	if (!migrating)
		return;
	migrating = false;
	sp_nets_expect(false);
	module_put(THIS_MODULE);
}

/* ------------------------------------------------ the worker */

static const struct {
	const char *(*run)(void);
	int phase;
} actions[] = {
	[SP_CMD_PREPARE] = { sp_cmd_prepare, SP_PHASE_PREPARE },
	[SP_CMD_QUIESCE] = { sp_cmd_quiesce, SP_PHASE_QUIESCE },
	[SP_CMD_RESUME]  = { sp_cmd_resume, -1 },
	[SP_CMD_ATTACH]  = { sp_cmd_attach, -1 },
	[SP_CMD_CANCEL]  = { sp_cmd_cancel, -1 },
	[SP_CMD_SWITCH]  = { sp_cmd_switch, -1 },
};

static void command_run(const struct sp_order *order)
{
	const char *reason = NULL;
	ktime_t start = ktime_get();

	pr_info("%s, migration %s, %llu\n", order->word, order->uuid,
		order->seq);
	running = *order;
	if (order->command != SP_CMD_UNKNOWN) {
		reason = actions[order->command].run();
		if (actions[order->command].phase >= 0)
			sp_publish_took(actions[order->command].phase,
					ktime_us_delta(ktime_get(), start));
	}
	sp_machine_done(&machine, order, reason);
	pr_info("%s\n", machine.answer + SP_UUID_LEN + 1);
}

/* Nothing to do, an unreadable command: no new answer. */
static void command_read(void)
{
	struct sp_order order;
	char text[128];

	if (frontend->read_command(text, sizeof(text)))
		return;
	if (sp_order_parse(text, &order)) {
		pr_warn_ratelimited("unreadable command from the host\n");
		return;
	}
	if (sp_machine_next(&machine, &order) == SP_RUN)
		command_run(&order);
}

static void command_round(void)
{
	frontend->read_devices();
	command_read();
	/* Always: a repeated command is answered again, a new tree is empty. */
	sp_publish_all(machine.answer);
}

/*
 * A thread, and no work item: a guest that is to be suspended waits for items
 * to end, and some commands take minutes. This one is frozen where it waits.
 */
static int command_thread(void *unused)
{
	set_freezable();
	while (!kthread_should_stop()) {
		wait_event_freezable(waiting, atomic_read(&kicked) ||
				     kthread_should_stop());
		if (!READ_ONCE(stopping) && atomic_xchg(&kicked, 0))
			command_round();
	}
	return 0;
}

static struct task_struct *worker;

/* Any context. */
static void heard(enum sp_event what)
{
	switch (what) {
	case SP_EVENT_COMMAND:
		atomic_set(&kicked, 1);
		break;
	case SP_EVENT_DEVICES:
		sp_publish_soon();
		return;
	case SP_EVENT_PROGRESS:
		break;
	}
	wake_up_all(&waiting);
}

/* ------------------------------------------------ life */

void sp_commands_start(const struct sp_frontend *fe)
{
	sp_machine_init(&machine);
	frontend = fe;
	sp_publish_start(fe);
	sp_event_sink(heard);
	frontend->read_devices();
}

/* The first answer: "ready". The host's command is read right after. */
int sp_commands_ready(void)
{
	sp_publish_all(machine.answer);
	worker = kthread_run(command_thread, NULL, KBUILD_MODNAME);
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	heard(SP_EVENT_COMMAND);
	return 0;
}

/* No command is run and nothing published after this, whoever kicks. */
void sp_commands_stop(void)
{
	WRITE_ONCE(stopping, true);
	wake_up_all(&waiting);
	if (!IS_ERR_OR_NULL(worker))
		kthread_stop(worker);
	sp_publish_stop();
}
