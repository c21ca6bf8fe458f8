/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of candidates, and what wishes think of them. */
#include <string.h>

#include "base/broker.h"
#include "host/inventory.h"
#include "plan/membership.h"
#include "plan/planner.h"

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

/* Of one that may be anything yet: all wishes can have it, and it is as good as
 * can be, unless somebody has it. */
static struct judgement guess(const struct planner *p, size_t wish,
                              const struct candidate *c)
{
    const struct pool *pool = p->pool_of[wish];

    if (c->facts.xen_reason != REASON_NONE)
        return (struct judgement){ TIER_UNFIT, c->facts.xen_reason,
                                   c->facts.xen_text };
    if (!c->facts.assignable && !(pool && pool->bind))
        return (struct judgement){ TIER_UNFIT, REASON_NOT_ASSIGNABLE, NULL };
    return (struct judgement){ TIER_SAME_MODEL, REASON_NONE, NULL };
}

void planner_judge(struct planner *p, size_t candidate)
{
    const struct candidate *c = &p->candidates[candidate];
    const struct pool *pool;
    struct judgement *j;
    size_t wish;

    for (wish = 0; wish < p->record->count; wish++) {
        if (p->like[wish] != wish)
            continue;
        pool = p->pool_of[wish];
        j = planner_judgement(p, wish, candidate);
        if (!*planner_member(p, wish, candidate))
            j->tier = TIER_UNFIT;
        else if (!c->identified)
            *j = guess(p, wish, c);
        else
            *j = match_judge(&p->record->devices[wish], p->record->type,
                             &c->facts, pool && pool->bind,
                             pool ? pool_kind(pool) : -1);
    }
}

/* Whose it may be, now that it is known what it is; one that has gone is
 * nobody's. */
static int find_members(struct planner *p, size_t candidate)
{
    struct candidate *c = &p->candidates[candidate];
    size_t wish;
    long before;
    int rc;

    for (wish = 0; wish < p->record->count; wish++) {
        if (p->like[wish] != wish)
            continue;
        before = same_pool(p, wish);
        *planner_member(p, wish, candidate) = false;
        if (c->gone)
            continue;
        if (before >= 0) {
            *planner_member(p, wish, candidate) =
                *planner_member(p, (size_t)before, candidate);
            continue;
        }
        rc = is_member(p, wish, c->device,
                       planner_member(p, wish, candidate));
        if (rc)
            return rc;
    }
    return RC_OK;
}

static int identify(struct planner *p, size_t candidate)
{
    struct candidate *c = &p->candidates[candidate];
    int rc;

    if (c->identified || c->gone)
        return RC_OK;
    rc = candidate_identify(&p->sources, c);
    if (!rc)
        rc = find_members(p, candidate);
    if (!rc)
        planner_judge(p, candidate);
    return rc;
}

/* For those who want to hear of each member. */
int planner_identify_all(struct planner *p)
{
    size_t i;
    int rc = RC_OK;

    for (i = 0; !rc && i < p->count; i++)
        rc = identify(p, i);
    return rc;
}

/* What each wish thought of the candidate. */
struct opinion {
    enum tier tiers[REQUEST_MAX_DEVICES];
    struct merit merit;
};

static struct opinion opinion_of(const struct planner *p, size_t candidate)
{
    struct opinion o = { .merit = p->candidates[candidate].merit };
    size_t wish;

    for (wish = 0; wish < p->record->count; wish++)
        o.tiers[wish] = planner_judgement(p, wish, candidate)->tier;
    return o;
}

static bool is_worse(const struct planner *p, size_t candidate,
                     const struct opinion *before)
{
    const struct opinion now = opinion_of(p, candidate);

    return match_compare(&before->merit, &now.merit) ||
           memcmp(before->tiers, now.tiers, p->record->count *
                  sizeof(*now.tiers));
}


int planner_probe(struct planner *p, size_t candidate)
{
    struct candidate *c = &p->candidates[candidate];
    int rc;

    if (c->probed)
        return RC_OK;
    rc = candidate_probe(&p->sources, c);
    if (!rc && (c->identified || c->gone))
        rc = find_members(p, candidate);
    if (!rc)
        planner_judge(p, candidate);
    return rc;
}

int planner_verify(struct planner *p, size_t candidate, enum look *look)
{
    const struct opinion before = opinion_of(p, candidate);
    struct candidate *c = &p->candidates[candidate];
    int rc;

    *look = LOOK_GOOD;
    rc = planner_probe(p, candidate);
    if (rc)
        return rc;
    if (is_worse(p, candidate, &before)) {
        *look = LOOK_PROBE_WORSE;
        return RC_OK;
    }
    if (c->verified || c->gone)
        return RC_OK;
    rc = candidate_verify(&p->sources, c);
    if (rc)
        return rc;
    planner_judge(p, candidate);
    if (is_worse(p, candidate, &before))
        *look = LOOK_WORSE;
    return RC_OK;
}

/* Until everything is known that matters. */
int planner_verify_fully(struct planner *p, size_t candidate)
{
    enum look look;
    int rc;

    do {
        rc = planner_verify(p, candidate, &look);
    } while (!rc && look == LOOK_PROBE_WORSE);
    return rc;
}
