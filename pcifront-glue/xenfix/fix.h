/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_FIX_H
#define SHADOWPORT_FIX_H

/*
 * What Linux leaves broken, or slow, in a PV guest when a device goes and the
 * guest is restored somewhere else. Nothing is done in other guests. All of it is
 * short, and fit to be called from xenwatch. A kernel with the patches in ../upstream
 * makes the repairs itself: SP_HAVE_FIXED_….
 */
#include <linux/pci.h>
#include <xen/xen.h>

#include "core/compat.h"

static inline bool sp_fix_needed(void)
{
	return xen_pv_domain() && !xen_initial_domain();
}

/* gsi.c: interrupts of devices that went. */
#ifdef SP_HAVE_FIXED_GSI
static inline void sp_fix_gsi(void)
{
}
#else
void sp_fix_gsi(void);
#endif

/* swiotlb.c: bounce buffers. */
#ifdef SP_HAVE_FIXED_SWIOTLB
static inline void sp_fix_swiotlb_start(void)
{
}

static inline bool sp_fix_swiotlb_possible(void)
{
	return true;
}

static inline int sp_fix_swiotlb(struct device *dev)
{
	return 0;
}
#else
void sp_fix_swiotlb_start(void);
bool sp_fix_swiotlb_possible(void);
int sp_fix_swiotlb(struct device *dev);
#endif

/* msix.c: MSI-X that is enabled a second time. */
#ifdef SP_HAVE_FIXED_MSIX
static inline void sp_fix_msix(void)
{
}

static inline void sp_fix_msix_forget(const struct pci_dev *pdev)
{
}

static inline void sp_fix_msix_stop(void)
{
}
#else
void sp_fix_msix(void);
void sp_fix_msix_forget(const struct pci_dev *pdev);
void sp_fix_msix_stop(void);
#endif

/* scan.c: a bus on which every place is asked about. */
void sp_fix_scan_start(void);
void sp_fix_scan(struct pci_bus *bus);
void sp_fix_scan_stop(void);

#endif
