/* SPDX-License-Identifier: GPL-2.0-only */
/* Who has what while a plan is carried out, and who could come next. Pure. */
#ifndef BROKER_FLEET_STATE_H
#define BROKER_FLEET_STATE_H

#include "moves/moves.h"

struct fleet_state {
    const struct moves *moves;
    size_t *first;              /* of each host: its first device in `holder` */
    long *holder;
    long long *free_mib;        /* of each host */
    size_t *where;              /* of each guest */
};

/* What the broker of a host would say to a guest. */
struct arrival {
    bool welcome;               /* all its mandatory wishes are met */
    size_t missing;             /* the others that are not */
    size_t tiers;               /* how good the devices are, in sum; less is
                                 * better */
    size_t room;                /* how many devices it could choose from */
};

void fleet_state_init(struct arena *arena, const struct moves *moves,
                      struct fleet_state *state);

/* chosen: per wish of the guest; set if it is welcome. */
struct arrival fleet_arrival(const struct fleet_state *state, size_t guest,
                             size_t host, long *chosen);

/* The guest is there, with these devices, and has not left its place yet. */
void fleet_arrive(struct fleet_state *state, size_t guest, size_t host,
                  const long *chosen);
void fleet_depart(struct fleet_state *state, size_t guest);

/* The other way round. */
void fleet_undo_arrive(struct fleet_state *state, size_t guest, size_t host,
                       const long *chosen);
void fleet_undo_depart(struct fleet_state *state, size_t guest);

static inline long fleet_holder(const struct fleet_state *state, size_t host,
                                size_t device)
{
    return state->holder[state->first[host] + device];
}

/* Which pool of the host a wish names; NULL: it names none, or there is none
 * of that name. */
const struct pool *fleet_pool(const struct fleet_state *state, size_t host,
                              const struct wanted *wanted);

/* May the guest of the wish choose among the pool's devices, and is this one of
 * them? */
bool fleet_member(const struct fleet_state *state, size_t guest, size_t host,
                  const struct wanted *wanted, size_t device);

/* What match.c says of the device as it is now. */
struct judgement fleet_judge(const struct fleet_state *state, size_t guest,
                             size_t host, const struct wanted *wanted,
                             size_t device);

#endif
