/* SPDX-License-Identifier: GPL-2.0-only */
/* Leases: what is read, who lives, and what happens in between. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "golden.h"
#include "lease.h"
#include "world.h"

#define GUEST "7b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11"

static int parse(const char *text, struct lease *lease, struct arena *arena,
                 const char **why)
{
    struct broker b = { .arena = arena };
    int rc = lease_parse(&b, text, strlen(text), lease, why);

    assert_null(b.error);       /* a broken lease is no error of the run */
    return rc;
}

static void test_golden_both_ways(void **state)
{
    struct arena *arena = arena_new();
    struct broker b = { .arena = arena };
    char *golden = golden_read("lease.json");
    struct lease lease;
    const char *why;

    (void)state;
    assert_int_equal(parse(golden, &lease, arena, &why), RC_OK);
    assert_int_equal(lease.owner.pid, 4711);
    assert_int_equal(lease.owner.start, 81234);
    golden_same(lease_text(&b, &lease), golden);
    free(golden);
    arena_free(arena);
}

struct broken {
    const char *from, *to;
};

static const struct broken brokens[] = {
    { "{", "" }, { "\"reserved\"", "\"mine\"" }, { "4711", "0" },
    { "4711", "-1" }, { "4711", "4711.5" }, { "81234", "-1" },
    { "\"owner\"", "\"ower\"" }, { "\"start\":81234,", "" },
    { "0b7d1f64", "0b7d1f6" }, { "\"id\":\"lan0\"", "\"id\":\"\"" },
    { "\"was\":null", "\"was\":\"../x\"" }, { ", \"was\":null", "" },
    { "\"version\":1", "\"version\":2" },
};

static void test_broken(void **state)
{
    char *golden = golden_read("lease.json"), *at;
    struct arena *arena = arena_new();
    struct lease lease;
    const char *why;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(brokens) / sizeof(*brokens); i++) {
        at = strstr(golden, brokens[i].from);
        assert_non_null(at);
        why = NULL;
        if (parse(arena_printf(arena, "%.*s%s%s", (int)(at - golden), golden,
                               brokens[i].to, at + strlen(brokens[i].from)),
                  &lease, arena, &why) == RC_OK)
            fail_msg("taken: %s for %s", brokens[i].to, brokens[i].from);
        assert_non_null(why);
    }
    free(golden);
    arena_free(arena);
}

static bool alive(struct world *w, const struct owner *owner)
{
    struct broker b = {
        .arena = arena_new(), .proc_root = w->proc_root, .xen = &w->xen,
    };
    bool answer;

    assert_int_equal(owner_is_alive(&b, owner, &answer), RC_OK);
    arena_free(b.arena);
    return answer;
}

static void test_owners(void **state)
{
    struct owner process = { .pid = 4711, .start = 81234,
                             .boot = WORLD_BOOT };
    struct owner domain = { .domain = GUEST };
    struct world w;

    (void)state;
    world_init(&w);
    assert_false(alive(&w, &process));
    world_add_process(&w, 4711, 81235);         /* another one of that pid */
    assert_false(alive(&w, &process));
    world_add_process(&w, 4711, 81234);
    assert_true(alive(&w, &process));
    process.boot = "00000000-0000-0000-0000-000000000000";
    assert_false(alive(&w, &process));
    assert_false(alive(&w, &domain));
    world_add_domain(&w, 5, GUEST, "g0");
    assert_true(alive(&w, &domain));
    world_dispose(&w);
}

/* A proc that cannot be understood is no proof of death. */
static void test_doubt(void **state)
{
    struct owner process = { .pid = 4711, .start = 81234,
                             .boot = WORLD_BOOT };
    struct broker b;
    struct world w;
    bool answer;

    (void)state;
    world_init(&w);
    b = (struct broker){ .arena = arena_new(), .proc_root = w.proc_root };
    world_file(&w, "proc/4711/stat", "4711 (x) S 1\n");
    assert_int_equal(owner_is_alive(&b, &process, &answer), RC_FAILED);
    world_file(&w, "proc/sys/kernel/random/boot_id", "?\n");
    assert_int_equal(owner_is_alive(&b, &process, &answer), RC_FAILED);
    arena_free(b.arena);
    world_dispose(&w);
}

static int read_all(struct broker *b, uint32_t txn, void *arg)
{
    return leases_read(b, txn, arg);
}

static void test_what_the_store_says(void **state)
{
    char *golden = golden_read("lease.json");
    struct holdings all;
    struct holding *h;
    struct broker b;
    struct world w;
    struct bdf bdf;

    (void)state;
    world_init(&w);
    b = (struct broker){
        .arena = arena_new(), .proc_root = w.proc_root, .xen = &w.xen,
        .store = &w.store.store, .transaction_limit_ms = 1000,
    };
    fake_store_put(&w.store, "/libxl/pci/0000-02-00-0/lease", "garbage");
    fake_store_put(&w.store, "/libxl/pci/0000-01-00-0/lease", golden);
    fake_store_put(&w.store, "/libxl/pci/0000-01-00-0/driver_path",
                   "/sys/bus/pci/drivers/igb");
    fake_store_put(&w.store, "/libxl/pci/0000-00-1f-2/domid", "3");
    fake_store_put(&w.store, "/libxl/pci/nonsense/lease", golden);
    assert_int_equal(store_transaction(&b, read_all, &all), RC_OK);
    assert_int_equal(all.count, 3);
    assert_string_equal(all.list[0].domid, "3");
    assert_null(all.list[0].lease);
    bdf_parse("0000:01:00.0", &bdf);
    h = holdings_find(&all, &bdf);
    assert_string_equal(h->lease->id, "lan0");
    assert_false(h->alive);
    assert_string_equal(holding_home_driver(h), "igb");
    assert_non_null(all.list[2].broken);
    assert_null(all.list[2].lease);
    assert_int_equal(w.store.open, 0);
    free(golden);
    arena_free(b.arena);
    world_dispose(&w);
}

static int count_calls(struct broker *b, uint32_t txn, void *arg)
{
    unsigned *calls = arg;
    char *value;
    size_t len;

    (*calls)++;
    return store_read(b, txn, "/x", &value, &len);
}

static int write_and_refuse(struct broker *b, uint32_t txn, void *arg)
{
    (void)arg;
    assert_int_equal(store_write(b, txn, "/x", "1"), RC_OK);
    return RC_REFUSED;
}

/* What was written on the way to a refusal never happened. */
static void test_all_or_nothing(void **state)
{
    struct broker b;
    struct world w;

    (void)state;
    world_init(&w);
    b = (struct broker){ .arena = arena_new(), .store = &w.store.store,
                         .transaction_limit_ms = 1000 };
    assert_int_equal(store_transaction(&b, write_and_refuse, NULL),
                     RC_REFUSED);
    assert_null(fake_store_get(&w.store, "/x"));
    assert_int_equal(w.store.open, 0);
    arena_free(b.arena);
    world_dispose(&w);
}

static void test_transactions(void **state)
{
    unsigned calls = 0;
    struct broker b;
    struct world w;

    (void)state;
    world_init(&w);
    b = (struct broker){ .arena = arena_new(), .store = &w.store.store,
                         .transaction_limit_ms = 1000 };
    w.store.conflict_next = 5;
    assert_int_equal(store_transaction(&b, count_calls, &calls), RC_OK);
    assert_int_equal(calls, 6);
    /* others never let us through: an end, and a text */
    w.store.conflict_next = 1000000000;
    b.transaction_limit_ms = 20;
    assert_int_equal(store_transaction(&b, count_calls, &calls), RC_FAILED);
    assert_non_null(strstr(b.error, "others kept changing"));
    w.store.conflict_next = 0;
    b.error = NULL;
    w.store.fail_errno = EIO;
    assert_int_equal(store_transaction(&b, count_calls, &calls), RC_FAILED);
    assert_string_equal(b.error, "xenstore: transaction: Input/output error");
    assert_int_equal(w.store.open, 0);
    arena_free(b.arena);
    world_dispose(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_both_ways),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_owners),
        cmocka_unit_test(test_doubt),
        cmocka_unit_test(test_what_the_store_says),
        cmocka_unit_test(test_all_or_nothing),
        cmocka_unit_test(test_transactions),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("lease", tests, NULL, NULL);
}
