/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The broker is killed before each thing it does to the outside world, one
 * after the other, and once more before each of its system calls; after its
 * owner is dead as well, gc must bring back the host as it was.
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
#include "golden.h"
#include "traced.h"
#include "world.h"

/* What a killed run leaves in memory is no leak of the program. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_disable()
#define __lsan_enable()
#endif

#define GUEST "7b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11"
#define FIRST "0000:01:00.0"
#define SECOND "0000:02:00.0"
#define PF "0000:05:00.0"

static const char lease_request[] =
    "{\"version\":1,\"migration\":\"3f0e5c9e-8d3b-4d7c-9a55-0d7c6a1b2c3d\","
    "\"domain\":\"" GUEST "\"}";

static char *request_text(void)
{
    static char text[8192];
    char *record = golden_read("record-vf-settings.json"), *device, *end;

    device = strstr(record, "[{") + 1;
    end = strrchr(record, ']');
    snprintf(text, sizeof(text), "{\"version\":1,\"owner\":"
             "{\"lock\":\"" WORLD_LOCK "\"},"
             "\"record\":%.*s,%.*s]}}", (int)(end - record), record,
             (int)(end - device), device);
    memcpy(strstr(strstr(text, "lan0") + 4, "lan0"), "lan1", 4);
    free(record);
    return text;
}

static const char filter_request[] =
    "{\"version\":1,\"migration\":\"3f0e5c9e-8d3b-4d7c-9a55-0d7c6a1b2c3d\","
    "\"domain\":\"" GUEST "\",\"devices\":[{\"id\":\"lan0\",\"bdf\":\"" FIRST
    "\",\"mac\":null,\"filter\":\"set\"},{\"id\":\"lan1\",\"bdf\":\"" SECOND
    "\",\"mac\":null,\"filter\":\"clear\"}]}";

static jmp_buf killed;
static long countdown;          /* things still to be done; -1: no kill */

static void step(void)
{
    if (countdown > 0 && !--countdown)
        longjmp(killed, 1);
}

static void before_store(struct fake_store *s, const char *operation)
{
    (void)s;
    (void)operation;
    step();
}

static void before_write(struct world *w, const char *path)
{
    (void)w;
    (void)path;
    step();
}

static const char *request_of(verb_function *verb)
{
    if (verb == verb_reserve)
        return request_text();
    if (verb == verb_filter)
        return filter_request;
    return verb == verb_gc ? NULL : lease_request;
}

static int run(struct world *w, verb_function *verb)
{
    char *answer, *error;
    int rc;

    rc = world_run(w, verb, request_of(verb), NULL, false, &answer, &error);
    if (rc)
        fail_msg("rc %d: %s %s", rc, answer ? answer : "", error ? error
                 : "");
    free(answer);
    free(error);
    return rc;
}

/* True if it was killed, false if it came to its end before that. */
static bool run_and_kill(struct world *w, verb_function *verb, long at)
{
    volatile bool was_killed = true;

    __lsan_disable();
    countdown = at;
    if (!setjmp(killed)) {
        run(w, verb);
        was_killed = false;
    }
    countdown = -1;
    __lsan_enable();
    fake_store_drop_open(&w->store);
    world_drop_locks(w);
    return was_killed;
}

/* The same at the system call number `at`. */
static bool trace_and_kill(struct world *w, verb_function *verb, long at)
{
    bool was_killed;
    int rc;

    was_killed = traced_run(w, verb, request_of(verb), at, &rc);
    if (!was_killed)
        assert_int_equal(rc, 0);
    fake_store_drop_open(&w->store);
    world_drop_locks(w);
    return was_killed;
}

typedef bool killer(struct world *w, verb_function *verb, long at);

static void init(struct world *w)
{
    struct world_interface *pf;

    world_init(w);
    world_begin_migration(w);
    world_add_device(w, PF, 0x8086, 0x10c9, 0x020000, "igb", CAP_MSIX);
    world_add_device(w, FIRST, 0x8086, 0x10ca, 0x020000, "igbvf", CAP_MSIX);
    world_add_device(w, SECOND, 0x8086, 0x10ca, 0x020000, "igbvf", CAP_MSIX);
    world_make_vf(w, FIRST, PF, 0);
    world_make_vf(w, SECOND, PF, 1);
    pf = world_add_interface(w, PF, "eth5");
    pf->state.up = pf->state.carrier = true;
    world_set_vfs(pf, 2);
    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"bind\":true,"
                "\"match\":[{\"device\":\"10ca\"}]}}}");
    w->store.before = before_store;
    w->before_write = before_write;
    countdown = -1;
}

static bool settings_are_default(struct world *w)
{
    unsigned i;
    int what;

    for (i = 0; i < w->interfaces[0].vf_count; i++)
        for (what = 0; what < VF_SETTINGS; what++)
            if (!vf_is_default(&w->interfaces[0].vfs[i], what))
                return false;
    return true;
}

static void check_clean(struct world *w, long at)
{
    if (fake_store_count(&w->store, "/lease") ||
        fake_store_count(&w->store, "/driver_path") || w->quarantined ||
        fake_store_count(&w->store, "/vf") || !settings_are_default(w) ||
        *world_slots(w) ||
        strcmp(world_driver(w, FIRST), "igbvf") ||
        strcmp(world_driver(w, SECOND), "igbvf"))
        fail_msg("killed at %ld: %u leases, %u driver_paths, %u "
                 "notes, settings %s, %u quarantined, drivers %s %s, slots "
                 "%s", at,
                 fake_store_count(&w->store, "/lease"),
                 fake_store_count(&w->store, "/driver_path"),
                 fake_store_count(&w->store, "/vf"),
                 settings_are_default(w) ? "default" : "left",
                 w->quarantined, world_driver(w, FIRST),
                 world_driver(w, SECOND), world_slots(w));
}

/* Everybody who was there is dead. */
static void bury(struct world *w)
{
    world_end_migration(w);
    w->domain_count = 0;
}

static verb_function *const life[] = {
    verb_reserve, verb_prepare, verb_filter, verb_commit,
    verb_release,
};

/* Kill the verb number `last` at each of its points; returns how many. */
static long kill_everywhere(size_t last, killer *run_and_kill)
{
    struct world w;
    size_t i;
    bool more;
    long at;

    for (at = 1, more = true; more; at++) {
        init(&w);
        world_add_domain(&w, 7, GUEST, "g0");
        for (i = 0; i < last; i++)
            run(&w, life[i]);
        more = run_and_kill(&w, life[last], at);
        bury(&w);
        run(&w, verb_gc);
        check_clean(&w, at);
        world_dispose(&w);
    }
    return at - 2;
}

static void kill_in_life(killer *killer, const char *what, long at_least)
{
    size_t i;
    long points;

    for (i = 0; i < sizeof(life) / sizeof(*life); i++) {
        points = kill_everywhere(i, killer);
        print_message("# verb %zu: killed at %ld %s\n", i, points, what);
        assert_true(points >= at_least);
    }
}

static void test_kill_in_life(void **state)
{
    (void)state;
    kill_in_life(run_and_kill, "points", 5);
}

static void test_kill_in_life_calls(void **state)
{
    (void)state;
    kill_in_life(trace_and_kill, "system calls", 10);
}

/* gc itself is killed, and the next one finishes. */
static long kill_gc(killer *run_and_kill)
{
    struct world w;
    bool more;
    long at;

    for (at = 1, more = true; more; at++) {
        init(&w);
        run(&w, verb_reserve);
        run(&w, verb_prepare);
        bury(&w);
        more = run_and_kill(&w, verb_gc, at);
        run(&w, verb_gc);
        check_clean(&w, at);
        world_dispose(&w);
    }
    return at - 2;
}

static void test_kill_in_gc(void **state)
{
    (void)state;
    assert_true(kill_gc(run_and_kill) >= 20);
}

static void test_kill_in_gc_calls(void **state)
{
    long calls = kill_gc(trace_and_kill);

    (void)state;
    print_message("# gc: killed at %ld system calls\n", calls);
    assert_true(calls >= 20);
}

/* Killed in the middle, then tried again by a living owner. */
static void test_second_try(void **state)
{
    struct world w;
    bool more;
    long at;

    (void)state;
    for (at = 1, more = true; more; at++) {
        init(&w);
        run(&w, verb_reserve);
        more = run_and_kill(&w, verb_prepare, at);
        run(&w, verb_prepare);
        assert_string_equal(world_driver(&w, FIRST), "pciback");
        assert_string_equal(world_driver(&w, SECOND), "pciback");
        if (more)
            run_and_kill(&w, verb_release, at);
        run(&w, verb_release);
        check_clean(&w, at);
        world_dispose(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kill_in_life),
        cmocka_unit_test(test_kill_in_gc),
        cmocka_unit_test(test_kill_in_life_calls),
        cmocka_unit_test(test_kill_in_gc_calls),
        cmocka_unit_test(test_second_try),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
