/* SPDX-License-Identifier: GPL-2.0-only */
/* match.c against brute force, and its rules one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "choice/assignment.h"
#include "choice/match.h"

#define MAX_WISHES 4
#define MAX_CANDIDATES 6
#define ROUNDS 20000

/* A generator of our own: the same sequence everywhere, seed in failures. */
static uint32_t seed;

static unsigned pick(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

/* What the header promises, most important first. Smaller is better. */
struct score {
    long unmet_mandatory, unmet_other, unmet_place, tiers, positions;
};

static struct score score(const struct assignment *p, const long *chosen)
{
    struct score s = { 0, 0, 0, 0, 0 };
    size_t w;

    for (w = 0; w < p->wishes; w++) {
        if (chosen[w] < 0) {
            if (p->mandatory[w])
                s.unmet_mandatory++;
            else
                s.unmet_other++;
            continue;
        }
        s.tiers += p->tiers[w * p->candidates + (size_t)chosen[w]];
        s.positions += chosen[w];
    }
    return s;
}

static int compare(const struct score *a, const struct score *b)
{
    long d = a->unmet_mandatory - b->unmet_mandatory;

    if (!d)
        d = a->unmet_other - b->unmet_other;
    if (!d)
        d = a->unmet_place - b->unmet_place;
    if (!d)
        d = a->tiers - b->tiers;
    if (!d)
        d = a->positions - b->positions;
    return d < 0 ? -1 : d > 0;
}

/* Later wishes should be the unmet ones: of equal counts, mandatory and
 * other apart, the sum of how early the unmet ones are. */
static void add_place(const struct assignment *p, const long *chosen,
                      struct score *s)
{
    size_t w;

    for (w = 0; w < p->wishes; w++)
        if (chosen[w] < 0)
            s->unmet_place += (long)(p->wishes - w) *
                              (p->mandatory[w] ? 1000 : 1);
}

static void search(const struct assignment *p, size_t wish, long *chosen,
                   bool *used, struct score *best)
{
    struct score s;
    size_t c;

    if (wish == p->wishes) {
        s = score(p, chosen);
        add_place(p, chosen, &s);
        if (compare(&s, best) < 0)
            *best = s;
        return;
    }
    chosen[wish] = -1;
    search(p, wish + 1, chosen, used, best);
    for (c = 0; c < p->candidates; c++) {
        if (used[c] || p->tiers[wish * p->candidates + c] == TIER_UNFIT)
            continue;
        used[c] = true;
        chosen[wish] = (long)c;
        search(p, wish + 1, chosen, used, best);
        used[c] = false;
    }
}

static void check_valid(const struct assignment *p, const long *chosen)
{
    size_t w, v;

    for (w = 0; w < p->wishes; w++) {
        assert_true(chosen[w] >= -1 && chosen[w] < (long)p->candidates);
        if (chosen[w] < 0)
            continue;
        assert_int_not_equal(p->tiers[w * p->candidates + (size_t)chosen[w]],
                             TIER_UNFIT);
        for (v = 0; v < w; v++)
            assert_int_not_equal(chosen[v], chosen[w]);
    }
}

static void test_best_of_all(void **state)
{
    enum tier tiers[MAX_WISHES * MAX_CANDIDATES];
    long chosen[MAX_WISHES], again[MAX_WISHES], trial[MAX_WISHES];
    bool mandatory[MAX_WISHES], used[MAX_CANDIDATES];
    struct score best, got;
    struct assignment p = { .tiers = tiers, .mandatory = mandatory };
    struct arena *arena;
    uint32_t start;
    size_t i;
    int round;

    (void)state;
    for (round = 0; round < ROUNDS; round++) {
        seed = start = (uint32_t)round * 2654435761u;
        p.wishes = 1 + pick(MAX_WISHES);
        p.candidates = pick(MAX_CANDIDATES + 1);
        for (i = 0; i < p.wishes * p.candidates; i++)
            tiers[i] = pick(3) ? pick(TIER_UNFIT) : TIER_UNFIT;
        for (i = 0; i < p.wishes; i++)
            mandatory[i] = pick(2);
        arena = arena_new();
        assignment_make(arena, &p, chosen);
        assignment_make(arena, &p, again);
        check_valid(&p, chosen);
        assert_memory_equal(chosen, again, p.wishes * sizeof(*chosen));
        got = score(&p, chosen);
        add_place(&p, chosen, &got);
        memset(used, 0, sizeof(used));
        best = (struct score){ 1000000, 0, 0, 0, 0 };
        search(&p, 0, trial, used, &best);
        if (compare(&got, &best))
            fail_msg("seed %u: unmet %ld+%ld place %ld tiers %ld positions "
                     "%ld, best is %ld+%ld %ld %ld %ld", start,
                     got.unmet_mandatory, got.unmet_other, got.unmet_place,
                     got.tiers, got.positions, best.unmet_mandatory,
                     best.unmet_other, best.unmet_place, best.tiers,
                     best.positions);
        arena_free(arena);
    }
}

/* The greedy answer fails here: the first wish must leave the one device
 * that the second can use. */
static void test_gives_way(void **state)
{
    const enum tier tiers[] = {
        TIER_SAME_MODEL, TIER_SAME_BASE_CLASS,
        TIER_SAME_MODEL, TIER_UNFIT,
    };
    const bool mandatory[] = { true, true };
    struct assignment p = { 2, 2, tiers, mandatory, NULL, 0 };
    struct arena *arena = arena_new();
    long chosen[2];

    (void)state;
    assignment_make(arena, &p, chosen);
    assert_int_equal(chosen[0], 1);
    assert_int_equal(chosen[1], 0);
    arena_free(arena);
}

/* The largest problem must not overflow its costs. */
static void test_largest(void **state)
{
    const size_t wishes = REQUEST_MAX_DEVICES, candidates = 65536;
    enum tier *tiers = calloc(wishes * candidates, sizeof(*tiers));
    bool mandatory[REQUEST_MAX_DEVICES];
    struct assignment p = { wishes, candidates, tiers, mandatory, NULL, 0 };
    struct arena *arena = arena_new();
    long chosen[REQUEST_MAX_DEVICES];
    size_t w, c;

    (void)state;
    for (w = 0; w < wishes; w++) {
        mandatory[w] = w % 2;
        for (c = 0; c < candidates; c++)
            tiers[w * candidates + c] = TIER_UNFIT;
    }
    /* only the last candidates, and one too few of them */
    for (w = 0; w < wishes; w++)
        for (c = candidates - wishes + 1; c < candidates; c++)
            tiers[w * candidates + c] = TIER_SAME_BASE_CLASS;
    assignment_make(arena, &p, chosen);
    check_valid(&p, chosen);
    for (w = 0; w < wishes; w++)
        assert_true((chosen[w] < 0) == (w == wishes - 2));
    arena_free(arena);
    free(tiers);
}

static struct facts idle_nic(void)
{
    return (struct facts){
        .vendor = 0x8086, .device = 0x10d3, .class = 0x020000,
        .driver = "e1000e", .answers = true, .msi = true,
        .assignable = true, .xen_reason = REASON_NONE,
    };
}

struct rule {
    const char *name;
    void (*change)(struct facts *facts, struct wanted *wanted);
    bool pool_bind;
    enum domain_type type;
    enum tier tier;
    enum reason reason;
};

static void as_is(struct facts *f, struct wanted *w) { (void)f; (void)w; }
static void dead(struct facts *f, struct wanted *w)
{ (void)w; f->answers = false; }
static void intx(struct facts *f, struct wanted *w)
{ (void)w; f->msi = false; }
static void disk(struct facts *f, struct wanted *w)
{ (void)w; f->class = 0x010802; }
static void wifi(struct facts *f, struct wanted *w)
{ (void)w; f->device = 1; f->class = 0x028000; f->driver = NULL; }
static void other_interface(struct facts *f, struct wanted *w)
{ (void)w; f->device = 1; f->class = 0x020001; f->driver = NULL; }
static void other_nic(struct facts *f, struct wanted *w)
{ (void)w; f->device = 1; f->driver = "r8169"; }
static void vf(struct facts *f, struct wanted *w)
{ f->device = 1; f->class = 0x020001; f->driver = "igb";
  w->host->driver = "igbvf"; }
static void unbound(struct facts *f, struct wanted *w)
{ (void)w; f->assignable = false; }
static void busy(struct facts *f, struct wanted *w)
{ unbound(f, w); f->busy = "busy"; }
static void stuck(struct facts *f, struct wanted *w)
{ unbound(f, w); f->no_bind = "no"; }
static void given(struct facts *f, struct wanted *w)
{ (void)w; f->given = "given"; }
static void leased(struct facts *f, struct wanted *w)
{ (void)w; f->leased = "leased"; }
static void broken(struct facts *f, struct wanted *w)
{ given(f, w); leased(f, w); f->lease_broken = "broken"; }
static void no_iommu(struct facts *f, struct wanted *w)
{ (void)w; f->xen_reason = REASON_NO_IOMMU; }
static void pf_down(struct facts *f, struct wanted *w)
{ (void)w; f->pf_down = "down"; }
static void small_mtu(struct facts *f, struct wanted *w)
{ w->mtu = 9000; f->mtu = 1500; f->mtu_text = "small"; }
static void enough_mtu(struct facts *f, struct wanted *w)
{ w->mtu = 1500; f->mtu = 1500; }
static void unknown_mtu(struct facts *f, struct wanted *w)
{ w->mtu = 9000; f->mtu = 0; }
static void lost(struct facts *f, struct wanted *w)
{ (void)f; w->host = NULL; }
static void lost_disk(struct facts *f, struct wanted *w)
{ disk(f, w); w->host = NULL; }
static void lost_wifi(struct facts *f, struct wanted *w)
{ wifi(f, w); w->host = NULL; }
static void busy_assignable(struct facts *f, struct wanted *w)
{ (void)w; f->busy = "is a bridge"; }
/* what it is comes before who has it */
static void taken_disk(struct facts *f, struct wanted *w)
{ disk(f, w); given(f, w); }

static const struct rule rules[] = {
    { "same", as_is, false, DOMAIN_PV, TIER_SAME_MODEL, REASON_NONE },
    { "family", vf, false, DOMAIN_PV, TIER_SAME_FAMILY, REASON_NONE },
    { "class", other_nic, false, DOMAIN_PV, TIER_SAME_CLASS, REASON_NONE },
    { "subclass", other_interface, false, DOMAIN_PV, TIER_SAME_BASE_CLASS,
      REASON_NONE },
    { "wifi", wifi, false, DOMAIN_PV, TIER_UNFIT, REASON_CLASS_MISMATCH },
    { "dead", dead, false, DOMAIN_PV, TIER_UNFIT, REASON_DEVICE_GONE },
    { "intx", intx, false, DOMAIN_PV, TIER_UNFIT, REASON_NEEDS_MSI },
    { "intx-hvm", intx, false, DOMAIN_HVM, TIER_SAME_MODEL, REASON_NONE },
    { "disk", disk, false, DOMAIN_PV, TIER_UNFIT, REASON_CLASS_MISMATCH },
    { "taken", taken_disk, false, DOMAIN_PV, TIER_UNFIT,
      REASON_CLASS_MISMATCH },
    { "unbound", unbound, false, DOMAIN_PV, TIER_UNFIT,
      REASON_NOT_ASSIGNABLE },
    { "bind", unbound, true, DOMAIN_PV, TIER_SAME_MODEL, REASON_NONE },
    { "busy", busy, true, DOMAIN_PV, TIER_UNFIT, REASON_IN_USE },
    { "stuck", stuck, true, DOMAIN_PV, TIER_UNFIT, REASON_NOT_ASSIGNABLE },
    { "given", given, true, DOMAIN_PV, TIER_UNFIT, REASON_IN_USE },
    { "leased", leased, true, DOMAIN_PV, TIER_UNFIT, REASON_LEASED },
    { "broken", broken, true, DOMAIN_PV, TIER_UNFIT, REASON_LEASE_BROKEN },
    { "iommu", no_iommu, true, DOMAIN_PV, TIER_UNFIT, REASON_NO_IOMMU },
    { "pf-down", pf_down, true, DOMAIN_PV, TIER_UNFIT, REASON_PF_DOWN },
    { "small-mtu", small_mtu, false, DOMAIN_PV, TIER_UNFIT,
      REASON_FEATURE_MISSING },
    { "enough-mtu", enough_mtu, false, DOMAIN_PV, TIER_SAME_MODEL,
      REASON_NONE },
    { "unknown-mtu", unknown_mtu, false, DOMAIN_PV, TIER_SAME_MODEL,
      REASON_NONE },
    { "lost", lost, false, DOMAIN_PV, TIER_SAME_BASE_CLASS, REASON_NONE },
    { "lost-disk", lost_disk, false, DOMAIN_PV, TIER_UNFIT,
      REASON_CLASS_MISMATCH },
    { "lost-wifi", lost_wifi, false, DOMAIN_PV, TIER_UNFIT,
      REASON_CLASS_MISMATCH },
    { "busy-assignable", busy_assignable, false, DOMAIN_PV, TIER_UNFIT,
      REASON_IN_USE },
};

static void test_rules(void **state)
{
    struct source_device host;
    struct judgement j;
    struct wanted wanted;
    struct facts facts;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        host = (struct source_device){ .vendor = 0x8086, .device = 0x10d3,
                                       .class = 0x020000,
                                       .driver = "e1000e" };
        wanted = (struct wanted){ .host = &host };
        facts = idle_nic();
        rules[i].change(&facts, &wanted);
        j = match_judge(&wanted, rules[i].type, &facts, rules[i].pool_bind,
                        -1);
        if (j.tier != rules[i].tier || j.reason != rules[i].reason)
            fail_msg("%s: tier %d reason %d", rules[i].name, j.tier,
                     j.reason);
    }
}

/* A guest that lost its device takes what its pool says that it is. */
static void test_plain_without_device(void **state)
{
    const struct wanted wanted = {
        .wish = { .handover = HANDOVER_PLAIN },
    };
    const struct { long kind; enum tier tier; } pools[] = {
        { 0x0108, TIER_SAME_BASE_CLASS }, { 0x0106, TIER_UNFIT },
        { -1, TIER_UNFIT },
    };
    struct facts facts = idle_nic();
    size_t i;

    (void)state;
    facts.class = 0x010802;
    for (i = 0; i < sizeof(pools) / sizeof(*pools); i++)
        assert_int_equal(match_judge(&wanted, DOMAIN_HVM, &facts, false,
                                     pools[i].kind).tier, pools[i].tier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_best_of_all),
        cmocka_unit_test(test_gives_way),
        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_plain_without_device),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
