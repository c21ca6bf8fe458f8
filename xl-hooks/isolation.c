/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include "arena.h"
#include "assign_check.h"
#include "broker.h"
#include "device_use.h"
#include "inventory.h"
#include "isolation.h"

/* The bridge above a group is in it, and idle devices do no DMA. */
static int is_used(struct broker *b, struct inventory *inventory,
                   const struct group_member *member, const char **why)
{
    struct device *device = inventory_find(inventory, &member->bdf);
    int rc;

    *why = NULL;
    if (!device)
        return RC_OK;
    rc = inventory_detail(b, inventory, device);
    if (rc || device->bridge)
        return rc;
    if (member->domid)
        *why = arena_printf(b->arena, "given to domain %u", member->domid);
    else if (!device->pciback)
        rc = device_use(b, device, why);
    if (*why)
        *why = arena_printf(b->arena, "shares its IOMMU group with %s: %s",
                            device->text, *why);
    return rc;
}

int device_shared(struct broker *b, struct inventory *inventory,
                  const struct device *device, const char **why)
{
    struct group_member *members;
    size_t i, count;
    int rc, r;

    *why = NULL;
    r = b->xen->ops->group(b->xen, b->arena, &device->bdf, &members, &count);
    if (r)
        return broker_fail(b, RC_FAILED, "hypervisor: IOMMU group of %s: %s",
                           device->text, strerror(r));
    for (i = 0; i < count; i++) {
        rc = is_used(b, inventory, &members[i], why);
        if (rc || *why)
            return rc;
    }
    return RC_OK;
}
