/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The broker's xl is killed, and the broker works on; or its lease is taken away
 * under its hands. A second guest arrives at each such moment: it must be
 * refused, or what it got must stay as it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "traced.h"
#include "world.h"

#define PF "0000:01:00.0"
#define VF "0000:01:10.0"
#define NODE "/libxl/pci/0000-01-10-0/"
#define MIGRATION "3f0e5c9e-8d3b-4d7c-9a55-0d7c6a1b2c3d"
#define MIGRATION2 "4f0e5c9e-8d3b-4d7c-9a55-0d7c6a1b2c3d"
#define GUEST "7b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11"
#define GUEST2 "8b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11"

#define RESERVE(migration, guest, vlan, trust) \
    "{\"version\":1,\"owner\":{\"lock\":\"" migration ".destination\"}," \
    "\"record\":{\"version\":1,\"migration\":\"" migration "\"," \
    "\"dry_run\":false,\"domain\":{\"uuid\":\"" guest "\",\"name\":\"g\"," \
    "\"type\":\"pv\"},\"devices\":[{\"wish\":{\"id\":\"lan0\",\"pool\":" \
    "\"lan\",\"handover\":\"bond\",\"standby\":null,\"mac\":null," \
    "\"if_missing\":\"fail\"},\"bdf\":null,\"slot\":null,\"host\":{" \
    "\"vendor\":\"8086\",\"device\":\"10ca\",\"class\":\"020000\"," \
    "\"driver\":\"igbvf\",\"vf\":{\"pf\":\"0000:01:00.0\",\"index\":0," \
    "\"mac\":null,\"vlan\":" #vlan ",\"qos\":0,\"trust\":" #trust "}}}]}}"
#define LEASE(migration, guest) \
    "{\"version\":1,\"migration\":\"" migration "\",\"domain\":\"" guest "\"}"

static int second_lock;
static bool second_has_it;

static int run(struct world *w, verb_function *verb, const char *request)
{
    char *answer, *error;
    int rc;

    rc = world_run(w, verb, request, NULL, false, &answer, &error);
    free(answer);
    free(error);
    return rc;
}

static void must(struct world *w, verb_function *verb, const char *request)
{
    assert_int_equal(run(w, verb, request), 0);
}

static void init(struct world *w)
{
    struct world_interface *pf;

    world_init(w);
    world_begin_migration(w);
    world_add_device(w, PF, 0x8086, 0x10c9, 0x020000, "igb", CAP_MSIX);
    world_add_device(w, VF, 0x8086, 0x10ca, 0x020000, "igbvf", CAP_MSIX);
    world_make_vf(w, VF, PF, 0);
    pf = world_add_interface(w, PF, "eth1");
    pf->state.up = pf->state.carrier = true;
    world_set_vfs(pf, 1);
    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"bind\":true,"
                "\"match\":[{\"device\":\"10ca\"}]}}}");
    second_has_it = false;
    second_lock = -1;
}

/* Its whole way to a running guest, as far as it is let. */
static void second_guest(struct world *w)
{
    second_lock = world_hold(w, MIGRATION2 ".destination");
    run(w, verb_gc, NULL);
    if (run(w, verb_reserve, RESERVE(MIGRATION2, GUEST2, 55, false)))
        return;
    must(w, verb_prepare, LEASE(MIGRATION2, GUEST2));
    world_add_domain(w, 9, GUEST2, "g2");
    must(w, verb_commit, LEASE(MIGRATION2, GUEST2));
    fake_store_put(&w->store, NODE "domid", "9");
    bdf_parse(VF, &w->assigned[w->assigned_count++]);
    second_has_it = true;
}

static void check_second(struct world *w, long at)
{
    const struct vf_settings *vf = &w->interfaces[0].vfs[0];
    const char *lease = fake_store_get(&w->store, NODE "lease");

    if (strcmp(world_driver(w, VF), "pciback") || vf->vlan != 55 || vf->trust ||
        !lease || !strstr(lease, "\"committed\"") || !strstr(lease, GUEST2))
        fail_msg("at %ld: the second guest's device has driver %s, VLAN %u, "
                 "trust %d, lease %s", at, world_driver(w, VF), vf->vlan,
                 vf->trust, lease ? lease : "none");
}

/* All guests are gone: the host is as it was. */
static void check_end(struct world *w, long at)
{
    world_end_migration(w);
    close(second_lock);
    w->domain_count = w->assigned_count = 0;
    fake_store_remove(&w->store, NODE "domid");
    must(w, verb_gc, NULL);
    if (strcmp(world_driver(w, VF), "igbvf") ||
        !vf_is_default(&w->interfaces[0].vfs[0], VF_VLAN) ||
        !vf_is_default(&w->interfaces[0].vfs[0], VF_TRUST) ||
        fake_store_count(&w->store, "/lease") ||
        fake_store_count(&w->store, "/vf") || w->quarantined ||
        *world_slots(w) || world_locks(w))
        fail_msg("at %ld: driver %s, VLAN %u, slots %s", at,
                 world_driver(w, VF), w->interfaces[0].vfs[0].vlan,
                 world_slots(w));
}

static void xl_dies(struct world *w)
{
    world_end_migration(w);
    second_guest(w);
}

static verb_function *const verbs[] = {
    verb_reserve, verb_prepare, verb_release,
};

static const char *request_of(verb_function *verb)
{
    return verb == verb_reserve ? RESERVE(MIGRATION, GUEST, 100, true)
                                : LEASE(MIGRATION, GUEST);
}

/* xl dies at each system call of the verb, and the broker with it or later. */
static long orphan_everywhere(size_t verb, bool kill)
{
    const struct traced_pause pause = { .meanwhile = xl_dies, .kill = kill };
    bool more = true;
    struct world w;
    long at;
    size_t i;
    int rc;

    for (at = 1; more; at++) {
        init(&w);
        for (i = 0; i < verb; i++)
            must(&w, verbs[i], request_of(verbs[i]));
        more = traced_run_paused(&w, verbs[verb], request_of(verbs[verb]),
                                 at, &pause, &rc);
        fake_store_drop_open(&w.store);
        if (second_has_it)
            check_second(&w, at);
        check_end(&w, at);
        world_dispose(&w);
    }
    return at - 2;
}

static void test_orphan(void **state)
{
    size_t verb;
    long calls;
    int kill;

    (void)state;
    for (verb = 0; verb < sizeof(verbs) / sizeof(*verbs); verb++)
        for (kill = 0; kill < 2; kill++) {
            calls = orphan_everywhere(verb, kill);
            print_message("# verb %zu: xl killed at %ld system calls%s\n",
                          verb, calls, kill ? ", the broker too" : "");
            assert_true(calls >= 20);
        }
}

static const char *moment;

/* As an administrator may do with xenstore-rm; libxl ends leases, too. */
static void lease_vanishes(struct world *w, const char *path)
{
    if (!strstr(path, moment) || second_lock >= 0)
        return;
    w->before_write = NULL;
    fake_store_remove(&w->store, NODE "lease");
    fake_store_remove(&w->store, NODE "vf");
    second_guest(w);
}

static void lose_lease(verb_function *verb, const char *when)
{
    struct world w;

    init(&w);
    must(&w, verb_reserve, request_of(verb_reserve));
    if (verb != verb_prepare)
        must(&w, verb_prepare, request_of(verb_prepare));
    moment = when;
    w.before_write = lease_vanishes;
    assert_int_not_equal(run(&w, verb, request_of(verb)), 0);
    print_message("# %s: the second guest has it: %d\n", when,
                  second_has_it);
    assert_true(second_has_it);
    check_second(&w, 0);
    close(second_lock);
    world_dispose(&w);
}

static void test_lease_vanishes_in_prepare(void **state)
{
    (void)state;
    lose_lease(verb_prepare, "igbvf/unbind");
    lose_lease(verb_prepare, "new_slot");
    lose_lease(verb_prepare, "pciback/bind");
}

/* Who works on a device does not lose it to an administrator's impatience. */
static void test_force_spares_the_living(void **state)
{
    char *answer, *error;
    struct world w;

    (void)state;
    init(&w);
    must(&w, verb_reserve, request_of(verb_reserve));
    must(&w, verb_prepare, request_of(verb_prepare));
    assert_int_equal(world_run(&w, verb_gc, NULL, VF, true, &answer, &error),
                     1);
    if (!strstr(answer, "\"reason\":\"leased\",\"text\":\"some process "
                "holds "))
        fail_msg("%s", answer);
    assert_string_equal(world_driver(&w, VF), "pciback");
    free(answer);
    free(error);
    world_end_migration(&w);
    assert_int_equal(world_run(&w, verb_gc, NULL, VF, true, &answer, &error),
                     0);
    assert_string_equal(world_driver(&w, VF), "igbvf");
    free(answer);
    free(error);
    world_dispose(&w);
}

static const struct xen_ops *xen_ops;
static struct world *losing;

static int lose_then_ask(struct xen *x, const struct bdf *bdf)
{
    struct world *w = losing;

    losing = NULL;
    if (w) {
        fake_store_remove(&w->store, NODE "lease");
        fake_store_remove(&w->store, NODE "vf");
        second_lock = world_hold(w, MIGRATION2 ".destination");
        must(w, verb_reserve, RESERVE(MIGRATION2, GUEST2, 55, false));
        must(w, verb_prepare, LEASE(MIGRATION2, GUEST2));
    }
    return xen_ops->test_assign(x, bdf);
}

/* Between the claim and the first thing that is undone; the second guest has
 * its device prepared, and not assigned yet. */
static void test_lease_vanishes_before_release(void **state)
{
    struct xen_ops hooked;
    struct world w;

    (void)state;
    init(&w);
    must(&w, verb_reserve, request_of(verb_reserve));
    must(&w, verb_prepare, request_of(verb_prepare));
    xen_ops = w.xen.ops;
    hooked = *xen_ops;
    hooked.test_assign = lose_then_ask;
    w.xen.ops = &hooked;
    losing = &w;
    assert_int_equal(run(&w, verb_release, request_of(verb_release)), 1);
    assert_string_equal(world_driver(&w, VF), "pciback");
    assert_int_equal(w.interfaces[0].vfs[0].vlan, 55);
    close(second_lock);
    world_dispose(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orphan),
        cmocka_unit_test(test_lease_vanishes_in_prepare),
        cmocka_unit_test(test_lease_vanishes_before_release),
        cmocka_unit_test(test_force_spares_the_living),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("orphan", tests, NULL, NULL);
}
