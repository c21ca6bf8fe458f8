// SPDX-License-Identifier: GPL-2.0
/*
 * Users of a device that a migration cannot carry: they hold on to the device
 * itself, below everything the shadow device replaces.
 */
#include <linux/string.h>
#include <net/xdp_sock_drv.h>

#include "shadowport.h"

/* User space drives it. */
static bool has_vfio(struct pci_dev *pdev)
{
	char name[SP_DRIVER_LEN];

	return sp_driver_name(&pdev->dev, name, sizeof(name)) &&
	       str_has_prefix(name, "vfio");
}

/* AF_XDP sockets that share memory with one of the queues. */
static bool has_xsk(struct sp_shadow *shadow)
{
	struct net_device *dev;
	unsigned int i;
	bool xsk = false;

	mutex_lock(&shadow->switching);
	dev = shadow->lower[SP_DIRECT].dev;
	for (i = 0; dev && i < dev->num_rx_queues; i++)
		if (xsk_get_pool_from_qid(dev, i))
			xsk = true;
	mutex_unlock(&shadow->switching);
	return xsk;
}

bool sp_port_busy(struct sp_port *port)
{
	struct pci_dev *pdev = sp_port_pci_dev(port);
	const char *who = NULL;

	if (pdev && has_vfio(pdev))
		who = "vfio";
	else if (port->shadow && has_xsk(port->shadow))
		who = "AF_XDP";
	pci_dev_put(pdev);
	if (who)
		pr_warn("port %s: in use by %s\n", port->id, who);
	return who;
}
