// SPDX-License-Identifier: GPL-2.0
/* Ports: what the host promised, and which PCI slot each has now. */
#include <linux/err.h>
#include <linux/slab.h>

#include "ports.h"

LIST_HEAD(sp_ports);
DEFINE_SPINLOCK(sp_ports_lock);

bool sp_port_slot(struct sp_port *port, struct sp_slot *slot)
{
	bool has;

	spin_lock_bh(&sp_ports_lock);
	has = port->desc.has_slot;
	*slot = port->desc.slot;
	spin_unlock_bh(&sp_ports_lock);
	return has;
}

/* The device in the port's slot now, with a reference, or NULL. */
struct pci_dev *sp_port_pci_dev(struct sp_port *port)
{
	struct sp_slot slot;

	if (!sp_port_slot(port, &slot))
		return NULL;
	return pci_get_domain_bus_and_slot(slot.domain, slot.bus, slot.devfn);
}

/* Its device was given up, is still there, and it has no other. */
bool sp_port_given_up(struct sp_port *port)
{
	struct sp_slot slot;
	bool has = sp_port_slot(port, &slot);

	return sp_binding_given_up(port->binding, has ? &slot : NULL);
}

/* Has somebody its device, so that it cannot be taken? The reason, or NULL. */
const char *sp_port_busy(struct sp_port *port)
{
	struct pci_dev *pdev = sp_port_pci_dev(port);
	struct sp_pci_user *user = &port->user;
	bool busy = pdev && sp_pci_user(port->binding, pdev, user);

	pci_dev_put(pdev);
	if (!busy && port->shadow && sp_net->busy(port->shadow)) {
		strscpy(user->reason, SP_BUSY_USERS, sizeof(user->reason));
		strscpy(user->text, "AF_XDP has it", sizeof(user->text));
		busy = true;
	}
	if (!busy)
		return NULL;
	pr_warn("port %s: in use: %s\n", port->id, user->text);
	return user->reason;
}

/* Where to count what a device writes. */
struct sp_marked *sp_ports_marked(const struct pci_dev *pdev)
{
	struct sp_port *port;
	struct sp_slot slot;

	sp_for_each_port(port)
		if (sp_port_slot(port, &slot) && sp_slot_is(&slot, pdev))
			return &port->marked;
	return NULL;
}

struct sp_port *sp_port_find(const char *id)
{
	struct sp_port *port;

	sp_for_each_port(port)
		if (!strcmp(port->id, id))
			return port;
	return NULL;
}

/* ------------------------------------------------ come and go */

/*
 * The network device that it should have. Without the module for it there is
 * none, now; it is asked for again whenever the host says something, and when it
 * is loaded.
 */
static int port_net(struct sp_port *port, const struct sp_desc *desc)
{
	const struct sp_net_desc net = {
		.id = port->id,
		.name = desc->name,
		.mac = desc->mac,
		.want_standby = desc->want == SP_WANT_STANDBY,
		.cookie = port,
	};
	struct sp_shadow *shadow;
	int err;

	if (desc->handover != SP_HANDOVER_SHADOW)
		return 0;
	err = sp_nets_need();
	if (err) {
		if (!port->no_net_said)
			pr_warn("port %s: no network device of its own, since shadowport_net cannot be had: %pe\n",
				port->id, ERR_PTR(err));
		port->no_net_said = true;
		return 0;
	}
	shadow = sp_net->create(&net);
	if (IS_ERR(shadow))
		return PTR_ERR(shadow);
	WRITE_ONCE(port->shadow, shadow);
	/* Its NICs may be there already. */
	sp_nets_look_soon();
	return 0;
}

static struct sp_port *port_create(const struct sp_desc *desc)
{
	struct sp_port *port;
	int err;

	if (list_count_nodes(&sp_ports) >= SP_MAX_PORTS)
		return ERR_PTR(-E2BIG);
	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return ERR_PTR(-ENOMEM);
	memcpy(port->id, desc->id, sizeof(port->id));
	port->desc = *desc;
	port->binding = sp_binding_new(port->id);
	if (!port->binding) {
		err = -ENOMEM;
		goto err_port;
	}
	err = port_net(port, desc);
	if (err)
		goto err_binding;
	spin_lock_bh(&sp_ports_lock);
	list_add_tail_rcu(&port->node, &sp_ports);
	spin_unlock_bh(&sp_ports_lock);
	return port;

err_binding:
	sp_binding_free(port->binding);
err_port:
	kfree(port);
	return ERR_PTR(err);
}

static void port_change(struct sp_port *port, const struct sp_desc *desc)
{
	spin_lock_bh(&sp_ports_lock);
	port->desc.standby = desc->standby;
	port->desc.has_standby_slot = desc->has_standby_slot;
	port->desc.standby_slot = desc->standby_slot;
	memcpy(port->desc.modalias, desc->modalias, sizeof(desc->modalias));
	port->desc.want = desc->want;
	port->desc.on_stuck = desc->on_stuck;
	spin_unlock_bh(&sp_ports_lock);
}

/*
 * Create the port or take over what may change in its life: standby, modalias
 * and what to do with a driver that hangs. Name, MAC and handover are the
 * guest's once the port is there.
 * Callers are serialised: module init, then the command worker.
 */
int sp_port_describe(const struct sp_desc *desc)
{
	struct sp_port *port = sp_port_find(desc->id);
	struct sp_net_status status;

	if (port) {
		port_change(port, desc);
		return port->shadow ? 0 : port_net(port, &port->desc);
	}
	port = port_create(desc);
	if (IS_ERR(port)) {
		pr_err_ratelimited("port %s: cannot be made: %pe\n", desc->id,
				   port);
		return PTR_ERR(port);
	}
	if (port->shadow)
		sp_net->status(port->shadow, &status);
	pr_info("port %s: %s\n", port->id,
		port->shadow ? status.name : "no shadow device");
	return 0;
}

/* Where the port's device is now; NULL: it has none. */
void sp_port_set_slot(struct sp_port *port, const struct sp_slot *slot)
{
	bool changed;

	spin_lock_bh(&sp_ports_lock);
	changed = slot ? !port->desc.has_slot ||
			 memcmp(&port->desc.slot, slot, sizeof(*slot)) :
			 port->desc.has_slot;
	port->desc.has_slot = slot;
	if (slot)
		port->desc.slot = *slot;
	spin_unlock_bh(&sp_ports_lock);
	if (changed && slot)
		sp_nets_look_soon();
}

/* Nobody looks at ports any more: notifiers and workers are gone. */
void sp_ports_destroy(void)
{
	struct sp_port *port, *next;

	sp_nets_stop();
	list_for_each_entry_safe(port, next, &sp_ports, node) {
		list_del(&port->node);
		sp_binding_free(port->binding);
		if (port->shadow)
			sp_net->destroy(port->shadow);
		kfree(port);
	}
	sp_bindings_stop();
	sp_nets_end();
}
