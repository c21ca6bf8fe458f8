/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "base/arena.h"
#include "moves/waves.h"

struct wave {
    struct fleet_state *state;
    struct moves_step *steps;
    size_t begin, count;        /* those in it */
};

static size_t wishes_of(const struct wave *w, const struct moves_step *step)
{
    return w->state->moves->guests[step->guest].record->count;
}

static bool host_is_busy(const struct wave *w, const struct moves_step *step)
{
    size_t i;

    for (i = w->begin; i < w->begin + w->count; i++)
        if (w->steps[i].host == step->host && wishes_of(w, &w->steps[i]))
            return true;
    return false;
}

/* Would it get the same while those of the wave are still where they were? */
static bool gets_the_same(const struct wave *w, const struct moves_step *step)
{
    struct arena *arena = arena_new();
    const size_t wishes = wishes_of(w, step);
    long *chosen = arena_alloc(arena, (wishes + 1) * sizeof(*chosen));
    struct arrival a = fleet_arrival(w->state, step->guest, step->host,
                                     chosen);
    bool same = a.welcome &&
                (!wishes || !memcmp(chosen, step->chosen,
                                    wishes * sizeof(*chosen)));

    arena_free(arena);
    return same;
}

static void end_wave(struct wave *w)
{
    for (; w->count; w->count--)
        fleet_depart(w->state, w->steps[w->begin++].guest);
}

size_t moves_waves(struct fleet_state *state, struct moves_step *steps,
                   size_t count, size_t parallel)
{
    struct wave w = { .state = state, .steps = steps };
    size_t i, waves = 0;

    for (i = 0; i < count; i++) {
        if (w.count == parallel ||
            (wishes_of(&w, &steps[i]) && host_is_busy(&w, &steps[i])) ||
            !gets_the_same(&w, &steps[i]))
            end_wave(&w);
        if (!w.count++)
            waves++;
        steps[i].wave = waves;
        fleet_arrive(state, steps[i].guest, steps[i].host, steps[i].chosen);
    }
    end_wave(&w);
    return waves;
}
