// SPDX-License-Identifier: GPL-2.0
/*
 * Users of a device that a migration cannot carry: they hold on to the device
 * itself, below all that the kernel would carry.
 */
#include <linux/pci.h>
#include <linux/string.h>

#include "pci/pci.h"

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
static bool writes_by_itself(struct sp_binding *binding, struct pci_dev *pdev)
{
	u16 command;

	return !sp_binding_left(binding, pdev) &&
	       !pci_read_config_word(pdev, PCI_COMMAND, &command) &&
	       !PCI_POSSIBLE_ERROR(command) && command & PCI_COMMAND_MASTER;
}

/**
 * sp_pci_user() - who drives a device, and is no driver of the kernel's
 * @binding: whose device it is
 * @pdev: the device
 *
 * What user space has a device do goes by no driver: nothing of it is marked,
 * and nothing ends it. Not known: being probed, or unbound, by a driver of the
 * kernel's.
 *
 * Return: words for a person, or NULL: there is no such.
 */
const char *sp_pci_user(struct sp_binding *binding, struct pci_dev *pdev)
{
	char name[SP_DRIVER_LEN];
	int has;

	if (pci_dev_is_disconnected(pdev))
		return NULL;
	has = sp_driver_name(&pdev->dev, name, sizeof(name));
	if (has > 0 && driver_of_users(name))
		return "a driver for user space (unbind it)";
	if (!has && writes_by_itself(binding, pdev))
		return "somebody without a driver (bus master: guest/README.md)";
	return NULL;
}
