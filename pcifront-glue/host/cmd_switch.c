// SPDX-License-Identifier: GPL-2.0
/* switch: traffic goes by the NIC that the host wants, all or none. */
#include <linux/module.h>

#include "commands.h"

static unsigned int switch_limit_ms = 5000;
module_param(switch_limit_ms, uint, 0644);
MODULE_PARM_DESC(switch_limit_ms, "longest wait for what shall carry traffic");

static enum sp_want port_want(struct sp_port *port)
{
	enum sp_want want;

	spin_lock_bh(&sp_ports_lock);
	want = port->desc.want;
	spin_unlock_bh(&sp_ports_lock);
	return want;
}

static bool wants_standby(struct sp_port *port)
{
	struct sp_net_status status;

	sp_net->status(port->shadow, &status);
	return status.want_standby;
}

/* Does as the host wants; one that is down will when it comes up. */
static bool port_switched(struct sp_port *port)
{
	struct sp_net_status status;

	sp_net->status(port->shadow, &status);
	return !status.running ||
	       status.state == (status.want_standby ? SP_NET_STANDBY :
						      SP_NET_DIRECT);
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
	struct sp_net_status status;

	sp_net->status(port->shadow, &status);
	if (status.want_standby)
		return "no-standby";
	return status.has_direct ? "pf-down" : "device-gone";
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
				  (all || wants_standby(port) !=
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
			sp_net->want_standby(port->shadow,
					     port->wanted_standby);
}

/* All or none. */
const char *sp_cmd_switch(void)
{
	const char *reason = NULL;
	struct sp_port *port;

	if (!switch_select(false) && !switch_select(true))
		return "bad-request";
	sp_for_each_port(port) {
		if (!port->switching)
			continue;
		port->wanted_standby = wants_standby(port);
		sp_net->want_standby(port->shadow,
				     port_want(port) == SP_WANT_STANDBY);
	}
	if (!sp_command_wait(ports_switched, NULL, READ_ONCE(switch_limit_ms)))
		return NULL;
	sp_for_each_port(port)
		if (port->switching && !reason && !port_switched(port))
			reason = switch_trouble(port);
	if (reason)
		switch_back();
	return reason;
}
