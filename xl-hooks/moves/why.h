/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a guest is not welcome. Pure. */
#ifndef BROKER_MOVES_WHY_H
#define BROKER_MOVES_WHY_H

#include "moves/fleet_state.h"

/* Of the first host that it may go to; *text: of all of them. */
enum reason moves_why(struct arena *arena, const struct fleet_state *state,
                      size_t guest, const char **text);

#endif
