/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "host/inventory.h"
#include "host/xen.h"
#include "lease/lease.h"
#include "lease/store_device.h"
#include "use/device_use.h"
#include "use/isolation.h"

static int has_domain(const struct neighbourhood *n, const char *domid,
                      const char **why)
{
    const char *uuid;
    int rc = domain_uuid(n->b, domid, &uuid);

    if (!rc && (!uuid || strcmp(uuid, n->domain)))
        *why = arena_printf(n->b->arena, "given to domain %s", domid);
    return rc;
}

static int has_lease(const struct neighbourhood *n,
                     const struct group_member *member, const char **why)
{
    struct store_device *sd;
    int rc = store_device_peek(n->b, n->txn, n->nodes, &member->bdf, &sd);

    if (rc || !sd)
        return rc;
    if (sd->domid)
        return has_domain(n, sd->domid, why);
    if (sd->broken)
        *why = "its lease cannot be read";
    else if (sd->lease && sd->alive && strcmp(sd->lease->domain, n->domain))
        *why = arena_printf(n->b->arena, "%s for domain %s",
                            lease_state_word(sd->lease->state),
                            sd->lease->domain);
    return RC_OK;
}

/* The bridge above a group is in it, and idle devices do no DMA. */
static int is_used(const struct neighbourhood *n,
                   const struct group_member *member, const char **why)
{
    struct broker *b = n->b;
    struct device *device = inventory_find(n->inventory, &member->bdf);
    int rc;

    *why = NULL;
    if (!device)
        return RC_OK;
    rc = inventory_detail(b, n->inventory, device);
    if (rc || device->bridge)
        return rc;
    if (member->domid)
        rc = has_domain(n, arena_printf(b->arena, "%u", member->domid), why);
    if (!rc && !*why)
        rc = has_lease(n, member, why);
    if (!rc && !*why && !member->domid && !device->pciback)
        rc = device_use(b, n->txn, device, why);
    if (*why)
        *why = arena_printf(b->arena, "shares its IOMMU group with %s: %s",
                            device->text, *why);
    return rc;
}

int device_shared(const struct neighbourhood *n, const struct device *device,
                  const char **why)
{
    struct broker *b = n->b;
    struct group_member *members;
    size_t i, count;
    int rc = RC_OK, r;

    *why = NULL;
    r = b->xen->ops->group(b->xen, b->arena, &device->bdf, &members, &count);
    if (r)
        *why = arena_printf(b->arena, "is in an IOMMU group that cannot be "
                            "found out: %s", strerror(r));
    for (i = 0; !r && !rc && !*why && i < count; i++)
        rc = is_used(n, &members[i], why);
    return rc;
}
