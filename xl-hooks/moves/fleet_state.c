/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "choice/assignment.h"
#include "moves/fleet_state.h"

void fleet_state_init(struct arena *arena, const struct moves *moves,
                      struct fleet_state *state)
{
    size_t host, i, total = 0;

    state->moves = moves;
    state->first = arena_alloc(arena, (moves->host_count + 1) *
                               sizeof(*state->first));
    state->free_mib = arena_alloc(arena, (moves->host_count + 1) *
                                  sizeof(*state->free_mib));
    for (host = 0; host < moves->host_count; host++) {
        state->first[host] = total;
        state->free_mib[host] = moves->hosts[host].free_mib;
        total += moves->hosts[host].count;
    }
    state->holder = arena_alloc(arena, (total + 1) * sizeof(*state->holder));
    for (host = 0; host < moves->host_count; host++)
        for (i = 0; i < moves->hosts[host].count; i++)
            state->holder[state->first[host] + i] =
                moves->hosts[host].devices[i].holder;
    state->where = arena_alloc(arena, (moves->guest_count + 1) *
                               sizeof(*state->where));
    for (i = 0; i < moves->guest_count; i++)
        state->where[i] = moves->guests[i].host;
}

/* ---- what a wish may have ---- */

const struct pool *fleet_pool(const struct fleet_state *state, size_t host,
                              const struct wanted *wanted)
{
    return wanted->wish.pool
        ? pools_find(state->moves->hosts[host].pools, wanted->wish.pool)
        : NULL;
}

bool fleet_member(const struct fleet_state *state, size_t guest, size_t host,
                  const struct wanted *wanted, size_t device)
{
    const struct moves_host *h = &state->moves->hosts[host];
    const struct record *record = state->moves->guests[guest].record;
    const struct facts *facts = &h->devices[device].facts;
    const struct pool *pool;

    /* Without a pool: the model the guest has now. */
    if (!wanted->wish.pool)
        return wanted->host && wanted->host->vendor == facts->vendor &&
               wanted->host->device == facts->device;
    pool = fleet_pool(state, host, wanted);
    return pool && h->devices[device].member[pool - h->pools->pools] &&
           pool_allows(pool, record->domain_name, record->domain_uuid);
}

struct judgement fleet_judge(const struct fleet_state *state, size_t guest,
                             size_t host, const struct wanted *wanted,
                             size_t device)
{
    const struct pool *pool = fleet_pool(state, host, wanted);
    struct facts facts = state->moves->hosts[host].devices[device].facts;

    if (fleet_holder(state, host, device) != MOVES_NONE)
        facts.given = "is given to a guest of this plan";
    return match_judge(wanted, state->moves->guests[guest].record->type,
                       &facts, pool && pool->bind,
                       pool ? pool_kind(pool) : -1);
}

/* ---- what the broker would choose ---- */

struct option {
    size_t device;
    struct merit merit;
};

struct chooser {
    const struct fleet_state *state;
    size_t guest, host, wishes;
    const struct wanted *wanted;
    struct arena *arena;        /* of this choice only */
    struct option *options;     /* best merit first */
    size_t count;
    enum tier *tiers;           /* [wish * count + option] */
    bool *mandatory, *barred;   /* per wish */
    long *chosen;               /* per wish: an option */
};

/* VFs in use by guests of the plan, of each PF. */
static unsigned *count_loads(const struct chooser *c)
{
    const struct moves_host *h = &c->state->moves->hosts[c->host];
    unsigned *loads = arena_alloc(c->arena, (h->count + 1) * sizeof(*loads));
    size_t i;

    for (i = 0; i < h->count; i++)
        if (h->devices[i].pf != MOVES_NONE &&
            fleet_holder(c->state, c->host, i) != MOVES_NONE)
            loads[h->devices[i].pf]++;
    return loads;
}

static enum tier tier_of(const struct chooser *c, size_t wish, size_t device)
{
    if (!fleet_member(c->state, c->guest, c->host, &c->wanted[wish], device))
        return TIER_UNFIT;
    return fleet_judge(c->state, c->guest, c->host, &c->wanted[wish],
                       device).tier;
}

static int compare_options(const void *a, const void *b)
{
    return match_compare(&((const struct option *)a)->merit,
                         &((const struct option *)b)->merit);
}

/* Devices that are free and that some wish may have. */
static void collect(struct chooser *c)
{
    const struct moves_host *h = &c->state->moves->hosts[c->host];
    const unsigned *loads = count_loads(c);
    struct option *o;
    size_t i, wish;

    c->options = arena_alloc(c->arena, (h->count + 1) * sizeof(*c->options));
    for (i = 0; i < h->count; i++) {
        if (fleet_holder(c->state, c->host, i) != MOVES_NONE)
            continue;
        for (wish = 0; wish < c->wishes; wish++)
            if (tier_of(c, wish, i) != TIER_UNFIT)
                break;
        if (wish == c->wishes)
            continue;
        o = &c->options[c->count++];
        o->device = i;
        o->merit = h->devices[i].merit;
        if (h->devices[i].pf != MOVES_NONE)
            o->merit.load += loads[h->devices[i].pf];
    }
    qsort(c->options, c->count, sizeof(*c->options), compare_options);
    c->tiers = arena_alloc(c->arena, (c->wishes * c->count + 1) *
                           sizeof(*c->tiers));
    for (wish = 0; wish < c->wishes; wish++)
        for (i = 0; i < c->count; i++)
            c->tiers[wish * c->count + i] =
                tier_of(c, wish, c->options[i].device);
}

static void assign(struct chooser *c)
{
    enum tier *tiers = arena_alloc(c->arena, (c->wishes * c->count + 1) *
                                   sizeof(*tiers));
    const struct assignment problem = {
        .wishes = c->wishes, .candidates = c->count, .tiers = tiers,
        .mandatory = c->mandatory,
    };
    size_t wish, i;

    for (wish = 0; wish < c->wishes; wish++)
        for (i = 0; i < c->count; i++)
            tiers[wish * c->count + i] = c->barred[wish]
                ? TIER_UNFIT : c->tiers[wish * c->count + i];
    assignment_make(c->arena, &problem, c->chosen);
}

static bool is_chosen(const struct chooser *c, size_t device)
{
    size_t wish;

    for (wish = 0; wish < c->wishes; wish++)
        if (c->chosen[wish] >= 0 &&
            c->options[c->chosen[wish]].device == device)
            return true;
    return false;
}

/* Devices of the wish's pool and kind that nobody has and this guest leaves. */
static size_t count_spare(const struct chooser *c, size_t wish,
                          const struct pool *pool)
{
    const struct moves_host *h = &c->state->moves->hosts[c->host];
    size_t i, spare = 0;

    for (i = 0; i < h->count; i++)
        if (fleet_holder(c->state, c->host, i) == MOVES_NONE &&
            fleet_member(c->state, c->guest, c->host, &c->wanted[wish], i) &&
            !is_chosen(c, i) &&
            fleet_judge(c->state, c->guest, c->host, &c->wanted[wish],
                        i).reason != REASON_CLASS_MISMATCH &&
            match_free(&h->devices[i].facts, pool->bind).tier != TIER_UNFIT)
            spare++;
    return spare;
}

/* The least important wish that gets a device of the pool; false: there is none
 * left. */
static bool bar_one(struct chooser *c, const struct pool *pool)
{
    size_t wish, worst = c->wishes;

    for (wish = 0; wish < c->wishes; wish++)
        if (fleet_pool(c->state, c->host, &c->wanted[wish]) == pool &&
            c->chosen[wish] >= 0 && !c->barred[wish] &&
            (worst == c->wishes || !c->mandatory[wish] ||
             c->mandatory[worst]))
            worst = wish;
    if (worst == c->wishes)
        return false;
    c->barred[worst] = true;
    return true;
}

/* For the sake of guests of that host; true: the choice has to be made again. */
static bool keep_local(struct chooser *c)
{
    const struct pool *pool;
    size_t wish, spare;
    bool again = false;

    for (wish = 0; !again && wish < c->wishes; wish++) {
        pool = fleet_pool(c->state, c->host, &c->wanted[wish]);
        if (!pool || !pool->reserve || c->chosen[wish] < 0)
            continue;
        spare = count_spare(c, wish, pool);
        for (; spare < pool->reserve && bar_one(c, pool); spare++)
            again = true;
    }
    return again;
}

static struct arrival sum_up(const struct chooser *c, long *chosen)
{
    struct arrival a = { .welcome = true, .room = c->count };
    size_t wish;
    long option;

    for (wish = 0; wish < c->wishes; wish++) {
        option = c->chosen[wish];
        chosen[wish] = MOVES_NONE;
        if (option >= 0) {
            chosen[wish] = (long)c->options[option].device;
            a.tiers += c->tiers[wish * c->count + (size_t)option];
        } else if (c->mandatory[wish]) {
            a.welcome = false;
        } else {
            a.missing++;
        }
    }
    return a;
}

static struct arrival choose(struct chooser *c, long *chosen)
{
    size_t wish;

    c->mandatory = arena_alloc(c->arena, c->wishes);
    c->barred = arena_alloc(c->arena, c->wishes);
    c->chosen = arena_alloc(c->arena, c->wishes * sizeof(*c->chosen));
    for (wish = 0; wish < c->wishes; wish++)
        c->mandatory[wish] = c->wanted[wish].wish.if_missing ==
                             IF_MISSING_FAIL;
    collect(c);
    do {
        assign(c);
    } while (keep_local(c));
    return sum_up(c, chosen);
}

static bool has_memory(const struct fleet_state *state, size_t guest,
                       size_t host)
{
    return state->free_mib[host] < 0 ||
           state->moves->guests[guest].memory_mib <= state->free_mib[host];
}

struct arrival fleet_arrival(const struct fleet_state *state, size_t guest,
                             size_t host, long *chosen)
{
    const struct record *record = state->moves->guests[guest].record;
    struct chooser c = {
        .state = state, .guest = guest, .host = host,
        .wishes = record->count, .wanted = record->devices,
    };
    struct arrival a = { .welcome = false };

    if (!has_memory(state, guest, host))
        return a;
    a.welcome = true;
    if (!record->count)
        return a;
    c.arena = arena_new();
    a = choose(&c, chosen);
    arena_free(c.arena);
    return a;
}

/* ---- what happens then ---- */

static void take_memory(struct fleet_state *state, size_t guest, size_t host,
                        int sign)
{
    const long long memory = state->moves->guests[guest].memory_mib;

    if (state->free_mib[host] >= 0 && memory > 0)
        state->free_mib[host] -= sign * memory;
}

static void set_holder(struct fleet_state *state, size_t guest, size_t host,
                       const long *chosen, long holder)
{
    const struct record *record = state->moves->guests[guest].record;
    size_t wish;

    for (wish = 0; wish < record->count; wish++)
        if (chosen[wish] != MOVES_NONE)
            state->holder[state->first[host] + (size_t)chosen[wish]] = holder;
}

void fleet_arrive(struct fleet_state *state, size_t guest, size_t host,
                  const long *chosen)
{
    set_holder(state, guest, host, chosen, (long)guest);
    take_memory(state, guest, host, 1);
    state->where[guest] = host;
}

void fleet_undo_arrive(struct fleet_state *state, size_t guest, size_t host,
                       const long *chosen)
{
    set_holder(state, guest, host, chosen, MOVES_NONE);
    take_memory(state, guest, host, -1);
    state->where[guest] = state->moves->guests[guest].host;
}

/* A guest goes once, so that what it leaves is what it had at first. */
static void set_old(struct fleet_state *state, size_t guest, long holder)
{
    const size_t from = state->moves->guests[guest].host;
    const struct moves_host *h = &state->moves->hosts[from];
    size_t i;

    for (i = 0; i < h->count; i++)
        if (h->devices[i].holder == (long)guest)
            state->holder[state->first[from] + i] = holder;
}

void fleet_depart(struct fleet_state *state, size_t guest)
{
    set_old(state, guest, MOVES_NONE);
    take_memory(state, guest, state->moves->guests[guest].host, -1);
}

void fleet_undo_depart(struct fleet_state *state, size_t guest)
{
    set_old(state, guest, (long)guest);
    take_memory(state, guest, state->moves->guests[guest].host, 1);
}
