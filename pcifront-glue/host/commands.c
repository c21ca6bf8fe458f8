// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the host's commands, one at a time, in a thread of its own. What to
 * answer is order.c's business; where commands come from and answers go
 * is a front end's (xenstore.c, debugfs.c).
 *
 * Every wait here has a limit and ends early when a newer command is there,
 * so that a cancel is heard at any point.
 */
#include <linux/delay.h>
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "shadowport.h"

static unsigned int unbind_limit_ms = 50000;
module_param(unbind_limit_ms, uint, 0644);
MODULE_PARM_DESC(unbind_limit_ms, "longest wait for a driver to let go");

static unsigned int switch_limit_ms = 5000;
module_param(switch_limit_ms, uint, 0644);
MODULE_PARM_DESC(switch_limit_ms, "longest wait for what shall carry traffic");

static unsigned int attach_limit_ms = 100000;
module_param(attach_limit_ms, uint, 0644);
MODULE_PARM_DESC(attach_limit_ms, "longest wait for a new device to work");

#define POLL_JIFFIES	msecs_to_jiffies(100)
#define SETTLE_LIMIT_MS	2000

static const char * const phase_names[SP_PHASES] = {
	[SP_PHASE_PREPARE] = "prepare",
	[SP_PHASE_UNBIND]  = "unbind",
	[SP_PHASE_QUIESCE] = "quiesce",
	[SP_PHASE_REPAIR]  = "repair",
	[SP_PHASE_JOIN]    = "join",
	[SP_PHASE_RECOVER] = "recover",
};

static const struct sp_frontend *frontend;
static struct sp_machine machine;		/* command worker */
static struct sp_order running;			/* command worker */
static u64 took_us[SP_PHASES];
static bool took[SP_PHASES];
static atomic_t kicked;
static bool stopping;
static DECLARE_WAIT_QUEUE_HEAD(waiting);
static DEFINE_MUTEX(publish_lock);

void sp_commands_took(enum sp_phase phase, u64 us)
{
	WRITE_ONCE(took_us[phase], us);
	WRITE_ONCE(took[phase], true);
}

/* ------------------------------------------------ publishing */

static void lost_publish(struct sp_port *port)
{
	char *text = kmalloc(SP_LOST_TEXT, GFP_KERNEL);

	if (!text)
		return;
	sp_lost_text(port->shadow, text, ' ');
	frontend->publish_device(port->id, "lost", strim(text));
	kfree(text);
}

/* User space may drive a plain device, or nobody may. */
static bool port_needs_driver(struct sp_port *port)
{
	return port->desc.handover != SP_HANDOVER_PLAIN || port->driver->bound;
}

#define BUSY_RETRY	msecs_to_jiffies(100)

static void publish_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(publish, publish_work);

static void port_publish(struct sp_port *port)
{
	struct pci_dev *pdev = sp_port_pci_dev(port);
	const char *state = "away";
	char driver[SP_DRIVER_LEN] = "";
	bool there = pdev;

	/* Said now, and once more when it can be known. */
	if (pdev && sp_driver_name(&pdev->dev, driver, sizeof(driver)) ==
		    -EAGAIN)
		queue_delayed_work(sp_wq, &publish, BUSY_RETRY);
	pci_dev_put(pdev);
	if (port->shadow)
		state = sp_shadow_state(port->shadow);
	else if (driver[0] || (there && !port_needs_driver(port)))
		state = "direct";

	frontend->publish_device(port->id, "driver", driver);
	frontend->publish_device(port->id, "abandoned",
				 sp_driver_port_abandoned(port) ? "1" : "0");
	if (port->shadow) {
		frontend->publish_device(port->id, "netdev",
					 netdev_name(port->shadow->dev));
		lost_publish(port);
	}
	/* Last: whoever sees it sees the rest. */
	frontend->publish_device(port->id, "state", state);
}

static void ports_publish(void)
{
	struct sp_port *port;
	unsigned int i;

	mutex_lock(&publish_lock);
	sp_for_each_port(port)
		port_publish(port);
	for (i = 0; i < SP_PHASES; i++)
		if (READ_ONCE(took[i]))
			frontend->publish_timing(phase_names[i],
						 READ_ONCE(took_us[i]));
	mutex_unlock(&publish_lock);
}

static void publish_work(struct work_struct *work)
{
	if (!READ_ONCE(stopping))
		ports_publish();
}

void sp_commands_publish(void)
{
	mod_delayed_work(sp_wq, &publish, 0);
}

static void feature_publish(void)
{
	char words[64];

	snprintf(words, sizeof(words), "1%s%s%s%s",
		 sp_fixups_only ? "" : " shadow hold standby",
		 sp_marking_works() ? " marking" : "",
		 sp_abandon_possible() ? " force" : "",
		 sp_repair_possible() ? " fixups" : "");
	frontend->publish_marking(sp_marking_word());
	/* Last: whoever sees it sees the rest. */
	frontend->publish_feature(words);
}

static void answer_publish(void)
{
	ports_publish();
	feature_publish();
	/* Last: whoever sees it sees the rest. */
	frontend->publish_state(machine.answer);
}

/* ------------------------------------------------ waiting */

void sp_commands_wake(void)
{
	wake_up_all(&waiting);
}

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
static int command_wait_until(bool (*cond)(void *arg), void *arg, ktime_t end)
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

static ktime_t in_ms(unsigned int ms)
{
	return ktime_add_ms(ktime_get(), ms);
}

static int command_wait(bool (*cond)(void *arg), void *arg,
			unsigned int limit_ms)
{
	return command_wait_until(cond, arg, in_ms(limit_ms));
}

static bool settled(void *unused)
{
	return sp_lower_settled();
}

/* What is there shall join; not for long, since somebody may sit on the RTNL. */
static void settle(void)
{
	sp_lower_rescan();
	command_wait(settled, NULL, SETTLE_LIMIT_MS);
}

/* ------------------------------------------------ from prepare to the end */

/*
 * While a migration is under way the module stays: without it, drivers would be
 * bound again to devices that the host is about to take, and what they write
 * would not be marked.
 */
static bool migration_begin(void)
{
	if (READ_ONCE(sp_migrating))
		return true;
	if (!try_module_get(THIS_MODULE))
		return false;
	WRITE_ONCE(sp_migrating, true);
	return true;
}

static void migration_end(void)
{
	if (!READ_ONCE(sp_migrating))
		return;
	WRITE_ONCE(sp_migrating, false);
	module_put(THIS_MODULE);
}

/* ------------------------------------------------ prepare */

/* Whoever works with the device of now will work with the one to come. */
static bool port_has_driver(struct sp_port *port)
{
	struct pci_dev *pdev = sp_port_pci_dev(port);
	bool bound = pdev && sp_driver_bound(&pdev->dev);

	pci_dev_put(pdev);
	return bound;
}

static const char *port_prepare(struct sp_port *port)
{
	char modalias[SP_MODALIAS_LEN];

	if (sp_port_busy(port))
		return "guest-busy-users";

	spin_lock_bh(&sp_ports_lock);
	memcpy(modalias, port->desc.modalias, sizeof(modalias));
	spin_unlock_bh(&sp_ports_lock);
	if (modalias[0] && !sp_driver_load(modalias) &&
	    (port->desc.handover != SP_HANDOVER_PLAIN ||
	     port_has_driver(port))) {
		pr_warn("port %s: no driver for %s\n", port->id, modalias);
		return "guest-no-driver";
	}
	return NULL;
}

static const char *ports_prepare(void)
{
	const char *reason;
	struct sp_port *port;

	/* What the host was told may have changed. */
	if (!sp_repair_possible())
		return "repair-failed";
	sp_for_each_port(port) {
		reason = port_prepare(port);
		if (reason)
			return reason;
	}
	return sp_marking_start() ? "marking-failed" : NULL;
}

static const char *cmd_prepare(void)
{
	const char *reason;

	if (!migration_begin())
		return "guest-unloading";
	reason = ports_prepare();
	if (reason)
		migration_end();
	return reason;
}

/* ------------------------------------------------ quiesce */

/* Of all ports together; without RTNL: whoever has it may not let go. */
struct drain {
	ktime_t end;
	bool tells;		/* all tell how far they are */
	bool done;
};

/* Its card, with a reference, or NULL. It may leave at any time. */
static struct net_device *port_card(struct sp_port *port)
{
	struct net_device *dev;

	if (!port->shadow)
		return NULL;
	mutex_lock(&port->shadow->switching);
	dev = port->shadow->lower[SP_DIRECT].dev;
	dev_hold(dev);
	mutex_unlock(&port->shadow->switching);
	return dev;
}

static void drain_look(struct drain *drain)
{
	struct net_device *dev;
	struct sp_port *port;

	drain->tells = true;
	drain->done = true;
	sp_for_each_port(port) {
		dev = port_card(port);
		if (!dev)
			continue;
		drain->tells &= sp_lower_tells_progress(dev);
		drain->done &= sp_lower_drained(dev);
		dev_put(dev);
	}
}

/* Also those whose card is not there yet: it may come in this moment. */
static void switch_away(void)
{
	struct drain drain;
	struct sp_port *port;

	sp_for_each_port(port)
		if (port->shadow)
			sp_shadow_quiesce(port->shadow, true);
	synchronize_net();

	drain.end = in_ms(sp_lower_drain_ms());
	drain_look(&drain);
	if (!drain.tells)
		msleep(sp_lower_drain_grace_ms());
	while (!drain.done && ktime_before(ktime_get(), drain.end)) {
		usleep_range(500, 1000);
		drain_look(&drain);
	}
}

struct unbind_wait {
	ktime_t end;		/* of all of them */
	ktime_t rtnl_free;	/* when it was seen last */
};

/* Held without a break for this long: by the driver that hangs. */
#define RTNL_STUCK_MS	1000

/* One of an earlier quiesce may still be on its way: its turn comes after that. */
static bool port_unbound(struct sp_port *port)
{
	if (!sp_driver_unbind_done(port))
		return false;
	if (port->unbind_asked)
		return true;
	port->unbind_asked = !sp_driver_unbind_start(port);
	return port->unbind_asked && sp_driver_unbind_done(port);
}

static bool ports_unbound(void *arg)
{
	struct unbind_wait *wait = arg;
	struct sp_port *port;
	bool all = true;

	if (!rtnl_is_locked())
		wait->rtnl_free = ktime_get();
	/* Each is asked, so that they let go at the same time. */
	sp_for_each_port(port)
		all &= port_unbound(port);
	return all;
}

static bool rtnl_free(void *unused)
{
	return !rtnl_is_locked();
}

/* Only one that does not keep everybody else from the network, too. */
static bool port_abandon(struct sp_port *port)
{
	enum sp_on_stuck on_stuck;

	spin_lock_bh(&sp_ports_lock);
	on_stuck = port->desc.on_stuck;
	spin_unlock_bh(&sp_ports_lock);
	if (on_stuck != SP_ON_STUCK_FORCE || !sp_abandon_possible() ||
	    command_wait(rtnl_free, NULL, RTNL_STUCK_MS))
		return false;
	if (sp_driver_abandon(port))
		return false;
	settle();
	return true;
}

/* @err: how the wait for all ports ended. */
static const char *port_verdict(struct sp_port *port,
				const struct unbind_wait *wait, int err)
{
	if (port_unbound(port)) {
		sp_commands_took(SP_PHASE_UNBIND, port->driver->unbind_us);
		return NULL;
	}
	pr_err("port %s: the driver does not let go: %pe\n", port->id,
	       ERR_PTR(err));
	if (ktime_ms_delta(ktime_get(), wait->rtnl_free) >= RTNL_STUCK_MS)
		return "guest-stuck-rtnl";
	if (err == -ETIMEDOUT && port_abandon(port))
		return NULL;
	return "guest-stuck";
}

static const char *ports_unbind(void)
{
	struct unbind_wait wait = { .rtnl_free = ktime_get() };
	const char *reason = NULL;
	struct sp_port *port;
	int err;

	sp_for_each_port(port)
		port->unbind_asked = false;
	wait.end = in_ms(READ_ONCE(unbind_limit_ms));
	err = command_wait_until(ports_unbound, &wait, wait.end);
	sp_for_each_port(port)
		reason = reason ?: port_verdict(port, &wait, err);
	return reason;
}

/* Somebody may have taken it to user space since prepare. */
static const char *ports_busy(void)
{
	struct sp_port *port;

	sp_for_each_port(port)
		if (sp_port_busy(port))
			return "guest-busy-users";
	return NULL;
}

static const char *cmd_quiesce(void)
{
	const char *reason;

	if (!migration_begin())
		return "guest-unloading";
	reason = ports_busy();
	if (reason)
		return reason;
	switch_away();
	reason = ports_unbind();
	if (reason)
		return reason;
	/* Only now: a driver that stays goes on writing. */
	sp_marking_stop();
	sp_repair_irqs();
	return NULL;
}

/* ------------------------------------------------ resume, attach, cancel */

/*
 * Before any driver is probed: buses.c asks for the same repair, and waits
 * for it, if the host has brought the device already.
 */
static int repair(void)
{
	ktime_t start = ktime_get();
	int err = sp_repair_swiotlb(NULL);

	if (!err)
		sp_commands_took(SP_PHASE_REPAIR,
				 ktime_us_delta(ktime_get(), start));
	return err;
}

static const char *cmd_resume(void)
{
	struct sp_port *port;
	int err;

	sp_marking_stop();
	sp_for_each_port(port)
		if (port->shadow)
			sp_announce_start(port->shadow);
	err = repair();
	migration_end();
	/*
	 * No device can be had before the guest is rebooted: its frontend would
	 * first clear away what is left of the old one, and wait for ever.
	 */
	sp_for_each_port(port)
		if (sp_driver_port_abandoned(port))
			return "guest-stuck";
	return err ? "repair-failed" : NULL;
}

static void port_use_again(struct sp_port *port)
{
	sp_driver_rebind(port);
	if (port->shadow && !sp_driver_port_abandoned(port))
		sp_shadow_quiesce(port->shadow, false);
}

static bool port_back(struct sp_port *port)
{
	struct pci_dev *pdev;
	struct sp_slot slot;
	bool bound;

	if (sp_driver_port_abandoned(port))
		return false;
	if (!sp_port_slot(port, &slot))
		return true;		/* none was given */
	if (port->shadow && netif_running(port->shadow->dev) &&
	    !port->shadow->want_standby)
		return !strcmp(sp_shadow_state(port->shadow), "direct");
	if (port->shadow)
		return READ_ONCE(port->shadow->lower[SP_DIRECT].dev);

	pdev = sp_port_pci_dev(port);
	bound = pdev && (!port_needs_driver(port) ||
			 sp_driver_bound(&pdev->dev));
	pci_dev_put(pdev);
	return bound;
}

/* There is nothing to wait for: it is back, or known not to come. */
static bool port_decided(struct sp_port *port)
{
	return sp_driver_port_abandoned(port) ||
	       (port->shadow && READ_ONCE(port->shadow->join_error)) ||
	       port_back(port);
}

static bool ports_decided(void *arg)
{
	struct sp_port *port;

	sp_for_each_port(port)
		if (!port_decided(port))
			return false;
	return true;
}

/* Why the port has no working device. */
static const char *port_trouble(struct sp_port *port)
{
	struct pci_dev *pdev = sp_port_pci_dev(port);
	const char *reason;

	if (sp_driver_port_abandoned(port))
		reason = "guest-stuck";
	else if (port->shadow && port->shadow->join_error)
		reason = port->shadow->join_error;
	else if (!pdev)
		reason = "attach-failed";
	else if (!READ_ONCE(pdev->dev.driver))
		reason = "guest-no-driver";
	else if (port->shadow && port->shadow->lower[SP_DIRECT].dev)
		reason = "pf-down";
	else
		reason = "attach-failed";
	pci_dev_put(pdev);
	pr_err("port %s: %s\n", port->id, reason);
	return reason;
}

static const char *ports_attach(void)
{
	ktime_t start = ktime_get();
	struct sp_port *port;

	sp_marking_stop();
	if (sp_repair_swiotlb(NULL))
		return "repair-failed";
	sp_for_each_port(port) {
		if (port->shadow)
			port->shadow->join_error = NULL;
		port_use_again(port);
	}
	settle();
	command_wait(ports_decided, NULL, READ_ONCE(attach_limit_ms));
	sp_commands_took(SP_PHASE_RECOVER, ktime_us_delta(ktime_get(), start));

	sp_for_each_port(port)
		if (!port_back(port))
			return port_trouble(port);
	return NULL;
}

static const char *cmd_attach(void)
{
	const char *reason = ports_attach();

	migration_end();
	return reason;
}

static const char *cmd_cancel(void)
{
	struct sp_port *port;

	sp_marking_stop();
	sp_for_each_port(port) {
		port_use_again(port);
	}
	settle();
	migration_end();
	return NULL;
}

/* ------------------------------------------------ switch */

static enum sp_want port_want(struct sp_port *port)
{
	enum sp_want want;

	spin_lock_bh(&sp_ports_lock);
	want = port->desc.want;
	spin_unlock_bh(&sp_ports_lock);
	return want;
}

/* Does as the host wants; one that is down will when it comes up. */
static bool port_switched(struct sp_port *port)
{
	bool standby = port->shadow->want_standby;

	return !netif_running(port->shadow->dev) ||
	       !strcmp(sp_shadow_state(port->shadow),
		       standby ? "standby" : "direct");
}

static bool ports_switched(void *arg)
{
	struct sp_port *port;

	sp_for_each_port(port)
		if (port->switching && !port_switched(port))
			return false;
	return true;
}

static const char *switch_trouble(struct sp_port *port)
{
	if (port->shadow->want_standby)
		return "no-standby";
	return READ_ONCE(port->shadow->lower[SP_DIRECT].dev) ? "pf-down" :
							       "device-gone";
}

/*
 * Which ports the command is about: those that shall do otherwise now. None:
 * all that the host said something of, to see whether they do.
 */
static unsigned int switch_select(bool all)
{
	enum sp_want want;
	unsigned int n = 0;
	struct sp_port *port;

	sp_for_each_port(port) {
		want = port_want(port);
		port->switching = port->shadow && want != SP_WANT_UNSAID &&
				  (all || port->shadow->want_standby !=
					  (want == SP_WANT_STANDBY));
		n += port->switching;
	}
	return n;
}

static void switch_back(void)
{
	struct sp_port *port;

	sp_for_each_port(port)
		if (port->switching)
			sp_shadow_want(port->shadow, port->wanted_standby);
}

/* All or none. */
static const char *cmd_switch(void)
{
	const char *reason = NULL;
	struct sp_port *port;

	if (!switch_select(false) && !switch_select(true))
		return "bad-request";
	sp_for_each_port(port) {
		if (!port->switching)
			continue;
		port->wanted_standby = port->shadow->want_standby;
		sp_shadow_want(port->shadow,
			       port_want(port) == SP_WANT_STANDBY);
	}
	if (!command_wait(ports_switched, NULL, READ_ONCE(switch_limit_ms)))
		return NULL;
	sp_for_each_port(port)
		if (port->switching && !reason && !port_switched(port))
			reason = switch_trouble(port);
	if (reason)
		switch_back();
	return reason;
}

/* ------------------------------------------------ the worker */

static const struct {
	const char *(*run)(void);
	int phase;
} actions[] = {
	[SP_CMD_PREPARE] = { cmd_prepare, SP_PHASE_PREPARE },
	[SP_CMD_QUIESCE] = { cmd_quiesce, SP_PHASE_QUIESCE },
	[SP_CMD_RESUME]  = { cmd_resume, -1 },
	[SP_CMD_ATTACH]  = { cmd_attach, -1 },
	[SP_CMD_CANCEL]  = { cmd_cancel, -1 },
	[SP_CMD_SWITCH]  = { cmd_switch, -1 },
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
			sp_commands_took(actions[order->command].phase,
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
	answer_publish();
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

void sp_commands_kick(void)
{
	atomic_set(&kicked, 1);
	wake_up_all(&waiting);
}

/* ------------------------------------------------ life */

void sp_commands_start(const struct sp_frontend *fe)
{
	sp_machine_init(&machine);
	frontend = fe;
	frontend->read_devices();
}

/* The first answer: "ready". The host's command is read right after. */
int sp_commands_ready(void)
{
	answer_publish();
	worker = kthread_run(command_thread, NULL, KBUILD_MODNAME);
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	sp_commands_kick();
	return 0;
}

/* No command is run and nothing published after this, whoever kicks. */
void sp_commands_stop(void)
{
	WRITE_ONCE(stopping, true);
	wake_up_all(&waiting);
	if (!IS_ERR_OR_NULL(worker))
		kthread_stop(worker);
	cancel_delayed_work_sync(&publish);
}
