/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices that the IOMMU cannot tell apart. */
#ifndef BROKER_ISOLATION_H
#define BROKER_ISOLATION_H

struct broker;
struct device;
struct inventory;

/* *why: which other device of its group somebody uses, NULL if none: a guest
 * could then reach that one's memory, or it the guest's. Source: Xen, since
 * dom0's kernel has no IOMMU. */
int device_shared(struct broker *b, struct inventory *inventory,
                  const struct device *device, const char **why);

#endif
