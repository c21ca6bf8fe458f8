/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "host/inventory.h"
#include "plan/planner.h"
#include "proto/vf_settings.h"

/* What the address alone says. */
static bool may_be_member(const struct planner *p, size_t wish,
                          const struct device *device)
{
    const struct pool *pool = p->pool_of[wish];

    if (!pool)
        return !p->record->devices[wish].wish.pool &&
               p->record->devices[wish].host;
    return pool_allows(pool, p->record->domain_name,
                       p->record->domain_uuid) &&
           pool_may_have(pool, device->text);
}

/* Devices that some wish may have, for all that is known now. */
static void collect(struct planner *p)
{
    struct inventory *inv = p->sources.inventory;
    size_t wish, i;

    p->candidates = arena_alloc(p->sources.b->arena,
                                inv->count * sizeof(*p->candidates) + 1);
    for (i = 0; i < inv->count; i++)
        for (wish = 0; wish < p->record->count; wish++)
            if (p->like[wish] == wish &&
                may_be_member(p, wish, &inv->devices[i])) {
                candidate_begin(&p->sources, &inv->devices[i],
                                &p->candidates[p->count++]);
                break;
            }
    p->sources.candidates = p->candidates;
    p->sources.count = p->count;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/* Would match.c judge each device alike for both? */
static bool is_alike(const struct planner *p, size_t a, size_t b)
{
    const struct wanted *x = &p->record->devices[a];
    const struct wanted *y = &p->record->devices[b];

    if (p->pool_of[a] != p->pool_of[b] ||
        !same_text(x->wish.pool, y->wish.pool) ||
        x->wish.handover != y->wish.handover || x->mtu != y->mtu ||
        !x->host != !y->host)
        return false;
    return !x->host ||
           (x->host->vendor == y->host->vendor &&
            x->host->device == y->host->device &&
            x->host->class == y->host->class &&
            same_text(x->host->driver, y->host->driver) &&
            !x->host->vf == !y->host->vf &&
            (!x->host->vf ||
             same_text(vf_needs_pf(x->host->vf), vf_needs_pf(y->host->vf))));
}

/* A guest with many devices has many of one kind. */
static void find_alike(struct planner *p)
{
    size_t wish, before;

    p->like = arena_alloc(p->sources.b->arena,
                          p->record->count * sizeof(*p->like));
    for (wish = 0; wish < p->record->count; wish++) {
        for (before = 0; before < wish; before++)
            if (p->like[before] == before && is_alike(p, before, wish))
                break;
        p->like[wish] = before;
    }
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
        planner_judge(p, p->order[i]);
        n++;
    }
    return RC_OK;
}

/* Whoever asks for reasons gets true ones: what is listed as fit is so. */
static int verify_listed(struct planner *p, size_t most)
{
    size_t wish, i, n;
    int rc;

    for (wish = 0; wish < p->record->count; wish++) {
        for (n = i = 0; i < p->count && n < most; i++) {
            if (!*planner_member(p, wish, p->order[i]))
                continue;
            rc = planner_verify_fully(p, p->order[i]);
            if (rc)
                return rc;
            if (planner_judgement(p, wish, p->order[i])->tier != TIER_UNFIT)
                n++;
        }
    }
    planner_sort(p);
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
    p->member = arena_alloc(arena, wishes * p->count + 1);
    memset(p->member, true, wishes * p->count);
    p->chosen = arena_alloc(arena, wishes * sizeof(*p->chosen));
    p->barred = arena_alloc(arena, wishes * sizeof(*p->barred));
}

static bool is_unmet(const struct planner *p)
{
    size_t wish;

    for (wish = 0; wish < p->record->count; wish++)
        if (p->chosen[wish] < 0)
            return true;
    return false;
}

/* What need not be asked of devices if no wish is for it. */
static void find_wanted(struct planner *p)
{
    const struct wanted *wanted = p->record->devices;
    size_t wish;

    for (wish = 0; wish < p->record->count; wish++, wanted++) {
        if (wanted->host && wanted->host->vf && vf_needs_pf(wanted->host->vf))
            p->sources.vf_wanted = true;
        if (wanted->mtu > p->sources.mtu)
            p->sources.mtu = wanted->mtu;
    }
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

    find_wanted(&p);
    if (job->record->type == DOMAIN_PV)
        p.sources.memory = job->record->memory;
    p.pool_of = arena_alloc(job->b->arena, job->record->count *
                            sizeof(*p.pool_of));
    for (wish = 0; wish < job->record->count; wish++)
        if (job->record->devices[wish].wish.pool)
            p.pool_of[wish] = pools_find(
                job->pools, job->record->devices[wish].wish.pool);
    find_alike(&p);
    collect(&p);
    allocate(&p);
    rc = planner_choose(&p);
    if (rc) goto out;
    if (job->list || is_unmet(&p))
        rc = planner_identify_all(&p);
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
