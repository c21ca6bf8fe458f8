/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many receivers at once want few devices: each device goes to exactly one,
 * nobody goes away with nothing while a device is left. Some are whole NICs, some
 * VFs, and two share an IOMMU group, so that one of them is nobody's.
 * SHADOWPORT_RACE_ROUNDS sets how often (default 100, with sanitizers 50; the
 * case unit-race does 1000). With SHADOWPORT_RACE_XENSTORED the store is that of the
 * host, as in the case lab-concurrent.
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
#include <xenstore.h>

#include "golden.h"
#include "host/store_xs.h"
#include "world.h"

#define RECEIVERS 64
#define PF "0000:20:00.0"
#define VFS 4
#define WHOLE 6                 /* the last two are in one group */
#define DEVICES (WHOLE + VFS)
#define WINNERS (DEVICES - 1)
#if defined(__SANITIZE_ADDRESS__)
#define ROUNDS 50
#else
#define ROUNDS 100
#endif

struct receiver {
    struct world *world;
    struct store_xs *xenstored; /* NULL: the store in memory */
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
    struct store *store = r->xenstored ? &r->xenstored->store
                                       : &r->world->store.store;

    pthread_barrier_wait(r->barrier);
    r->rc = world_run_in(r->world, store, verb_reserve, r->request,
                         &r->answer, &r->error);
    return NULL;
}

/* The lease is taken out; false if there is none. */
static bool take_lease(struct world *w, struct xs_handle *xenstored,
                       const char *bdf, char *text, size_t size)
{
    char path[64];
    char *value;

    snprintf(path, sizeof(path), "/libxl/pci/%.4s-%.2s-%.2s-%s/lease", bdf,
             bdf + 5, bdf + 8, bdf + 11);
    value = xenstored ? xs_read(xenstored, XBT_NULL, path, NULL)
                      : (char *)fake_store_get(&w->store, path);
    if (!value)
        return false;
    snprintf(text, size, "%s", value);
    if (xenstored) {
        free(value);
        assert_true(xs_rm(xenstored, XBT_NULL, path));
    } else {
        fake_store_remove(&w->store, path);
    }
    return true;
}

static void device_bdf(unsigned i, char *bdf, size_t size)
{
    if (i < WHOLE)
        snprintf(bdf, size, "0000:%02x:00.0", i);
    else
        snprintf(bdf, size, "0000:20:10.%u", i - WHOLE);
}

static void check_round(struct world *w, struct xs_handle *xenstored,
                        struct receiver *receivers)
{
    unsigned i, won = 0, leases = 0, owners[RECEIVERS] = { 0 }, number;
    char lease[1024], uuid[9], bdf[16];
    const char *migration;

    for (i = 0; i < RECEIVERS; i++) {
        if (receivers[i].rc == 0) {
            won++;
        } else if (receivers[i].rc != 1 ||
                   !strstr(receivers[i].answer, "no-free-device")) {
            fail_msg("receiver %u: rc %d %s", i, receivers[i].rc,
                     receivers[i].error);
        }
    }
    for (i = 0; i < DEVICES; i++) {
        device_bdf(i, bdf, sizeof(bdf));
        if (!take_lease(w, xenstored, bdf, lease, sizeof(lease)))
            continue;
        leases++;
        migration = strstr(lease, "\"migration\":\"");
        assert_non_null(migration);
        snprintf(uuid, sizeof(uuid), "%.8s",
                 migration + strlen("\"migration\":\""));
        number = (unsigned)strtoul(uuid, NULL, 16);
        assert_true(number < RECEIVERS && receivers[number].rc == 0);
        owners[number]++;
    }
    assert_int_equal(won, WINNERS);
    assert_int_equal(leases, WINNERS);
    for (i = 0; i < RECEIVERS; i++)
        assert_int_equal(owners[i], receivers[i].rc == 0);
}

static void run_round(struct world *w, struct xs_handle *xenstored,
                      struct receiver *receivers)
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
    check_round(w, xenstored, receivers);
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

static void add_devices(struct world *w)
{
    struct world_interface *eth;
    char bdf[16];
    unsigned i;

    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":"
                   "[{\"device\":\"10d3\"},{\"device\":\"10ca\"}]}}}");
    world_add_device(w, PF, 0x8086, 0x10c9, 0x020000, "igb", CAP_MSIX);
    for (i = 0; i < DEVICES; i++) {
        device_bdf(i, bdf, sizeof(bdf));
        world_add_device(w, bdf, 0x8086, i < WHOLE ? 0x10d3 : 0x10ca, 0x020000,
                         "pciback", CAP_MSIX);
        if (i >= WHOLE)
            world_make_vf(w, bdf, PF, i - WHOLE);
        else if (i >= WHOLE - 2)
            bdf_parse(bdf, &w->group[w->group_count++].bdf);
    }
    eth = world_add_interface(w, PF, "eth0");
    eth->state.up = eth->state.carrier = true;
    world_set_vfs(eth, VFS);
}

static long race(struct world *w, struct store_xs *xenstored)
{
    const char *wanted = getenv("SHADOWPORT_RACE_ROUNDS");
    long rounds = wanted ? strtol(wanted, NULL, 10) : ROUNDS, round;
    struct xs_handle *looker = xenstored ? xs_open(0) : NULL;
    struct receiver receivers[RECEIVERS];
    unsigned i;

    assert_true(!xenstored || looker);
    memset(receivers, 0, sizeof(receivers));
    for (i = 0; i < RECEIVERS; i++) {
        receivers[i].world = w;
        receivers[i].xenstored = xenstored ? &xenstored[i] : NULL;
        receivers[i].number = i;
        receivers[i].request = own_request(i);
    }
    for (round = 0; round < rounds; round++) {
        run_round(w, looker, receivers);
        /* In a real xenstored a round takes seconds. */
        if (looker && round % 10 == 9)
            fprintf(stderr, "# round %ld of %ld\n", round + 1, rounds);
    }
    for (i = 0; i < RECEIVERS; i++)
        free(receivers[i].request);
    if (looker)
        xs_close(looker);
    return rounds;
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));

    world_init(w);
    add_devices(w);
    world_begin_migration(w);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    world_dispose(*state);
    free(*state);
    return 0;
}

static void test_never_twice(void **state)
{
    struct world *w = *state;
    long rounds;

    w->store.before = give_way;
    rounds = race(w, NULL);
    print_message("# %ld rounds, %u conflicts\n", rounds, w->store.conflicts);
    assert_true(w->store.conflicts > 0);
    assert_int_equal(w->store.open, 0);
}

static void test_never_twice_in_xenstored(void **state)
{
    struct store_xs xenstored[RECEIVERS];
    struct world *w = *state;
    unsigned i;

    for (i = 0; i < RECEIVERS; i++)
        store_xs_init(&xenstored[i]);
    print_message("# %ld rounds\n", race(w, xenstored));
    for (i = 0; i < RECEIVERS; i++)
        store_xs_dispose(&xenstored[i]);
}

int main(void)
{
    const struct CMUnitTest in_memory[] = {
        cmocka_unit_test_setup_teardown(test_never_twice, set_up, tear_down),
    };
    const struct CMUnitTest in_xenstored[] = {
        cmocka_unit_test_setup_teardown(test_never_twice_in_xenstored, set_up,
                                        tear_down),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (getenv("SHADOWPORT_RACE_XENSTORED"))
        return cmocka_run_group_tests_name("race", in_xenstored, NULL, NULL);
    return cmocka_run_group_tests_name("race", in_memory, NULL, NULL);
}
