/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_DESC_H
#define SHADOWPORT_DESC_H

#include <linux/if.h>
#include <linux/if_ether.h>

#include "core/text.h"

enum sp_handover { SP_HANDOVER_SHADOW, SP_HANDOVER_BOND, SP_HANDOVER_PLAIN };

#define SP_NO_STANDBY	(-1)

enum sp_on_stuck { SP_ON_STUCK_ABORT, SP_ON_STUCK_FORCE };

enum sp_want { SP_WANT_UNSAID, SP_WANT_DIRECT, SP_WANT_STANDBY };

/* What the host says about a port, parsed; from any front end. */
struct sp_desc {
	char id[SP_ID_LEN];
	enum sp_handover handover;
	u8 mac[ETH_ALEN];		/* all zero: the host named none */
	char name[IFNAMSIZ];		/* empty: the guest chooses */
	int standby;			/* number of the vif, or none */
	bool has_slot;
	struct sp_slot slot;
	bool has_standby_slot;		/* test front end: standby is a PCI NIC */
	struct sp_slot standby_slot;
	char modalias[SP_MODALIAS_LEN];
	enum sp_want want;
	enum sp_on_stuck on_stuck;
};

int sp_desc_set(struct sp_desc *desc, const char *key, const char *value);

#endif
