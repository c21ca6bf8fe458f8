/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_TEXT_H
#define SHADOWPORT_TEXT_H

#include <linux/pci.h>
#include <linux/types.h>

#include "core/base.h"

/* Text of the host, which is parsed strictly: 0 or -EINVAL, and then no change. */

#define SP_MODALIAS_LEN	128

struct sp_slot {
	unsigned int domain;
	unsigned int bus;
	unsigned int devfn;
};

int sp_id_parse(const char *text, char *id);
int sp_slot_parse(const char *text, struct sp_slot *slot);
int sp_mac_parse(const char *text, u8 *mac);
int sp_modalias_parse(const char *text, char *modalias);

bool sp_slot_is(const struct sp_slot *slot, const struct pci_dev *pdev);

#endif
