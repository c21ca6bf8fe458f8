/* SPDX-License-Identifier: GPL-2.0-only */
/* `assignable`: what pciback has and no guest, and what the next guest that
 * asks would be told of it. */
#include "answer/answer.h"
#include "answer/table.h"
#include "base/arena.h"
#include "base/broker.h"
#include "choice/match.h"
#include "choice/pools.h"
#include "host/inventory.h"
#include "host/store.h"
#include "lease/store_device.h"
#include "plan/anybody.h"
#include "plan/membership.h"
#include "plan/pools_read.h"
#include "verbs/verbs.h"

struct assignable_job {
    struct pools pools;
    struct inventory inventory;
    struct assignable *list;
    size_t count;
};

static int list_pools(struct assignable_job *job, struct fact_sources *s,
                      struct device *device, struct assignable *out)
{
    bool member;
    size_t i;
    int rc;

    out->pools = arena_alloc(s->b->arena, (job->pools.count + 1) *
                             sizeof(*out->pools));
    for (i = 0; i < job->pools.count; i++) {
        rc = membership_ask(s, &job->pools.pools[i], device, &member);
        if (rc)
            return rc;
        if (member)
            out->pools[out->pool_count++] = job->pools.pools[i].name;
    }
    return RC_OK;
}

/* *listed: no guest has it. */
static int describe_assignable(struct assignable_job *job,
                               struct fact_sources *s, struct device *device,
                               struct assignable *out, bool *listed)
{
    struct candidate c;
    int rc;

    *out = (struct assignable){
        .bdf = device->bdf, .vendor = device->vendor,
        .device = device->device, .class = device->class,
    };
    rc = store_device_get(s->b, s->txn, s->nodes, &device->bdf, &out->sd);
    *listed = !out->sd || !out->sd->domid;
    if (rc || !*listed) goto out;
    rc = store_device_name(s->b, s->txn, &device->bdf, &out->name);
    if (rc) goto out;
    rc = anybody_judge(s, device, false, &c, &out->why_not);
    if (rc) goto out;
    rc = inventory_model(s->b, s->inventory, device, &out->model);
    if (rc) goto out;
    rc = list_pools(job, s, device, out);
out:
    return rc;
}

static int describe_all(struct broker *b, uint32_t txn, void *arg)
{
    struct assignable_job *job = arg;
    struct inventory *inventory = &job->inventory;
    struct store_devices nodes;
    struct fact_sources s = {
        .b = b,
        .txn = txn,
        .inventory = inventory,
        .nodes = &nodes,
        .domain = "",
        .numa = -1,
    };
    bool listed;
    size_t i;
    int rc;

    rc = store_devices_open(b, txn, &nodes);
    job->count = 0;
    for (i = 0; !rc && i < inventory->count; i++) {
        if (!inventory->devices[i].pciback)
            continue;
        rc = describe_assignable(job, &s, &inventory->devices[i],
                                 &job->list[job->count], &listed);
        if (!rc && listed)
            job->count++;
    }
    return rc;
}

int verb_assignable(struct broker *b, const struct verb_input *input,
                    char **answer)
{
    struct assignable_job job = { .count = 0 };
    int rc;

    (void)input;
    rc = pools_load(b, b->pools_path, b->pools_named, &job.pools);
    if (rc) goto out;
    rc = inventory_open(b, &job.inventory);
    if (rc) goto out;
    inventory_identify_all(b, &job.inventory);
    job.list = arena_alloc(b->arena, (job.inventory.count + 1) *
                           sizeof(*job.list));
    rc = store_transaction(b, describe_all, &job);
    if (!rc)
        *answer = b->table ? table_assignable(b, job.list, job.count)
                           : answer_assignable(b, job.list, job.count);
out:
    inventory_close(&job.inventory);
    return rc;
}
