/* SPDX-License-Identifier: GPL-2.0-only */
/* `pools`: how many devices guests that arrive can have. */
#include "answer/answer.h"
#include "answer/table.h"
#include "base/arena.h"
#include "base/bdf.h"
#include "base/broker.h"
#include "choice/match.h"
#include "choice/pools.h"
#include "choice/supply.h"
#include "host/inventory.h"
#include "host/store.h"
#include "lease/store_device.h"
#include "plan/pools_read.h"
#include "plan/stock.h"
#include "verbs/verbs.h"
#include "vf/vf_create.h"

struct pools_job {
    struct pools pools;
    struct inventory inventory;
    struct stock stock;
    struct supply_device *devices;      /* room for all of the stock */
};

static int read_stock(struct broker *b, uint32_t txn, void *arg)
{
    struct pools_job *job = arg;
    struct store_devices nodes;
    struct fact_sources s = {
        .b = b, .txn = txn, .inventory = &job->inventory, .nodes = &nodes,
        .domain = "", .numa = -1,
    };
    int rc = store_devices_open(b, txn, &nodes);

    return rc ? rc : stock_read(&s, &job->pools, &job->stock);
}

/* `reserve` makes them of a PF that has none, once somebody needs one. */
static size_t count_makeable(struct broker *b, const struct pool *pool)
{
    struct bdf pf;
    size_t i;
    long count = 0;

    for (i = 0; pool->create_vfs && i < pool->count; i++)
        if (pool->matches[i].pf && bdf_parse(pool->matches[i].pf, &pf))
            count += vf_create_possible(b, &pf, pool->create_vfs);
    return (size_t)count;
}

static void add(struct pools_job *job, const struct candidate *c, bool bind,
                size_t *count)
{
    job->devices[(*count)++] = (struct supply_device){
        .vendor = c->facts.vendor, .device = c->facts.device,
        .class = c->facts.class,
        .free = match_free(&c->facts, bind).tier != TIER_UNFIT,
    };
}

static void count_pool(struct broker *b, struct pools_job *job, size_t pool,
                       struct pool_supply *out)
{
    const struct pool *p = &job->pools.pools[pool];
    size_t i, count = 0;

    for (i = 0; i < job->stock.count; i++)
        if (job->stock.devices[i].member[pool])
            add(job, &job->stock.devices[i].candidate, p->bind, &count);
    out->name = p->name;
    out->reserve = p->reserve;
    out->makeable = count_makeable(b, p);
    supply_count(b->arena, job->devices, count, p->reserve, &out->supply);
}

/* What a wish without a pool can have. */
static void count_pciback(struct broker *b, struct pools_job *job,
                          struct supply *out)
{
    size_t i, count = 0;

    for (i = 0; i < job->stock.count; i++)
        if (job->stock.devices[i].candidate.device->pciback)
            add(job, &job->stock.devices[i].candidate, false, &count);
    supply_count(b->arena, job->devices, count, 0, out);
}

static void count_all(struct broker *b, struct pools_job *job,
                      struct host_supply *out)
{
    size_t i;

    job->devices = arena_alloc(b->arena, (job->stock.count + 1) *
                               sizeof(*job->devices));
    out->count = job->pools.count;
    out->pools = arena_alloc(b->arena, (out->count + 1) *
                             sizeof(*out->pools));
    for (i = 0; i < out->count; i++)
        count_pool(b, job, i, &out->pools[i]);
    count_pciback(b, job, &out->pciback);
}

int verb_pools(struct broker *b, const struct verb_input *input,
               char **answer)
{
    struct pools_job job = { .devices = NULL };
    struct host_supply supply;
    int rc;

    rc = pools_load(b, b->pools_path, b->pools_named, &job.pools);
    if (rc) goto out;
    rc = inventory_open(b, &job.inventory);
    if (rc) goto out;
    inventory_identify_all(b, &job.inventory);
    rc = store_transaction(b, read_stock, &job);
    if (rc) goto out;
    count_all(b, &job, &supply);
    *answer = input->attributes ? answer_attributes(b, &supply)
            : b->table ? table_pools(b, &supply) : answer_pools(b, &supply);
out:
    inventory_close(&job.inventory);
    return rc;
}
