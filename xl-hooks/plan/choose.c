/* SPDX-License-Identifier: GPL-2.0-only */
/* The best devices for the wishes of a record. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "choice/assignment.h"
#include "plan/planner.h"

static int compare_order(const void *a, const void *b, void *candidates)
{
    const struct candidate *c = candidates;

    return match_compare(&c[*(const size_t *)a].merit,
                         &c[*(const size_t *)b].merit);
}

void planner_sort(struct planner *p)
{
    if (p->sources.merits_changed)
        qsort_r(p->order, p->count, sizeof(*p->order), compare_order,
                p->candidates);
    p->sources.merits_changed = false;
}

/*
 * Places in the order that an assignment can need: others take at most one
 * device each from a wish, so that its first ones of each tier will do, as many
 * as there are wishes. Returns how many there are.
 */
static size_t find_places(struct planner *p, size_t *places)
{
    const size_t wishes = p->record->count;
    bool *needed = arena_alloc(p->sources.b->arena, p->count + 1);
    size_t taken[TIER_UNFIT + 1], wish, i, n = 0;
    enum tier tier;

    for (wish = 0; wish < wishes; wish++) {
        memset(taken, 0, sizeof(taken));
        for (i = 0; p->like[wish] == wish && i < p->count; i++) {
            tier = planner_judgement(p, wish, p->order[i])->tier;
            if (tier != TIER_UNFIT && taken[tier]++ < wishes)
                needed[i] = true;
        }
    }
    for (i = 0; i < p->count; i++)
        if (needed[i])
            places[n++] = i;
    return n;
}

static void assign(struct planner *p)
{
    const size_t wishes = p->record->count;
    struct arena *arena = p->sources.b->arena;
    size_t *places = arena_alloc(arena, (p->count + 1) * sizeof(*places));
    bool *mandatory = arena_alloc(arena, wishes * sizeof(*mandatory));
    struct assignment problem = {
        .wishes = wishes, .mandatory = mandatory, .places = places,
        .place_count = p->count,
    };
    enum tier *tiers;
    size_t wish, i;

    planner_sort(p);
    problem.candidates = find_places(p, places);
    tiers = arena_alloc(arena, (wishes * problem.candidates + 1) *
                        sizeof(*tiers));
    problem.tiers = tiers;
    for (wish = 0; wish < wishes; wish++) {
        mandatory[wish] = p->record->devices[wish].wish.if_missing ==
                          IF_MISSING_FAIL;
        for (i = 0; i < problem.candidates; i++)
            *tiers++ = p->barred[wish] ? TIER_UNFIT
                : planner_judgement(p, wish, p->order[places[i]])->tier;
    }
    assignment_make(arena, &problem, p->chosen);
    for (wish = 0; wish < wishes; wish++)
        if (p->chosen[wish] >= 0)
            p->chosen[wish] = (long)p->order[places[p->chosen[wish]]];
}

static bool fits_some_wish(const struct planner *p, size_t candidate)
{
    size_t wish;

    for (wish = 0; wish < p->record->count; wish++)
        if (p->like[wish] == wish &&
            planner_judgement(p, wish, candidate)->tier != TIER_UNFIT)
            return true;
    return false;
}

/* Where many are taken the rounds would be many: look ahead, as far as the last
 * look got. */
static int look_ahead(struct planner *p, size_t how_many, enum look how)
{
    const struct candidate *c;
    enum look ignored;
    size_t i;
    int rc;

    for (i = 0; i < p->count && how_many; i++) {
        c = &p->candidates[p->order[i]];
        if (c->verified || c->gone ||
            (how == LOOK_PROBE_WORSE && c->probed) ||
            !fits_some_wish(p, p->order[i]))
            continue;
        rc = how == LOOK_PROBE_WORSE ? planner_probe(p, p->order[i])
                                     : planner_verify(p, p->order[i], &ignored);
        if (rc)
            return rc;
        how_many--;
    }
    return RC_OK;
}

/* *worst: of those chosen. */
static int verify_chosen(struct planner *p, enum look *worst)
{
    enum look look;
    size_t wish;
    int rc;

    *worst = LOOK_GOOD;
    for (wish = 0; wish < p->record->count; wish++) {
        if (p->chosen[wish] < 0)
            continue;
        rc = planner_verify(p, (size_t)p->chosen[wish], &look);
        if (rc)
            return rc;
        if (look > *worst)
            *worst = look;
    }
    return RC_OK;
}

/*
 * The best assignment by what is known, until all that it chose is verified.
 * Looking makes a candidate worse or leaves it, so what is best then is so
 * whatever the others would turn out to be.
 */
static int choose_best(struct planner *p)
{
    size_t ahead[] = {
        [LOOK_PROBE_WORSE] = p->record->count,
        [LOOK_WORSE] = p->record->count,
    };
    enum look worst;
    int rc;

    for (;;) {
        assign(p);
        rc = verify_chosen(p, &worst);
        if (rc || worst == LOOK_GOOD)
            return rc;
        rc = look_ahead(p, ahead[worst], worst);
        if (rc)
            return rc;
        ahead[worst] *= 2;
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
    size_t i;
    int rc;

    *spare = 0;
    for (i = p->count; i-- > 0 && *spare < enough;) {
        if (!*planner_member(p, wish, p->order[i]) ||
            planner_is_chosen(p, p->order[i]))
            continue;
        rc = planner_verify_fully(p, p->order[i]);
        if (rc)
            return rc;
        if (*planner_member(p, wish, p->order[i]) &&
            is_of_kind(p, wish, p->order[i]) &&
            match_free(&p->candidates[p->order[i]].facts,
                       pool->bind).tier != TIER_UNFIT)
            (*spare)++;
    }
    return RC_OK;
}

/* The least important one of those that get a device of the pool and are not
 * barred yet; there is one. */
static void bar_one(struct planner *p, const struct pool *pool)
{
    size_t wish, worst = p->record->count;
    bool optional;

    for (wish = 0; wish < p->record->count; wish++) {
        if (p->pool_of[wish] != pool || p->chosen[wish] < 0 ||
            p->barred[wish])
            continue;
        optional = p->record->devices[wish].wish.if_missing !=
                   IF_MISSING_FAIL;
        if (worst == p->record->count || optional ||
            p->record->devices[worst].wish.if_missing == IF_MISSING_FAIL)
            worst = wish;
    }
    p->barred[worst] = true;
}

static size_t count_served(const struct planner *p, const struct pool *pool)
{
    size_t wish, n = 0;

    for (wish = 0; wish < p->record->count; wish++)
        if (p->pool_of[wish] == pool && p->chosen[wish] >= 0)
            n++;
    return n;
}

/* *again: wishes must do without, for the sake of guests of this host. Each that
 * does leaves one device, as long as no other wish takes that. */
static int keep_local(struct planner *p, bool *again)
{
    const struct pool *pool;
    size_t wish, spare, served, short_of;
    int rc;

    *again = false;
    for (wish = 0; !*again && wish < p->record->count; wish++) {
        pool = p->pool_of[wish];
        if (!pool || !pool->reserve || p->chosen[wish] < 0)
            continue;
        rc = count_spare(p, wish, pool->reserve, &spare);
        if (rc)
            return rc;
        served = count_served(p, pool);
        short_of = pool->reserve - spare;
        for (; short_of && served; short_of--, served--) {
            bar_one(p, pool);
            *again = true;
        }
    }
    return RC_OK;
}

int planner_choose(struct planner *p)
{
    bool again;
    size_t i;
    int rc;

    for (i = 0; i < p->count; i++) {
        p->order[i] = i;
        planner_judge(p, i);
    }
    p->sources.merits_changed = true;
    do {
        rc = choose_best(p);
        if (!rc)
            rc = keep_local(p, &again);
    } while (!rc && again);
    return rc;
}
