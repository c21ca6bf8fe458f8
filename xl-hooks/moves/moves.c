/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/arena.h"
#include "moves/fleet_state.h"
#include "moves/moves.h"
#include "moves/search.h"
#include "moves/waves.h"
#include "moves/why.h"

struct maker {
    struct arena *arena;
    const struct moves *moves;
    struct moves_plan *plan;
    struct fleet_state state;   /* at the end of the plan */
    struct search_result found;
    bool *out;                  /* of each guest: it does not go */
    bool *gone;
    long *broken;               /* of each guest: the one for whose sake its
                                 * group stays, or MOVES_NONE */
};

static void mark_gone(struct maker *m)
{
    size_t i;

    for (i = 0; i < m->moves->guest_count; i++)
        m->gone[i] = false;
    for (i = 0; i < m->found.count; i++)
        m->gone[m->found.steps[i].guest] = true;
}

/* The first group of which some go and some do not stays as a whole; false:
 * there is none. */
static bool break_group(struct maker *m)
{
    const struct moves_guest *guests = m->moves->guests;
    size_t i, j;
    bool broken = false;

    for (i = 0; i < m->moves->guest_count && !broken; i++) {
        if (!guests[i].goes || guests[i].group == MOVES_NONE || m->gone[i])
            continue;
        for (j = 0; j < m->moves->guest_count; j++)
            if (m->gone[j] && guests[j].group == guests[i].group) {
                m->out[j] = broken = true;
                m->broken[j] = (long)i;
            }
    }
    return broken;
}

static void find_steps(struct maker *m)
{
    size_t i;

    for (i = 0; i < m->moves->guest_count; i++) {
        m->broken[i] = MOVES_NONE;
        m->out[i] = m->moves->guests[i].barred != REASON_NONE;
    }
    do {
        moves_search(m->arena, m->moves, m->out, &m->found);
        mark_gone(m);
    } while (break_group(m));
}

/* What is free in the end for wishes that were left open. */
static void find_later(struct maker *m, const struct moves_step *step)
{
    const struct record *record = m->moves->guests[step->guest].record;
    const struct moves_host *h = &m->moves->hosts[step->host];
    struct moves_plan *plan = m->plan;
    size_t wish, i;

    for (wish = 0; wish < record->count; wish++) {
        if (step->chosen[wish] != MOVES_NONE)
            continue;
        for (i = 0; i < h->count; i++)
            if (fleet_holder(&m->state, step->host, i) == MOVES_NONE &&
                fleet_member(&m->state, step->guest, step->host,
                             &record->devices[wish], i) &&
                fleet_judge(&m->state, step->guest, step->host,
                            &record->devices[wish], i).tier != TIER_UNFIT)
                break;
        if (i == h->count)
            continue;
        plan->later = arena_extend(m->arena, plan->later, plan->later_count,
                                   sizeof(*plan->later));
        plan->later[plan->later_count++] = (struct moves_later){
            step->guest, step->host, wish, i,
        };
        m->state.holder[m->state.first[step->host] + i] = (long)step->guest;
    }
}

static void explain(struct maker *m, size_t guest, struct moves_stay *stay)
{
    const struct moves_guest *g = &m->moves->guests[guest];

    stay->guest = guest;
    if (g->barred != REASON_NONE) {
        stay->reason = g->barred;
        stay->text = g->barred_text;
    } else if (m->broken[guest] != MOVES_NONE) {
        stay->reason = REASON_NO_FREE_DEVICE;
        stay->text = arena_printf(
            m->arena, "it goes together with %s only, which cannot go",
            m->moves->guests[m->broken[guest]].record->domain_name);
    } else {
        stay->reason = moves_why(m->arena, &m->state, guest, &stay->text);
    }
}

static void find_stays(struct maker *m)
{
    struct moves_plan *plan = m->plan;
    size_t i;

    for (i = 0; i < m->moves->guest_count; i++) {
        if (!m->moves->guests[i].goes || m->gone[i])
            continue;
        plan->stays = arena_extend(m->arena, plan->stays, plan->stay_count,
                                   sizeof(*plan->stays));
        explain(m, i, &plan->stays[plan->stay_count++]);
    }
}

void moves_make(struct arena *arena, const struct moves *moves,
                struct moves_plan *plan)
{
    struct maker m = { .arena = arena, .moves = moves, .plan = plan };
    size_t i;

    *plan = (struct moves_plan){ .steps = NULL };
    m.out = arena_alloc(arena, moves->guest_count + 1);
    m.gone = arena_alloc(arena, moves->guest_count + 1);
    m.broken = arena_alloc(arena, (moves->guest_count + 1) *
                           sizeof(*m.broken));
    find_steps(&m);
    plan->steps = m.found.steps;
    plan->step_count = m.found.count;
    plan->missing = m.found.missing;
    plan->proved = m.found.proved;
    fleet_state_init(arena, moves, &m.state);
    plan->wave_count = moves_waves(&m.state, plan->steps, plan->step_count,
                                   moves->parallel);
    find_stays(&m);
    for (i = 0; i < plan->step_count; i++)
        if (plan->steps[i].missing)
            find_later(&m, &plan->steps[i]);
}
