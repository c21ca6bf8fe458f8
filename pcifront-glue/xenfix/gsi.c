// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts. pci_enable_device() binds the device's GSI as a pirq, and nothing
 * unbinds it when the device goes. After a restore Xen refuses to map it again,
 * and the kernel frees the entry in the middle of a list walk: it oopses. Free
 * the leftovers when a device goes.
 */
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <xen/events.h>

#include "xenfix/fix.h"

#ifndef SP_HAVE_FIXED_GSI

#define LAST_GSI	255

static irqreturn_t nobody(int irq, void *cookie)
{
	return IRQ_NONE;
}

/*
 * A device with a driver and without MSI: the line is in use. Not that of one
 * that was given up: it had no handler there.
 */
static bool irq_in_use(int irq)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev) {
		if (pdev->dev.driver && pdev->irq == irq &&
		    !pdev->msi_enabled && !pdev->msix_enabled &&
		    !pci_dev_is_disconnected(pdev)) {
			pci_dev_put(pdev);
			return true;
		}
	}
	return false;
}

/* Only a handler's removal frees the event channel entry: be one shortly. */
static bool free_gsi(unsigned int gsi)
{
	static int cookie;
	int irq = xen_irq_from_gsi(gsi);

	if (irq < 0 || irq_in_use(irq))
		return false;
	if (request_irq(irq, nobody, IRQF_SHARED, KBUILD_MODNAME, &cookie)) {
		pr_warn("gsi %u, irq %d: cannot be freed\n", gsi, irq);
		return false;
	}
	unbind_from_irqhandler(irq, &cookie);
	return true;
}

void sp_fix_gsi(void)
{
	static DEFINE_MUTEX(lock);
	unsigned int gsi;

	if (!sp_fix_needed())
		return;
	mutex_lock(&lock);
	for (gsi = 1; gsi <= LAST_GSI; gsi++)
		if (free_gsi(gsi))
			pr_info("freed leftover interrupt of gsi %u\n", gsi);
	mutex_unlock(&lock);
}

#endif
