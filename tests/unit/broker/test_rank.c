/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The whole decision on random hosts against brute force that knows all facts
 * from the start: the planner looks only at what it is about to choose, and must
 * choose the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "golden.h"
#include "world.h"

#define ROUNDS 150
#define PFS 3
#define VFS 3
#define PLAIN 3
#define DEVICES (PFS * VFS + PLAIN)
#define WISHES 3

/* The same sequence everywhere; the seed is in failures. */
static uint32_t seed;

static unsigned pick(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

/* What the test knows of a device, in words of its own. */
struct truth {
    char bdf[16];
    int tier;                   /* 0: the guest's model … 2: of its class */
    int node;
    int load;
    int reset;                  /* 0: alone, 1: bus, 2: none */
    bool taken;
};

struct host {
    struct world w;
    struct truth devices[DEVICES];      /* in order of BDF */
};

/* The guest has an 8086:10ca with igbvf. */
static void add(struct host *h, unsigned n, const char *bdf, int node)
{
    static const unsigned ids[] = { 0x10ca, 0x1520, 0x10d3 };
    static const char *const methods[] = { "flr bus\n", "bus\n", "\n" };
    struct truth *t = &h->devices[n];
    struct world *w = &h->w;

    snprintf(t->bdf, sizeof(t->bdf), "%s", bdf);
    t->tier = (int)pick(3);
    t->reset = (int)pick(3);
    t->node = node;
    t->taken = !pick(3);
    world_add_device(w, bdf, 0x8086, ids[t->tier], 0x020000, "pciback",
                     CAP_MSIX);
    world_device_file(w, bdf, "reset_method", methods[t->reset]);
    if (node >= 0)
        world_device_file(w, bdf, "numa_node", node ? "1\n" : "0\n");
    else
        t->node = 0;            /* unknown is as the first node */
    if (t->taken)
        fake_store_put(&w->store, arena_printf(
            w->arena, "/libxl/pci/0000-%c%c-%c%c-%c/domid", bdf[5], bdf[6],
            bdf[8], bdf[9], bdf[11]), "3");
    else if (pick(2))           /* known to the store, and free */
        fake_store_put(&w->store, arena_printf(
            w->arena, "/libxl/pci/0000-%c%c-%c%c-%c/driver_path", bdf[5],
            bdf[6], bdf[8], bdf[9], bdf[11]), "/sys/bus/pci/drivers/x");
}

static void add_pf(struct host *h, unsigned number)
{
    char pf[16], vf[16];
    int node = (int)pick(3) - 1, load = 0;
    unsigned i, first = number * VFS;

    snprintf(pf, sizeof(pf), "0000:%02x:00.0", number + 1);
    world_add_device(&h->w, pf, 0x8086, 0x10c9, 0x020000, "igb", CAP_MSIX);
    if (node >= 0)
        world_device_file(&h->w, pf, "numa_node", node ? "1\n" : "0\n");
    for (i = 0; i < VFS; i++) {
        snprintf(vf, sizeof(vf), "0000:%02x:10.%x", number + 1, i * 2);
        add(h, first + i, vf, node);
        world_make_vf(&h->w, vf, pf, i);
        load += h->devices[first + i].taken;
    }
    for (i = 0; i < VFS; i++)
        h->devices[first + i].load = load;
}

static void make_host(struct host *h)
{
    char bdf[16];
    unsigned i;

    world_init(&h->w);
    world_begin_migration(&h->w);
    world_file(&h->w, "modprobe.d/a.conf",
               "alias pci:v00008086d000010CAsv*sd*bc*sc*i* igbvf\n"
               "alias pci:v00008086d00001520sv*sd*bc*sc*i* igb\n"
               "alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e\n");
    world_pools(&h->w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":["
                       "{\"device\":\"10ca\"},{\"device\":\"1520\"},"
                       "{\"device\":\"10d3\"}]}}}");
    for (i = 0; i < PFS; i++)
        add_pf(h, i);
    for (i = 0; i < PLAIN; i++) {
        snprintf(bdf, sizeof(bdf), "0000:%02x:00.0", 0x20 + i);
        add(h, PFS * VFS + i, bdf, (int)pick(3) - 1);
    }
}

static int wanted_node;         /* -1: none */

static int node_rank(int node)
{
    if (wanted_node < 0)
        return 0;
    return node == wanted_node ? 0 : node + 1;
}

static int compare(const struct truth *a, const struct truth *b)
{
    int d = node_rank(a->node) - node_rank(b->node);

    if (!d)
        d = a->load - b->load;
    if (!d)
        d = a->reset - b->reset;
    return d ? d : strcmp(a->bdf, b->bdf);
}

/* All wishes are alike here, so the best sum of tiers, and of those the best
 * in order, are the first ones by tier and order. */
static int compare_with_tier(const void *a, const void *b)
{
    const struct truth *x = a, *y = b;
    int d = x->taken - y->taken;

    if (!d)
        d = x->tier - y->tier;
    return d ? d : compare(x, y);
}

static char *request(struct arena *arena, unsigned wishes)
{
    char *record = golden_read("record.json"), *device, *end, *text;
    unsigned i;

    device = strstr(record, "[{") + 1;
    end = strrchr(record, ']');
    text = arena_printf(arena, "{\"version\":1,\"owner\":"
                        "{\"lock\":\"" WORLD_LOCK "\"},"
                        "\"record\":%.*s", (int)(device - record), record);
    for (i = 0; i < wishes; i++) {
        char *one = arena_printf(arena, "%.*s", (int)(end - device), device);

        memcpy(strstr(one, "lan0"), arena_printf(arena, "lan%u", i), 4);
        text = arena_printf(arena, "%s%s%s", text, i ? "," : "", one);
    }
    free(record);
    if (wanted_node < 0)
        return arena_printf(arena, "%s]}}", text);
    return arena_printf(arena, "%s]},\"numa\":%d}", text, wanted_node);
}

static bool is_planned(const char *answer, const char *bdf)
{
    char text[64];

    snprintf(text, sizeof(text), "\"status\":\"device\",\"bdf\":\"%.15s\"",
             bdf);
    return strstr(answer, text);
}

static void check_round(uint32_t start)
{
    struct host *h = calloc(1, sizeof(*h));
    char *answer, *error;
    unsigned wishes, i;
    int rc;

    seed = start;
    make_host(h);
    wanted_node = (int)pick(3) - 1;
    wishes = 1 + pick(WISHES);
    rc = world_run(&h->w, verb_reserve, request(h->w.arena, wishes), NULL,
                   false, &answer, &error);
    qsort(h->devices, DEVICES, sizeof(*h->devices), compare_with_tier);
    if (h->devices[wishes - 1].taken) {
        assert_int_equal(rc, 1);
    } else {
        for (i = 0; i < wishes; i++)
            if (rc || !is_planned(answer, h->devices[i].bdf))
                fail_msg("seed %u: %s was to be chosen: %s", start,
                         h->devices[i].bdf, rc ? error : answer);
    }
    free(answer);
    free(error);
    world_dispose(&h->w);
    free(h);
}

static void test_as_if_all_were_known(void **state)
{
    uint32_t round;

    (void)state;
    for (round = 0; round < ROUNDS; round++)
        check_round(round * 2654435761u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_if_all_were_known),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("rank", tests, NULL, NULL);
}
