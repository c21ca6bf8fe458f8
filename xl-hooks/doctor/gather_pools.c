/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools of this host, what is in them, and what is wrong with that. */
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/broker.h"
#include "choice/match.h"
#include "choice/pools.h"
#include "doctor/gather.h"
#include "host/inventory.h"
#include "host/store.h"
#include "host/sysfs.h"
#include "lease/store_device.h"
#include "plan/anybody.h"
#include "plan/membership.h"
#include "plan/pools_read.h"

struct pools_job {
    struct doctor *d;
    struct host_facts *out;
    struct pools pools;
    struct inventory inventory;
    const char *pf_down, *not_isolated, *no_iommu, *no_msi, *no_answer;
    const char *idle_pfs, *models;
};

static void note(struct pools_job *job, const char **list, const char *word,
                 bool is_so)
{
    if (is_so && !facts_words(*list, word))
        *list = gather_word(job->d, *list, word);
}

static void note_faults(struct pools_job *job, const struct device *device,
                        const struct facts *facts)
{
    const char *port = device->text;

    if (device->vf)
        port = bdf_text(job->d->b->arena, &device->pf);
    note(job, &job->pf_down, port, facts->pf_down);
    note(job, &job->not_isolated, device->text, facts->shared);
    note(job, &job->no_iommu, device->text,
         facts->xen_reason == REASON_NO_IOMMU);
    note(job, &job->no_msi, device->text, facts->answers && !facts->msi);
    note(job, &job->no_answer, device->text, !facts->answers);
}

static void count(struct doctor *d, struct pool_fact *pool,
                  const struct device *device, const struct facts *facts,
                  const struct judgement *j)
{
    if (j->tier != TIER_UNFIT) {
        pool->free++;
    } else if (facts->given || facts->leased) {
        pool->taken++;
    } else {
        pool->unfit++;
        if (!pool->why)
            pool->why = arena_printf(d->b->arena, "%s: %s %s",
                                     reason_word(j->reason), device->text,
                                     j->text);
    }
}

static int count_pool(struct pools_job *job, struct fact_sources *s,
                      const struct pool *pool, struct pool_fact *out)
{
    struct candidate c;
    struct judgement j;
    bool member;
    size_t i;
    int rc = RC_OK;

    memset(out, 0, sizeof(*out));
    out->name = pool->name;
    for (i = 0; !rc && i < job->inventory.count; i++) {
        rc = membership_ask(s, pool, &job->inventory.devices[i], &member);
        if (rc || !member)
            continue;
        rc = anybody_judge(s, &job->inventory.devices[i], pool->bind, &c, &j);
        if (rc)
            continue;
        count(job->d, out, &job->inventory.devices[i], &c.facts, &j);
        note_faults(job, &job->inventory.devices[i], &c.facts);
    }
    return rc;
}

/* Without a pool a guest gets what pciback has. */
static int list_models(struct pools_job *job, struct fact_sources *s)
{
    struct arena *arena = s->b->arena;
    struct device *device;
    struct candidate c;
    struct judgement j;
    size_t i;
    int rc = RC_OK;

    for (i = 0; !rc && i < job->inventory.count; i++) {
        device = &job->inventory.devices[i];
        if (!device->pciback)
            continue;
        rc = anybody_judge(s, device, false, &c, &j);
        if (!rc && j.tier != TIER_UNFIT)
            job->models = gather_word(job->d, job->models,
                                      arena_printf(arena, "%04x:%04x",
                                                   device->vendor,
                                                   device->device));
    }
    return rc;
}

/* Of a pool that makes VFs by itself it is no fault. */
static void list_idle_pfs(struct pools_job *job, const struct pool *pool)
{
    struct broker *b = job->d->b;
    struct bdf pf;
    size_t i;

    if (pool->create_vfs)
        return;
    for (i = 0; i < pool->count; i++) {
        if (!pool->matches[i].pf || !bdf_parse(pool->matches[i].pf, &pf))
            continue;
        note(job, &job->idle_pfs, pool->matches[i].pf,
             !sysfs_read_number(b, sysfs_device_path(b, &pf, "sriov_numvfs"),
                                -1));
    }
}

static int ask_devices(struct broker *b, uint32_t txn, void *arg)
{
    struct pools_job *job = arg;
    struct store_devices nodes;
    struct fact_sources s = {
        .b = b, .txn = txn, .inventory = &job->inventory, .nodes = &nodes,
        .domain = "", .numa = -1,
    };
    size_t i;
    int rc;

    job->pf_down = job->not_isolated = job->no_iommu = job->no_msi = "";
    job->no_answer = job->idle_pfs = job->models = "";
    rc = store_devices_open(b, txn, &nodes);
    for (i = 0; !rc && i < job->pools.count; i++) {
        rc = count_pool(job, &s, &job->pools.pools[i], &job->out->pools[i]);
        list_idle_pfs(job, &job->pools.pools[i]);
    }
    return rc ? rc : list_models(job, &s);
}

static void read_file(struct pools_job *job)
{
    struct broker *b = job->d->b;
    struct fact *f = job->out->facts;

    f[HOST_pools_file] = fact_number(!access(b->pools_path, F_OK));
    f[HOST_pools_error] = fact_text("");
    if (pools_load(b, b->pools_path, false, &job->pools)) {
        job->pools.count = 0;
        f[HOST_pools_error] = fact_text(gather_why(job->d));
    }
}

static int ask_host(struct pools_job *job)
{
    struct broker *b = job->d->b;
    int rc;

    rc = inventory_open(b, &job->inventory);
    if (rc)
        return rc;
    job->out->facts[HOST_pciback] = fact_number(job->inventory.pciback);
    inventory_identify_all(b, &job->inventory);
    return store_transaction(b, ask_devices, job);
}

void gather_pools(struct doctor *d, struct host_facts *facts)
{
    struct pools_job job = { .d = d, .out = facts };
    struct fact *f = facts->facts;
    const char *why;
    int rc;

    read_file(&job);
    facts->pools = arena_alloc(d->b->arena, (job.pools.count + 1) *
                               sizeof(*facts->pools));
    rc = ask_host(&job);
    inventory_close(&job.inventory);
    why = rc ? gather_why(d) : NULL;
    if (f[HOST_pciback].kind == FACT_UNKNOWN)
        f[HOST_pciback] = fact_unknown(why);
    facts->pool_count = rc ? 0 : job.pools.count;
    f[HOST_pools_listed] = rc ? fact_unknown(why) : fact_number(1);
    if (!rc && *f[HOST_pools_error].text)
        f[HOST_pools_listed] = fact_unknown("the pools file is wrong");
    f[HOST_pf_down] = rc ? fact_unknown(why) : fact_text(job.pf_down);
    f[HOST_not_isolated] = rc ? fact_unknown(why)
                              : fact_text(job.not_isolated);
    f[HOST_no_iommu] = rc ? fact_unknown(why) : fact_text(job.no_iommu);
    f[HOST_no_msi] = rc ? fact_unknown(why) : fact_text(job.no_msi);
    f[HOST_no_answer] = rc ? fact_unknown(why) : fact_text(job.no_answer);
    f[HOST_pf_without_vfs] = rc ? fact_unknown(why)
                                : fact_text(job.idle_pfs);
    f[HOST_free_models] = rc ? fact_unknown(why) : fact_text(job.models);
}
