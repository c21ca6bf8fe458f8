/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_GIVEUP_H
#define SHADOWPORT_GIVEUP_H

#include <linux/completion.h>
#include <linux/pci.h>
#include <linux/workqueue.h>

/* giveup_mmio.c: what a device that is gone is replaced with. */
struct sp_ones {
	struct page *page;		/* NULL: nothing to end */
	struct delayed_work refill;
};

int sp_ones_prepare(struct sp_ones *ones, struct pci_dev *pdev);
void sp_ones_map(struct sp_ones *ones, struct pci_dev *pdev);
void sp_ones_end(struct sp_ones *ones);

/* giveup_dma.c */
void sp_dma_leak(struct pci_dev *pdev);
void sp_dma_leak_end(struct pci_dev *pdev);

/* giveup.c: a device that is given up while its driver hangs. */
struct sp_giveup {
	struct pci_dev *pdev;
	struct sp_ones ones;
	struct work_struct silence;
	struct completion silenced;
	atomic_t phase;
};

void sp_giveup_init(struct sp_giveup *giveup);
int sp_giveup_prepare(struct sp_giveup *giveup, struct pci_dev *pdev);
void sp_giveup_cancel(struct sp_giveup *giveup);
void sp_giveup_commit(struct sp_giveup *giveup);
void sp_giveup_end(struct sp_giveup *giveup);

#endif
