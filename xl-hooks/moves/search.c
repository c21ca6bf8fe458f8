/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * First the quick way: one guest after the other to the host that suits it
 * best. Those left over are then served first, again and again. If some are
 * still left, all orders and all hosts are tried, as far as the effort goes; what
 * that cannot prove, a bound may.
 */
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "moves/fleet_state.h"
#include "moves/search.h"
#include "proto/vf_settings.h"

struct memo {
    unsigned long version;      /* of the host then; 0: never asked */
    struct arrival arrival;
};

struct search {
    struct arena *arena;
    const struct moves *moves;
    struct fleet_state state;
    size_t effort, all_effort;  /* what is left of it, and was there */

    size_t *guests;             /* those that shall go, in the order in which
                                 * they are served */
    size_t count;
    size_t *kind;               /* of each guest: alike ones have one number */
    struct memo *memos;         /* [kind * hosts + host] */
    unsigned long *versions;    /* of each host */
    long *chosen;               /* room for one guest's */

    struct moves_step *now;     /* the steps made */
    size_t now_count, now_missing;
    bool *gone;                 /* of each guest */
    struct moves_step *best;
    size_t best_count, best_missing;
    bool any_best;
    size_t most, least_missing; /* no plan is better */
};

/* ---- guests that are alike ---- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static bool same_host(const struct source_device *a,
                      const struct source_device *b)
{
    if (!a || !b)
        return a == b;
    return a->vendor == b->vendor && a->device == b->device &&
           a->class == b->class && same_text(a->driver, b->driver) &&
           !a->vf == !b->vf &&
           (!a->vf || same_text(vf_needs_pf(a->vf), vf_needs_pf(b->vf)));
}

static bool same_wishes(const struct record *a, const struct record *b)
{
    size_t i;

    if (a->count != b->count || a->type != b->type)
        return false;
    for (i = 0; i < a->count; i++)
        if (!same_text(a->devices[i].wish.pool, b->devices[i].wish.pool) ||
            a->devices[i].wish.handover != b->devices[i].wish.handover ||
            a->devices[i].wish.if_missing != b->devices[i].wish.if_missing ||
            !same_host(a->devices[i].host, b->devices[i].host))
            return false;
    return true;
}

/* Some pool may be for one of them only. */
static bool same_pools_allowed(const struct moves *moves, const struct record *a,
                               const struct record *b)
{
    const struct pools *pools;
    size_t host, i;

    for (host = 0; host < moves->host_count; host++) {
        pools = moves->hosts[host].pools;
        for (i = 0; i < pools->count; i++)
            if (pools->pools[i].allow &&
                pool_allows(&pools->pools[i], a->domain_name,
                            a->domain_uuid) !=
                pool_allows(&pools->pools[i], b->domain_name,
                            b->domain_uuid))
                return false;
    }
    return true;
}

static bool is_alike(const struct moves *moves, size_t a, size_t b)
{
    const struct moves_guest *x = &moves->guests[a], *y = &moves->guests[b];

    return x->memory_mib == y->memory_mib && x->to == y->to &&
           same_wishes(x->record, y->record) &&
           same_pools_allowed(moves, x->record, y->record);
}

static size_t number_kinds(struct search *s)
{
    size_t *firsts = arena_alloc(s->arena, (s->count + 1) * sizeof(*firsts));
    size_t i, j, kinds = 0;

    for (i = 0; i < s->count; i++) {
        for (j = 0; j < kinds; j++)
            if (is_alike(s->moves, firsts[j], s->guests[i]))
                break;
        if (j == kinds)
            firsts[kinds++] = s->guests[i];
        s->kind[s->guests[i]] = j;
    }
    return kinds;
}

/* ---- steps ---- */

static bool may_go_to(const struct search *s, size_t guest, size_t host)
{
    const struct moves_guest *g = &s->moves->guests[guest];

    return host != g->host && !s->moves->hosts[host].closed &&
           (g->to == MOVES_NONE || (size_t)g->to == host);
}

static struct arrival ask(struct search *s, size_t guest, size_t host)
{
    if (s->effort)
        s->effort--;
    return fleet_arrival(&s->state, guest, host, s->chosen);
}

/* The same, remembered until something changes at that host. */
static struct arrival ask_again(struct search *s, size_t guest, size_t host)
{
    struct memo *m = &s->memos[s->kind[guest] * s->moves->host_count + host];

    if (m->version != s->versions[host]) {
        m->arrival = ask(s, guest, host);
        m->version = s->versions[host];
    }
    return m->arrival;
}

/* To where it was found welcome, with what is in s->chosen. */
static void make_step(struct search *s, size_t guest, size_t host,
                      size_t missing, long *chosen)
{
    const size_t wishes = s->moves->guests[guest].record->count;

    if (wishes)
        memcpy(chosen, s->chosen, wishes * sizeof(*chosen));
    s->now[s->now_count++] = (struct moves_step){
        .guest = guest, .host = host, .chosen = chosen, .missing = missing,
    };
    s->now_missing += missing;
    s->gone[guest] = true;
    fleet_arrive(&s->state, guest, host, chosen);
    fleet_depart(&s->state, guest);
    s->versions[host]++;
    s->versions[s->moves->guests[guest].host]++;
}

static void undo_step(struct search *s)
{
    const struct moves_step *step = &s->now[--s->now_count];

    fleet_undo_depart(&s->state, step->guest);
    fleet_undo_arrive(&s->state, step->guest, step->host, step->chosen);
    s->now_missing -= step->missing;
    s->gone[step->guest] = false;
    s->versions[step->host]++;
    s->versions[s->moves->guests[step->guest].host]++;
}

static long *room_for_choice(struct search *s, size_t guest)
{
    return arena_alloc(s->arena, (s->moves->guests[guest].record->count + 1) *
                       sizeof(long));
}

static void keep_best(struct search *s)
{
    if (s->any_best &&
        (s->now_count < s->best_count ||
         (s->now_count == s->best_count &&
          s->now_missing >= s->best_missing)))
        return;
    s->any_best = true;
    s->best_count = s->now_count;
    s->best_missing = s->now_missing;
    memcpy(s->best, s->now, s->now_count * sizeof(*s->now));
}

static bool is_perfect(const struct search *s)
{
    return s->any_best && s->best_count == s->most &&
           s->best_missing == s->least_missing;
}

/* ---- the quick way ---- */

/* Better devices first; then the host that has most of them, so that the load
 * is spread, or the one that has fewest, so that big wishes find room. */
static bool is_better(const struct fleet_state *state, bool tight,
                      size_t host, const struct arrival *a, size_t than,
                      const struct arrival *b)
{
    if (a->missing != b->missing)
        return a->missing < b->missing;
    if (a->tiers != b->tiers)
        return a->tiers < b->tiers;
    if (a->room != b->room)
        return tight ? a->room < b->room : a->room > b->room;
    return tight ? state->free_mib[host] < state->free_mib[than]
                 : state->free_mib[host] > state->free_mib[than];
}

/* Where it finds most; MOVES_NONE: nowhere with so little missing. */
static long best_host(struct search *s, size_t guest, bool tight,
                      bool may_miss, struct arrival *arrival)
{
    struct arrival a;
    long best = MOVES_NONE;
    size_t host;

    for (host = 0; host < s->moves->host_count; host++) {
        if (!may_go_to(s, guest, host))
            continue;
        a = ask_again(s, guest, host);
        if (!a.welcome || (a.missing && !may_miss))
            continue;
        if (best == MOVES_NONE ||
            is_better(&s->state, tight, host, &a, (size_t)best, arrival)) {
            best = (long)host;
            *arrival = a;
        }
    }
    return best;
}

static bool serve(struct search *s, size_t guest, bool tight, bool may_miss)
{
    struct arrival a;
    long host = best_host(s, guest, tight, may_miss, &a);

    if (host == MOVES_NONE)
        return false;
    a = ask(s, guest, (size_t)host);
    make_step(s, guest, (size_t)host, a.missing, room_for_choice(s, guest));
    return true;
}

/* One round over those that are still there; true: somebody went. */
static bool serve_all(struct search *s, bool tight)
{
    bool any = false;
    size_t i;

    for (i = 0; i < s->count; i++)
        if (!s->gone[s->guests[i]])
            any |= serve(s, s->guests[i], tight, false);
    return any;
}

/* One leaves with a wish open: what it leaves behind may be what others wait
 * for. */
static bool serve_one_missing(struct search *s, bool tight)
{
    size_t i;

    for (i = 0; i < s->count; i++)
        if (!s->gone[s->guests[i]] && serve(s, s->guests[i], tight, true))
            return true;
    return false;
}

static void go_quickly(struct search *s, bool tight)
{
    do {
        while (serve_all(s, tight))
            ;
    } while (serve_one_missing(s, tight));
    keep_best(s);
}

/* Who was left, or left with a wish open, comes first the next time; true: that
 * is another order. */
static bool serve_unlucky_first(struct search *s)
{
    size_t *order = arena_alloc(s->arena, (s->count + 1) * sizeof(*order));
    bool *unlucky = arena_alloc(s->arena, s->moves->guest_count + 1);
    size_t i, n = 0;
    bool changed;

    for (i = 0; i < s->count; i++)
        unlucky[s->guests[i]] = !s->gone[s->guests[i]];
    for (i = 0; i < s->now_count; i++)
        if (s->now[i].missing)
            unlucky[s->now[i].guest] = true;
    for (i = 0; i < s->count; i++)
        if (unlucky[s->guests[i]])
            order[n++] = s->guests[i];
    for (i = 0; i < s->count; i++)
        if (!unlucky[s->guests[i]])
            order[n++] = s->guests[i];
    changed = memcmp(order, s->guests, s->count * sizeof(*order));
    memcpy(s->guests, order, s->count * sizeof(*order));
    return changed;
}

static void undo_all(struct search *s)
{
    while (s->now_count)
        undo_step(s);
}

#define ROUNDS 12

static void search_quickly(struct search *s)
{
    bool more = true;
    int round;

    for (round = 0; round < ROUNDS && more && !is_perfect(s); round++) {
        go_quickly(s, round & 1);
        more = serve_unlucky_first(s) || !(round & 1);
        undo_all(s);
        if ((round & 1) && s->effort < s->all_effort / 2)
            break;
    }
}

/* ---- all ways ---- */

/* Alike ones that leave nothing behind which somebody could take need not be
 * tried in each order. */
static bool is_first_of_kind(const struct search *s, size_t place)
{
    const size_t guest = s->guests[place];
    const struct moves_guest *g = &s->moves->guests[guest];
    size_t i;

    if (!s->moves->hosts[g->host].closed)
        return true;
    for (i = 0; i < place; i++)
        if (!s->gone[s->guests[i]] &&
            s->kind[s->guests[i]] == s->kind[guest] &&
            s->moves->guests[s->guests[i]].host == g->host)
            return false;
    return true;
}

/* False: the effort was not enough. */
static bool try_all(struct search *s)
{
    struct arrival a;
    size_t i, host;
    bool complete = true;

    keep_best(s);
    for (i = 0; i < s->count && !is_perfect(s); i++) {
        if (s->gone[s->guests[i]] || !is_first_of_kind(s, i))
            continue;
        for (host = 0; host < s->moves->host_count && !is_perfect(s);
             host++) {
            if (!may_go_to(s, s->guests[i], host))
                continue;
            if (!s->effort)
                return false;
            a = ask(s, s->guests[i], host);
            if (!a.welcome)
                continue;
            make_step(s, s->guests[i], host, a.missing,
                      room_for_choice(s, s->guests[i]));
            complete &= try_all(s);
            undo_step(s);
        }
    }
    return complete;
}

/* ---- what cannot be ---- */

/* If all others that shall go had gone, and taken nothing. */
static void let_all_go(struct search *s)
{
    size_t i;

    for (i = 0; i < s->count; i++)
        fleet_depart(&s->state, s->guests[i]);
}

static void bring_all_back(struct search *s)
{
    size_t i;

    for (i = 0; i < s->count; i++)
        fleet_undo_depart(&s->state, s->guests[i]);
}

/* The least that the guest misses anywhere; SIZE_MAX: it is welcome nowhere. */
static size_t least_missing(struct search *s, size_t guest)
{
    size_t host, least = SIZE_MAX;
    struct arrival a;

    for (host = 0; host < s->moves->host_count && least; host++) {
        if (!may_go_to(s, guest, host))
            continue;
        a = ask_again(s, guest, host);
        if (a.welcome && a.missing < least)
            least = a.missing;
    }
    return least;
}

static size_t needs_of(const struct record *record, const char *pool,
                       bool mandatory)
{
    size_t wish, needs = 0;

    for (wish = 0; wish < record->count; wish++)
        if (same_text(record->devices[wish].wish.pool, pool) &&
            (!mandatory ||
             record->devices[wish].wish.if_missing == IF_MISSING_FAIL))
            needs++;
    return needs;
}

/* Free devices of that name at all hosts that are open. */
static size_t supply_of(const struct search *s, const char *name)
{
    const struct moves *moves = s->moves;
    const struct pool *pool;
    size_t host, i, free, supply = 0;

    for (host = 0; host < moves->host_count; host++) {
        pool = moves->hosts[host].closed
            ? NULL : pools_find(moves->hosts[host].pools, name);
        if (!pool)
            continue;
        for (free = i = 0; i < moves->hosts[host].count; i++)
            if (fleet_holder(&s->state, host, i) == MOVES_NONE &&
                moves->hosts[host].devices[i]
                    .member[pool - moves->hosts[host].pools->pools] &&
                match_free(&moves->hosts[host].devices[i].facts,
                           pool->bind).tier != TIER_UNFIT)
                free++;
        supply += free;
    }
    return supply;
}

/* How many of those that could go find no device of the pool: the modest ones
 * count first. */
static size_t too_many(const struct search *s, const bool *possible,
                       const char *pool, size_t supply)
{
    size_t needs, i, met, over = 0;

    for (needs = 1; needs <= REQUEST_MAX_DEVICES; needs++)
        for (i = 0; i < s->count; i++) {
            if (!possible[s->guests[i]])
                continue;
            met = needs_of(s->moves->guests[s->guests[i]].record, pool, true);
            if (met != needs)
                continue;
            if (needs <= supply)
                supply -= needs;
            else
                over++;
        }
    return over;
}

static bool was_named(const struct search *s, size_t guest, size_t wish)
{
    const char *pool =
        s->moves->guests[s->guests[guest]].record->devices[wish].wish.pool;
    const struct record *record;
    size_t i, j;

    for (i = 0; i <= guest; i++) {
        record = s->moves->guests[s->guests[i]].record;
        for (j = 0; j < (i == guest ? wish : record->count); j++)
            if (same_text(record->devices[j].wish.pool, pool))
                return true;
    }
    return false;
}

/* All wishes of those that can go are more than there is: so many stay open,
 * or their guests stay. */
static size_t open_wishes(const struct search *s, const char *pool,
                          size_t supply)
{
    size_t i, needs = 0;

    for (i = 0; i < s->count; i++)
        needs += needs_of(s->moves->guests[s->guests[i]].record, pool, false);
    return needs > supply ? needs - supply : 0;
}

static void find_bound(struct search *s)
{
    bool *possible = arena_alloc(s->arena, s->moves->guest_count + 1);
    size_t i, wish, least, over, most_over = 0, open = 0, supply;
    const struct record *record;
    const char *pool;

    let_all_go(s);
    s->most = s->least_missing = 0;
    for (i = 0; i < s->count; i++) {
        least = least_missing(s, s->guests[i]);
        if (least == SIZE_MAX)
            continue;
        possible[s->guests[i]] = true;
        s->most++;
        s->least_missing += least;
    }
    for (i = 0; i < s->count; i++) {
        record = s->moves->guests[s->guests[i]].record;
        for (wish = 0; wish < record->count; wish++) {
            pool = record->devices[wish].wish.pool;
            if (!pool || was_named(s, i, wish))
                continue;
            supply = supply_of(s, pool);
            over = too_many(s, possible, pool, supply);
            if (over > most_over)
                most_over = over;
            open += open_wishes(s, pool, supply);
        }
    }
    s->most -= most_over;
    /* Only where all go: otherwise those that stay may be the ones. */
    if (s->most < s->count)
        s->least_missing = 0;
    else if (open > s->least_missing)
        s->least_missing = open;
    bring_all_back(s);
    for (i = 0; i < s->moves->host_count; i++)
        s->versions[i]++;
}

/* ---- all of it ---- */

static void begin(struct search *s, const bool *out)
{
    const struct moves *moves = s->moves;
    size_t i, wishes = 1, kinds;

    s->all_effort = moves->effort ? moves->effort : MOVES_EFFORT;
    s->effort = s->all_effort;
    fleet_state_init(s->arena, moves, &s->state);
    s->guests = arena_alloc(s->arena, (moves->guest_count + 1) *
                            sizeof(*s->guests));
    s->kind = arena_alloc(s->arena, (moves->guest_count + 1) *
                          sizeof(*s->kind));
    s->gone = arena_alloc(s->arena, moves->guest_count + 1);
    s->now = arena_alloc(s->arena, (moves->guest_count + 1) *
                         sizeof(*s->now));
    s->best = arena_alloc(s->arena, (moves->guest_count + 1) *
                          sizeof(*s->best));
    s->versions = arena_alloc(s->arena, (moves->host_count + 1) *
                              sizeof(*s->versions));
    for (i = 0; i < moves->host_count; i++)
        s->versions[i] = 1;
    for (i = 0; i < moves->guest_count; i++) {
        if (moves->guests[i].record->count > wishes)
            wishes = moves->guests[i].record->count;
        if (moves->guests[i].goes && !out[i])
            s->guests[s->count++] = i;
    }
    s->chosen = arena_alloc(s->arena, wishes * sizeof(*s->chosen));
    kinds = number_kinds(s);
    s->memos = arena_alloc(s->arena, (kinds * moves->host_count + 1) *
                           sizeof(*s->memos));
}

/* Those that want most come first: the others find room between them. */
static void sort_by_size(struct search *s)
{
    size_t *sorted = arena_alloc(s->arena, (s->count + 1) * sizeof(*sorted));
    size_t wishes, i, n = 0;

    for (wishes = REQUEST_MAX_DEVICES + 1; wishes-- > 0;)
        for (i = 0; i < s->count; i++)
            if (s->moves->guests[s->guests[i]].record->count == wishes)
                sorted[n++] = s->guests[i];
    memcpy(s->guests, sorted, n * sizeof(*sorted));
}

void moves_search(struct arena *arena, const struct moves *moves,
                  const bool *out, struct search_result *result)
{
    struct search s = { .arena = arena, .moves = moves };
    bool complete;

    begin(&s, out);
    sort_by_size(&s);
    find_bound(&s);
    search_quickly(&s);
    complete = is_perfect(&s) || try_all(&s);
    result->steps = s.best;
    result->count = s.best_count;
    result->missing = s.best_missing;
    result->proved = complete || is_perfect(&s);
}
