/* SPDX-License-Identifier: GPL-2.0-only */
#include "choice/pools.h"
#include "plan/plan.h"
#include "plan/vf_create_choose.h"
#include "proto/request.h"
#include "vf/vf_create.h"

/* A device more would help; not so if the pool itself is the matter. */
static bool lacks_device(const struct planned *planned)
{
    return planned->status != PLANNED_DEVICE &&
           (planned->reason == REASON_NO_FREE_DEVICE ||
            planned->reason == REASON_KEPT_LOCAL ||
            planned->reason == REASON_POOL_EMPTY ||
            planned->reason == REASON_FEATURE_MISSING ||
            planned->reason == REASON_VF_SETTINGS);
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
                create->count =
                    vf_create_possible(b, &create->pf, pool->create_vfs);
    }
}
