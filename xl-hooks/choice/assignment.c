/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "choice/assignment.h"

#define IMPOSSIBLE INT64_MAX

/*
 * Costs are built so that every goal outweighs all those after it together:
 * a tier outweighs all positions, an unmet wish all tiers, an unmet mandatory
 * wish all others. REQUEST_MAX_DEVICES keeps the sums within 64 bits.
 */
static int64_t tier_cost(const struct assignment *problem)
{
    const size_t places = problem->places ? problem->place_count
                                          : problem->candidates;

    return (int64_t)(problem->wishes * places) + 1;
}

static int64_t unmet_cost(const struct assignment *problem, size_t wish)
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
    const struct assignment *problem;
    size_t columns;
    int64_t tier_cost;
    int64_t *row_potential, *column_potential, *shortest;
    size_t *row_of, *previous;  /* row_of: 0 is free, rows from 1 */
    bool *reached;
};

static int64_t solver_cost(const struct solver *s, size_t row, size_t column)
{
    const struct assignment *problem = s->problem;
    enum tier tier;

    if (column > problem->candidates)
        return column - problem->candidates == row
               ? unmet_cost(problem, row - 1) : IMPOSSIBLE;
    tier = problem->tiers[(row - 1) * problem->candidates + column - 1];
    if (tier == TIER_UNFIT)
        return IMPOSSIBLE;
    return tier * s->tier_cost + 1 +
           (int64_t)(problem->places ? problem->places[column - 1]
                                     : column - 1);
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

void assignment_make(struct arena *arena, const struct assignment *problem,
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
