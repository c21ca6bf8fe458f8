/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHADOWPORT_MARK_H
#define SHADOWPORT_MARK_H

#include <linux/atomic.h>
#include <linux/pci.h>

/*
 * What was marked of the devices that somebody had, one after the other. To be
 * had as zeros.
 */
struct sp_marked {
	atomic64_t pages;
	atomic64_t calls;
};

void sp_marked_sum(const struct sp_marked *marked, u64 *pages, u64 *calls);

/*
 * Whose is it? A device that is somebody's must be followed; others are, as
 * far as that can be. NULL: nobody's. Any context that may take spinlocks.
 */
typedef struct sp_marked *(*sp_marked_whose_fn)(const struct pci_dev *pdev);

void sp_marking_init(sp_marked_whose_fn whose);
void sp_marking_exit(void);
void sp_marking_watch(void);
int sp_marking_start(void);
void sp_marking_stop(void);
bool sp_marking_works(void);
const char *sp_marking_word(void);
void sp_marking_driver_binds(struct pci_dev *pdev);
void sp_marking_driver_gone(struct pci_dev *pdev);
void sp_marking_device_there(struct pci_dev *pdev);
void sp_marking_device_gone(struct pci_dev *pdev);

#endif
