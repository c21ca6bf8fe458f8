/* SPDX-License-Identifier: GPL-2.0-only */
/* Which wish gets which device. Pure. */
#ifndef BROKER_ASSIGNMENT_H
#define BROKER_ASSIGNMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "choice/match.h"

struct arena;

/*
 * Best assignment. tiers[wish * candidates + candidate]; candidates come in
 * order of preference, and places[candidate] is the place of each in a longer
 * order of place_count (NULL: they are all there are). In this order of importance: as many mandatory wishes
 * as possible, as many others as possible, earlier wishes rather than later
 * ones, best tiers in sum, preferred candidates. chosen[wish] becomes an
 * index or -1.
 */
struct assignment {
    size_t wishes, candidates;
    const enum tier *tiers;
    const bool *mandatory;
    const size_t *places;
    size_t place_count;
};

void assignment_make(struct arena *arena, const struct assignment *problem,
                     long *chosen);

#endif
