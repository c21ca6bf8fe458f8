/* SPDX-License-Identifier: GPL-2.0-only */
/* Which steps may be under way at the same time. Pure. */
#ifndef BROKER_MOVES_WAVES_H
#define BROKER_MOVES_WAVES_H

#include "moves/fleet_state.h"

/* Numbers the waves of the steps, in their order; returns how many there are. All
 * steps of a wave begin before the first of them has ended. A host gets one guest
 * with wishes in a wave: of two, chance would say which comes first and gets which
 * device. Afterwards the state is that at the end. */
size_t moves_waves(struct fleet_state *state, struct moves_step *steps,
                   size_t count, size_t parallel);

#endif
