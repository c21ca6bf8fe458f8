// SPDX-License-Identifier: GPL-2.0
/*
 * MSI-X of a PV guest that is enabled a second time. When a driver gives its
 * vectors back, the kernel forgets that the device has MSI-X before it asks
 * for it, and so has the host disable MSI. There MSI-X stays on, and enabling
 * it again is refused (EALREADY). A driver that asks twice (nvme), or that is
 * bound a second time, ends up on the device's interrupt line, which the host
 * does not keep apart from others': an interrupt that nobody handles stays in
 * service there and blocks the host's own.
 *
 * So note which devices have MSI-X on, and have the right thing disabled.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/xarray.h>
#include <asm/xen/pci.h>

#include "xenfix/fix.h"
#include "xenfix/inside.h"

#if defined(SP_HAVE_FIXED_MSIX)

/* Nothing to do. */

#elif defined(CONFIG_PCI_XEN) && defined(CONFIG_PCI_MSI)

static DEFINE_MUTEX(lock);			/* wrapped */
static struct xen_pci_frontend_ops *wrapped;
static struct xen_pci_frontend_ops original;
static DEFINE_XARRAY(has_msix);
static atomic_t inside;

static unsigned long key_of(const struct pci_dev *pdev)
{
	return (unsigned long)pci_domain_nr(pdev->bus) << 16 |
	       PCI_DEVID(pdev->bus->number, pdev->devfn);
}

static void note_on(const struct pci_dev *pdev)
{
	xa_store(&has_msix, key_of(pdev), xa_mk_value(1), GFP_KERNEL);
}

static bool note_off(const struct pci_dev *pdev)
{
	return xa_erase(&has_msix, key_of(pdev));
}

static int enable_msix(struct pci_dev *pdev, int vectors[], int nvec)
{
	int err;

	atomic_inc(&inside);
	err = original.enable_msix(pdev, vectors, nvec);
	if (!err)
		note_on(pdev);
	atomic_dec(&inside);
	return err;
}

/* One that was given up has nobody at the other end, who would be waited for. */
static void disable_msix(struct pci_dev *pdev)
{
	atomic_inc(&inside);
	note_off(pdev);
	if (!pci_dev_is_disconnected(pdev))
		original.disable_msix(pdev);
	atomic_dec(&inside);
}

static void disable_msi(struct pci_dev *pdev)
{
	bool msix;

	atomic_inc(&inside);
	msix = note_off(pdev);
	if (pci_dev_is_disconnected(pdev))
		goto out;
	if (msix)
		original.disable_msix(pdev);
	else
		original.disable_msi(pdev);
out:
	atomic_dec(&inside);
}

static void wrap(void)
{
	struct pci_dev *pdev = NULL;

	original = *xen_pci_frontend;
	for_each_pci_dev(pdev)
		if (pdev->msix_enabled)
			note_on(pdev);
	xen_pci_frontend->enable_msix = enable_msix;
	xen_pci_frontend->disable_msix = disable_msix;
	xen_pci_frontend->disable_msi = disable_msi;
	wrapped = xen_pci_frontend;
}

/**
 * sp_fix_msix() - see to it that MSI-X can be enabled again
 *
 * Called for each device before a driver is bound: the front end may not have
 * been there before.
 */
void sp_fix_msix(void)
{
	if (!sp_fix_needed())
		return;
	mutex_lock(&lock);
	if (!wrapped && xen_pci_frontend && xen_pci_frontend->enable_msix &&
	    xen_pci_frontend->disable_msix && xen_pci_frontend->disable_msi)
		wrap();
	mutex_unlock(&lock);
}

/* The device is gone, and its vectors with it. */
void sp_fix_msix_forget(const struct pci_dev *pdev)
{
	note_off(pdev);
}

void sp_fix_msix_stop(void)
{
	mutex_lock(&lock);
	if (wrapped && wrapped == xen_pci_frontend)
		*wrapped = original;
	wrapped = NULL;
	mutex_unlock(&lock);
	sp_fix_wait_outside(&inside);
	xa_destroy(&has_msix);
}

#else

void sp_fix_msix(void)
{
}

void sp_fix_msix_forget(const struct pci_dev *pdev)
{
}

void sp_fix_msix_stop(void)
{
}

#endif
