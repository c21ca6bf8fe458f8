/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/arena.h"
#include "base/broker.h"
#include "choice/pools.h"
#include "host/inventory.h"
#include "plan/anybody.h"
#include "plan/membership.h"
#include "plan/stock.h"

/* *listed: of some pool, or pciback's. */
static int find_pools(struct fact_sources *s, const struct pools *pools,
                      struct device *device, struct stock_device *out,
                      bool *listed)
{
    size_t i;
    int rc = RC_OK;

    *listed = device->pciback;
    out->member = arena_alloc(s->b->arena, pools->count + 1);
    for (i = 0; !rc && i < pools->count; i++) {
        rc = membership_ask(s, &pools->pools[i], device, &out->member[i]);
        *listed |= out->member[i];
    }
    return rc;
}

int stock_read(struct fact_sources *s, const struct pools *pools,
               struct stock *stock)
{
    struct stock_device *out;
    struct judgement ignored;
    bool listed;
    size_t i;
    int rc;

    stock->count = 0;
    stock->devices = arena_alloc(s->b->arena, (s->inventory->count + 1) *
                                 sizeof(*stock->devices));
    for (i = 0; i < s->inventory->count; i++) {
        out = &stock->devices[stock->count];
        rc = find_pools(s, pools, &s->inventory->devices[i], out, &listed);
        if (!rc && listed)
            rc = anybody_judge(s, &s->inventory->devices[i], false,
                               &out->candidate, &ignored);
        if (rc)
            return rc;
        if (listed && !out->candidate.gone)
            stock->count++;
    }
    return RC_OK;
}
