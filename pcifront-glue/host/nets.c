// SPDX-License-Identifier: GPL-2.0
/*
 * shadowport_net, seen from here: it is loaded when the first port wants a
 * network device, and asks whose the NICs are that it finds. A guest whose
 * devices are all handed over otherwise does without it, and so does one whose
 * administrator has it blacklisted.
 */
#include <linux/kmod.h>
#include <linux/module.h>

#include "ports.h"

const struct sp_net_ops *sp_net;
static bool expected;

static unsigned int net_interface = SP_NET_INTERFACE;
#ifdef SP_TEST
module_param(net_interface, uint, 0600);
MODULE_PARM_DESC(net_interface, "as if built with another net.h than shadowport_net");
#endif

/* ------------------------------------------------ whose a NIC is */

/*
 * The PCI device that @parent is or sits on: virtio puts a bus between. What
 * else sits on one (subfunctions) is a device by itself, and nobody's lower.
 */
static const struct pci_dev *pci_parent(const struct device *parent)
{
	if (parent && parent->bus && !strcmp(parent->bus->name, "virtio"))
		parent = parent->parent;
	return parent && dev_is_pci(parent) ? to_pci_dev(parent) : NULL;
}

static bool is_vif(const struct device *parent, int number)
{
	char name[16];

	if (number == SP_NO_STANDBY || !parent->bus ||
	    strcmp(parent->bus->name, "xen"))
		return false;
	snprintf(name, sizeof(name), "vif-%d", number);
	return !strcmp(dev_name(parent), name);
}

static bool port_has(struct sp_port *port, const struct device *parent,
		     enum sp_role *role)
{
	const struct sp_desc *desc = &port->desc;
	const struct pci_dev *pdev = pci_parent(parent);
	bool found = true;

	spin_lock_bh(&sp_ports_lock);
	if (desc->has_slot && pdev && sp_slot_is(&desc->slot, pdev))
		*role = SP_DIRECT;
	else if (desc->has_standby_slot && pdev &&
		 sp_slot_is(&desc->standby_slot, pdev))
		*role = SP_STANDBY;
	else if (is_vif(parent, desc->standby))
		*role = SP_STANDBY;
	else
		found = false;
	spin_unlock_bh(&sp_ports_lock);
	return found;
}

static bool gone(const struct pci_dev *pdev)
{
	return pdev && pci_dev_is_disconnected(pdev);
}

/*
 * By the PCI slot that the host announced for the port, or the number of its
 * vif. Not one that was given up: it is to leave, and not to come back.
 */
static struct sp_shadow *match(const struct net_device *dev,
			       enum sp_role *role)
{
	const struct device *parent = dev->dev.parent;
	struct sp_port *port;

	if (gone(pci_parent(parent)))
		return NULL;
	sp_for_each_port(port)
		if (READ_ONCE(port->shadow) && port_has(port, parent, role))
			return port->shadow;
	return NULL;
}

static bool ready(const struct net_device *dev)
{
	return sp_driver_bound(dev->dev.parent);
}

static bool answers(const struct net_device *dev)
{
	const struct device *parent = dev->dev.parent;

	while (parent && !dev_is_pci(parent))
		parent = parent->parent;
	return !parent || !gone(to_pci_dev(parent));
}

static void marked(void *cookie, u64 *pages, u64 *calls)
{
	const struct sp_port *port = cookie;

	sp_marked_sum(&port->marked, pages, calls);
}

static const struct sp_net_owner owner = {
	.match   = match,
	.ready   = ready,
	.answers = answers,
	.marked  = marked,
	.event   = sp_event,
};

/* ------------------------------------------------ the module */

static int net_start(const struct sp_net_ops *ops)
{
	if (ops->interface != net_interface) {
		pr_err_once("shadowport_net is of another version: rmmod shadowport_net, and install both\n");
		return -EPROTO;
	}
	return ops->start(&owner);
}

/**
 * sp_nets_need() - somebody wants a network device: have sp_net
 *
 * Loaded by an alias, not by its name, so that "blacklist" holds for it.
 *
 * Return: 0, or an error: sp_net is NULL.
 */
int sp_nets_need(void)
{
	const struct sp_net_ops *ops;
	int err;

	if (sp_net)
		return 0;
	ops = symbol_get(sp_net_ops);
	if (!ops) {
		request_module("shadowport:net");
		ops = symbol_get(sp_net_ops);
	}
	if (!ops)
		return -ENOENT;
	err = net_start(ops);
	if (err) {
		symbol_put(sp_net_ops);
		return err;
	}
	ops->expect(expected);
	WRITE_ONCE(sp_net, ops);
	return 0;
}

/* What could not be had before may be there now: the host is listened to again. */
static int module_event(struct notifier_block *nb, unsigned long state,
			void *data)
{
	const struct module *mod = data;

	if (state == MODULE_STATE_LIVE && !strcmp(mod->name, "shadowport_net"))
		sp_event(SP_EVENT_COMMAND);
	return NOTIFY_DONE;
}

static struct notifier_block module_notifier = {
	.notifier_call = module_event,
};

int sp_nets_watch(void)
{
	return register_module_notifier(&module_notifier);
}

void sp_nets_unwatch(void)
{
	unregister_module_notifier(&module_notifier);
}

/* NICs will come back, and somebody sees to it: being away has no limit. */
void sp_nets_expect(bool on)
{
	expected = on;
	if (sp_net)
		sp_net->expect(on);
}

/* Who is there already shall join before this returns. */
void sp_nets_look(void)
{
	if (sp_net)
		sp_net->look();
}

/* Any context. */
void sp_nets_look_soon(void)
{
	const struct sp_net_ops *ops = READ_ONCE(sp_net);

	if (ops)
		ops->look_soon();
}

/* No lower is looked for any more. */
void sp_nets_stop(void)
{
	if (sp_net)
		sp_net->stop();
}

/* The last network device is gone. */
void sp_nets_end(void)
{
	if (sp_net)
		symbol_put(sp_net_ops);
	sp_net = NULL;
}
