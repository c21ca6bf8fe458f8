/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_PORTS_H
#define SHADOWPORT_PORTS_H

#include <linux/list.h>
#include <linux/spinlock.h>

#include "desc.h"
#include "dma/mark.h"
#include "net/net.h"
#include "pci/pci.h"

/*
 * A *port* is what the host promised the guest (a "wish" of the toolstack): it
 * has an id, at most one PCI device at a time, and, for handover=shadow, a
 * network device that never goes away. It is data: what there is to do with a
 * device is done by the layers below, each of which has a handle here.
 */
#define SP_MAX_PORTS	64

struct sp_port {
	struct list_head node;
	char id[SP_ID_LEN];
	struct sp_desc desc;		/* sp_ports_lock */
	struct sp_binding *binding;
	struct sp_shadow *shadow;	/* NULL: it has none; sp_net is not NULL else */
	struct sp_marked marked;
	bool no_net_said;		/* there should be one: said once */
	bool switching;			/* command worker: by this switch */
	bool wanted_standby;		/* … and what it wanted before */
	bool unbind_asked;		/* command worker: by this quiesce */
	struct sp_pci_user user;	/* command worker: who was found last */
};

extern struct list_head sp_ports;	/* grows only, until the module goes */
extern spinlock_t sp_ports_lock;	/* the list, and what the host has said */

#define sp_for_each_port(port) \
	list_for_each_entry_rcu(port, &sp_ports, node, true)

int sp_port_describe(const struct sp_desc *desc);
struct sp_port *sp_port_find(const char *id);
bool sp_port_slot(struct sp_port *port, struct sp_slot *slot);
void sp_port_set_slot(struct sp_port *port, const struct sp_slot *slot);
struct pci_dev *sp_port_pci_dev(struct sp_port *port);
bool sp_port_given_up(struct sp_port *port);
const char *sp_port_busy(struct sp_port *port);
struct sp_marked *sp_ports_marked(const struct pci_dev *pdev);
void sp_ports_destroy(void);

/* ---- shadowport_net, if it is there (nets.c) */

extern const struct sp_net_ops *sp_net;	/* NULL: it is not, or is not needed */

int sp_nets_watch(void);
void sp_nets_unwatch(void);
int sp_nets_need(void);
void sp_nets_expect(bool on);
void sp_nets_look(void);
void sp_nets_look_soon(void);
void sp_nets_stop(void);
void sp_nets_end(void);

#endif
