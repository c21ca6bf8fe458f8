/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_MARK_PRIV_H
#define SHADOWPORT_MARK_PRIV_H

#include <linux/dma-direction.h>
#include <linux/pci.h>

#include "dma/mark.h"

struct scatterlist;

/*
 * A way to hear of DMA: it calls sp_mark_dma() and sp_mark_sg(). All but
 * present() and quit() are called with mark.c's lock held.
 */
struct sp_marking_means {
	const char *name;
	/* Can this kernel do it? @forced: a test wants it, wherever it is. */
	bool (*present)(bool forced);
	int (*start)(void);
	void (*stop)(void);
	/* Again for a device that is tracked: harmless. */
	int (*track)(struct pci_dev *pdev);
	void (*untrack)(struct pci_dev *pdev);
	/*
	 * Optional: begin to look after drivers that are bound from now on; one
	 * is about to be probed, one is gone; was one there too early for this?
	 */
	int (*watch)(void);
	void (*binding)(struct pci_dev *pdev);
	void (*unbound)(struct pci_dev *pdev);
	bool (*late)(struct pci_dev *pdev);
	/* After the last stop(): returns when no call is under way. */
	void (*quit)(void);
};

extern const struct sp_marking_means sp_marking_trace;
extern const struct sp_marking_means sp_marking_ops;

void sp_mark_dma(struct device *dev, dma_addr_t addr, size_t size,
		 enum dma_data_direction dir);
void sp_mark_sg(struct device *dev, struct scatterlist *sgl, int nents,
		enum dma_data_direction dir);

#endif
