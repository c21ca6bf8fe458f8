/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "choice/assignment.h"
#include "host/inventory.h"
#include "plan/membership.h"
#include "plan/planner.h"
#include "proto/vf_settings.h"

/* Without a pool: the model the guest has now. */
static bool same_model(const struct wanted *wanted,
                       const struct device *device)
{
    return !wanted->wish.pool && wanted->host &&
           wanted->host->vendor == device->vendor &&
           wanted->host->device == device->device;
}

static int is_member(struct planner *p, size_t wish, struct device *device,
                     bool *member)
{
    const struct pool *pool = p->pool_of[wish];

    *member = same_model(&p->record->devices[wish], device);
    if (!pool || !pool_allows(pool, p->record->domain_name,
                              p->record->domain_uuid))
        return RC_OK;
    return membership_ask(&p->sources, pool, device, member);
}

/* The wish before this one that names the same pool, or none (-1). */
static long same_pool(struct planner *p, size_t wish)
{
    size_t before;

    for (before = 0; before < wish; before++)
        if (p->pool_of[wish] && p->pool_of[before] == p->pool_of[wish])
            return (long)before;
    return -1;
}

/* Which devices are of interest to some wish. */
static int collect(struct planner *p)
{
    struct inventory *inv = p->sources.inventory;
    size_t wish, i;
    bool wanted;
    int rc;

    for (i = 0; i < inv->count; i++) {
        for (wanted = false, wish = 0; !wanted && wish < p->record->count;
             wish++) {
            if (same_pool(p, wish) >= 0)
                continue;
            rc = is_member(p, wish, &inv->devices[i], &wanted);
            if (rc)
                return rc;
        }
        if (!wanted)
            continue;
        p->candidates = arena_extend(p->sources.b->arena, p->candidates,
                                     p->count, sizeof(*p->candidates));
        rc = candidate_begin(&p->sources, &inv->devices[i],
                             &p->candidates[p->count++]);
        if (rc)
            return rc;
    }
    p->sources.candidates = p->candidates;
    p->sources.count = p->count;
    return RC_OK;
}

static int fill_members(struct planner *p)
{
    size_t wish, i;
    long before;
    int rc;

    p->member =
        arena_alloc(p->sources.b->arena, p->record->count * p->count + 1);
    for (wish = 0; wish < p->record->count; wish++) {
        before = same_pool(p, wish);
        for (i = 0; i < p->count; i++) {
            if (before >= 0) {
                *planner_member(p, wish, i) =
                    *planner_member(p, (size_t)before, i);
                continue;
            }
            rc = is_member(p, wish, p->candidates[i].device,
                           planner_member(p, wish, i));
            if (rc)
                return rc;
        }
    }
    return RC_OK;
}

static void judge(struct planner *p, size_t candidate)
{
    const struct record *record = p->record;
    const struct pool *pool;
    size_t wish;

    for (wish = 0; wish < record->count; wish++) {
        pool = p->pool_of[wish];
        if (*planner_member(p, wish, candidate))
            *planner_judgement(p, wish, candidate) =
                match_judge(&record->devices[wish], record->type,
                            &p->candidates[candidate].facts,
                            pool && pool->bind,
                            pool ? pool_kind(pool) : -1);
        else
            planner_judgement(p, wish, candidate)->tier = TIER_UNFIT;
    }
}

static int compare_order(const void *a, const void *b, void *candidates)
{
    const struct candidate *c = candidates;

    return match_compare(&c[*(const size_t *)a].merit,
                         &c[*(const size_t *)b].merit);
}

static void assign(struct planner *p)
{
    const size_t wishes = p->record->count;
    struct arena *arena = p->sources.b->arena;
    enum tier *tiers = arena_alloc(arena, (wishes * p->count + 1) *
                                   sizeof(*tiers));
    bool *mandatory = arena_alloc(arena, wishes * sizeof(*mandatory));
    struct assignment problem = {
        .wishes = wishes, .candidates = p->count, .tiers = tiers,
        .mandatory = mandatory,
    };
    size_t wish, i;

    qsort_r(p->order, p->count, sizeof(*p->order), compare_order,
            p->candidates);
    for (wish = 0; wish < wishes; wish++) {
        mandatory[wish] = p->record->devices[wish].wish.if_missing ==
                          IF_MISSING_FAIL;
        for (i = 0; i < p->count; i++)
            tiers[wish * p->count + i] =
                p->barred[wish] ? TIER_UNFIT
                : planner_judgement(p, wish, p->order[i])->tier;
    }
    assignment_make(arena, &problem, p->chosen);
    for (wish = 0; wish < wishes; wish++)
        if (p->chosen[wish] >= 0)
            p->chosen[wish] = (long)p->order[p->chosen[wish]];
}

/* *worse: it is not what it could have been. */
static int verify(struct planner *p, size_t candidate, bool *worse)
{
    struct candidate *c = &p->candidates[candidate];
    struct merit before = c->merit;
    size_t wish;
    int rc;

    if (c->verified)
        return RC_OK;
    rc = candidate_verify(&p->sources, c);
    if (rc)
        return rc;
    judge(p, candidate);
    if (match_compare(&before, &c->merit))
        *worse = true;
    for (wish = 0; wish < p->record->count; wish++)
        if (*planner_member(p, wish, candidate) &&
            planner_judgement(p, wish, candidate)->tier == TIER_UNFIT)
            *worse = true;
    return RC_OK;
}

static bool fits_some_wish(const struct planner *p, size_t candidate)
{
    size_t wish;

    for (wish = 0; wish < p->record->count; wish++)
        if (planner_judgement(p, wish, candidate)->tier != TIER_UNFIT)
            return true;
    return false;
}

/* Where many are taken the rounds would be many: look ahead. */
static int verify_next(struct planner *p, size_t how_many)
{
    bool worse = false;
    size_t i;
    int rc;

    for (i = 0; i < p->count && how_many; i++) {
        if (p->candidates[p->order[i]].verified ||
            !fits_some_wish(p, p->order[i]))
            continue;
        rc = verify(p, p->order[i], &worse);
        if (rc)
            return rc;
        how_many--;
    }
    return RC_OK;
}

/*
 * The best assignment by what is known, until all that it chose is verified.
 * Verifying makes a candidate worse or leaves it, so what is best then is so
 * whatever the others would turn out to be.
 */
static int choose_best(struct planner *p)
{
    size_t wish, ahead = p->record->count;
    bool worse;
    int rc;

    for (;;) {
        assign(p);
        worse = false;
        for (wish = 0; wish < p->record->count; wish++) {
            if (p->chosen[wish] < 0)
                continue;
            rc = verify(p, (size_t)p->chosen[wish], &worse);
            if (rc)
                return rc;
        }
        if (!worse)
            return RC_OK;
        rc = verify_next(p, ahead);
        if (rc)
            return rc;
        ahead *= 2;
    }
}

/* A USB controller is no spare NIC, if a pool has both. */
static bool is_of_kind(struct planner *p, size_t wish, size_t candidate)
{
    return planner_judgement(p, wish, candidate)->reason !=
           REASON_CLASS_MISMATCH;
}

/* How many devices of the pool of a wish stay free, counted up to `enough`. */
static int count_spare(struct planner *p, size_t wish, size_t enough,
                       size_t *spare)
{
    const struct pool *pool = p->pool_of[wish];
    bool worse;
    size_t i;
    int rc;

    *spare = 0;
    for (i = p->count; i-- > 0 && *spare < enough;) {
        if (!*planner_member(p, wish, p->order[i]) ||
            planner_is_chosen(p, p->order[i]))
            continue;
        rc = verify(p, p->order[i], &worse);
        if (rc)
            return rc;
        if (is_of_kind(p, wish, p->order[i]) &&
            match_free(&p->candidates[p->order[i]].facts,
                       pool->bind).tier != TIER_UNFIT)
            (*spare)++;
    }
    return RC_OK;
}

/* The least important one of those that get a device of the pool. */
static void bar_one(struct planner *p, const struct pool *pool)
{
    size_t wish, worst = p->record->count;
    bool optional;

    for (wish = 0; wish < p->record->count; wish++) {
        if (p->pool_of[wish] != pool || p->chosen[wish] < 0)
            continue;
        optional = p->record->devices[wish].wish.if_missing !=
                   IF_MISSING_FAIL;
        if (worst == p->record->count || optional ||
            p->record->devices[worst].wish.if_missing == IF_MISSING_FAIL)
            worst = wish;
    }
    p->barred[worst] = true;
}

/* *again: a wish must do without, for the sake of guests of this host. */
static int keep_local(struct planner *p, bool *again)
{
    const struct pool *pool;
    size_t wish, spare;
    int rc;

    *again = false;
    for (wish = 0; !*again && wish < p->record->count; wish++) {
        pool = p->pool_of[wish];
        if (!pool || !pool->reserve || p->chosen[wish] < 0)
            continue;
        rc = count_spare(p, wish, pool->reserve, &spare);
        if (rc)
            return rc;
        if (spare < pool->reserve) {
            bar_one(p, pool);
            *again = true;
        }
    }
    return RC_OK;
}

static int choose(struct planner *p)
{
    bool again;
    size_t i;
    int rc;

    for (i = 0; i < p->count; i++) {
        p->order[i] = i;
        judge(p, i);
    }
    do {
        rc = choose_best(p);
        if (!rc)
            rc = keep_local(p, &again);
    } while (!rc && again);
    return rc;
}

/* Of the first members of a wish that it cannot have: who has them. */
static int find_holders(struct planner *p, size_t wish, size_t most)
{
    size_t i, n;
    int rc;

    for (n = i = 0; i < p->count && n < most; i++) {
        if (!*planner_member(p, wish, p->order[i]) ||
            planner_judgement(p, wish, p->order[i])->tier != TIER_UNFIT)
            continue;
        rc = candidate_find_holder(&p->sources, &p->candidates[p->order[i]]);
        if (rc)
            return rc;
        judge(p, p->order[i]);
        n++;
    }
    return RC_OK;
}

/* Whoever asks for reasons gets true ones: what is listed as fit is so. */
static int verify_listed(struct planner *p, size_t most)
{
    size_t wish, i, n;
    bool worse;
    int rc;

    for (wish = 0; wish < p->record->count; wish++) {
        for (n = i = 0; i < p->count && n < most; i++) {
            if (!*planner_member(p, wish, p->order[i]))
                continue;
            rc = verify(p, p->order[i], &worse);
            if (rc)
                return rc;
            if (planner_judgement(p, wish, p->order[i])->tier != TIER_UNFIT)
                n++;
        }
    }
    qsort_r(p->order, p->count, sizeof(*p->order), compare_order,
            p->candidates);
    return RC_OK;
}

/* Only for those who read it. */
static int find_explained_holders(struct planner *p, size_t list)
{
    size_t wish;
    int rc = RC_OK;

    for (wish = 0; !rc && wish < p->record->count; wish++) {
        if (list)
            rc = find_holders(p, wish, list);
        else if (p->chosen[wish] < 0)
            rc = find_holders(p, wish, EXPLAINED_AT_MOST);
    }
    return rc;
}

static int write_device(struct planner *p, struct planned *planned,
                        struct device *device)
{
    planned->status = PLANNED_DEVICE;
    planned->bdf = device->bdf;
    planned->modalias = device->modalias;
    planned->vendor = device->vendor;
    planned->device = device->device;
    planned->class = device->class;
    return inventory_model(p->sources.b, p->sources.inventory, device,
                           &planned->model);
}

static int write_plan(struct planner *p, size_t list, struct plan *plan)
{
    struct planned *planned;
    size_t wish;
    int rc;

    plan->refused = false;
    plan->planned = arena_alloc(p->sources.b->arena,
                                p->record->count * sizeof(*plan->planned));
    for (wish = 0; wish < p->record->count; wish++) {
        planned = &plan->planned[wish];
        planned->id = p->record->devices[wish].wish.id;
        if (list)
            explain_candidates(p, wish, list, planned);
        if (p->chosen[wish] >= 0) {
            rc = write_device(p, planned,
                              p->candidates[p->chosen[wish]].device);
            if (rc)
                return rc;
            continue;
        }
        explain_wish(p, wish, planned);
        planned->status = PLANNED_STANDBY;
        if (p->record->devices[wish].wish.if_missing == IF_MISSING_FAIL) {
            planned->status = PLANNED_REFUSED;
            plan->refused = true;
        }
    }
    return RC_OK;
}

static void allocate(struct planner *p)
{
    const size_t wishes = p->record->count;
    struct arena *arena = p->sources.b->arena;

    p->order = arena_alloc(arena, (p->count + 1) * sizeof(*p->order));
    p->judgements = arena_alloc(arena, (wishes * p->count + 1) *
                                sizeof(*p->judgements));
    p->chosen = arena_alloc(arena, wishes * sizeof(*p->chosen));
    p->barred = arena_alloc(arena, wishes * sizeof(*p->barred));
}

int plan_make(const struct plan_job *job, uint32_t txn,
              struct store_devices *nodes, struct plan *plan)
{
    struct planner p = {
        .sources = {
            .b = job->b, .txn = txn, .inventory = job->inventory,
            .nodes = nodes, .domain = job->record->domain_uuid,
            .migration = job->take ? job->record->migration : NULL,
            .numa = job->numa,
        },
        .pools = job->pools, .record = job->record,
    };
    size_t wish, list;
    int rc;

    for (wish = 0; wish < job->record->count; wish++)
        if (job->record->devices[wish].host &&
            job->record->devices[wish].host->vf &&
            vf_needs_pf(job->record->devices[wish].host->vf))
            p.sources.vf_wanted = true;
    p.pool_of = arena_alloc(job->b->arena, job->record->count *
                            sizeof(*p.pool_of));
    for (wish = 0; wish < job->record->count; wish++)
        if (job->record->devices[wish].wish.pool)
            p.pool_of[wish] = pools_find(
                job->pools, job->record->devices[wish].wish.pool);
    rc = collect(&p);
    if (rc) goto out;
    rc = fill_members(&p);
    if (rc) goto out;
    allocate(&p);
    rc = choose(&p);
    if (rc) goto out;
    list = !job->list ? 0 : job->b->explain ? p.count : PLANNED_CANDIDATES_MAX;
    rc = verify_listed(&p, list);
    if (rc) goto out;
    rc = find_explained_holders(&p, list);
    if (rc) goto out;
    rc = write_plan(&p, list, plan);
out:
    return rc;
}
