// SPDX-License-Identifier: GPL-2.0
/* prepare: what can be refused is refused now, and marking begins. */
#include "commands.h"
#include "xenfix/fix.h"

/* Whoever works with the device of now will work with the one to come. */
static bool port_has_driver(struct sp_port *port)
{
	struct pci_dev *pdev = sp_port_pci_dev(port);
	bool bound = pdev && sp_driver_bound(&pdev->dev);

	pci_dev_put(pdev);
	return bound;
}

static const char *port_prepare(struct sp_port *port)
{
	const char *busy = sp_port_busy(port);
	char modalias[SP_MODALIAS_LEN];

	if (busy)
		return busy;

	spin_lock_bh(&sp_ports_lock);
	memcpy(modalias, port->desc.modalias, sizeof(modalias));
	spin_unlock_bh(&sp_ports_lock);
	if (modalias[0] && !sp_driver_load(modalias) &&
	    (port->desc.handover != SP_HANDOVER_PLAIN ||
	     port_has_driver(port))) {
		pr_warn("port %s: no driver for %s\n", port->id, modalias);
		return "guest-no-driver";
	}
	return NULL;
}

static const char *ports_prepare(void)
{
	const char *reason;
	struct sp_port *port;

	/* What the host was told may have changed. */
	if (!sp_fix_swiotlb_possible())
		return "repair-failed";
	sp_for_each_port(port) {
		reason = port_prepare(port);
		if (reason)
			return reason;
	}
	return sp_marking_start() ? "marking-failed" : NULL;
}

const char *sp_cmd_prepare(void)
{
	const char *reason;

	if (!sp_migration_begin())
		return "guest-unloading";
	reason = ports_prepare();
	if (reason)
		sp_migration_end();
	return reason;
}
