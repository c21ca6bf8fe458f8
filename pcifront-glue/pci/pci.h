/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_PCI_H
#define SHADOWPORT_PCI_H

/*
 * Drivers of PCI devices that come and go: loaded, unbound, kept off, bound
 * again, given up. Nothing here knows what a device is for.
 */
#include <linux/pci.h>

#include "core/order.h"
#include "core/text.h"

#define SP_DRIVER_LEN	64

/* ---- one device (binding.c) */

bool sp_driver_load(const char *modalias);
int sp_driver_name(struct device *dev, char *name, size_t size);
bool sp_driver_bound(struct device *dev);
void sp_driver_bar(struct pci_dev *pdev);

/* ---- the devices that somebody has one after the other (binding.c) */

struct sp_binding;

struct sp_binding *sp_binding_new(const char *id);
void sp_binding_free(struct sp_binding *binding);
int sp_binding_unbind(struct sp_binding *binding, struct pci_dev *pdev);
bool sp_binding_done(struct sp_binding *binding);
void sp_binding_restore(struct sp_binding *binding);
bool sp_binding_left(struct sp_binding *binding, const struct pci_dev *pdev);
bool sp_binding_had_driver(struct sp_binding *binding);
u64 sp_binding_us(struct sp_binding *binding);
int sp_binding_give_up(struct sp_binding *binding);
bool sp_binding_given_up(struct sp_binding *binding,
			 const struct sp_slot *slot);

void sp_bindings_forget(const struct pci_dev *pdev);
void sp_bindings_stop(void);

bool sp_giveup_possible(void);

/* ---- who else has a device (users.c) */

#define SP_BUSY_USERS	"guest-busy-users"

/* The word for the host, and words for people. */
struct sp_pci_user {
	char reason[SP_REASON_LEN];
	char text[128];
};

bool sp_pci_user(struct sp_binding *binding, struct pci_dev *pdev,
		 struct sp_pci_user *user);

#endif
