/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "match.h"
#include "vf_settings.h"

#define IMPOSSIBLE INT64_MAX

/* Modules spell as one what drivers may spell in two ways. */
static bool same_letter(char a, char b)
{
    return (a == '-' ? '_' : a) == (b == '-' ? '_' : b);
}

/* igb and igbvf are one family, as are ixgbe and ixgbevf. */
static bool same_family(const char *a, const char *b)
{
    size_t x, y;

    if (!a || !b)
        return false;
    x = strlen(a);
    y = strlen(b);
    if (x > 2 && !strcmp(a + x - 2, "vf"))
        x -= 2;
    if (y > 2 && !strcmp(b + y - 2, "vf"))
        y -= 2;
    if (x != y)
        return false;
    while (x && same_letter(a[x - 1], b[x - 1]))
        x--;
    return !x;
}

static enum tier rank(const struct source_device *host,
                      const struct facts *facts)
{
    if (!host)
        return TIER_SAME_BASE_CLASS;
    if (host->vendor == facts->vendor && host->device == facts->device)
        return TIER_SAME_MODEL;
    if (same_family(host->driver, facts->driver))
        return TIER_SAME_FAMILY;
    if (host->class == facts->class)
        return TIER_SAME_CLASS;
    return TIER_SAME_BASE_CLASS;
}

/* Base class and subclass: wireless, InfiniBand and Ethernet are all network,
 * and nobody takes the one for the other. */
#define KIND(class) ((class) >> 8)
#define KIND_ETHERNET 0x0200

static const char *wrong_class(const struct wanted *wanted,
                               const struct facts *facts, long pool_kind)
{
    long kind = KIND_ETHERNET;

    if (wanted->host)
        kind = KIND(wanted->host->class);
    /* No device now: what the handover needs, or what the pool says. */
    else if (wanted->wish.handover == HANDOVER_PLAIN)
        kind = pool_kind;
    if (kind < 0)
        return "may be of any class: the guest has no device now, and the "
               "pool does not name one class in each match";
    return kind == (long)KIND(facts->class) ? NULL : "is of another class";
}

static struct judgement unfit(enum reason reason, const char *text)
{
    return (struct judgement){ TIER_UNFIT, reason, text };
}

struct judgement match_free(const struct facts *facts, bool pool_bind)
{
    if (facts->reset_failed)
        return unfit(REASON_RESET_FAILED, facts->reset_failed);
    if (!facts->answers)
        return unfit(REASON_DEVICE_GONE, "does not answer");
    if (facts->lease_broken)
        return unfit(REASON_LEASE_BROKEN, facts->lease_broken);
    if (facts->given)
        return unfit(REASON_IN_USE, facts->given);
    if (facts->leased)
        return unfit(REASON_LEASED, facts->leased);
    if (!facts->assignable && !pool_bind)
        return unfit(REASON_NOT_ASSIGNABLE, "is not bound to pciback");
    if (facts->busy)
        return unfit(REASON_IN_USE, facts->busy);
    if (!facts->assignable && facts->no_bind)
        return unfit(REASON_NOT_ASSIGNABLE, facts->no_bind);
    if (facts->pf_down)
        return unfit(REASON_PF_DOWN, facts->pf_down);
    if (facts->vf_lost)
        return unfit(REASON_VF_SETTINGS, facts->vf_lost);
    if (facts->shared)
        return unfit(REASON_NOT_ISOLATED, facts->shared);
    if (facts->xen_reason != REASON_NONE)
        return unfit(facts->xen_reason, facts->xen_text);
    return (struct judgement){ TIER_SAME_MODEL, REASON_NONE, NULL };
}

/* First what the device is, then who has it: "taken" must not be said of a
 * device that would not do anyway. */
struct judgement match_judge(const struct wanted *wanted,
                             enum domain_type type,
                             const struct facts *facts, bool pool_bind,
                             long pool_kind)
{
    const char *wrong = wrong_class(wanted, facts, pool_kind);
    struct judgement j;

    if (wrong)
        return unfit(REASON_CLASS_MISMATCH, wrong);
    if (!facts->vf_settable && wanted->host && wanted->host->vf &&
        vf_needs_pf(wanted->host->vf))
        return unfit(REASON_VF_SETTINGS, vf_needs_pf(wanted->host->vf));
    if (facts->answers && type == DOMAIN_PV && !facts->msi)
        return unfit(REASON_NEEDS_MSI, "has neither MSI nor MSI-X");
    j = match_free(facts, pool_bind);
    if (j.tier != TIER_UNFIT)
        j.tier = rank(wanted->host, facts);
    return j;
}

int match_compare(const struct merit *a, const struct merit *b)
{
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    if (a->load != b->load)
        return a->load < b->load ? -1 : 1;
    if (a->reset != b->reset)
        return a->reset < b->reset ? -1 : 1;
    return bdf_compare(&a->bdf, &b->bdf);
}

/*
 * Costs are built so that every goal outweighs all those after it together:
 * a tier outweighs all positions, an unmet wish all tiers, an unmet mandatory
 * wish all others. REQUEST_MAX_DEVICES keeps the sums within 64 bits.
 */
static int64_t tier_cost(const struct match_problem *problem)
{
    return (int64_t)(problem->wishes * problem->candidates) + 1;
}

static int64_t unmet_cost(const struct match_problem *problem, size_t wish)
{
    const int64_t n = (int64_t)problem->wishes;
    const int64_t step = n * TIER_UNFIT * tier_cost(problem);
    const int64_t cost = step * n * n + step * (n - (int64_t)wish);

    return problem->mandatory[wish] ? cost * (n + 1) * 2 : cost;
}

/*
 * Shortest augmenting paths with potentials (Kuhn, Munkres), one wish after
 * the other. Column 0 is the root of the search, 1..candidates are devices,
 * the rest are "nothing", one for each wish.
 */
struct solver {
    const struct match_problem *problem;
    size_t columns;
    int64_t tier_cost;
    int64_t *row_potential, *column_potential, *shortest;
    size_t *row_of, *previous;  /* row_of: 0 is free, rows from 1 */
    bool *reached;
};

static int64_t solver_cost(const struct solver *s, size_t row, size_t column)
{
    const struct match_problem *problem = s->problem;
    enum tier tier;

    if (column > problem->candidates)
        return column - problem->candidates == row
               ? unmet_cost(problem, row - 1) : IMPOSSIBLE;
    tier = problem->tiers[(row - 1) * problem->candidates + column - 1];
    if (tier == TIER_UNFIT)
        return IMPOSSIBLE;
    return tier * s->tier_cost + (int64_t)column;
}

/* Lower the distances through `from`; returns the nearest column. */
static size_t relax(struct solver *s, size_t from, int64_t *distance)
{
    const size_t row = s->row_of[from];
    size_t column, nearest = 0;
    int64_t cost;

    *distance = IMPOSSIBLE;
    for (column = 1; column <= s->columns; column++) {
        if (s->reached[column])
            continue;
        cost = solver_cost(s, row, column);
        if (cost != IMPOSSIBLE) {
            cost -= s->row_potential[row] + s->column_potential[column];
            if (cost < s->shortest[column]) {
                s->shortest[column] = cost;
                s->previous[column] = from;
            }
        }
        if (s->shortest[column] < *distance) {
            *distance = s->shortest[column];
            nearest = column;
        }
    }
    return nearest;
}

static void shift_potentials(struct solver *s, int64_t distance)
{
    size_t column;

    for (column = 0; column <= s->columns; column++) {
        if (s->reached[column]) {
            s->row_potential[s->row_of[column]] += distance;
            s->column_potential[column] -= distance;
        } else if (s->shortest[column] != IMPOSSIBLE) {
            s->shortest[column] -= distance;
        }
    }
}

static void place_wish(struct solver *s, size_t row)
{
    size_t column = 0, before;
    int64_t distance;

    for (before = 0; before <= s->columns; before++) {
        s->shortest[before] = IMPOSSIBLE;
        s->reached[before] = false;
    }
    s->row_of[0] = row;
    do {
        s->reached[column] = true;
        before = column;
        column = relax(s, before, &distance);
        shift_potentials(s, distance);
    } while (s->row_of[column]);
    /* Every wish has a "nothing" of its own: a free column is found. */
    for (; column; column = before) {
        before = s->previous[column];
        s->row_of[column] = s->row_of[before];
    }
}

void match_assign(struct arena *arena, const struct match_problem *problem,
                  long *chosen)
{
    struct solver s = { .problem = problem };
    size_t row, column;

    s.columns = problem->candidates + problem->wishes;
    s.tier_cost = tier_cost(problem);
    s.row_potential = arena_alloc(arena, (problem->wishes + 1) *
                                  sizeof(*s.row_potential));
    s.column_potential = arena_alloc(arena, (s.columns + 1) *
                                     sizeof(*s.column_potential));
    s.shortest = arena_alloc(arena, (s.columns + 1) * sizeof(*s.shortest));
    s.row_of = arena_alloc(arena, (s.columns + 1) * sizeof(*s.row_of));
    s.previous = arena_alloc(arena, (s.columns + 1) * sizeof(*s.previous));
    s.reached = arena_alloc(arena, (s.columns + 1) * sizeof(*s.reached));
    for (row = 1; row <= problem->wishes; row++)
        place_wish(&s, row);
    for (row = 0; row < problem->wishes; row++)
        chosen[row] = -1;
    for (column = 1; column <= problem->candidates; column++)
        if (s.row_of[column])
            chosen[s.row_of[column] - 1] = (long)column - 1;
}
