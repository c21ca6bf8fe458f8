// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: what the host promised, and which PCI slot each has now. All text
 * from the host is parsed here, strictly.
 */
#include <linux/ctype.h>
#include <linux/slab.h>

#include "shadowport.h"

LIST_HEAD(sp_ports);
DEFINE_SPINLOCK(sp_ports_lock);

static bool id_char(char c)
{
	return isalnum(c) || c == '_' || c == '.' || c == '-';
}

int sp_id_parse(const char *text, char *id)
{
	size_t i, len = strnlen(text, SP_ID_LEN);

	if (!len || len >= SP_ID_LEN || !isalnum(text[0]) || !isascii(text[0]))
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (!isascii(text[i]) || !id_char(text[i]))
			return -EINVAL;
	memcpy(id, text, len + 1);
	return 0;
}

/* DDDD:BB:SS.F; pciback writes the function with two digits. */
int sp_slot_parse(const char *text, struct sp_slot *slot)
{
	unsigned int domain, bus, dev, fn;
	int end = 0;

	/* sscanf() would also take blanks and 0x. */
	if (text[strspn(text, "0123456789abcdefABCDEF:.")])
		return -EINVAL;
	if (sscanf(text, "%4x:%2x:%2x.%2x%n", &domain, &bus, &dev, &fn,
		   &end) != 4 || text[end] || dev > 31 || fn > 7)
		return -EINVAL;
	slot->domain = domain;
	slot->bus = bus;
	slot->devfn = PCI_DEVFN(dev, fn);
	return 0;
}

static int set_handover(struct sp_desc *desc, const char *value)
{
	static const char * const words[] = { "shadow", "bond", "plain" };
	int i = match_string(words, ARRAY_SIZE(words), value);

	if (i < 0)
		return -EINVAL;
	desc->handover = i;
	return 0;
}

static int set_mac(struct sp_desc *desc, const char *value)
{
	u8 mac[ETH_ALEN];

	if (strlen(value) != 17 || !mac_pton(value, mac) ||
	    !is_valid_ether_addr(mac))
		return -EINVAL;
	ether_addr_copy(desc->mac, mac);
	return 0;
}

static int set_name(struct sp_desc *desc, const char *value)
{
	if (!dev_valid_name(value) || strchr(value, '%'))
		return -EINVAL;
	strscpy(desc->name, value, sizeof(desc->name));
	return 0;
}

static int set_standby(struct sp_desc *desc, const char *value)
{
	u8 n;

	/* A number is a vif; a slot (test front end) is a PCI NIC. */
	if (!kstrtou8(value, 10, &n)) {
		desc->standby = n;
		return 0;
	}
	if (sp_slot_parse(value, &desc->standby_slot))
		return -EINVAL;
	desc->has_standby_slot = true;
	return 0;
}

static int set_slot(struct sp_desc *desc, const char *value)
{
	if (sp_slot_parse(value, &desc->slot))
		return -EINVAL;
	desc->has_slot = true;
	return 0;
}

static int set_modalias(struct sp_desc *desc, const char *value)
{
	size_t i, len = strnlen(value, SP_MODALIAS_LEN);

	if (len >= SP_MODALIAS_LEN || strncmp(value, "pci:", 4))
		return -EINVAL;
	for (i = 4; i < len; i++)
		if (!isascii(value[i]) || !isalnum(value[i]))
			return -EINVAL;
	memcpy(desc->modalias, value, len + 1);
	return 0;
}

static int set_want(struct sp_desc *desc, const char *value)
{
	if (!strcmp(value, "direct"))
		desc->want = SP_WANT_DIRECT;
	else if (!strcmp(value, "standby"))
		desc->want = SP_WANT_STANDBY;
	else
		return -EINVAL;
	return 0;
}

static int set_on_stuck(struct sp_desc *desc, const char *value)
{
	if (!strcmp(value, "abort"))
		desc->on_stuck = SP_ON_STUCK_ABORT;
	else if (!strcmp(value, "force"))
		desc->on_stuck = SP_ON_STUCK_FORCE;
	else
		return -EINVAL;
	return 0;
}

/* Take one property; a value that does not parse changes nothing. */
int sp_desc_set(struct sp_desc *desc, const char *key, const char *value)
{
	static const struct {
		const char *key;
		int (*set)(struct sp_desc *desc, const char *value);
	} keys[] = {
		{ "handover", set_handover },
		{ "mac",      set_mac },
		{ "name",     set_name },
		{ "standby",  set_standby },
		{ "slot",     set_slot },
		{ "modalias", set_modalias },
		{ "want",     set_want },
		{ "on_stuck", set_on_stuck },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(key, keys[i].key))
			return keys[i].set(desc, value);
	return -ENOENT;
}

bool sp_slot_is(const struct sp_slot *slot, const struct pci_dev *pdev)
{
	return slot->domain == pci_domain_nr(pdev->bus) &&
	       slot->bus == pdev->bus->number && slot->devfn == pdev->devfn;
}

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

struct sp_port *sp_port_find(const char *id)
{
	struct sp_port *port;

	sp_for_each_port(port)
		if (!strcmp(port->id, id))
			return port;
	return NULL;
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
	err = sp_driver_init(port);
	if (err)
		goto err_port;

	if (desc->handover == SP_HANDOVER_SHADOW && !sp_fixups_only) {
		port->shadow = sp_shadow_create(port, desc);
		if (IS_ERR(port->shadow)) {
			err = PTR_ERR(port->shadow);
			goto err_driver;
		}
	}
	spin_lock_bh(&sp_ports_lock);
	list_add_tail_rcu(&port->node, &sp_ports);
	spin_unlock_bh(&sp_ports_lock);
	return port;

err_driver:
	sp_driver_stop(port);
err_port:
	kfree(port);
	return ERR_PTR(err);
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

	if (!port) {
		port = port_create(desc);
		if (IS_ERR(port)) {
			pr_err_ratelimited("port %s: cannot be made: %pe\n",
					   desc->id, port);
			return PTR_ERR(port);
		}
		pr_info("port %s: %s\n", port->id, port->shadow ?
			netdev_name(port->shadow->dev) : "no shadow device");
		return 0;
	}
	spin_lock_bh(&sp_ports_lock);
	port->desc.standby = desc->standby;
	port->desc.has_standby_slot = desc->has_standby_slot;
	port->desc.standby_slot = desc->standby_slot;
	memcpy(port->desc.modalias, desc->modalias, sizeof(desc->modalias));
	port->desc.want = desc->want;
	port->desc.on_stuck = desc->on_stuck;
	spin_unlock_bh(&sp_ports_lock);
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
		sp_lower_rescan();
}

/* Nobody looks at ports any more: notifiers and workers are gone. */
void sp_ports_destroy(void)
{
	struct sp_port *port, *next;

	list_for_each_entry_safe(port, next, &sp_ports, node) {
		list_del(&port->node);
		sp_driver_stop(port);
		if (port->shadow)
			sp_shadow_destroy(port->shadow);
		kfree(port);
	}
	sp_driver_stop_abandoned();
}
