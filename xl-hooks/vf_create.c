/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Only from none: the kernel does not change a number of VFs but through none,
 * which would take those away that somebody has. They are not taken back
 * either: a VF that nobody uses does no harm.
 */
#include <errno.h>
#include <string.h>

#include "arena.h"
#include "broker.h"
#include "inventory.h"
#include "plan.h"
#include "pools.h"
#include "request.h"
#include "sysfs.h"
#include "vf_create.h"

static long read_count(struct broker *b, const struct bdf *pf,
                       const char *file)
{
    return sysfs_read_number(b, sysfs_device_path(b, pf, file), -1);
}

/* A device more would help; not so if the pool itself is the matter. */
static bool lacks_device(const struct planned *planned)
{
    return planned->status != PLANNED_DEVICE &&
           (planned->reason == REASON_NO_FREE_DEVICE ||
            planned->reason == REASON_KEPT_LOCAL ||
            planned->reason == REASON_POOL_EMPTY ||
            planned->reason == REASON_VF_SETTINGS);
}

/* How many can be made of it now. */
static long possible(struct broker *b, const struct bdf *pf, long limit)
{
    const char *driver = inventory_driver_now(b, pf);
    long total = read_count(b, pf, "sriov_totalvfs");

    if (!driver || !strcmp(driver, PCIBACK) || total < 1 ||
        read_count(b, pf, "sriov_numvfs"))
        return 0;
    return total < limit ? total : limit;
}

void vf_create_choose(struct broker *b, const struct pools *pools,
                      const struct record *record, const struct plan *plan,
                      struct vf_create *create)
{
    const struct pool *pool;
    size_t wish, i;

    create->count = 0;
    for (wish = 0; wish < record->count && !create->count; wish++) {
        if (!record->devices[wish].wish.pool ||
            !lacks_device(&plan->planned[wish]))
            continue;
        pool = pools_find(pools, record->devices[wish].wish.pool);
        if (!pool || !pool->create_vfs)
            continue;
        for (i = 0; i < pool->count && !create->count; i++)
            if (pool->matches[i].pf &&
                bdf_parse(pool->matches[i].pf, &create->pf))
                create->count = possible(b, &create->pf, pool->create_vfs);
    }
}

int vf_create(struct broker *b, const struct vf_create *create)
{
    int r = sysfs_write(b, sysfs_device_path(b, &create->pf, "sriov_numvfs"),
                        arena_printf(b->arena, "%ld", create->count));

    if (read_count(b, &create->pf, "sriov_numvfs") > 0)
        return 0;
    return r ? r : EIO;
}
