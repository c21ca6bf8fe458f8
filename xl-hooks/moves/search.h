/* SPDX-License-Identifier: GPL-2.0-only */
/* The order of steps by which most guests can go. Pure. */
#ifndef BROKER_MOVES_SEARCH_H
#define BROKER_MOVES_SEARCH_H

#include "moves/moves.h"

struct search_result {
    struct moves_step *steps;   /* without waves */
    size_t count, missing;
    bool proved;
};

/* out: guests that do not go, whatever `goes` says. Groups are not looked at. */
void moves_search(struct arena *arena, const struct moves *moves,
                  const bool *out, struct search_result *result);

#endif
