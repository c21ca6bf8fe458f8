/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole verbs on a host made of files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "golden.h"
#include "world.h"

#define MIGRATION "3f0e5c9e-8d3b-4d7c-9a55-0d7c6a1b2c3d"
#define GUEST "7b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11"
#define OTHER "11111111-2222-3333-4444-555555555555"
#define LEASE "/libxl/pci/0000-01-00-0/lease"
#define E1000E "0000:01:00.0"

static char *answer, *error;

static int run(struct world *w, verb_function *verb, const char *request)
{
    free(answer);
    free(error);
    return world_run(w, verb, request, NULL, false, &answer, &error);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));

    world_init(w);
    world_add_process(w, 4711, 81234);
    world_add_driver(w, "e1000e");
    world_pools(w, "{\"version\":1, /* the lab's */ \"pools\":{\"lan\":"
                   "{\"match\":[{\"vendor\":\"8086\",\"device\":\"10d3\"}],"
                   "\"bind\":true}}}");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    assert_int_equal(w->store.open, 0); /* no transaction left behind */
    world_dispose(w);
    free(w);
    free(answer);
    free(error);
    answer = error = NULL;
    return 0;
}

static void add_e1000e(struct world *w, const char *driver)
{
    world_add_device(w, E1000E, 0x8086, 0x10d3, 0x020000, driver,
                     CAP_MSI | CAP_MSIX);
}

/* The golden record, as a reserve-request. */
static char *reserve_request(const char *change_from, const char *change_to)
{
    static char text[8192];
    char *record = golden_read("record.json"), *at;

    if (change_from) {
        char changed[4096];

        at = strstr(record, change_from);
        assert_non_null(at);
        snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - record),
                 record, change_to, at + strlen(change_from));
        snprintf(text, sizeof(text), "{\"version\":1,\"record\":%s,"
                 "\"owner\":{\"pid\":4711}}", changed);
    } else {
        snprintf(text, sizeof(text), "{\"version\":1,\"record\":%s,"
                 "\"owner\":{\"pid\":4711}}", record);
    }
    free(record);
    return text;
}

static const char lease_request[] =
    "{\"version\":1,\"migration\":\"" MIGRATION "\",\"domain\":\"" GUEST
    "\",\"owner\":{\"pid\":4711}}";

static void test_reserve_gives_golden_plan(void **state)
{
    struct world *w = *state;
    char *golden = golden_read("plan.json");

    add_e1000e(w, "pciback");
    assert_int_equal(run(w, verb_reserve, reserve_request(NULL, NULL)), 0);
    golden_same(answer, golden);
    free(golden);
    golden = golden_read("lease.json");
    golden_same(fake_store_get(&w->store, LEASE), golden);
    free(golden);
}

static void test_refusal_is_golden(void **state)
{
    struct world *w = *state;
    char *golden = golden_read("plan-refused.json");

    add_e1000e(w, "pciback");
    world_add_domain(w, 3, OTHER, "g1");
    fake_store_put(&w->store, "/libxl/pci/0000-01-00-0/domid", "3");
    assert_int_equal(run(w, verb_reserve, reserve_request(NULL, NULL)), 1);
    golden_same(answer, golden);
    free(golden);
    assert_null(fake_store_get(&w->store, LEASE));
}

static void test_whole_life(void **state)
{
    struct world *w = *state;

    add_e1000e(w, "e1000e");
    assert_int_equal(run(w, verb_reserve, reserve_request(NULL, NULL)), 0);
    assert_string_equal(world_driver(w, E1000E), "e1000e");
    assert_int_equal(run(w, verb_prepare, lease_request), 0);
    assert_string_equal(world_driver(w, E1000E), "pciback");
    assert_int_equal(w->quarantined, 1);
    assert_non_null(strstr(fake_store_get(&w->store, LEASE),
                           "\"state\":\"prepared\""));
    assert_string_equal(fake_store_get(&w->store,
                                       "/libxl/pci/0000-01-00-0/driver_path"),
                        "/sys/bus/pci/drivers/e1000e");
    world_add_process(w, 4712, 99);
    assert_int_equal(run(w, verb_adopt, "{\"version\":1,\"migration\":\""
                         MIGRATION "\",\"domain\":\"" GUEST
                         "\",\"owner\":{\"pid\":4712}}"), 0);
    assert_non_null(strstr(fake_store_get(&w->store, LEASE),
                           "\"pid\":4712,\"start\":99"));
    world_add_domain(w, 7, GUEST, "g0");
    assert_int_equal(run(w, verb_commit, lease_request), 0);
    assert_non_null(strstr(fake_store_get(&w->store, LEASE),
                           "\"owner\":{\"domain\":\"" GUEST "\"}"));
    w->domain_count = 0;
    assert_int_equal(run(w, verb_gc, NULL), 0);
    assert_null(fake_store_get(&w->store, LEASE));
    assert_null(fake_store_get(&w->store,
                               "/libxl/pci/0000-01-00-0/driver_path"));
    assert_string_equal(world_driver(w, E1000E), "e1000e");
    assert_int_equal(w->quarantined, 0);
}

static void test_release_returns_the_device(void **state)
{
    struct world *w = *state;

    add_e1000e(w, "e1000e");
    assert_int_equal(run(w, verb_reserve, reserve_request(NULL, NULL)), 0);
    assert_int_equal(run(w, verb_prepare, lease_request), 0);
    assert_int_equal(run(w, verb_release, lease_request), 0);
    assert_string_equal(world_driver(w, E1000E), "e1000e");
    assert_null(fake_store_get(&w->store, LEASE));
    /* again: nothing to do, and said so */
    assert_int_equal(run(w, verb_release, lease_request), 0);
    assert_non_null(strstr(answer, "\"devices\":[]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_reserve_gives_golden_plan),
        T(test_refusal_is_golden),
        T(test_whole_life),
        T(test_release_returns_the_device),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("verbs", tests, NULL, NULL);
}
