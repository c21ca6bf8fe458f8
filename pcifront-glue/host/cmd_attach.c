// SPDX-License-Identifier: GPL-2.0
/* resume, attach, cancel: go on, with other devices or with those of before. */
#include <linux/ktime.h>
#include <linux/module.h>

#include "commands.h"
#include "xenfix/fix.h"

static unsigned int attach_limit_ms = 100000;
module_param(attach_limit_ms, uint, 0644);
MODULE_PARM_DESC(attach_limit_ms, "longest wait for a new device to work");

/*
 * Before any driver is probed: buses.c asks for the same repair, and waits
 * for it, if the host has brought the device already.
 */
static int repair(void)
{
	ktime_t start = ktime_get();
	int err = sp_fix_swiotlb(NULL);

	if (!err)
		sp_publish_took(SP_PHASE_REPAIR,
				ktime_us_delta(ktime_get(), start));
	return err;
}

const char *sp_cmd_resume(void)
{
	struct sp_port *port;
	int err;

	sp_marking_stop();
	sp_for_each_port(port)
		if (port->shadow)
			sp_net->announce(port->shadow);
	err = repair();
	sp_migration_end();
	/*
	 * No device can be had before the guest is rebooted: its frontend would
	 * first clear away what is left of the old one, and wait for ever.
	 */
	sp_for_each_port(port)
		if (sp_port_given_up(port))
			return "guest-stuck";
	return err ? "repair-failed" : NULL;
}

static void port_use_again(struct sp_port *port)
{
	sp_binding_restore(port->binding);
	if (port->shadow && !sp_port_given_up(port))
		sp_net->quiesce(port->shadow, false);
}

static bool net_back(struct sp_port *port)
{
	struct sp_net_status status;

	sp_net->status(port->shadow, &status);
	if (status.running && !status.want_standby)
		return status.state == SP_NET_DIRECT;
	return status.has_direct;
}

static bool port_back(struct sp_port *port)
{
	struct pci_dev *pdev;
	struct sp_slot slot;
	bool bound;

	if (sp_port_given_up(port))
		return false;
	if (!sp_port_slot(port, &slot))
		return true;		/* none was given */
	if (port->shadow)
		return net_back(port);

	pdev = sp_port_pci_dev(port);
	bound = pdev && (!sp_port_needs_driver(port) ||
			 sp_driver_bound(&pdev->dev));
	pci_dev_put(pdev);
	return bound;
}

static int join_error(struct sp_port *port)
{
	struct sp_net_status status = { };

	if (port->shadow)
		sp_net->status(port->shadow, &status);
	return status.join_error;
}

/* There is nothing to wait for: it is back, or known not to come. */
static bool port_decided(struct sp_port *port)
{
	return sp_port_given_up(port) || join_error(port) || port_back(port);
}

static bool ports_decided(void *arg)
{
	struct sp_port *port;

	sp_for_each_port(port)
		if (!port_decided(port))
			return false;
	return true;
}

static const char *net_trouble(struct sp_port *port)
{
	struct sp_net_status status;

	sp_net->status(port->shadow, &status);
	if (status.join_error)
		return status.join_error == -EINVAL ? "feature-missing" :
						      "attach-failed";
	return status.has_direct ? "pf-down" : "attach-failed";
}

/* Why the port has no working device. */
static const char *port_trouble(struct sp_port *port)
{
	struct pci_dev *pdev = sp_port_pci_dev(port);
	const char *reason = "attach-failed";

	if (sp_port_given_up(port))
		reason = "guest-stuck";
	else if (join_error(port))
		reason = net_trouble(port);
	else if (pdev && !READ_ONCE(pdev->dev.driver))
		reason = "guest-no-driver";
	else if (pdev && port->shadow)
		reason = net_trouble(port);
	pci_dev_put(pdev);
	pr_err("port %s: %s\n", port->id, reason);
	return reason;
}

static const char *ports_attach(void)
{
	ktime_t start = ktime_get();
	struct sp_port *port;

	sp_marking_stop();
	if (sp_fix_swiotlb(NULL))
		return "repair-failed";
	sp_for_each_port(port) {
		if (port->shadow)
			sp_net->forget_error(port->shadow);
		port_use_again(port);
	}
	sp_command_settle();
	sp_command_wait(ports_decided, NULL, READ_ONCE(attach_limit_ms));
	sp_publish_took(SP_PHASE_RECOVER, ktime_us_delta(ktime_get(), start));

	sp_for_each_port(port)
		if (!port_back(port))
			return port_trouble(port);
	return NULL;
}

const char *sp_cmd_attach(void)
{
	const char *reason = ports_attach();

	sp_migration_end();
	return reason;
}

const char *sp_cmd_cancel(void)
{
	struct sp_port *port;

	sp_marking_stop();
	sp_for_each_port(port)
		port_use_again(port);
	sp_command_settle();
	sp_migration_end();
	return NULL;
}
