/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plans for many guests: on small fleets against brute force that tries all
 * orders and all hosts with rules of its own; what exchanges, groups and refusals
 * are to be; and how long thousands take.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/arena.h"
#include "choice/assignment.h"
#include "moves/moves.h"

#define ROUNDS 6000
#define HOSTS 3
#define DEVICES 4
#define GUESTS 4
#define WISHES 2

static uint32_t seed;

static unsigned pick(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

/* ---- a fleet in words of the test's own ---- */

enum { POOL_LAN, POOL_BIG };    /* all devices, those of model 1 */

struct t_device {
    int model, pf;              /* pf: -1 or a number */
    int holder;                 /* guest; -1: nobody, -2: a stranger */
};

struct t_wish {
    int pool, mandatory;
    int model;                  /* of the device the guest has; -1: none */
};

struct t_guest {
    int host, goes, to, memory, wishes;
    struct t_wish wish[WISHES];
};

struct t_host {
    int devices, closed, memory;        /* memory -1: unknown */
    int reserve;                /* of lan */
    struct t_device device[DEVICES];
};

struct fleet {
    int hosts, guests;
    struct t_host host[HOSTS];
    struct t_guest guest[GUESTS];
};

/* ---- brute force ---- */

/* The VFs in use on the PF of a device. */
static int load(const struct t_host *h, int device)
{
    int i, n = 0;

    for (i = 0; h->device[device].pf >= 0 && i < h->devices; i++)
        n += h->device[i].pf == h->device[device].pf &&
             h->device[i].holder != -1;
    return n;
}

/* 0: the guest's model, 1: another one of its class, 2: it has none now; -1: it
 * cannot have the device. */
static int tier(const struct t_host *h, const struct t_wish *w, int device)
{
    const struct t_device *d = &h->device[device];

    if (d->holder != -1 || (w->pool == POOL_BIG && !d->model))
        return -1;
    return w->model < 0 ? 2 : w->model != d->model;
}

static int is_for(const struct t_host *h, const struct t_guest *g, int device)
{
    int w;

    for (w = 0; w < g->wishes; w++)
        if (tier(h, &g->wish[w], device) >= 0)
            return 1;
    return 0;
}

/* How many of those that the guest could have come before it: VFs of PFs with
 * less load first. */
static int place(const struct t_host *h, const struct t_guest *g, int device)
{
    int i, n = 0;

    for (i = 0; i < h->devices; i++)
        if (is_for(h, g, i) &&
            (load(h, i) < load(h, device) ||
             (load(h, i) == load(h, device) && i < device)))
            n++;
    return n;
}

/* A guest with one wish does not get what the host keeps. */
static void keep(const struct t_host *h, const struct t_guest *g, int *chosen)
{
    int i, spare = 0;

    if (!h->reserve || g->wishes != 1 || g->wish[0].pool != POOL_LAN ||
        chosen[0] < 0)
        return;
    for (i = 0; i < h->devices; i++)
        spare += h->device[i].holder == -1 && i != chosen[0];
    if (spare < h->reserve)
        chosen[0] = -1;
}

/* test_match.c has shown that assignment_make() finds the best; which of several
 * that are as good it finds is its own affair. */
static void choose(const struct t_host *h, const struct t_guest *g,
                   int *chosen)
{
    enum tier tiers[WISHES * DEVICES];
    bool mandatory[WISHES];
    int option[DEVICES], i, w, t, n = 0;
    long got[WISHES];
    struct assignment a = { .tiers = tiers, .mandatory = mandatory };
    struct arena *arena = arena_new();

    for (i = 0; i < h->devices; i++)
        if (is_for(h, g, i)) {
            option[place(h, g, i)] = i;
            n++;
        }
    for (w = 0; w < g->wishes; w++) {
        mandatory[w] = g->wish[w].mandatory;
        for (i = 0; i < n; i++) {
            t = tier(h, &g->wish[w], option[i]);
            tiers[w * n + i] = t < 0 ? TIER_UNFIT : (enum tier)t;
        }
    }
    a.wishes = (size_t)g->wishes;
    a.candidates = (size_t)n;
    assignment_make(arena, &a, got);
    for (w = 0; w < g->wishes; w++)
        chosen[w] = got[w] < 0 ? -1 : option[got[w]];
    arena_free(arena);
    keep(h, g, chosen);
}

/* How many wishes stay open; -1: not welcome. */
static int arrival(const struct fleet *f, int guest, int host, int *chosen)
{
    const struct t_guest *g = &f->guest[guest];
    const struct t_host *h = &f->host[host];
    int w, missing = 0;

    if (h->memory >= 0 && g->memory > h->memory)
        return -1;
    if (g->wishes)
        choose(h, g, chosen);
    for (w = 0; w < g->wishes; w++) {
        if (chosen[w] >= 0)
            continue;
        if (g->wish[w].mandatory)
            return -1;
        missing++;
    }
    return missing;
}

static void arrive(struct fleet *f, int guest, int host, const int *chosen)
{
    int w;

    for (w = 0; w < f->guest[guest].wishes; w++)
        if (chosen[w] >= 0)
            f->host[host].device[chosen[w]].holder = guest;
    if (f->host[host].memory >= 0)
        f->host[host].memory -= f->guest[guest].memory;
    f->guest[guest].goes = 0;
}

/* kept: what it had there at first. */
static void depart(struct fleet *f, const struct fleet *first, int guest)
{
    const int from = first->guest[guest].host;
    int i;

    for (i = 0; i < f->host[from].devices; i++)
        if (first->host[from].device[i].holder == guest)
            f->host[from].device[i].holder = -1;
    if (f->host[from].memory >= 0)
        f->host[from].memory += f->guest[guest].memory;
}

static int may_go(const struct fleet *f, int guest, int host)
{
    const struct t_guest *g = &f->guest[guest];

    return g->goes && host != g->host && !f->host[host].closed &&
           (g->to < 0 || g->to == host);
}

static void brute(const struct fleet *f, const struct fleet *first, int moved,
                  int missing, int *most, int *least)
{
    struct fleet next;
    int guest, host, open, chosen[WISHES];

    if (moved > *most || (moved == *most && missing < *least)) {
        *most = moved;
        *least = missing;
    }
    for (guest = 0; guest < f->guests; guest++)
        for (host = 0; host < f->hosts; host++) {
            if (!may_go(f, guest, host))
                continue;
            open = arrival(f, guest, host, chosen);
            if (open < 0)
                continue;
            next = *f;
            arrive(&next, guest, host, chosen);
            depart(&next, first, guest);
            brute(&next, first, moved + 1, missing + open, most, least);
        }
}

/* ---- the same fleet for the planner ---- */

static const char *const pool_names[] = { "lan", "big" };

struct given {
    struct moves moves;
    struct pools pools[HOSTS];
    struct pool pool[HOSTS][2];
    struct moves_host host[HOSTS];
    struct moves_device device[HOSTS][DEVICES];
    bool member[HOSTS][DEVICES][2];
    struct moves_guest guest[GUESTS];
    struct record record[GUESTS];
    struct wanted wanted[GUESTS][WISHES];
    struct source_device source[GUESTS][WISHES];
    char name[GUESTS][16];
};

static const uint16_t models[] = { 0x10ca, 0x1520 };

static struct moves_device device_of(const struct t_device *t, unsigned bus,
                                     unsigned number)
{
    struct moves_device d = {
        .facts = {
            .bdf = { 0, (uint8_t)bus, (uint8_t)number, 0 },
            .vendor = 0x8086, .device = models[t->model], .class = 0x020000,
            .answers = true, .msi = true, .assignable = true,
            .given = t->holder == -2 ? "is given to a stranger" : NULL,
        },
        .pf = t->pf, .holder = t->holder >= 0 ? t->holder : MOVES_NONE,
    };

    d.merit.bdf = d.facts.bdf;
    return d;
}

static void give_host(const struct fleet *f, struct given *g, int host)
{
    const struct t_host *t = &f->host[host];
    int i, j, strangers;

    for (i = 0; i < 2; i++)
        g->pool[host][i] = (struct pool){
            .name = pool_names[i], .reserve = i ? 0 : (size_t)t->reserve,
        };
    g->pools[host] = (struct pools){ g->pool[host], 2 };
    for (i = 0; i < t->devices; i++) {
        g->device[host][i] = device_of(&t->device[i], (unsigned)host,
                                       (unsigned)i);
        for (strangers = j = 0; j < t->devices; j++)
            strangers += t->device[j].holder == -2 &&
                         t->device[j].pf == t->device[i].pf;
        if (t->device[i].pf >= 0)
            g->device[host][i].merit.load = (unsigned)strangers;
        g->member[host][i][POOL_LAN] = true;
        g->member[host][i][POOL_BIG] = t->device[i].model;
        g->device[host][i].member = g->member[host][i];
    }
    g->host[host] = (struct moves_host){
        .name = host ? host > 1 ? "hostc" : "hostb" : "hosta",
        .pools = &g->pools[host], .devices = g->device[host],
        .count = (size_t)t->devices, .free_mib = t->memory,
        .closed = t->closed,
    };
}

static void give_guest(const struct fleet *f, struct given *g, int guest)
{
    const struct t_guest *t = &f->guest[guest];
    struct source_device *source;
    struct wanted *wanted;
    int w;

    snprintf(g->name[guest], sizeof(g->name[guest]), "g%d", guest);
    for (w = 0; w < t->wishes; w++) {
        wanted = &g->wanted[guest][w];
        *wanted = (struct wanted){ .wish = {
            .id = w ? "two" : "one", .pool = pool_names[t->wish[w].pool],
            .if_missing = t->wish[w].mandatory ? IF_MISSING_FAIL
                                               : IF_MISSING_STANDBY } };
        if (t->wish[w].model < 0)
            continue;
        source = &g->source[guest][w];
        *source = (struct source_device){
            .vendor = 0x8086, .device = models[t->wish[w].model],
            .class = 0x020000,
        };
        wanted->host = source;
    }
    g->record[guest] = (struct record){
        .domain_name = g->name[guest], .domain_uuid = "", .type = DOMAIN_HVM,
        .devices = g->wanted[guest], .count = (size_t)t->wishes,
    };
    g->guest[guest] = (struct moves_guest){
        .record = &g->record[guest], .host = (size_t)t->host,
        .goes = t->goes, .to = t->to, .group = MOVES_NONE,
        .memory_mib = t->memory,
    };
}

static struct given *give(const struct fleet *f)
{
    struct given *g = calloc(1, sizeof(*g));
    int i;

    for (i = 0; i < f->hosts; i++)
        give_host(f, g, i);
    for (i = 0; i < f->guests; i++)
        give_guest(f, g, i);
    g->moves = (struct moves){
        .hosts = g->host, .host_count = (size_t)f->hosts,
        .guests = g->guest, .guest_count = (size_t)f->guests, .parallel = 3,
    };
    return g;
}

/* ---- random fleets ---- */

/* Guests have what they wish for, as far as it is there. */
static void outfit(struct fleet *f, struct t_guest *g, int number)
{
    struct t_host *h = &f->host[g->host];
    int w, i;

    for (w = 0; w < g->wishes; w++) {
        g->wish[w].model = -1;
        for (i = 0; i < h->devices; i++)
            if (h->device[i].holder == -1 &&
                (g->wish[w].pool == POOL_LAN || h->device[i].model))
                break;
        if (i == h->devices || !pick(6))
            continue;
        h->device[i].holder = number;
        g->wish[w].model = h->device[i].model;
    }
}

static void invent(struct fleet *f)
{
    /* Fleets in which some leave a host, and those in which some change places. */
    const int evacuation = (int)pick(2), simple = (int)pick(2);
    int i, j;

    memset(f, 0, sizeof(*f));
    f->hosts = 2 + (int)pick(HOSTS - 1);
    f->guests = 1 + (int)pick(GUESTS);
    for (i = 0; i < f->hosts; i++) {
        struct t_host *h = &f->host[i];

        h->devices = (int)pick(DEVICES + 1);
        h->closed = evacuation && !i;
        h->memory = pick(2) ? -1 : (int)pick(5);
        h->reserve = simple && !pick(3);
        for (j = 0; j < h->devices; j++)
            h->device[j] = (struct t_device){
                (int)pick(2), (int)pick(3) - 1, pick(8) ? -1 : -2 };
    }
    for (i = 0; i < f->guests; i++) {
        struct t_guest *g = &f->guest[i];

        g->host = evacuation ? 0 : (int)pick((unsigned)f->hosts);
        g->goes = pick(6) > 0;
        g->to = evacuation || !pick(3) ? -1 : (int)pick((unsigned)f->hosts);
        g->memory = (int)pick(3);
        g->wishes = (int)pick(simple ? 2 : WISHES + 1);
        for (j = 0; j < g->wishes; j++)
            g->wish[j] = (struct t_wish){ (int)pick(2), (int)pick(3) > 0,
                                          -1 };
        outfit(f, g, i);
    }
}

/* ---- is the plan what it says? ---- */

static void check_step(struct fleet *f, uint32_t start,
                       const struct moves_step *step)
{
    const int guest = (int)step->guest, host = (int)step->host;
    int chosen[WISHES], w, open;

    if (!may_go(f, guest, host))
        fail_msg("seed %u: g%d must not go to host %d", start, guest, host);
    open = arrival(f, guest, host, chosen);
    if (open != (int)step->missing)
        fail_msg("seed %u: g%d misses %d at host %d, not %zu", start, guest,
                 open, host, step->missing);
    for (w = 0; w < f->guest[guest].wishes; w++)
        if (chosen[w] != step->chosen[w])
            fail_msg("seed %u: wish %d of g%d gets %d at host %d, not %ld",
                     start, w, guest, chosen[w], host, step->chosen[w]);
    arrive(f, guest, host, chosen);
}

/* With the guests of a wave at both places until it has ended. */
static void check_plan(const struct fleet *first, uint32_t start,
                       const struct moves_plan *plan, size_t parallel)
{
    struct fleet f = *first;
    size_t i, j, begin = 0, missing = 0;

    for (i = 0; i <= plan->step_count; i++) {
        if (i == plan->step_count ||
            plan->steps[i].wave != plan->steps[begin].wave) {
            if (i - begin > parallel)
                fail_msg("seed %u: %zu at a time", start, i - begin);
            for (j = begin; j < i; j++)
                depart(&f, first, (int)plan->steps[j].guest);
            begin = i;
        }
        if (i == plan->step_count)
            break;
        check_step(&f, start, &plan->steps[i]);
        missing += plan->steps[i].missing;
        for (j = begin; j < i; j++)
            if (plan->steps[j].host == plan->steps[i].host &&
                f.guest[plan->steps[j].guest].wishes &&
                f.guest[plan->steps[i].guest].wishes)
                fail_msg("seed %u: two at a time to one host", start);
    }
    assert_int_equal(missing, plan->missing);
}

static void check_stays(const struct fleet *f, uint32_t start,
                        const struct moves_plan *plan)
{
    size_t i, going = 0;
    int g;

    for (g = 0; g < f->guests; g++)
        going += (size_t)f->guest[g].goes;
    if (plan->step_count + plan->stay_count != going)
        fail_msg("seed %u: %zu go and %zu stay of %zu", start,
                 plan->step_count, plan->stay_count, going);
    for (i = 0; i < plan->stay_count; i++)
        if (plan->stays[i].reason == REASON_NONE || !*plan->stays[i].text)
            fail_msg("seed %u: no reason", start);
}

static void check_round(uint32_t start)
{
    struct arena *arena = arena_new();
    int most = -1, least = 0;
    struct moves_plan plan;
    struct fleet f;
    struct given *g;

    seed = start;
    invent(&f);
    g = give(&f);
    moves_make(arena, &g->moves, &plan);
    brute(&f, &f, 0, 0, &most, &least);
    if ((int)plan.step_count != most || (int)plan.missing != least)
        fail_msg("seed %u: %zu of them go, %zu wishes open; could be %d, %d",
                 start, plan.step_count, plan.missing, most, least);
    if (!plan.proved)
        fail_msg("seed %u: not proved", start);
    check_plan(&f, start, &plan, g->moves.parallel);
    check_stays(&f, start, &plan);
    free(g);
    arena_free(arena);
}

static void test_brute_force(void **state)
{
    uint32_t round;

    (void)state;
    for (round = 0; round < ROUNDS; round++)
        check_round(round * 2654435761u);
}

/* With hardly any effort a plan may be worse, but never wrong, and never said to
 * be proved when it is not the best. */
static void test_little_effort(void **state)
{
    struct moves_plan plan;
    struct arena *arena;
    struct given *g;
    struct fleet f;
    uint32_t round;
    int most, least;

    (void)state;
    for (round = 0; round < ROUNDS / 4; round++) {
        seed = round * 2246822519u + 7;
        invent(&f);
        g = give(&f);
        g->moves.effort = 1 + round % 8;
        arena = arena_new();
        moves_make(arena, &g->moves, &plan);
        most = -1;
        least = 0;
        brute(&f, &f, 0, 0, &most, &least);
        if (plan.proved && ((int)plan.step_count != most ||
                            (int)plan.missing != least))
            fail_msg("round %u: said to be proved: %zu, %zu, not %d, %d",
                     round, plan.step_count, plan.missing, most, least);
        check_plan(&f, round, &plan, g->moves.parallel);
        check_stays(&f, round, &plan);
        free(g);
        arena_free(arena);
    }
}

/* ---- exchanges ---- */

/* Two hosts with one device each, and each guest has one. */
static void swap_fleet(struct fleet *f, int mandatory)
{
    int i;

    memset(f, 0, sizeof(*f));
    f->hosts = f->guests = 2;
    for (i = 0; i < 2; i++) {
        f->host[i] = (struct t_host){ .devices = 1, .memory = -1 };
        f->host[i].device[0] = (struct t_device){ 0, -1, i };
        f->guest[i] = (struct t_guest){ .host = i, .goes = 1, .to = !i,
                                        .wishes = 1 };
        f->guest[i].wish[0] = (struct t_wish){ POOL_LAN, mandatory, 0 };
    }
}

static void test_swap_refused(void **state)
{
    struct arena *arena = arena_new();
    struct moves_plan plan;
    struct fleet f;
    struct given *g;

    (void)state;
    swap_fleet(&f, 1);
    g = give(&f);
    moves_make(arena, &g->moves, &plan);
    assert_int_equal(plan.step_count, 0);
    assert_int_equal(plan.stay_count, 2);
    assert_true(plan.proved);
    assert_int_equal(plan.stays[0].reason, REASON_NO_FREE_DEVICE);
    assert_string_equal(plan.stays[0].text, "hostb: no-free-device: pool "
                        "lan: 1 here, 1 in use");
    free(g);
    arena_free(arena);
}

/* One of them goes by its standby, and gets in the end what the other left. */
static void test_swap_by_standby(void **state)
{
    struct arena *arena = arena_new();
    struct moves_plan plan;
    struct fleet f;
    struct given *g;

    (void)state;
    swap_fleet(&f, 1);
    f.guest[1].wish[0].mandatory = 0;
    g = give(&f);
    moves_make(arena, &g->moves, &plan);
    assert_int_equal(plan.step_count, 2);
    assert_int_equal(plan.wave_count, 2);
    assert_int_equal(plan.missing, 1);
    assert_int_equal(plan.steps[0].guest, 1);
    assert_int_equal(plan.steps[0].chosen[0], MOVES_NONE);
    assert_int_equal(plan.steps[1].guest, 0);
    assert_int_equal(plan.steps[1].chosen[0], 0);
    assert_int_equal(plan.later_count, 1);
    assert_int_equal(plan.later[0].guest, 1);
    assert_int_equal(plan.later[0].host, 0);
    assert_int_equal(plan.later[0].device, 0);
    free(g);
    arena_free(arena);
}

/* A third device, free, is enough for both; one after the other. */
static void test_swap_with_a_third(void **state)
{
    struct arena *arena = arena_new();
    struct moves_plan plan;
    struct fleet f;
    struct given *g;

    (void)state;
    swap_fleet(&f, 1);
    f.host[1].devices = 2;
    f.host[1].device[1] = (struct t_device){ 1, -1, -1 };
    g = give(&f);
    moves_make(arena, &g->moves, &plan);
    assert_int_equal(plan.step_count, 2);
    assert_int_equal(plan.steps[0].guest, 0);
    assert_int_equal(plan.steps[0].chosen[0], 1);
    assert_int_equal(plan.steps[1].wave, 2);
    free(g);
    arena_free(arena);
}

/* g0 could go, but g1 cannot follow: they belong together, and stay. g2 is not
 * asked, and goes. */
static void test_group(void **state)
{
    struct arena *arena = arena_new();
    struct moves_plan plan;
    struct fleet f;
    struct given *g;

    (void)state;
    swap_fleet(&f, 1);
    f.guests = 3;
    f.host[1].devices = 2;
    f.host[1].device[1] = (struct t_device){ 0, -1, -1 };
    f.guest[1].wish[0].pool = POOL_BIG;
    f.guest[2] = (struct t_guest){ .host = 0, .goes = 1, .to = 1 };
    g = give(&f);
    moves_make(arena, &g->moves, &plan);
    assert_int_equal(plan.step_count, 2);
    g->guest[0].group = g->guest[1].group = 7;
    moves_make(arena, &g->moves, &plan);
    assert_int_equal(plan.step_count, 1);
    assert_int_equal(plan.steps[0].guest, 2);
    assert_int_equal(plan.stay_count, 2);
    assert_string_equal(plan.stays[0].text, "it goes together with g1 only, "
                        "which cannot go");
    assert_string_equal(plan.stays[1].text, "hosta: pool-empty: pool big: "
                        "none here");
    free(g);
    arena_free(arena);
}

/* ---- refusals ---- */

static void test_barred(void **state)
{
    struct arena *arena = arena_new();
    struct moves_plan plan;
    struct fleet f;
    struct given *g;

    (void)state;
    swap_fleet(&f, 0);
    g = give(&f);
    g->guest[0].barred = REASON_NOT_MIGRATABLE;
    g->guest[0].barred_text = "0000:09:00.0 is not";
    moves_make(arena, &g->moves, &plan);
    assert_int_equal(plan.step_count, 1);
    assert_int_equal(plan.steps[0].guest, 1);
    assert_int_equal(plan.stay_count, 1);
    assert_int_equal(plan.stays[0].reason, REASON_NOT_MIGRATABLE);
    assert_string_equal(plan.stays[0].text, "0000:09:00.0 is not");
    free(g);
    arena_free(arena);
}

/* Each host says why not. */
static void test_why(void **state)
{
    struct arena *arena = arena_new();
    struct moves_plan plan;
    struct fleet f;
    struct given *g;

    (void)state;
    memset(&f, 0, sizeof(f));
    f.hosts = 3;
    f.guests = 1;
    f.host[0] = (struct t_host){ .closed = 1, .memory = -1 };
    f.host[1] = (struct t_host){ .memory = 3 };
    f.host[2] = (struct t_host){ .devices = 2, .memory = -1 };
    f.host[2].device[0] = (struct t_device){ 0, -1, -2 };
    f.host[2].device[1] = (struct t_device){ 0, -1, -2 };
    f.guest[0] = (struct t_guest){ .goes = 1, .to = -1, .wishes = 1,
                                   .memory = 4 };
    f.guest[0].wish[0] = (struct t_wish){ POOL_LAN, 1, 0 };
    g = give(&f);
    moves_make(arena, &g->moves, &plan);
    assert_int_equal(plan.stay_count, 1);
    assert_int_equal(plan.stays[0].reason, REASON_NO_MEMORY);
    assert_string_equal(plan.stays[0].text,
                        "hostb: no-memory: it needs 4 MiB, 3 are free; "
                        "hostc: no-free-device: pool lan: 2 here, 2 in use");
    g->pool[2][0].name = "other";
    moves_make(arena, &g->moves, &plan);
    assert_non_null(strstr(plan.stays[0].text, "hostc: pool-unknown: there "
                           "is no pool lan"));
    g->pool[2][0].name = "lan";
    g->pool[2][0].allow = true;
    moves_make(arena, &g->moves, &plan);
    assert_non_null(strstr(plan.stays[0].text, "hostc: not-allowed: pool lan "
                           "is not for it"));
    free(g);
    arena_free(arena);
}

/* ---- thousands ---- */

#define MANY_HOSTS 64
#define MANY_GUESTS 4096
#define MANY_DEVICES 130

struct many {
    struct moves moves;
    struct pool pool;
    struct pools pools;
    struct moves_host hosts[MANY_HOSTS];
    struct moves_device devices[MANY_HOSTS][MANY_DEVICES];
    struct moves_guest guests[MANY_GUESTS];
    struct record records[MANY_GUESTS];
    struct wanted wanted;
    struct source_device source;
};

/* Half of the hosts are full of guests that leave, 128 each, and the other half
 * has 128 devices each, less `lack` in all. */
static struct many *make_many(size_t lack, bool alike)
{
    static const bool member[] = { true };
    struct many *m = calloc(1, sizeof(*m));
    size_t i, j;

    m->pool.name = "lan";
    m->pools = (struct pools){ &m->pool, 1 };
    m->source = (struct source_device){ 0x8086, models[0], 0x020000, NULL,
                                        NULL };
    m->wanted = (struct wanted){ .wish = { .id = "lan0", .pool = "lan" },
                                 .host = &m->source };
    for (i = 0; i < MANY_HOSTS; i++) {
        for (j = 0; j < MANY_DEVICES; j++) {
            const struct t_device t = { 0, (int)(j / 64), -1 };

            m->devices[i][j] = device_of(&t, 1, (unsigned)j);
            m->devices[i][j].member = member;
        }
        m->hosts[i] = (struct moves_host){
            .name = "host", .pools = &m->pools, .devices = m->devices[i],
            .count = i < MANY_HOSTS / 2 ? 0
                     : 128 - (i == MANY_HOSTS - 1 ? lack : 0),
            .free_mib = -1, .closed = i < MANY_HOSTS / 2,
        };
    }
    for (i = 0; i < MANY_GUESTS; i++) {
        m->records[i] = (struct record){
            .domain_name = "guest", .domain_uuid = "", .type = DOMAIN_HVM,
            .devices = &m->wanted, .count = 1,
        };
        m->guests[i] = (struct moves_guest){
            .record = &m->records[i], .host = i / 128, .goes = true,
            .to = MOVES_NONE, .group = MOVES_NONE,
            .memory_mib = alike ? 0 : (long long)i,
        };
    }
    m->moves = (struct moves){ m->hosts, MANY_HOSTS, m->guests, MANY_GUESTS,
                               8, 0 };
    return m;
}

static void time_many(size_t lack, bool alike)
{
    struct many *m = make_many(lack, alike);
    struct arena *arena = arena_new();
    struct timespec begin, end;
    struct moves_plan plan;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    moves_make(arena, &m->moves, &plan);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    print_message("# %d guests to %d of %d hosts, %zu devices too few, %s: "
                  "%.2f s of one processor\n", MANY_GUESTS, MANY_HOSTS / 2, MANY_HOSTS, lack,
                  alike ? "alike" : "all different",
                  (double)(end.tv_sec - begin.tv_sec) +
                  (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
    assert_int_equal(plan.step_count, MANY_GUESTS - lack);
    assert_int_equal(plan.stay_count, lack);
    assert_true(plan.proved);
    arena_free(arena);
    free(m);
}

static void test_many(void **state)
{
    (void)state;
    time_many(0, true);
    time_many(1, true);
}

static void test_many_different(void **state)
{
    (void)state;
    time_many(1, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_brute_force),
        cmocka_unit_test(test_little_effort),
        cmocka_unit_test(test_swap_refused),
        cmocka_unit_test(test_swap_by_standby),
        cmocka_unit_test(test_swap_with_a_third),
        cmocka_unit_test(test_group),
        cmocka_unit_test(test_barred),
        cmocka_unit_test(test_why),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_many_different),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("moves", tests, NULL, NULL);
}
