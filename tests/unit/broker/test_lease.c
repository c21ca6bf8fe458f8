/* SPDX-License-Identifier: GPL-2.0-only */
/* Leases: what is read, who lives, and what happens in between. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/words.h"
#include "golden.h"
#include "host/store.h"
#include "lease/lease.h"
#include "lease/lock.h"
#include "lease/store_device.h"
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
    assert_string_equal(lease.owner.lock, WORLD_LOCK);
    golden_same(lease_text(&b, &lease), golden);
    free(golden);
    arena_free(arena);
}

struct broken {
    const char *from, *to;
};

static const struct broken brokens[] = {
    { "{", "" }, { "\"reserved\"", "\"mine\"" },
    { "\"owner\"", "\"ower\"" }, { "\"lock\":", "\"pid\":" },
    { ".destination", "" }, { ".destination", ".elsewhere" },
    { "d.destination", ".destination" }, { ".destination", ".source/x" },
    { "{\"lock\":\"" WORLD_LOCK "\"}", "{\"domain\":\"g0\"}" },
    { "{\"lock\":\"" WORLD_LOCK "\"}",
      "{\"domain\":\"" GUEST "\",\"until\":-1}" },
    { "\"id\":\"lan0\"", "\"id\":\"\"" },
    { "\"was\":null", "\"was\":\"../x\"" }, { ", \"was\":null", "" },
    { "\"was\":null", "\"was\":null,\"before\":\"x\"" },
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

/*
 * The broker's clock: it goes on when somebody looks at it, and not while this machine
 * has something else to do.
 */
static long long clock_looks;

long long clock_ms(clockid_t clock)
{
    (void)clock;
    return ++clock_looks;
}

static struct broker broker_of(struct world *w)
{
    return (struct broker){
        .arena = arena_new(), .lock_dir = w->lock_dir, .xen = &w->xen,
        .store = &w->store.store, .transaction_limit_ms = 1000,
    };
}

static bool alive(struct world *w, const struct owner *owner)
{
    struct broker b = broker_of(w);
    bool answer;

    assert_int_equal(owner_is_alive(&b, owner, &answer), RC_OK);
    arena_free(b.arena);
    return answer;
}

/* A rebooted guest is away for a while. */
static void test_domains(void **state)
{
    struct owner domain = { .domain = GUEST };
    struct timespec now;
    struct world w;

    (void)state;
    world_init(&w);
    assert_false(alive(&w, &domain));
    clock_gettime(CLOCK_BOOTTIME, &now);
    domain.until = (uint64_t)now.tv_sec + 60;
    assert_true(alive(&w, &domain));
    domain.until = (uint64_t)now.tv_sec - 1;
    assert_false(alive(&w, &domain));
    world_add_domain(&w, 5, GUEST, "g0");
    assert_true(alive(&w, &domain));
    domain.until = 0;
    assert_true(alive(&w, &domain));
    world_dispose(&w);
}

static bool ours(struct world *w)
{
    struct broker b = broker_of(w);
    bool answer = lock_is_ours(&b, WORLD_LOCK);

    arena_free(b.arena);
    return answer;
}

/* A child has the lock, by inheritance, and lives on for a while. */
static void test_lock_ends_with_the_last(void **state)
{
    struct owner owner = { .lock = WORLD_LOCK };
    struct world w;
    int gate[2];
    pid_t child;

    (void)state;
    world_init(&w);
    assert_false(alive(&w, &owner));
    world_begin_migration(&w);
    assert_true(alive(&w, &owner));
    assert_true(ours(&w));
    assert_false(pipe(gate));
    child = fork();
    if (!child) {
        close(gate[1]);
        _exit(read(gate[0], &child, 1) || !ours(&w));
    }
    world_end_migration(&w);
    assert_true(alive(&w, &owner));
    assert_false(ours(&w));
    close(gate[1]);
    assert_int_equal(waitpid(child, &gate[1], 0), child);
    assert_int_equal(gate[1], 0);
    assert_false(alive(&w, &owner));
    close(gate[0]);
    world_dispose(&w);
}

/* A descriptor of the file alone is no lock. */
static void test_another_ones_lock(void **state)
{
    struct world w;
    pid_t child;
    int status;

    (void)state;
    world_init(&w);
    world_begin_migration(&w);
    child = fork();
    if (!child) {
        world_end_migration(&w);
        if (open(arena_printf(w.arena, "%s/pci-migrate-" WORLD_LOCK,
                              w.lock_dir), O_RDWR) < 0)
            _exit(2);
        _exit(ours(&w));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    world_dispose(&w);
}

/* What cannot be looked at is no proof of death. */
static void test_doubt(void **state)
{
    struct owner owner = { .lock = WORLD_LOCK };
    struct world w;

    (void)state;
    world_init(&w);
    assert_false(symlink("nowhere", arena_printf(
        w.arena, "%s/pci-migrate-" WORLD_LOCK, w.lock_dir)));
    assert_true(alive(&w, &owner));
    w.lock_dir = w.pools_path;          /* a file */
    world_file(&w, "pci-pools.json", "");
    assert_true(alive(&w, &owner));
    world_dispose(&w);
}

static void test_own_and_sweep(void **state)
{
    struct lock lock;
    struct broker b;
    struct world w;

    (void)state;
    world_init(&w);
    b = broker_of(&w);
    world_begin_migration(&w);
    assert_int_equal(lock_take_own(&b, &lock), RC_OK);
    assert_true(word_is_lock(lock.name));
    assert_true(lock_is_held(&b, lock.name));
    assert_int_equal(lock_sweep(&b), RC_OK);
    assert_int_equal(world_locks(&w), 2);       /* both are held */
    lock_end(&lock);
    world_file(&w, "lock/pci-migrate-nonsense", "");
    assert_int_equal(world_locks(&w), 2);
    world_end_migration(&w);
    assert_int_equal(lock_sweep(&b), RC_OK);
    assert_false(world_has_lock(&w, WORLD_LOCK));
    assert_true(world_has_lock(&w, "nonsense"));
    w.lock_dir = "/nonexistent";
    b.lock_dir = w.lock_dir;
    assert_int_equal(lock_take_own(&b, &lock), RC_FAILED);
    assert_non_null(strstr(b.error, "/nonexistent/pci-migrate-"));
    arena_free(b.arena);
    world_dispose(&w);
}

static int read_all(struct broker *b, uint32_t txn, void *arg)
{
    return store_devices_read(b, txn, arg);
}

static void test_what_the_store_says(void **state)
{
    char *golden = golden_read("lease.json");
    struct store_devices all;
    struct store_device *h;
    struct broker b;
    struct world w;
    struct bdf bdf;

    (void)state;
    world_init(&w);
    b = broker_of(&w);
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
    h = store_devices_find(&all, &bdf);
    assert_string_equal(h->lease->id, "lan0");
    assert_false(h->alive);
    assert_string_equal(store_device_home_driver(h), "igb");
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

/* Who has to try again waits for others who have to, for as long as a transaction
 * may take; and not for what is no queue. */
static void test_queue(void **state)
{
    const unsigned limit = 8;
    unsigned calls = 0;
    long long begin;
    struct broker b;
    struct world w;
    char *path;
    int fd;

    (void)state;
    world_init(&w);
    b = (struct broker){ .arena = arena_new(), .store = &w.store.store,
                         .lock_dir = w.lock_dir,
                         .transaction_limit_ms = limit };
    path = arena_printf(w.arena, "%s/pci-broker.queue", w.lock_dir);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && !flock(fd, LOCK_EX));
    begin = clock_looks;
    assert_int_equal(store_transaction(&b, count_calls, &calls), RC_OK);
    assert_int_equal(calls, 1);
    assert_true(clock_looks < begin + limit);   /* not waited */
    begin = clock_looks;
    w.store.conflict_next = 1;
    assert_int_equal(store_transaction(&b, count_calls, &calls), RC_OK);
    assert_int_equal(calls, 3);
    assert_true(clock_looks >= begin + limit);
    close(fd);
    begin = clock_looks;
    w.store.conflict_next = 1;
    assert_int_equal(store_transaction(&b, count_calls, &calls), RC_OK);
    assert_int_equal(calls, 5);
    assert_true(clock_looks < begin + limit);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB));
    close(fd);
    assert_int_equal(unlink(path) | symlink(w.pools_path, path), 0);
    w.store.conflict_next = 1;
    assert_int_equal(store_transaction(&b, count_calls, &calls), RC_OK);
    assert_int_equal(calls, 7);
    assert_int_not_equal(access(w.pools_path, F_OK), 0);
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
    b = broker_of(&w);
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
        cmocka_unit_test(test_domains),
        cmocka_unit_test(test_lock_ends_with_the_last),
        cmocka_unit_test(test_another_ones_lock),
        cmocka_unit_test(test_doubt),
        cmocka_unit_test(test_own_and_sweep),
        cmocka_unit_test(test_what_the_store_says),
        cmocka_unit_test(test_all_or_nothing),
        cmocka_unit_test(test_queue),
        cmocka_unit_test(test_transactions),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("lease", tests, NULL, NULL);
}
