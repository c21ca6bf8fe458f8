/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include "arena.h"
#include "assign_check.h"
#include "broker.h"
#include "device_use.h"
#include "inventory.h"
#include "isolation.h"
#include "lease.h"

static int has_domain(const struct neighbourhood *n, const char *domid,
                      const char **why)
{
    const char *uuid;
    int rc = owner_domain_uuid(n->b, domid, &uuid);

    if (!rc && (!uuid || strcmp(uuid, n->domain)))
        *why = arena_printf(n->b->arena, "given to domain %s", domid);
    return rc;
}

static int has_lease(const struct neighbourhood *n,
                     const struct group_member *member, const char **why)
{
    struct holding *h;
    int rc = holding_peek(n->b, n->txn, n->holdings, &member->bdf, &h);

    if (rc || !h)
        return rc;
    if (h->domid)
        return has_domain(n, h->domid, why);
    if (h->broken)
        *why = "its lease cannot be read";
    else if (h->lease && h->alive && strcmp(h->lease->domain, n->domain))
        *why = arena_printf(n->b->arena, "%s for domain %s",
                            lease_state_word(h->lease->state),
                            h->lease->domain);
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
