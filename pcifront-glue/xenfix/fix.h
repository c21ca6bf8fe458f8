/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_FIX_H
#define SHADOWPORT_FIX_H

/*
 * What Linux leaves broken, or slow, in a PV guest when a device goes and the
 * guest is restored somewhere else. Nothing is done in other guests. All of it is short,
 * and fit to be called from xenwatch.
 */
#include <linux/pci.h>
#include <xen/xen.h>

static inline bool sp_fix_needed(void)
{
	return xen_pv_domain() && !xen_initial_domain();
}

/* gsi.c: interrupts of devices that went. */
void sp_fix_gsi(void);

/* swiotlb.c: bounce buffers. */
void sp_fix_swiotlb_start(void);
bool sp_fix_swiotlb_possible(void);
int sp_fix_swiotlb(struct device *dev);

/* msix.c: MSI-X that is enabled a second time. */
void sp_fix_msix(void);
void sp_fix_msix_forget(const struct pci_dev *pdev);
void sp_fix_msix_stop(void);

/* scan.c: a bus on which every place is asked about. */
void sp_fix_scan_start(void);
void sp_fix_scan(struct pci_bus *bus);
void sp_fix_scan_stop(void);

#endif
