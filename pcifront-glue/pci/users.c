// SPDX-License-Identifier: GPL-2.0
/*
 * Users of a device that a migration cannot carry: they hold on to the device
 * itself, below everything the shadow device replaces.
 */
#include <linux/string.h>
#include <net/xdp_sock_drv.h>

#include "shadowport.h"

/* Drivers that hand the device to user space. */
static bool driver_of_users(const char *name)
{
	static const char * const names[] = { "vfio", "uio", "igb_uio" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (str_has_prefix(name, names[i]))
			return true;
	return false;
}

/*
 * Nobody drives it, and yet it may write: somebody has mapped its registers, or
 * the firmware has left it so. One that we have unbound is beyond that.
 */
static bool writes_by_itself(struct sp_port *port, struct pci_dev *pdev)
{
	u16 command;

	return !sp_driver_left(port, pdev) &&
	       !pci_read_config_word(pdev, PCI_COMMAND, &command) &&
	       !PCI_POSSIBLE_ERROR(command) && command & PCI_COMMAND_MASTER;
}

/*
 * What user space has a device do goes by no driver: nothing of it is marked,
 * and nothing ends it. NULL: there is no such. Not known: being probed, or
 * unbound, by a driver of the kernel's.
 */
static const char *user_of(struct sp_port *port, struct pci_dev *pdev)
{
	char name[SP_DRIVER_LEN];
	int has;

	if (sp_driver_abandoned(pdev))
		return NULL;
	has = sp_driver_name(&pdev->dev, name, sizeof(name));
	if (has > 0 && driver_of_users(name))
		return "a driver for user space (unbind it)";
	if (!has && writes_by_itself(port, pdev))
		return "somebody without a driver (bus master: README.md)";
	return NULL;
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

	if (pdev)
		who = user_of(port, pdev);
	if (!who && port->shadow && has_xsk(port->shadow))
		who = "AF_XDP";
	pci_dev_put(pdev);
	if (who)
		pr_warn("port %s: in use by %s\n", port->id, who);
	return who;
}
