/* SPDX-License-Identifier: GPL-2.0-only */
/* How many devices guests that arrive can have: counted, and told by `pools`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "choice/supply.h"
#include "world.h"

#define PF "0000:01:00.0"
#define EMPTY_PF "0000:05:00.0"

/* ---- counting ---- */

static void is_line(const struct supply_line *line, unsigned kind,
                    unsigned vendor, unsigned device, size_t devices,
                    size_t free, size_t arrivals)
{
    assert_int_equal(line->kind, kind);
    assert_int_equal(line->vendor, vendor);
    assert_int_equal(line->device, device);
    assert_int_equal(line->devices, devices);
    assert_int_equal(line->free, free);
    assert_int_equal(line->arrivals, arrivals);
}

static void test_nothing(void **state)
{
    struct arena *arena = arena_new();
    struct supply s;

    (void)state;
    supply_count(arena, NULL, 0, 3, &s);
    assert_int_equal(s.class_count + s.model_count, 0);
    is_line(&s.all, 0, 0, 0, 0, 0, 0);
    arena_free(arena);
}

/* What is kept is kept of each class: of three NICs one stays, of one disk
 * that one. No model has more arrivals than its class. */
static void test_reserve(void **state)
{
    static const struct supply_device devices[] = {
        { 0x8086, 0x1520, 0x020000, true },
        { 0x144d, 0xa808, 0x010802, true },
        { 0x8086, 0x10ca, 0x020000, true },
        { 0x8086, 0x1520, 0x020000, true },
        { 0x8086, 0x10ca, 0x020000, false },
        { 0x15b3, 0x1014, 0x020700, false },
    };
    struct arena *arena = arena_new();
    struct supply s;

    (void)state;
    supply_count(arena, devices, 6, 0, &s);
    assert_int_equal(s.all.arrivals, 4);
    supply_count(arena, devices, 6, 1, &s);
    assert_int_equal(s.class_count, 3);
    is_line(&s.classes[0], 0x0108, 0, 0, 1, 1, 0);
    is_line(&s.classes[1], 0x0200, 0, 0, 4, 3, 2);
    is_line(&s.classes[2], 0x0207, 0, 0, 1, 0, 0);
    assert_int_equal(s.model_count, 4);
    is_line(&s.models[0], 0x0108, 0x144d, 0xa808, 1, 1, 0);
    is_line(&s.models[1], 0x0200, 0x8086, 0x10ca, 2, 1, 1);
    is_line(&s.models[2], 0x0200, 0x8086, 0x1520, 2, 2, 2);
    is_line(&s.all, 0, 0, 0, 6, 4, 2);
    supply_count(arena, devices, 6, 2, &s);
    is_line(&s.models[2], 0x0200, 0x8086, 0x1520, 2, 2, 1);
    supply_count(arena, devices, 6, 9, &s);
    is_line(&s.all, 0, 0, 0, 6, 4, 0);
    arena_free(arena);
}

/* ---- the verb ---- */

static char *ask(struct world *w)
{
    char *answer, *error;
    int rc = world_run(w, verb_pools, NULL, NULL, false, &answer, &error);

    if (rc)
        fail_msg("rc %d: %s", rc, error);
    free(error);
    return answer;
}

/* VFs: one free on pciback, one that a guest has, one on its driver; a disk
 * that nobody may take, and a PF that could make VFs. */
static void make_host(struct world *w)
{
    static const char *const vfs[] = { "0000:01:10.0", "0000:01:10.2",
                                       "0000:01:10.4" };
    struct world_interface *port;
    unsigned i;

    world_init(w);
    world_add_device(w, PF, 0x8086, 0x10c9, 0x020000, "igb", CAP_MSIX);
    for (i = 0; i < 3; i++) {
        world_add_device(w, vfs[i], 0x8086, 0x10ca, 0x020000,
                         i < 2 ? "pciback" : "igbvf", CAP_MSIX);
        world_make_vf(w, vfs[i], PF, i);
    }
    port = world_add_interface(w, PF, "eth1");
    port->state.up = port->state.carrier = true;
    world_set_vfs(port, 3);
    world_add_domain(w, 3, "9b2d5c70-6d1f-4a1e-8f3a-5d9c6c1e7a10", "db");
    fake_store_put(&w->store, "/libxl/pci/0000-01-10-2/domid", "3");
    fake_store_put(&w->store, "/local/domain/3/name", "db");
    world_add_device(w, "0000:03:00.0", 0x144d, 0xa808, 0x010802, NULL,
                     CAP_MSIX);
    world_add_device(w, EMPTY_PF, 0x8086, 0x10c9, 0x020000, "igb", CAP_MSIX);
    world_make_pf(w, EMPTY_PF, 7);
    world_pools(w, "{\"version\":1,\"pools\":{"
                "\"lan\":{\"match\":[{\"device\":\"10ca\"}],\"bind\":true},"
                "\"tight\":{\"match\":[{\"device\":\"10ca\"}],\"bind\":true,"
                "\"reserve\":1},"
                "\"later\":{\"match\":[{\"pf\":\"" EMPTY_PF "\"}],"
                "\"bind\":true,\"create_vfs\":4},"
                "\"disks\":{\"match\":[{\"class\":\"0108\"}]}}}");
}

static void test_attributes(void **state)
{
    struct world w;
    char *answer;

    (void)state;
    make_host(&w);
    w.attributes = true;
    answer = ask(&w);
    assert_string_equal(answer,
                        "pci-pool-lan=2\n"
                        "pci-class-0200-lan=2\n"
                        "pci-model-8086-10ca-lan=2\n"
                        "pci-pool-tight=1\n"
                        "pci-class-0200-tight=1\n"
                        "pci-model-8086-10ca-tight=1\n"
                        "pci-pool-later=4\n"
                        "pci-pool-disks=0\n"
                        "pci-class-0108-disks=0\n"
                        "pci-model-144d-a808-disks=0\n"
                        "pci-pciback-8086-10ca=1");
    free(answer);
    /* The guest ends: its device is the next one's. */
    fake_store_remove(&w.store, "/libxl/pci/0000-01-10-2/domid");
    answer = ask(&w);
    assert_non_null(strstr(answer, "pci-pool-lan=3\n"));
    assert_non_null(strstr(answer, "pci-pciback-8086-10ca=2"));
    free(answer);
    world_dispose(&w);
}

static void test_json_and_table(void **state)
{
    struct world w;
    char *answer;

    (void)state;
    make_host(&w);
    answer = ask(&w);
    assert_non_null(strstr(answer,
        "{\"name\":\"tight\",\"devices\":3,\"free\":2,\"arrivals\":1,"
        "\"makeable\":0,\"reserve\":1,\"classes\":[{\"class\":\"0200\","
        "\"devices\":3,\"free\":2,\"arrivals\":1}],\"models\":[{"
        "\"class\":\"0200\",\"vendor\":\"8086\",\"device\":\"10ca\","
        "\"devices\":3,\"free\":2,\"arrivals\":1}]}"));
    assert_non_null(strstr(answer, "\"makeable\":4,"));
    assert_non_null(strstr(answer, "],\"pciback\":[{\"class\":\"0200\","
                                   "\"vendor\":\"8086\",\"device\":\"10ca\","
                                   "\"devices\":2,\"free\":1,"
                                   "\"arrivals\":1}]}"));
    free(answer);
    w.table = true;
    answer = ask(&w);
    assert_string_equal(answer,
        "POOL   CLASS  MODEL           DEVICES  FREE  FOR ARRIVALS\n"
        "lan    0200   8086:10ca       3        2     2\n"
        "tight  0200   8086:10ca       3        2     1\n"
        "later  -      VFs to be made  0        0     4\n"
        "disks  0108   144d:a808       1        0     0\n"
        "-      0200   8086:10ca       2        1     1");
    free(answer);
    world_dispose(&w);
}

/* No pools, nothing on pciback: nothing to say, and no error. */
static void test_bare_host(void **state)
{
    struct world w;
    char *answer;

    (void)state;
    world_init(&w);
    world_add_device(&w, PF, 0x8086, 0x10c9, 0x020000, "igb", CAP_MSIX);
    w.attributes = true;
    answer = ask(&w);
    assert_string_equal(answer, "");
    free(answer);
    world_dispose(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_reserve),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_json_and_table),
        cmocka_unit_test(test_bare_host),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("supply", tests, NULL, NULL);
}
