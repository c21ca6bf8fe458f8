/* SPDX-License-Identifier: GPL-2.0-only */
/* `check-config`: is the pools file right, and what has this host for it? */
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

#define NAMED_AT_MOST 8

struct check_job {
    const char *path;
    struct pools pools;
    struct inventory inventory;
    char *text;
};

struct pool_report {
    size_t members, free;
    const char *unfit;          /* lines */
};

static int report_device(struct fact_sources *s, const struct pool *pool,
                         struct device *device, struct pool_report *report)
{
    struct judgement j;
    struct candidate c;
    bool member;
    int rc;

    rc = membership_ask(s, pool, device, &member);
    if (rc || !member)
        return rc;
    rc = anybody_judge(s, device, pool->bind, &c, &j);
    if (rc)
        return rc;
    report->members++;
    if (j.tier != TIER_UNFIT)
        report->free++;
    else if (report->members - report->free <= NAMED_AT_MOST)
        report->unfit = arena_printf(s->b->arena, "%s\n    %s: %s %s",
                                     report->unfit, reason_word(j.reason),
                                     device->text, j.text);
    return RC_OK;
}

static int count_matched(struct check_job *job, struct fact_sources *s,
                         const struct pool_match *match, size_t *count)
{
    size_t i;
    bool fits;
    int rc = RC_OK;

    *count = 0;
    for (i = 0; !rc && i < job->inventory.count; i++) {
        rc = membership_match(s, match, &job->inventory.devices[i], &fits);
        if (!rc && fits)
            (*count)++;
    }
    return rc;
}

/* *key: the first that is fulfilled by no device of this host; NULL: each of
 * them is by some. */
static int find_idle_key(struct check_job *job, struct fact_sources *s,
                         const struct pool_match *match, const char **key)
{
    struct pool_match only;
    size_t count;
    unsigned i;
    int rc = RC_OK;

    for (i = 0; i < POOL_KEYS; i++) {
        *key = pool_match_only(match, i, &only);
        if (!*key)
            continue;
        rc = count_matched(job, s, &only, &count);
        if (rc || !count)
            return rc;
    }
    *key = NULL;
    return rc;
}

/* What can never give a device here is more likely a mistake. */
static int report_idle(struct check_job *job, struct fact_sources *s,
                       const struct pool *pool)
{
    const char *key;
    size_t i, count;
    int rc = RC_OK;

    for (i = 0; !rc && i < pool->count; i++) {
        rc = count_matched(job, s, &pool->matches[i], &count);
        if (rc || count)
            continue;
        rc = find_idle_key(job, s, &pool->matches[i], &key);
        job->text = arena_printf(
            s->b->arena, "%s\n    match[%zu] can never fit here: %s%s%s",
            job->text, i, key ? "no device has that \"" : "no device has all "
            "of its keys", key ? key : "", key ? "\"" : "");
    }
    return rc;
}

static int report_pool(struct check_job *job, struct fact_sources *s,
                       const struct pool *pool)
{
    struct pool_report report = { .unfit = "" };
    struct arena *arena = s->b->arena;
    size_t i, left;
    int rc = RC_OK;

    for (i = 0; !rc && i < job->inventory.count; i++)
        rc = report_device(s, pool, &job->inventory.devices[i], &report);
    if (rc)
        return rc;
    left = report.members - report.free;
    left = left > NAMED_AT_MOST ? left - NAMED_AT_MOST : 0;
    job->text = arena_printf(arena, "%s\n  %s: ", job->text, pool->name);
    if (report.members)
        job->text = arena_printf(arena, "%s%zu device%s here, %zu free%s",
                                 job->text, report.members,
                                 report.members == 1 ? "" : "s", report.free,
                                 report.unfit);
    else
        job->text = arena_printf(arena, "%sno device of this host fits",
                                 job->text);
    if (left)
        job->text = arena_printf(arena, "%s\n    and %zu more", job->text,
                                 left);
    return report_idle(job, s, pool);
}

static int report_all(struct broker *b, uint32_t txn, void *arg)
{
    struct check_job *job = arg;
    struct store_devices nodes;
    struct fact_sources s = {
        .b = b,
        .txn = txn,
        .inventory = &job->inventory,
        .nodes = &nodes,
        .domain = "",
        .numa = -1,
    };
    size_t i;
    int rc;

    job->text = arena_printf(b->arena, "%s: %zu pool%s", job->path,
                             job->pools.count,
                             job->pools.count == 1 ? "" : "s");
    rc = store_devices_open(b, txn, &nodes);
    for (i = 0; !rc && i < job->pools.count; i++)
        rc = report_pool(job, &s, &job->pools.pools[i]);
    return rc;
}

/* The file is right where the host cannot be asked: in a container, as a
 * user. */
static void ask_host(struct broker *b, struct check_job *job)
{
    struct broker side = *b;
    int rc;

    side.error = NULL;
    rc = inventory_open(&side, &job->inventory);
    if (!rc) {
        inventory_identify_all(&side, &job->inventory);
        rc = store_transaction(&side, report_all, job);
    }
    if (rc)
        job->text = arena_printf(b->arena, "%s: %zu pool%s\n  what this host "
                                 "has for them cannot be told: %s", job->path,
                                 job->pools.count,
                                 job->pools.count == 1 ? "" : "s",
                                 side.error);
    inventory_close(&job->inventory);
}

int verb_check_config(struct broker *b, const struct verb_input *input,
                      char **answer)
{
    struct check_job job = {
        .path = input->argument ? input->argument : b->pools_path,
    };
    int rc;

    rc = pools_load(b, job.path, true, &job.pools);
    if (rc)
        return rc;
    ask_host(b, &job);
    *answer = job.text;
    return RC_OK;
}
