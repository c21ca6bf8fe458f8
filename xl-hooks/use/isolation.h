/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices that the IOMMU cannot tell apart. */
#ifndef BROKER_ISOLATION_H
#define BROKER_ISOLATION_H

#include <stdint.h>

struct broker;
struct device;
struct store_devices;
struct inventory;

/* Who asks, and for whom. */
struct neighbourhood {
    struct broker *b;
    uint32_t txn;
    struct inventory *inventory;
    struct store_devices *nodes;
    const char *domain;         /* UUID: may share with itself */
};

/* *why: which other device of its group somebody uses or has leased, or that
 * the group cannot be found out; NULL if none: a guest could then reach that
 * one's memory, or it the guest's. Source: Xen, since dom0's kernel has no
 * IOMMU, and leases. Peer-to-peer access that ACS would stop is not seen. */
int device_shared(const struct neighbourhood *n, const struct device *device,
                  const char **why);

#endif
