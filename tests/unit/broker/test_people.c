/* SPDX-License-Identifier: GPL-2.0-only */
/* What people read: reports, dry runs by hand, the log, remedies. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/remedy.h"
#include "golden.h"
#include "world.h"

#define MIGRATION "3f0e5c9e-8d3b-4d7c-9a55-0d7c6a1b2c3d"
#define GUEST "7b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11"
#define PF "0000:01:00.0"
#define VF0 "0000:01:10.0"
#define VF1 "0000:01:10.1"
#define NIC "0000:02:00.0"
#define DISK "0000:03:00.0"
#define FOR ", for migration " MIGRATION "\n"

struct fixture {
    struct world w;
    struct world_interface *pf;
    char *answer, *error, *messages;
    size_t len;
};

static int run(struct fixture *f, verb_function *verb, const char *request)
{
    int rc;

    free(f->answer);
    free(f->error);
    rc = world_run(&f->w, verb, request, NULL, false, &f->answer, &f->error);
    fflush(f->w.messages);
    return rc;
}

static void expect(struct fixture *f, verb_function *verb,
                   const char *request, int wanted)
{
    int rc = run(f, verb, request);

    if (rc != wanted)
        fail_msg("rc %d: %s %s", rc, f->answer ? f->answer : "",
                 f->error ? f->error : "");
}

static void has(const char *all, const char *text)
{
    if (!all || !strstr(all, text))
        fail_msg("no \"%s\" in \"%s\"", text, all ? all : "");
}

/* An igb with two VFs, another NIC, a disk. */
static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct world *w = &f->w;

    world_init(w);
    world_begin_migration(w);
    w->messages = open_memstream(&f->messages, &f->len);
    world_add_device(w, PF, 0x8086, 0x10c9, 0x020000, "igb", CAP_MSIX);
    world_add_device(w, VF0, 0x8086, 0x10ca, 0x020000, "igbvf", CAP_MSIX);
    world_add_device(w, VF1, 0x8086, 0x10ca, 0x020000, "igbvf", CAP_MSIX);
    world_make_vf(w, VF0, PF, 0);
    world_make_vf(w, VF1, PF, 1);
    world_add_device(w, NIC, 0x8086, 0x10d3, 0x020000, "e1000e", CAP_MSIX);
    world_add_device(w, DISK, 0x144d, 0xa808, 0x010802, NULL, CAP_MSIX);
    f->pf = world_add_interface(w, PF, "eth1");
    f->pf->state.up = f->pf->state.carrier = true;
    world_set_vfs(f->pf, 2);
    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":["
                "{\"device\":\"10ca\"}],\"bind\":true}}}");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(f->w.store.open, 0);
    fclose(f->w.messages);
    world_dispose(&f->w);
    free(f->answer);
    free(f->error);
    free(f->messages);
    free(f);
    return 0;
}

static char *reserve_request(void)
{
    static char text[8192];
    char *record = golden_read("record-vf-settings.json");

    snprintf(text, sizeof(text), "{\"version\":1,\"owner\":{\"lock\":\""
             WORLD_LOCK "\"},\"record\":%s}", record);
    free(record);
    return text;
}

static const char lease_request[] =
    "{\"version\":1,\"migration\":\"" MIGRATION "\",\"domain\":\"" GUEST
    "\"}";

/* ---- check-config ---- */

/* Each pool by itself: what it has, and which matches cannot have anything. */
static void test_what_can_never_match(void **state)
{
    struct fixture *f = *state;

    world_pools(&f->w, "{\"version\":1,\"pools\":{"
        "\"good\":{\"match\":[{\"device\":\"10ca\"}],\"bind\":true},"
        "\"idle\":{\"match\":[{\"vendor\":\"8086\",\"device\":\"1572\"},"
        "{\"networks\":[\"xenbr7\"]},{\"pf\":\"0000:09:00.0\"},"
        "{\"link_speed\":10000},{\"numa\":3},{\"driver\":\"tg3\"}]},"
        "\"both\":{\"match\":[{\"vendor\":\"144d\",\"class\":\"0200\"},"
        "{\"class\":\"01\"}]}}}");
    expect(f, verb_check_config, NULL, 0);
    has(f->answer, "3 pools\n");
    has(f->answer, "  good: 2 devices here, 2 free\n");
    has(f->answer, "  idle: no device of this host fits\n"
        "    match[0] can never fit here: no device has that \"device\"\n"
        "    match[1] can never fit here: no device has that \"networks\"\n"
        "    match[2] can never fit here: no device has that \"pf\"\n"
        "    match[3] can never fit here: no device has that "
        "\"link_speed\"\n"
        "    match[4] can never fit here: no device has that \"numa\"\n"
        "    match[5] can never fit here: no device has that \"driver\"\n");
    has(f->answer, "  both: 1 device here, 0 free\n"
        "    not-assignable: 0000:03:00.0 is not bound to pciback\n"
        "    match[0] can never fit here: no device has all of its keys");
    assert_null(strstr(f->answer, "match[6]"));
    assert_null(strstr(strstr(f->answer, "  both:"), "match[1]"));
}

/* ---- plan --like ---- */

static void test_like(void **state)
{
    struct fixture *f = *state;

    f->w.like = VF1;
    f->w.pool = "lan";
    expect(f, verb_plan, NULL, 0);
    has(f->answer, "\"status\":\"device\",\"bdf\":\"" VF0 "\"");
    has(f->answer, "\"rank\":\"same-model\"");
    assert_int_equal(fake_store_count(&f->w.store, "/lease"), 0);
    /* of that model, without a pool: only what pciback has */
    f->w.pool = NULL;
    expect(f, verb_plan, NULL, 1);
    has(f->answer, "\"text\":\"model 8086:10ca: ");
    /* a disk is no NIC */
    f->w.like = DISK;
    f->w.pool = "lan";
    expect(f, verb_plan, NULL, 1);
    has(f->answer, "\"reason\":\"class-mismatch\"");
    has(f->messages, "pci-broker: class-mismatch: have devices of the guest's");
}

/* Its VF has a VLAN here, which a NIC cannot have. */
static void test_like_has_settings(void **state)
{
    struct fixture *f = *state;

    f->pf->vfs[1].vlan = 42;
    world_pools(&f->w, "{\"version\":1,\"pools\":{\"nic\":{\"match\":["
                "{\"device\":\"10d3\"}],\"bind\":true,\"allow\":{\"names\":"
                "[\"web*\"]}}}}");
    f->w.like = VF1;
    f->w.pool = "nic";
    expect(f, verb_plan, NULL, 1);
    has(f->answer, "\"reason\":\"vf-settings\"");
    f->w.like = VF0;
    expect(f, verb_plan, NULL, 0);
}

static void test_like_nothing(void **state)
{
    static const struct { const char *like, *pool, *error; } rows[] = {
        { "0000:0f:00.0", "lan", "--like 0000:0f:00.0: there is no such" },
        { "01:10.0", "lan", "--like 01:10.0 is not a PCI address" },
        { VF0, "l an", "--pool l an is not the name of a pool" },
    };
    struct fixture *f = *state;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        f->w.like = rows[i].like;
        f->w.pool = rows[i].pool;
        expect(f, verb_plan, NULL, 2);
        has(f->error, rows[i].error);
    }
    f->w.like = VF0;
    f->w.pool = "wan";
    expect(f, verb_plan, NULL, 1);
    has(f->answer, "\"reason\":\"pool-unknown\"");
}

/* ---- the log ---- */

/* Who took it, from whom, what it was told, and that it came back: a line for
 * each change, and none where nothing was changed. */
static void test_changes_are_logged(void **state)
{
    struct fixture *f = *state;

    expect(f, verb_reserve, reserve_request(), 0);
    assert_string_equal(f->w.log, "");
    expect(f, verb_prepare, lease_request, 0);
    assert_string_equal(f->w.log,
        VF0 ": taken from igbvf to pciback" FOR
        VF0 ": VLAN 42 (QoS 3, 802.1q) set on VF 0 of eth1" FOR
        VF0 ": spoof check off set on VF 0 of eth1" FOR
        VF0 ": trust on set on VF 0 of eth1" FOR
        VF0 ": link state enable set on VF 0 of eth1" FOR
        VF0 ": rate 10 to 100 Mbit/s set on VF 0 of eth1" FOR);
    f->w.log[0] = '\0';
    expect(f, verb_release, lease_request, 0);
    assert_string_equal(f->w.log,
        VF0 ": VLAN 0 (QoS 0, 802.1q) set on VF 0 of eth1" FOR
        VF0 ": spoof check on set on VF 0 of eth1" FOR
        VF0 ": trust off set on VF 0 of eth1" FOR
        VF0 ": link state auto set on VF 0 of eth1" FOR
        VF0 ": rate 0 to 0 Mbit/s set on VF 0 of eth1" FOR
        VF0 ": given back to igbvf" FOR);
    f->w.log[0] = '\0';
    expect(f, verb_release, lease_request, 0);
    expect(f, verb_gc, NULL, 0);
    assert_string_equal(f->w.log, "");
}

/* What gc gives back was that migration's. */
static void test_gc_is_logged(void **state)
{
    struct fixture *f = *state;

    expect(f, verb_reserve, reserve_request(), 0);
    expect(f, verb_prepare, lease_request, 0);
    f->w.log[0] = '\0';
    world_end_migration(&f->w);
    expect(f, verb_gc, NULL, 0);
    has(f->w.log, VF0 ": given back to igbvf" FOR);
}

/* A setting that was refused was not made. */
static void test_failure_is_not_logged(void **state)
{
    struct fixture *f = *state;

    f->w.fail_vf = 1u << VF_TRUST;
    f->w.fail_vf_errno = EPERM;
    expect(f, verb_reserve, reserve_request(), 0);
    expect(f, verb_prepare, lease_request, 1);
    has(f->w.log, VF0 ": VLAN 42 (QoS 3, 802.1q) set on VF 0 of eth1" FOR);
    has(f->w.log, VF0 ": given back to igbvf" FOR);
    assert_null(strstr(f->w.log, "trust"));
}

/* ---- remedies ---- */

static void test_every_reason_has_a_remedy(void **state)
{
    enum reason reason;

    (void)state;
    for (reason = REASON_NONE + 1; reason <= REASON_TYPE_UNSUPPORTED;
         reason++)
        if (!remedy(reason) || strlen(remedy(reason)) < 10)
            fail_msg("no remedy for %s", reason_word(reason));
}

/* A refusal says it, once for each reason, and success says nothing. */
static void test_refusals_tell(void **state)
{
    struct fixture *f = *state;

    expect(f, verb_reserve, reserve_request(), 0);
    assert_null(f->messages && *f->messages ? f->messages : NULL);
    f->w.fail_vf = 1u << VF_VLAN;
    f->w.fail_vf_errno = EPERM;
    expect(f, verb_prepare, lease_request, 1);
    has(f->messages, "pci-broker: vf-settings: use a physical function");
    assert_null(strstr(strstr(f->messages, "vf-settings") + 1,
                       "vf-settings"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_what_can_never_match),
        T(test_like),
        T(test_like_has_settings),
        T(test_like_nothing),
        T(test_changes_are_logged),
        T(test_gc_is_logged),
        T(test_failure_is_not_logged),
        T(test_every_reason_has_a_remedy),
        T(test_refusals_tell),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}
