// SPDX-License-Identifier: GPL-2.0
/* quiesce: traffic goes elsewhere, and the drivers let go of their devices. */
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "commands.h"
#include "xenfix/fix.h"

static unsigned int unbind_limit_ms = 50000;
module_param(unbind_limit_ms, uint, 0644);
MODULE_PARM_DESC(unbind_limit_ms, "longest wait for a driver to let go");

/* Also those whose card is not there yet: it may come in this moment. */
static void nets_leave(void)
{
	struct sp_port *port;

	if (!sp_net)
		return;
	sp_for_each_port(port)
		if (port->shadow)
			sp_net->quiesce(port->shadow, true);
	sp_net->drain();
}

struct unbind_wait {
	ktime_t end;		/* of all of them */
	ktime_t rtnl_free;	/* when it was seen last */
};

/* Held without a break for this long: by the driver that hangs. */
#define RTNL_STUCK_MS	1000

static int port_unbind(struct sp_port *port)
{
	struct pci_dev *pdev = sp_port_pci_dev(port);
	int err = sp_binding_unbind(port->binding, pdev);

	pci_dev_put(pdev);
	return err;
}

/* One of an earlier quiesce may still be on its way: its turn comes after that. */
static bool port_unbound(struct sp_port *port)
{
	if (!sp_binding_done(port->binding))
		return false;
	if (port->unbind_asked)
		return true;
	port->unbind_asked = !port_unbind(port);
	return port->unbind_asked && sp_binding_done(port->binding);
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
static bool port_give_up(struct sp_port *port)
{
	enum sp_on_stuck on_stuck;

	spin_lock_bh(&sp_ports_lock);
	on_stuck = port->desc.on_stuck;
	spin_unlock_bh(&sp_ports_lock);
	if (on_stuck != SP_ON_STUCK_FORCE || !sp_giveup_possible() ||
	    sp_command_wait(rtnl_free, NULL, RTNL_STUCK_MS))
		return false;
	if (sp_binding_give_up(port->binding))
		return false;
	if (port->shadow)
		sp_net->give_up(port->shadow);
	sp_command_settle();
	return true;
}

/* @err: how the wait for all ports ended. */
static const char *port_verdict(struct sp_port *port,
				const struct unbind_wait *wait, int err)
{
	if (port_unbound(port)) {
		sp_publish_took(SP_PHASE_UNBIND, sp_binding_us(port->binding));
		return NULL;
	}
	pr_err("port %s: the driver does not let go: %pe\n", port->id,
	       ERR_PTR(err));
	if (ktime_ms_delta(ktime_get(), wait->rtnl_free) >= RTNL_STUCK_MS)
		return "guest-stuck-rtnl";
	if (err == -ETIMEDOUT && port_give_up(port))
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
	wait.end = sp_in_ms(READ_ONCE(unbind_limit_ms));
	err = sp_command_wait_until(ports_unbound, &wait, wait.end);
	sp_for_each_port(port)
		reason = reason ?: port_verdict(port, &wait, err);
	return reason;
}

/* Somebody may have taken it to user space, or mounted its disk, since prepare. */
static const char *ports_busy(void)
{
	const char *busy = NULL;
	struct sp_port *port;

	sp_for_each_port(port)
		busy = busy ?: sp_port_busy(port);
	return busy;
}

const char *sp_cmd_quiesce(void)
{
	const char *reason;

	if (!sp_migration_begin())
		return "guest-unloading";
	reason = ports_busy();
	if (reason)
		return reason;
	nets_leave();
	reason = ports_unbind();
	if (reason)
		return reason;
	/* Only now: a driver that stays goes on writing. */
	sp_marking_stop();
	sp_fix_gsi();
	return NULL;
}
