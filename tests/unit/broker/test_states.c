/* SPDX-License-Identifier: GPL-2.0-only */
/* What a lease may go through, and how it ends when things do not go as they
 * should. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "golden.h"
#include "lease/lease.h"
#include "base/remedy.h"
#include "world.h"

#define GUEST "7b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11"
#define NIC "0000:01:00.0"
#define NIC2 "0000:02:00.0"
#define NODE "/libxl/pci/0000-01-00-0/"

static char *answer, *error;

static const char lease_request[] =
    "{\"version\":1,\"migration\":\"3f0e5c9e-8d3b-4d7c-9a55-0d7c6a1b2c3d\","
    "\"domain\":\"" GUEST "\"}";

static int run_with(struct world *w, verb_function *verb, const char *text,
                    const char *force)
{
    free(answer);
    free(error);
    return world_run(w, verb, text, force, force, &answer, &error);
}

static int run(struct world *w, verb_function *verb)
{
    static char text[8192];
    char *record = golden_read("record.json");

    snprintf(text, sizeof(text), "{\"version\":1,\"record\":%s,\"owner\":"
             "{\"lock\":\"" WORLD_LOCK "\"}}", record);
    free(record);
    return run_with(w, verb, verb == verb_reserve || verb == verb_plan ? text
                    : lease_request, NULL);
}

static void must(struct world *w, verb_function *verb)
{
    if (run(w, verb))
        fail_msg("%s %s", answer ? answer : "", error ? error : "");
}

static void has(const char *text)
{
    if (!answer || !strstr(answer, text))
        fail_msg("no %s in %s", text, answer ? answer : error);
}

static void add_nic(struct world *w, const char *bdf, const char *driver)
{
    world_add_device(w, bdf, 0x8086, 0x10d3, 0x020000, driver, CAP_MSIX);
}

static void pool(struct world *w, const char *more)
{
    world_pools(w, arena_printf(w->arena, "{\"version\":1,\"pools\":{\"lan\":"
                                "{\"match\":[{\"vendor\":\"8086\"}],"
                                "\"bind\":true%s}}}", more));
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));

    world_init(w);
    world_begin_migration(w);
    world_add_driver(w, "e1000e");
    pool(w, "");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    world_dispose(w);
    free(w);
    free(answer);
    free(error);
    answer = error = NULL;
    return 0;
}

/* ---- state by verb ---- */

static void into(struct world *w, enum lease_state state)
{
    world_add_domain(w, 7, GUEST, "g0");
    add_nic(w, NIC, "e1000e");
    add_nic(w, NIC2, "e1000e");
    must(w, verb_reserve);
    if (state >= LEASE_PREPARED)
        must(w, verb_prepare);
    if (state >= LEASE_COMMITTED)
        must(w, verb_commit);
}

static verb_function *const functions[] = {
#define VERB(identifier, word) [LEASE_VERB_##identifier] = verb_##identifier,
    LEASE_VERBS
#undef VERB
};

/* The table is what happens. */
static void test_table(void **state)
{
    enum lease_state from, to;
    struct world w;
    unsigned verb;
    char *text;
    int rc;

    (void)state;
    for (from = LEASE_RESERVED; from <= LEASE_COMMITTED; from++)
        for (verb = 0; verb < LEASE_VERB_COUNT; verb++) {
            world_init(&w);
            world_begin_migration(&w);
            pool(&w, "");
            into(&w, from);
            text = strdup(fake_store_get(&w.store, NODE "lease"));
            rc = run(&w, functions[verb]);
            if (!lease_may(from, verb, &to)) {
                if (rc != 2 || !strstr(error, lease_state_word(from)))
                    fail_msg("%s of %s: rc %d %s", lease_verb_word(verb),
                             lease_state_word(from), rc, error);
                assert_string_equal(text, fake_store_get(&w.store,
                                                         NODE "lease"));
            } else {
                assert_int_equal(rc, 0);
                if (to == LEASE_ENDED)
                    assert_null(fake_store_get(&w.store, NODE "lease"));
                else
                    assert_non_null(strstr(
                        fake_store_get(&w.store, NODE "lease"),
                        lease_state_word(to)));
            }
            assert_int_equal(fake_store_count(&w.store, "/lease"),
                             rc || to != LEASE_ENDED);
            free(text);
            world_dispose(&w);
        }
}

/* And so is what the document says. */
static void test_documented_table(void **state)
{
    const char *top = getenv("SHADOWPORT_SRCDIR");
    struct arena *arena = arena_new();
    enum lease_state from, to;
    static char doc[65536];
    const char *row;
    unsigned verb;
    FILE *f;

    (void)state;
    f = fopen(arena_printf(arena, "%s/xl-hooks/HOOK-PROTOCOL.md", top ? top
                           : "."), "r");
    assert_non_null(f);
    doc[fread(doc, 1, sizeof(doc) - 1, f)] = '\0';
    fclose(f);
    for (from = LEASE_RESERVED; from < LEASE_ENDED; from++) {
        row = arena_printf(arena, "| `%s` |", lease_state_word(from));
        for (verb = 0; verb < LEASE_VERB_COUNT; verb++)
            row = !lease_may(from, verb, &to) ? arena_printf(arena, "%s – |",
                                                             row)
                  : to == LEASE_ENDED ? arena_printf(arena, "%s ended |", row)
                  : arena_printf(arena, "%s `%s` |", row,
                                 lease_state_word(to));
        if (!strstr(doc, row))
            fail_msg("HOOK-PROTOCOL.md has no row %s", row);
    }
    arena_free(arena);
}

/* The manual page says what the program says. */
static void test_documented_remedies(void **state)
{
    const char *top = getenv("SHADOWPORT_SRCDIR");
    struct arena *arena = arena_new();
    static char doc[65536];
    unsigned reason;
    const char *text;
    FILE *f;

    (void)state;
    f = fopen(arena_printf(arena, "%s/xl-hooks/man/pci-broker.8", top ? top
                           : "."), "r");
    assert_non_null(f);
    doc[fread(doc, 1, sizeof(doc) - 1, f)] = '\0';
    fclose(f);
    for (reason = 1; reason <= REASON_TYPE_UNSUPPORTED; reason++) {
        text = remedy(reason);
        assert_non_null(text);
        if (!strstr(doc, arena_printf(arena, "%s.\n", text + 1)))
            fail_msg("man/pci-broker.8 has not: %s", text);
    }
    arena_free(arena);
}

/* ---- whose leases they are ---- */

static void not_ours(struct world *w, verb_function *verb)
{
    assert_int_equal(run(w, verb), 2);
    if (!strstr(error, "which this process did not inherit"))
        fail_msg("%s", error);
}

/* Somebody else works on them; and nobody does. */
static void test_only_with_the_lock(void **state)
{
    struct world *w = *state;
    int gate[2];
    pid_t child;

    into(w, LEASE_PREPARED);
    assert_int_equal(pipe(gate), 0);
    child = fork();
    if (!child) {
        close(gate[1]);
        _exit((int)read(gate[0], &child, 1));
    }
    world_end_migration(w);
    not_ours(w, verb_prepare);
    not_ours(w, verb_commit);
    not_ours(w, verb_release);
    assert_string_equal(world_driver(w, NIC), "pciback");
    close(gate[1]);
    waitpid(child, NULL, 0);
    close(gate[0]);
    not_ours(w, verb_prepare);
    not_ours(w, verb_commit);
    /* what the dead left may be released */
    must(w, verb_release);
    assert_string_equal(world_driver(w, NIC), "e1000e");
}

/* ---- devices that do not get home ---- */

static void set_driver_away(struct world *w, bool away)
{
    char *here = arena_printf(w->arena, "%s/sys/bus/pci/drivers/e1000e",
                              w->dir);
    char *there = arena_printf(w->arena, "%s/e1000e", w->dir);

    assert_int_equal(rename(away ? here : there, away ? there : here), 0);
}

/* The driver's module was unloaded meanwhile. */
static void test_driver_is_gone(void **state)
{
    struct world *w = *state;

    add_nic(w, NIC, "e1000e");
    must(w, verb_reserve);
    must(w, verb_prepare);
    set_driver_away(w, true);
    assert_int_equal(run(w, verb_release), 1);
    has("could not be given back to e1000e");
    must(w, verb_list);
    has("\"bdf\":\"" NIC "\",\"reason\":\"broker-failed\"");
    assert_int_equal(run_with(w, verb_gc, NULL, NULL), 1);
    has("could not be given back to e1000e");
    set_driver_away(w, false);
    assert_int_equal(run_with(w, verb_gc, NULL, NULL), 0);
    has(NIC);
    assert_string_equal(world_driver(w, NIC), "e1000e");
    must(w, verb_list);
    has("\"leases\":[]");
    assert_int_equal(fake_store_count(&w->store, "/driver_path"), 0);
}

/* Another module has the model by now. */
static void test_driver_has_another_name(void **state)
{
    struct world *w = *state;

    add_nic(w, NIC, "e1000e");
    must(w, verb_reserve);
    must(w, verb_prepare);
    add_nic(w, NIC2, "igb");
    set_driver_away(w, true);
    w->prober = "igb";
    must(w, verb_release);
    assert_string_equal(world_driver(w, NIC), "igb");
    must(w, verb_list);
    has("\"leases\":[]");
    assert_int_equal(fake_store_count(&w->store, "/orphan-of"), 0);
    set_driver_away(w, false);
}

/* Or the next guest has it, and then it goes home. */
static void test_orphan_is_used(void **state)
{
    struct world *w = *state;

    add_nic(w, NIC, "e1000e");
    must(w, verb_reserve);
    must(w, verb_prepare);
    set_driver_away(w, true);
    assert_int_equal(run(w, verb_release), 1);
    must(w, verb_reserve);
    must(w, verb_prepare);
    set_driver_away(w, false);
    must(w, verb_release);
    assert_string_equal(world_driver(w, NIC), "e1000e");
}

/* sriov_drivers_autoprobe=0: VFs have no driver in dom0, and are to have
 * none. */
static void test_no_driver_before(void **state)
{
    struct world *w = *state;

    add_nic(w, NIC, NULL);
    must(w, verb_reserve);
    must(w, verb_prepare);
    assert_string_equal(world_driver(w, NIC), "pciback");
    assert_int_equal(fake_store_count(&w->store, "/driver_path"), 0);
    must(w, verb_release);
    assert_string_equal(world_driver(w, NIC), "");
    assert_int_equal(w->quarantined, 0);
    assert_string_equal(world_slots(w), "");
}

static bool slot_removed;

static void see_remove_slot(struct world *w, const char *path)
{
    (void)w;
    if (strstr(path, "remove_slot"))
        slot_removed = true;
}

/* More slots than the page that the kernel lists. */
static void test_slots_beyond_a_page(void **state)
{
    struct world *w = *state;

    add_nic(w, NIC, "e1000e");
    must(w, verb_reserve);
    must(w, verb_prepare);
    world_file(w, "sys/bus/pci/drivers/pciback/slots", "0000:ff:00.0\n");
    slot_removed = false;
    w->before_write = see_remove_slot;
    must(w, verb_release);
    assert_true(slot_removed);
    assert_string_equal(world_driver(w, NIC), "e1000e");
}

/* libxl's mark of a domain that is gone. */
static void test_domid_of_nobody(void **state)
{
    struct world *w = *state;

    add_nic(w, NIC, "pciback");
    fake_store_put(&w->store, NODE "domid", "77");
    assert_int_equal(run(w, verb_reserve), 1);
    must(w, verb_list);
    has("\"bdf\":\"" NIC "\",\"reason\":\"in-use\",\"text\":\"is marked as "
        "given to a domain that is not there: `pci-broker gc --force`");
    bdf_parse(NIC, &w->assigned[w->assigned_count++]);
    assert_int_equal(run_with(w, verb_gc, NULL, NIC), 1);
    has("is given to domain 77");
    w->assigned_count = 0;
    world_add_domain(w, 77, "11111111-2222-3333-4444-555555555555", "g77");
    assert_int_equal(run_with(w, verb_gc, NULL, NIC), 1);
    w->domain_count = 0;
    assert_int_equal(run_with(w, verb_gc, NULL, NIC), 0);
    has(NIC);
    must(w, verb_reserve);
}

/* ---- choosing ---- */

/* A spare USB controller is no spare NIC. */
static void test_spare_is_of_the_kind(void **state)
{
    struct world *w = *state;

    pool(w, ",\"reserve\":1");
    add_nic(w, NIC, "e1000e");
    world_add_device(w, NIC2, 0x8086, 0xa12f, 0x0c0330, "pciback", CAP_MSIX);
    assert_int_equal(run(w, verb_plan), 1);
    has("\"kept-local\"");
    add_nic(w, "0000:03:00.0", "e1000e");
    must(w, verb_plan);
}

/* Removed between two looks at the bus. */
static void test_device_goes_meanwhile(void **state)
{
    struct world *w = *state;

    add_nic(w, NIC, "e1000e");
    assert_int_equal(mkdir(arena_printf(
        w->arena, "%s/sys/bus/pci/devices/0000:0a:00.0", w->dir), 0755), 0);
    must(w, verb_plan);
    has(NIC);
}

/* Where the guest runs is not known: no node is better than another. */
static void test_no_node_is_wanted(void **state)
{
    struct world *w = *state;

    add_nic(w, NIC, "e1000e");
    add_nic(w, NIC2, "e1000e");
    world_device_file(w, NIC, "numa_node", "1\n");
    world_device_file(w, NIC2, "numa_node", "0\n");
    must(w, verb_plan);
    has("\"status\":\"device\",\"bdf\":\"" NIC "\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_table),
        T(test_documented_table),
        T(test_documented_remedies),
        T(test_only_with_the_lock),
        T(test_driver_is_gone),
        T(test_driver_has_another_name),
        T(test_orphan_is_used),
        T(test_no_driver_before),
        T(test_slots_beyond_a_page),
        T(test_domid_of_nobody),
        T(test_spare_is_of_the_kind),
        T(test_device_goes_meanwhile),
        T(test_no_node_is_wanted),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("states", tests, NULL, NULL);
}
