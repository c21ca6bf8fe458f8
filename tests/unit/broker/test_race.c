/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many receivers at once want few devices: each device goes to exactly one,
 * nobody goes away with nothing while a device is left.
 * SHADOWPORT_RACE_ROUNDS sets how often (default 100, with sanitizers 50; the
 * case unit-race does 1000).
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "world.h"

#define RECEIVERS 64
#define DEVICES 10
#if defined(__SANITIZE_ADDRESS__)
#define ROUNDS 50
#else
#define ROUNDS 100
#endif

struct receiver {
    struct world *world;
    pthread_barrier_t *barrier;
    unsigned number;
    char *request, *answer, *error;
    int rc;
};

/* The golden record as that of another guest and another migration. */
static char *own_request(unsigned number)
{
    char *record = golden_read("record.json"), *at, id[9];
    char *request = malloc(strlen(record) + 128);

    snprintf(id, sizeof(id), "%08x", number);
    at = strstr(record, "\"migration\":\"");
    memcpy(at + strlen("\"migration\":\""), id, 8);
    at = strstr(record, "\"uuid\":\"");
    memcpy(at + strlen("\"uuid\":\""), id, 8);
    sprintf(request, "{\"version\":1,\"record\":%s,\"owner\":"
            "{\"lock\":\"" WORLD_LOCK "\"}}", record);
    free(record);
    return request;
}

static void *receive(void *arg)
{
    struct receiver *r = arg;

    pthread_barrier_wait(r->barrier);
    r->rc = world_run(r->world, verb_reserve, r->request, NULL, false,
                      &r->answer, &r->error);
    return NULL;
}

static void check_round(struct world *w, struct receiver *receivers)
{
    char lease[64], uuid[32];
    unsigned i, won = 0, owners[RECEIVERS] = { 0 }, number;
    const char *value;

    for (i = 0; i < RECEIVERS; i++) {
        if (receivers[i].rc == 0) {
            won++;
        } else if (receivers[i].rc != 1 ||
                   !strstr(receivers[i].answer, "no-free-device")) {
            fail_msg("receiver %u: rc %d %s", i, receivers[i].rc,
                     receivers[i].error);
        }
    }
    assert_int_equal(won, DEVICES);
    for (i = 0; i < DEVICES; i++) {
        snprintf(lease, sizeof(lease), "/libxl/pci/0000-%02x-00-0/lease", i);
        value = fake_store_get(&w->store, lease);
        assert_non_null(value);
        value = strstr(value, "\"migration\":\"");
        snprintf(uuid, sizeof(uuid), "%.8s", value + 13);
        number = (unsigned)strtoul(uuid, NULL, 16);
        assert_true(number < RECEIVERS && receivers[number].rc == 0);
        owners[number]++;
        fake_store_remove(&w->store, lease);
    }
    for (i = 0; i < RECEIVERS; i++)
        assert_int_equal(owners[i], receivers[i].rc == 0);
}

static void run_round(struct world *w, struct receiver *receivers)
{
    pthread_t threads[RECEIVERS];
    pthread_barrier_t barrier;
    unsigned i;

    pthread_barrier_init(&barrier, NULL, RECEIVERS);
    for (i = 0; i < RECEIVERS; i++) {
        receivers[i].barrier = &barrier;
        assert_int_equal(pthread_create(&threads[i], NULL, receive,
                                        &receivers[i]), 0);
    }
    for (i = 0; i < RECEIVERS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&barrier);
    check_round(w, receivers);
    for (i = 0; i < RECEIVERS; i++) {
        free(receivers[i].answer);
        free(receivers[i].error);
    }
}

/* Others get their turn in the middle of a transaction, also on one CPU; not
 * at every operation, or nearly all the time goes into trying again. */
static void give_way(struct fake_store *s, const char *operation)
{
    static __thread unsigned count;

    (void)s;
    (void)operation;
    if (!(count++ % 256))
        sched_yield();
}

static void test_never_twice(void **state)
{
    const char *wanted = getenv("SHADOWPORT_RACE_ROUNDS");
    long rounds = wanted ? strtol(wanted, NULL, 10) : ROUNDS, round;
    struct receiver receivers[RECEIVERS];
    char bdf[16];
    struct world w;
    unsigned i;

    (void)state;
    world_init(&w);
    w.store.before = give_way;
    world_pools(&w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":"
                    "[{\"device\":\"10d3\"}]}}}");
    for (i = 0; i < DEVICES; i++) {
        snprintf(bdf, sizeof(bdf), "0000:%02x:00.0", i);
        world_add_device(&w, bdf, 0x8086, 0x10d3, 0x020000, "pciback",
                         CAP_MSIX);
    }
    world_begin_migration(&w);
    memset(receivers, 0, sizeof(receivers));
    for (i = 0; i < RECEIVERS; i++) {
        receivers[i].world = &w;
        receivers[i].number = i;
        receivers[i].request = own_request(i);
    }
    for (round = 0; round < rounds; round++)
        run_round(&w, receivers);
    print_message("# %ld rounds, %u conflicts\n", rounds,
                  w.store.conflicts);
    assert_true(w.store.conflicts > 0);
    assert_int_equal(w.store.open, 0);
    for (i = 0; i < RECEIVERS; i++)
        free(receivers[i].request);
    world_dispose(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_never_twice),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("race", tests, NULL, NULL);
}
