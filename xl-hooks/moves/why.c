/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "base/arena.h"
#include "moves/why.h"

#define HOSTS_NAMED 8

struct why {
    struct arena *arena;
    const struct fleet_state *state;
    size_t guest, host;
    enum reason reason;
    const char *text;
};

static void say(struct why *w, enum reason reason, const char *text)
{
    w->reason = reason;
    w->text = text;
}

/* What stands in the way of the first device that is: in the order of the
 * hosts' own answers, who has it counts less than what it is. */
static void count_pool(struct why *w, const struct wanted *wanted)
{
    const struct moves_host *h = &w->state->moves->hosts[w->host];
    const char *name = wanted->wish.pool;
    size_t i, members = 0, taken = 0, fit = 0;
    struct judgement j, first = { TIER_UNFIT, REASON_NONE, NULL };

    for (i = 0; i < h->count; i++) {
        if (!fleet_member(w->state, w->guest, w->host, wanted, i))
            continue;
        members++;
        j = fleet_judge(w->state, w->guest, w->host, wanted, i);
        if (j.tier != TIER_UNFIT) {
            fit++;
        } else if (j.reason == REASON_IN_USE || j.reason == REASON_LEASED) {
            taken++;
        } else if (first.reason == REASON_NONE) {
            first = j;
            first.text = arena_printf(w->arena, "%s %s",
                                      bdf_text(w->arena,
                                               &h->devices[i].facts.bdf),
                                      j.text);
        }
    }
    name = name ? arena_printf(w->arena, "pool %s", name)
                : "devices of the guest's model";
    if (!members)
        say(w, wanted->wish.pool ? REASON_POOL_EMPTY : REASON_NO_FREE_DEVICE,
            arena_printf(w->arena, "%s: none here", name));
    else if (fit)               /* but others need them, or the host does */
        say(w, REASON_NO_FREE_DEVICE,
            arena_printf(w->arena, "%s: %zu free, which is too few", name,
                         fit));
    else if (taken || first.reason == REASON_NONE)
        say(w, REASON_NO_FREE_DEVICE,
            arena_printf(w->arena, "%s: %zu here, %zu in use", name, members,
                         taken));
    else
        say(w, first.reason, first.text);
}

static void ask_wish(struct why *w, const struct wanted *wanted)
{
    const struct record *record = w->state->moves->guests[w->guest].record;
    const struct pool *pool = fleet_pool(w->state, w->host, wanted);

    if (wanted->wish.pool && !pool)
        say(w, REASON_POOL_UNKNOWN,
            arena_printf(w->arena, "there is no pool %s", wanted->wish.pool));
    else if (pool && !pool_allows(pool, record->domain_name,
                                  record->domain_uuid))
        say(w, REASON_NOT_ALLOWED,
            arena_printf(w->arena, "pool %s is not for it", pool->name));
    else
        count_pool(w, wanted);
}

static void ask_host(struct why *w)
{
    const struct moves_guest *g = &w->state->moves->guests[w->guest];
    long *chosen = arena_alloc(w->arena, (g->record->count + 1) *
                               sizeof(*chosen));
    struct arrival a = fleet_arrival(w->state, w->guest, w->host, chosen);
    size_t wish;

    if (a.welcome) {
        /* Only in a group: the others are the matter. */
        say(w, REASON_NONE, "would take it");
        return;
    }
    if (w->state->free_mib[w->host] >= 0 &&
        g->memory_mib > w->state->free_mib[w->host]) {
        say(w, REASON_NO_MEMORY,
            arena_printf(w->arena, "it needs %lld MiB, %lld are free",
                         g->memory_mib, w->state->free_mib[w->host]));
        return;
    }
    for (wish = 0; wish < g->record->count; wish++)
        if (g->record->devices[wish].wish.if_missing == IF_MISSING_FAIL &&
            chosen[wish] == MOVES_NONE) {
            ask_wish(w, &g->record->devices[wish]);
            return;
        }
}

enum reason moves_why(struct arena *arena, const struct fleet_state *state,
                      size_t guest, const char **text)
{
    const struct moves_guest *g = &state->moves->guests[guest];
    struct why w = { .arena = arena, .state = state, .guest = guest };
    enum reason reason = REASON_NONE;
    size_t asked = 0, left = 0;

    *text = "";
    for (w.host = 0; w.host < state->moves->host_count; w.host++) {
        if (w.host == g->host || state->moves->hosts[w.host].closed ||
            (g->to != MOVES_NONE && (size_t)g->to != w.host))
            continue;
        if (asked == HOSTS_NAMED) {
            left++;
            continue;
        }
        ask_host(&w);
        if (reason == REASON_NONE)
            reason = w.reason;
        *text = arena_printf(arena, "%s%s%s: %s%s%s", *text,
                             asked++ ? "; " : "",
                             state->moves->hosts[w.host].name,
                             w.reason == REASON_NONE ? ""
                                                     : reason_word(w.reason),
                             w.reason == REASON_NONE ? "" : ": ", w.text);
    }
    if (left)
        *text = arena_printf(arena, "%s; and %zu more hosts", *text, left);
    if (!asked)
        *text = "there is no host that it could go to";
    return reason == REASON_NONE ? REASON_NO_FREE_DEVICE : reason;
}
