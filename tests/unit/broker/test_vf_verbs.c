/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole verbs on VFs, from the record to the PF and back. */
#include <errno.h>
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
#include "world.h"

#define MIGRATION "3f0e5c9e-8d3b-4d7c-9a55-0d7c6a1b2c3d"
#define GUEST "7b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11"
#define OTHER "11111111-2222-3333-4444-555555555555"
#define OTHER_LOCK OTHER ".destination"
#define THEIRS "99999999-2222-3333-4444-555555555555"
#define PF "0000:01:00.0"
#define VF0 "0000:01:10.0"
#define VF1 "0000:01:10.1"
#define NIC "0000:02:00.0"
#define NODE(name) "/libxl/pci/0000-01-10-0/" name

struct fixture {
    struct world w;
    struct world_interface *pf;
    char *answer, *error;
};

static int run_with(struct fixture *f, verb_function *verb,
                    const char *request, const char *argument)
{
    free(f->answer);
    free(f->error);
    return world_run(&f->w, verb, request, argument, argument != NULL,
                     &f->answer, &f->error);
}

static int run(struct fixture *f, verb_function *verb, const char *request)
{
    return run_with(f, verb, request, NULL);
}

static void expect(struct fixture *f, int rc, int wanted)
{
    if (rc != wanted)
        fail_msg("rc %d: %s %s", rc, f->answer ? f->answer : "",
                 f->error ? f->error : "");
}

static void has(struct fixture *f, const char *text)
{
    if (!f->answer || !strstr(f->answer, text))
        fail_msg("no %s in %s", text, f->answer ? f->answer : "nothing");
}

/* An igb with two VFs, and a NIC that is none. */
static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct world *w = &f->w;

    world_init(w);
    world_begin_migration(w);
    world_add_device(w, PF, 0x8086, 0x10c9, 0x020000, "igb", CAP_MSIX);
    world_add_device(w, VF0, 0x8086, 0x10ca, 0x020000, "igbvf", CAP_MSIX);
    world_add_device(w, VF1, 0x8086, 0x10ca, 0x020000, "igbvf", CAP_MSIX);
    world_make_vf(w, VF0, PF, 0);
    world_make_vf(w, VF1, PF, 1);
    world_add_device(w, NIC, 0x8086, 0x10d3, 0x020000, "e1000e", CAP_MSIX);
    f->pf = world_add_interface(w, PF, "eth1");
    f->pf->state.up = f->pf->state.carrier = true;
    world_set_vfs(f->pf, 2);
    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":["
                   "{\"device\":\"10ca\"}],\"bind\":true},\"any\":{\"match\":"
                   "[{\"class\":\"02\"}],\"bind\":true},\"nic\":{\"match\":"
                   "[{\"device\":\"10d3\"}],\"bind\":true}}}");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(f->w.store.open, 0);
    world_dispose(&f->w);
    free(f->answer);
    free(f->error);
    free(f);
    return 0;
}

static char *request_with(const char *name, const char *from, const char *to)
{
    static char text[8192];
    char *record = golden_read(name);
    char *at = from ? strstr(record, from) : record;

    assert_non_null(at);
    snprintf(text, sizeof(text), "{\"version\":1,\"owner\":"
             "{\"lock\":\"" WORLD_LOCK "\"},"
             "\"record\":%.*s%s%s}", (int)(at - record), record,
             from ? to : "", at + (from ? strlen(from) : 0));
    free(record);
    return text;
}

static char *reserve_request(const char *from, const char *to)
{
    return request_with("record-vf-settings.json", from, to);
}

/* The same for another migration, whose lock is OTHER_LOCK. */
static char *as_other(const char *request)
{
    static char text[8192];
    char *at;

    snprintf(text, sizeof(text), "%s", request);
    while ((at = strstr(text, MIGRATION)))
        memcpy(at, OTHER, strlen(OTHER));
    return text;
}

static const char lease_request[] =
    "{\"version\":1,\"migration\":\"" MIGRATION "\",\"domain\":\"" GUEST
    "\"}";

static const char *node(struct fixture *f, const char *path)
{
    return fake_store_get(&f->w.store, path);
}

static bool is_default(const struct vf_settings *s)
{
    int what;

    for (what = 0; what < VF_SETTINGS; what++)
        if (!vf_is_default(s, what))
            return false;
    return true;
}

static void assert_golden_settings(const struct vf_settings *s)
{
    assert_int_equal(s->vlan, 42);
    assert_int_equal(s->qos, 3);
    assert_true(s->vlan_proto == VF_8021Q && !s->spoofchk && s->trust &&
                s->link_state == VF_LINK_ENABLE && s->min_tx_rate == 10 &&
                s->max_tx_rate == 100);
}

static void prepare(struct fixture *f)
{
    expect(f, run(f, verb_reserve, reserve_request(NULL, NULL)), 0);
    expect(f, run(f, verb_prepare, lease_request), 0);
}

/* What describe says of a VF is what prepare makes on another. */
static void test_describe_to_prepare(void **state)
{
    static const uint8_t mac[6] = { 0x00, 0x16, 0x3e, 0x12, 0x34, 0x56 };
    struct fixture *f = *state;
    char *request = golden_read("describe-request.json");
    char *golden = golden_read("record-vf-settings.json");

    f->pf->vfs[0] = (struct vf_settings){
        .vlan = 42, .qos = 3, .vlan_proto = VF_8021Q, .trust = true,
        .link_state = VF_LINK_ENABLE, .min_tx_rate = 10, .max_tx_rate = 100,
        .known = (1u << VF_SETTINGS) - 1,
    };
    memcpy(f->pf->vfs[0].mac, mac, sizeof(mac));
    expect(f, run(f, verb_describe, request), 0);
    golden_same(f->answer, golden);
    free(request);
    free(golden);

    world_set_vfs(f->pf, 2);
    prepare(f);
    assert_golden_settings(&f->pf->vfs[0]);
    /* the MAC is for `filter` */
    assert_true(vf_is_default(&f->pf->vfs[0], VF_MAC));
    assert_true(is_default(&f->pf->vfs[1]));
    assert_non_null(strstr(node(f, NODE("vf")), "\"made\":true,\"mac\":"
                           "\"00:16:3e:12:34:56\",\"vlan\":42"));
}

/* A record of an older broker: what it does not say is a default. */
static void test_old_record(void **state)
{
    struct fixture *f = *state;

    expect(f, run(f, verb_reserve, reserve_request(
        ", \"vlan_proto\":\"802.1q\",\n                           "
        "\"spoofchk\":false, \"trust\":true,\n                           "
        "\"link_state\":\"enable\", \"min_tx_rate\":10,\n"
        "                           \"max_tx_rate\":100", "")), 0);
    f->pf->vfs[0].trust = true; /* somebody else's, still there */
    expect(f, run(f, verb_prepare, lease_request), 0);
    assert_int_equal(f->pf->vfs[0].vlan, 42);
    assert_true(f->pf->vfs[0].spoofchk && !f->pf->vfs[0].trust);
}

static void test_release_resets(void **state)
{
    struct fixture *f = *state;

    prepare(f);
    f->pf->vfs[0].mac[0] = 2;
    expect(f, run(f, verb_release, lease_request), 0);
    assert_true(is_default(&f->pf->vfs[0]));
    assert_null(node(f, NODE("vf")));
    assert_null(node(f, NODE("lease")));
    assert_string_equal(world_driver(&f->w, VF0), "igbvf");
}

/* A reservation that touched nothing resets nothing. */
static void test_release_unprepared(void **state)
{
    struct fixture *f = *state;

    f->pf->vfs[0].vlan = 7;
    expect(f, run(f, verb_reserve, reserve_request(NULL, NULL)), 0);
    expect(f, run(f, verb_release, lease_request), 0);
    assert_int_equal(f->pf->vfs[0].vlan, 7);
    assert_null(node(f, NODE("vf")));
}

static void test_gc_resets(void **state)
{
    struct fixture *f = *state;

    prepare(f);
    world_end_migration(&f->w);
    expect(f, run(f, verb_gc, NULL), 0);
    assert_true(is_default(&f->pf->vfs[0]));
    assert_int_equal(fake_store_count(&f->w.store, "/vf"), 0);
}

/* libxl ends leases without asking; the note stays. */
static void test_lease_ended_by_libxl(void **state)
{
    struct fixture *f = *state;

    prepare(f);
    fake_store_remove(&f->w.store, NODE("lease"));
    fake_store_put(&f->w.store, NODE("domid"), "7");
    world_add_domain(&f->w, 7, GUEST, "g0");
    expect(f, run(f, verb_list, NULL), 0);
    has(f, "\"leases\":[]");
    expect(f, run(f, verb_gc, NULL), 0);
    assert_golden_settings(&f->pf->vfs[0]);     /* a guest has it */
    fake_store_remove(&f->w.store, NODE("domid"));
    expect(f, run(f, verb_list, NULL), 0);
    has(f, "{\"bdf\":\"" VF0 "\",\"reason\":\"vf-settings\"");
    expect(f, run(f, verb_gc, NULL), 0);
    has(f, "\"bdf\":\"" VF0 "\"");
    assert_true(is_default(&f->pf->vfs[0]));
    assert_int_equal(fake_store_count(&f->w.store, "/vf"), 0);
    assert_int_equal(fake_store_count(&f->w.store, "/lease"), 0);
}

/* A dead guest's settings do not reach the next one, nor get lost. */
static void test_taken_over(void **state)
{
    struct fixture *f = *state;
    int other;

    prepare(f);
    f->pf->vfs[0].mac[0] = 2;
    world_end_migration(&f->w);
    other = world_hold(&f->w, OTHER_LOCK);
    expect(f, run(f, verb_reserve, as_other(reserve_request(
        "\"vlan\":42, \"qos\":3", "\"vlan\":0, \"qos\":0"))), 0);
    has(f, VF0);
    assert_non_null(strstr(node(f, NODE("vf")), "\"made\":true"));
    expect(f, run(f, verb_prepare, as_other(lease_request)), 0);
    assert_true(vf_is_default(&f->pf->vfs[0], VF_VLAN));
    assert_true(vf_is_default(&f->pf->vfs[0], VF_MAC));
    assert_true(f->pf->vfs[0].trust);
    close(other);
}

/* Each setting that the guest had and the driver does not do: refused, with
 * its name, and nothing is left. */
static void test_refused_settings(void **state)
{
    static const struct { enum vf_setting what; const char *text; } cases[] =
    {
        { VF_VLAN, "VLAN 42 (QoS 3, 802.1q) cannot be set on VF 0 of eth1" },
        { VF_SPOOFCHK, "spoof check off cannot be set" },
        { VF_TRUST, "trust on cannot be set" },
        { VF_LINK_STATE, "link state enable cannot be set" },
        { VF_RATE, "rate 10 to 100 Mbit/s cannot be set" },
    };
    struct fixture *f = *state;
    size_t i;

    f->w.fail_vf_errno = EOPNOTSUPP;
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        expect(f, run(f, verb_reserve, reserve_request(NULL, NULL)), 0);
        f->w.fail_vf = 1u << cases[i].what;
        expect(f, run(f, verb_prepare, lease_request), 1);
        has(f, "\"reason\":\"vf-settings\"");
        has(f, cases[i].text);
        assert_true(is_default(&f->pf->vfs[0]));
        assert_string_equal(world_driver(&f->w, VF0), "igbvf");
        f->w.fail_vf = 0;
        expect(f, run(f, verb_release, lease_request), 0);
        assert_int_equal(fake_store_count(&f->w.store, "/vf"), 0);
    }
}

/* A default that the driver cannot set is nobody's loss; a VLAN is. */
static void test_defaults_may_fail(void **state)
{
    struct fixture *f = *state;
    char *plain = reserve_request("\"vlan\":42, \"qos\":3, \"vlan_proto\":"
        "\"802.1q\",\n                           \"spoofchk\":false, "
        "\"trust\":true,\n                           \"link_state\":"
        "\"enable\", \"min_tx_rate\":10,\n                           "
        "\"max_tx_rate\":100", "\"vlan\":0, \"qos\":0");

    f->w.fail_vf_errno = EOPNOTSUPP;
    f->w.fail_vf = (1u << VF_SETTINGS) - 1;
    f->pf->vfs[0].spoofchk = false;
    f->pf->vfs[0].mac[5] = 9;
    expect(f, run(f, verb_reserve, plain), 0);
    expect(f, run(f, verb_prepare, lease_request), 0);
    expect(f, run(f, verb_release, lease_request), 0);
    f->pf->vfs[0].vlan = 5;
    expect(f, run(f, verb_reserve, plain), 0);
    expect(f, run(f, verb_prepare, lease_request), 1);
    has(f, "VLAN 0");
}

/* It said yes to the VLAN, and has none. */
static void test_lying_driver(void **state)
{
    struct fixture *f = *state;

    f->w.fail_vf = 1u << VF_VLAN;
    f->w.fail_vf_errno = 0;
    expect(f, run(f, verb_reserve, reserve_request(NULL, NULL)), 0);
    expect(f, run(f, verb_prepare, lease_request), 1);
    has(f, "VLAN 42 (QoS 3, 802.1q) was set on VF 0 of eth1, which has VLAN 0"
           " now");
}

/* A VF that still has the guest's VLAN is not shown to dom0's network manager. */
static void test_not_given_back_as_guests(void **state)
{
    struct fixture *f = *state;

    prepare(f);
    f->w.fail_vf = 1u << VF_VLAN;
    f->w.fail_vf_errno = EBUSY;
    expect(f, run(f, verb_release, lease_request), 1);
    has(f, "\"reason\":\"vf-settings\"");
    assert_int_equal(f->pf->vfs[0].vlan, 42);
    assert_string_equal(world_driver(&f->w, VF0), "pciback");
    expect(f, run(f, verb_list, NULL), 0);
    has(f, VF0);
    /* it is nobody's, and has not been forgotten */
    expect(f, run(f, verb_gc, NULL), 1);
    assert_string_equal(world_driver(&f->w, VF0), "pciback");
    f->w.fail_vf = 0;
    expect(f, run(f, verb_gc, NULL), 0);
    assert_true(is_default(&f->pf->vfs[0]));
    assert_string_equal(world_driver(&f->w, VF0), "igbvf");
    assert_int_equal(fake_store_count(&f->w.store, "/lease") +
                     fake_store_count(&f->w.store, "/vf") +
                     fake_store_count(&f->w.store, "/orphan-of"), 0);
}

/* Said when it is known: before anything is reserved. */
static void test_plan_knows(void **state)
{
    struct fixture *f = *state;

    expect(f, run(f, verb_plan, reserve_request(
        "\"pool\":\"lan\"", "\"pool\":\"nic\"")), 1);
    has(f, "\"reason\":\"vf-settings\"");
    has(f, NIC " cannot have the VLAN of the guest's VF");
    /* of two that are there the one that can */
    expect(f, run(f, verb_plan, reserve_request(
        "\"pool\":\"lan\"", "\"pool\":\"any\"")), 0);
    has(f, "\"bdf\":\"" VF0 "\"");
    /* no interface of the PF: as bad as no VF */
    f->w.interface_count = 0;
    unlink(arena_printf(f->w.arena, "%s/sys/class/net/eth1", f->w.dir));
    expect(f, run(f, verb_plan, reserve_request(NULL, NULL)), 1);
    has(f, "\"reason\":\"vf-settings\"");
    /* no settings: any NIC will do */
    expect(f, run(f, verb_plan, request_with(
        "record.json", "\"pool\":\"lan\"", "\"pool\":\"nic\"")), 0);
    has(f, NIC);
}

#define SLOT "\"slot\":\"0000:00:00.0\","

static void expect_plan(struct fixture *f, const char *mtu, int rc,
                        const char *text)
{
    expect(f, run(f, verb_plan, request_with(
        "record.json", "\"slot\":\"0000:00:00.0\",",
        arena_printf(f->w.arena, SLOT "\"mtu\":%s,", mtu))), rc);
    if (text)
        has(f, text);
}

/* A guest is not moved to where its frames do not fit. */
static void test_mtu(void **state)
{
    struct fixture *f = *state;

    expect_plan(f, "1500", 0, VF0);
    expect_plan(f, "1501", 1, "\"reason\":\"feature-missing\"");
    has(f, VF0 " is a VF of " PF ", whose interface eth1 has an MTU of 1500, "
        "and the guest uses 1501 (ip link set eth1 mtu 1501)");
    f->pf->mtu.now = 9000;
    expect_plan(f, "9000", 0, VF0);
    /* what the record does not say is not asked for */
    f->pf->mtu.now = 1000;
    expect(f, run(f, verb_plan, request_with("record.json", NULL, NULL)), 0);
}

/* A NIC of dom0's may say how far it goes; then the other one is taken. */
static void test_mtu_of_nic(void **state)
{
    struct world_interface *nic;
    struct fixture *f = *state;

    world_pools(&f->w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":["
                "{\"class\":\"02\"}],\"bind\":true}}}");
    f->pf->mtu.now = 1500;
    nic = world_add_interface(&f->w, NIC, "eth2");
    expect_plan(f, "1500", 0, "\"status\":\"device\",\"bdf\":\"" VF0);
    expect_plan(f, "9000", 0, "\"status\":\"device\",\"bdf\":\"" NIC);
    nic->mtu.most = 4000;
    expect_plan(f, "9000", 1, NIC " can have an MTU of 4000 at most "
                "(interface eth2), and the guest uses 9000");
    nic->mtu.most = 0;
    expect_plan(f, "9000", 0, NIC);
}

/* A network manager of dom0's has it; or nobody can have it at all. */
static void test_vf_of_dom0(void **state)
{
    struct fixture *f = *state;
    struct world_interface *vf = world_add_interface(&f->w, VF0, "eth1v0");

    fake_store_put(&f->w.store, "/libxl/pci/0000-01-10-1/domid", "7");
    expect_plan(f, "1500", 0, VF0);
    vf->state.up = true;
    expect_plan(f, "1500", 1, VF0 " is in use: interface eth1v0 is up; "
                "dom0's network manager is to keep off VFs: "
                "pci-pools.json(5)");
    vf->state.up = false;
    world_device_file(&f->w, PF, "sriov_drivers_autoprobe", "0\n");
    expect_plan(f, "1500", 1, VF0 " cannot be bound to pciback: its PF gives "
                "its VFs to no driver, which `echo 1 > ");
    /* it has no driver, of course; and one for it alone is let in */
    world_device_file(&f->w, VF0, "driver_override", "pciback\n");
    expect_plan(f, "1500", 0, VF0);
    world_device_file(&f->w, VF0, "driver_override", "\n");
    world_device_file(&f->w, PF, "sriov_drivers_autoprobe", "1\n");
    expect_plan(f, "1500", 0, VF0);
}

/* It comes from the guest. */
static void test_hostile_mtu(void **state)
{
    static const char *const bad[] = {
        "0", "67", "65536", "-1", "99999999999999999999", "\"1500\"", "1.5",
        "null", "[]",
    };
    struct fixture *f = *state;
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        expect_plan(f, bad[i], 2, NULL);
        assert_non_null(strstr(f->error, i == 4 ? "line" : "mtu"));
    }
    expect_plan(f, "68", 0, VF0);
    expect_plan(f, "65535", 1, "feature-missing");
}

static void filter(struct fixture *f, const char *device, const char *mac,
                   const char *filter, int rc)
{
    char request[512];

    snprintf(request, sizeof(request), "{\"version\":1,\"migration\":\""
             MIGRATION "\",\"domain\":\"" GUEST "\",\"devices\":[{\"id\":"
             "\"lan0\",\"bdf\":\"%s\",\"mac\":%s,\"filter\":\"%s\"}]}",
             device, mac, filter);
    expect(f, run(f, verb_filter, request), rc);
}

/* Nor one with the guest's MAC, of a driver that refuses the zero address. */
static void test_mac_not_given_back(void **state)
{
    static const uint8_t own[6] = { 0x02, 0, 0, 0, 0, 7 };
    struct fixture *f = *state;

    f->w.refuse_zero_mac = true;
    memcpy(f->pf->vfs[0].mac, own, sizeof(own));
    prepare(f);
    filter(f, VF0, "\"00:16:3e:12:34:56\"", "set", 0);
    assert_int_equal(f->pf->vfs[0].mac[5], 0x56);
    expect(f, run(f, verb_release, lease_request), 0);
    assert_memory_equal(f->pf->vfs[0].mac, own, sizeof(own));
    assert_string_equal(world_driver(&f->w, VF0), "igbvf");
}

static void test_golden_filter(void **state)
{
    struct fixture *f = *state;
    char *request = golden_read("filter-request.json");
    char *golden = golden_read("filter-done.json");

    f->pf->vfs[1].mac[5] = 9;
    expect(f, run(f, verb_filter, request), 0);
    golden_same(f->answer, golden);
    free(golden);
    assert_int_equal(f->pf->vfs[0].mac[5], 0x56);
    assert_true(vf_is_default(&f->pf->vfs[1], VF_MAC));

    fake_store_put(&f->w.store, NODE("lease"), "{\"version\":1,\"state\":"
                   "\"committed\",\"migration\":\"" THEIRS "\",\"domain\":\""
                   OTHER "\",\"id\":\"lan0\",\"owner\":{\"domain\":\"" OTHER
                   "\"},\"was\":null}");
    world_add_domain(&f->w, 3, OTHER, "g1");
    f->pf->vfs[0].mac[5] = 1;
    f->pf->vfs[1].mac[5] = 9;
    golden = golden_read("filter-refused.json");
    expect(f, run(f, verb_filter, request), 1);
    golden_same(f->answer, golden);
    assert_int_equal(f->pf->vfs[0].mac[5], 1);
    /* of a dead one it says nothing */
    f->w.domain_count = 0;
    expect(f, run(f, verb_filter, request), 0);
    free(golden);
    free(request);
}

/* The source: clear, then back again without knowing the MAC. */
static void test_filter_remembers(void **state)
{
    struct fixture *f = *state;

    f->pf->vfs[0].mac[0] = 2;
    f->pf->vfs[0].mac[5] = 9;
    f->pf->vfs[0].vlan = 7;
    filter(f, VF0, "null", "clear", 0);
    assert_true(vf_is_default(&f->pf->vfs[0], VF_MAC));
    /* a second one finds nothing to remember */
    filter(f, VF0, "null", "clear", 0);
    filter(f, VF0, "null", "set", 0);
    has(f, "\"state\":\"set\"");
    assert_true(f->pf->vfs[0].mac[0] == 2 && f->pf->vfs[0].mac[5] == 9);
    /* settings that were not ours stay when the guest has gone */
    expect(f, run(f, verb_gc, NULL), 0);
    assert_int_equal(f->pf->vfs[0].vlan, 7);
    assert_int_equal(fake_store_count(&f->w.store, "/vf"), 0);
    filter(f, VF0, "null", "set", 0);
    has(f, "\"state\":\"none\"");
}

/* The source, of a guest whose beginning is known: what it chose itself is not
 * set again, or nobody could choose another. */
static void test_filter_found(void **state)
{
    struct fixture *f = *state;

    filter(f, VF0, "null", "note", 0);
    has(f, "\"state\":\"noted\"");
    f->pf->vfs[0].mac[0] = 2;
    filter(f, VF0, "\"02:00:00:00:00:00\"", "clear", 0);
    assert_true(vf_is_default(&f->pf->vfs[0], VF_MAC));
    filter(f, VF0, "\"02:00:00:00:00:00\"", "set", 0);
    has(f, "\"state\":\"none\"");
    assert_true(vf_is_default(&f->pf->vfs[0], VF_MAC));

    /* what the host has set comes back, whatever the guest has now */
    f->pf->vfs[0].mac[5] = 9;
    filter(f, VF0, "null", "note", 0);
    filter(f, VF0, "null", "clear", 0);
    filter(f, VF0, "\"02:00:00:00:00:00\"", "set", 0);
    has(f, "\"state\":\"set\"");
    assert_true(f->pf->vfs[0].mac[0] == 0 && f->pf->vfs[0].mac[5] == 9);
    expect(f, run(f, verb_gc, NULL), 0);
    has(f, "\"leases\":[]");
    assert_int_equal(f->pf->vfs[0].mac[5], 9);
    assert_int_equal(fake_store_count(&f->w.store, "/vf"), 0);
}

/* An administrator's MAC, and a guest that uses another. */
static void test_filter_note_mac(void **state)
{
    struct fixture *f = *state;

    f->pf->vfs[0].mac[0] = 2;
    f->pf->vfs[0].mac[5] = 0xaa;
    filter(f, VF0, "\"02:00:00:00:00:aa\"", "note", 0);
    has(f, "\"state\":\"noted\"");
    filter(f, VF0, "\"00:16:3e:00:00:01\"", "note", 1);
    has(f, "\"reason\":\"vf-mac\"");
    has(f, "gives VF 0 the MAC 02:00:00:00:00:aa, but the guest uses "
        "00:16:3e:00:00:01");
    /* noted nevertheless */
    filter(f, VF0, "null", "clear", 0);
    filter(f, VF0, "null", "set", 0);
    assert_int_equal(f->pf->vfs[0].mac[5], 0xaa);
    f->pf->vfs[0].trust = true;
    filter(f, VF0, "\"00:16:3e:00:00:01\"", "note", 0);
    f->pf->vfs[0].trust = false;
    memset(f->pf->vfs[0].mac, 0, sizeof(f->pf->vfs[0].mac));
    filter(f, VF0, "\"00:16:3e:00:00:01\"", "note", 0);
}

/* What somebody else has found says nothing. */
static void test_filter_found_by_other(void **state)
{
    struct fixture *f = *state;

    fake_store_put(&f->w.store, NODE("vf"), "{\"version\":1,\"made\":false,"
                   "\"found_by\":\"" OTHER "\",\"mac\":null,\"vlan\":0,"
                   "\"qos\":0}");
    f->pf->vfs[0].mac[0] = 2;
    filter(f, VF0, "null", "clear", 0);
    filter(f, VF0, "null", "set", 0);
    has(f, "\"state\":\"set\"");
    assert_int_equal(f->pf->vfs[0].mac[0], 2);
}

/* The destination: what reserve noted. */
static void test_filter_after_prepare(void **state)
{
    struct fixture *f = *state;

    prepare(f);
    /* a guest that is made again there */
    filter(f, VF0, "null", "note", 0);
    has(f, "\"state\":\"none\"");
    filter(f, VF0, "null", "set", 0);
    assert_int_equal(f->pf->vfs[0].mac[5], 0x56);
    assert_golden_settings(&f->pf->vfs[0]);
    expect(f, run(f, verb_release, lease_request), 0);
    assert_true(is_default(&f->pf->vfs[0]));
}

static void test_filter_refusals(void **state)
{
    struct fixture *f = *state;

    filter(f, "0000:09:00.0", "null", "clear", 1);
    has(f, "\"reason\":\"device-gone\"");
    world_add_domain(&f->w, 3, OTHER, "g1");
    world_add_domain(&f->w, 4, GUEST, "g0");
    fake_store_put(&f->w.store, NODE("domid"), "3");
    f->pf->vfs[0].mac[0] = 2;
    filter(f, VF0, "null", "clear", 1);
    has(f, "\"reason\":\"in-use\"");
    assert_int_equal(f->pf->vfs[0].mac[0], 2);
    fake_store_put(&f->w.store, NODE("domid"), "4");
    filter(f, VF0, "null", "clear", 0);
    fake_store_put(&f->w.store, NODE("lease"), "{}");
    filter(f, VF0, "null", "set", 1);
    has(f, "\"reason\":\"lease-broken\"");
    fake_store_remove(&f->w.store, NODE("lease"));
    f->w.fail_vf = 1u << VF_MAC;
    f->w.fail_vf_errno = EINVAL;
    filter(f, VF0, "null", "set", 1);
    has(f, "MAC of VF 0 of eth1 cannot be set: Invalid argument");
    filter(f, VF0, "\"nonsense\"", "set", 2);
    filter(f, VF0, "null", "toggle", 2);
}

#define EMPTY_PF "0000:03:00.0"
#define CREATE "{\"version\":1,\"pools\":{\"lan\":{\"match\":[{\"pf\":\"" \
    EMPTY_PF "\"}],\"bind\":true,\"create_vfs\":%d}}}"

static void add_empty_pf(struct fixture *f, int limit, unsigned total)
{
    struct world_interface *i;

    world_add_device(&f->w, EMPTY_PF, 0x8086, 0x10c9, 0x020000, "igb",
                     CAP_MSIX);
    world_make_pf(&f->w, EMPTY_PF, total);
    i = world_add_interface(&f->w, EMPTY_PF, "eth3");
    i->state.up = i->state.carrier = true;
    world_pools(&f->w, arena_printf(f->w.arena, CREATE, limit));
}

static void test_create_vfs(void **state)
{
    struct fixture *f = *state;

    add_empty_pf(f, 4, 2);
    expect(f, run(f, verb_plan, reserve_request(NULL, NULL)), 1);
    has(f, "\"reason\":\"pool-empty\"");
    has(f, "; reserve would make 2 VFs of " EMPTY_PF);
    assert_string_equal(world_driver(&f->w, "0000:03:10.0"), "");
    expect(f, run(f, verb_reserve, reserve_request(NULL, NULL)), 0);
    has(f, "\"bdf\":\"0000:03:10.0\"");
    expect(f, run(f, verb_prepare, lease_request), 0);
    assert_golden_settings(&f->w.interfaces[1].vfs[0]);
    assert_string_equal(world_driver(&f->w, "0000:03:10.1"), "igbvf");
    assert_string_equal(world_driver(&f->w, "0000:03:10.2"), "");
    /* both taken: a number that is not none is left alone */
    fake_store_put(&f->w.store, "/libxl/pci/0000-03-10-1/domid", "7");
    expect(f, run(f, verb_reserve, reserve_request(
        MIGRATION, THEIRS)), 1);
    has(f, "\"reason\":\"no-free-device\"");
    assert_null(strstr(f->answer, "VFs of"));
}

static void test_create_fails(void **state)
{
    struct fixture *f = *state;

    add_empty_pf(f, 2, 7);
    f->w.fail_suffix = "sriov_numvfs";
    f->w.fail_errno = ENOMEM;
    expect(f, run(f, verb_reserve, reserve_request(NULL, NULL)), 1);
    has(f, "; making 2 VFs of " EMPTY_PF " failed: Cannot allocate memory");
    assert_int_equal(fake_store_count(&f->w.store, "/lease"), 0);
    /* with a standby the guest goes on without */
    expect(f, run(f, verb_reserve, reserve_request(
        "\"if_missing\":\"fail\"", "\"if_missing\":\"standby\"")), 0);
    has(f, "\"status\":\"standby\"");
    f->w.fail_suffix = NULL;
    expect(f, run(f, verb_reserve, reserve_request(
        "\"if_missing\":\"fail\"", "\"if_missing\":\"standby\"")), 0);
    has(f, "\"bdf\":\"0000:03:10.0\"");
}

/* A key that would do nothing is a mistake. */
static void test_create_config(void **state)
{
    static const char *const wrong[] = {
        "{\"match\":[{\"pf\":\"" PF "\"}],\"create_vfs\":2}",
        "{\"match\":[{\"device\":\"10ca\"}],\"bind\":true,\"create_vfs\":2}",
        "{\"match\":[{\"pf\":\"" PF "\"}],\"bind\":true,\"create_vfs\":0}",
        "{\"match\":[{\"pf\":\"" PF "\"}],\"bind\":true,\"create_vfs\":257}",
    };
    struct fixture *f = *state;
    size_t i;

    for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        world_pools(&f->w, arena_printf(f->w.arena, "{\"version\":1,"
                    "\"pools\":{\"lan\":%s}}", wrong[i]));
        expect(f, run(f, verb_check_config, NULL), 2);
        assert_non_null(strstr(f->error, "pools.lan.create_vfs"));
    }
}

/* Config space is all ones from the next write to sysfs that ends so on. */
static void die_at_bind(struct world *w, const char *path)
{
    char ones[65];

    if (!strstr(path, "/pciback/bind"))
        return;
    memset(ones, 0xff, sizeof(ones) - 1);
    ones[64] = '\0';
    world_device_file(w, NIC, "config", ones);
}

static char *nic_request(void)
{
    return request_with("record.json", "\"pool\":\"lan\"",
                        "\"pool\":\"nic\"");
}

static void revive(struct fixture *f)
{
    world_device_file(&f->w, NIC, "config", arena_printf(f->w.arena, "%64s",
                                                         ""));
}

static void expect_taken_out(struct fixture *f)
{
    expect(f, run(f, verb_plan, nic_request()), 1);
    has(f, "\"reason\":\"reset-failed\"");
    has(f, NIC " does not answer since it was reset");
    expect(f, run(f, verb_list, NULL), 0);
    has(f, "{\"bdf\":\"" NIC "\",\"reason\":\"reset-failed\"");
    /* gc does not try that again and again */
    expect(f, run(f, verb_gc, NULL), 0);
    has(f, "\"leases\":[]");
    /* not by itself, also if it answers again */
    revive(f);
    expect(f, run(f, verb_gc, NULL), 0);
    expect(f, run(f, verb_plan, nic_request()), 1);
    expect(f, run_with(f, verb_gc, NULL, NIC), 0);
    assert_int_equal(fake_store_count(&f->w.store, "/reset-failed"), 0);
}

static void test_reset_fails_at_prepare(void **state)
{
    struct fixture *f = *state;

    f->w.before_write = die_at_bind;
    expect(f, run(f, verb_reserve, nic_request()), 0);
    expect(f, run(f, verb_prepare, lease_request), 1);
    has(f, "\"reason\":\"reset-failed\"");
    assert_string_equal(world_driver(&f->w, NIC), "pciback");
    f->w.before_write = NULL;
    expect(f, run(f, verb_release, lease_request), 1);
    expect_taken_out(f);
}

static void test_reset_fails_on_return(void **state)
{
    struct fixture *f = *state;

    expect(f, run(f, verb_reserve, nic_request()), 0);
    expect(f, run(f, verb_prepare, lease_request), 0);
    die_at_bind(&f->w, "/pciback/bind");
    expect(f, run(f, verb_release, lease_request), 1);
    has(f, "\"reason\":\"reset-failed\"");
    assert_string_equal(world_driver(&f->w, NIC), "pciback");
    assert_int_equal(f->w.quarantined, 1);
    expect_taken_out(f);
}

/* D7: the first interface of the PF by name is not the one with the VFs. */
static void test_several_interfaces(void **state)
{
    char *request = golden_read("describe-request.json");
    struct fixture *f = *state;

    world_add_interface(&f->w, PF, "aaa0");
    f->pf->vfs[0].vlan = 100;
    expect(f, run(f, verb_describe, request), 0);
    has(f, "\"vlan\":100");
    prepare(f);
    assert_golden_settings(&f->pf->vfs[0]);
    /* no interface lists it: no setting is made up */
    f->pf->vf_count = 0;
    expect(f, run(f, verb_describe, request), 3);
    assert_string_equal(f->error,
                        VF0 " is listed by no interface of its PF");
    expect(f, run(f, verb_release, lease_request), 1);
    has(f, "\"reason\":\"vf-settings\"");
    free(request);
}

/* It is in another network namespace, or was renamed while we looked. */
static void test_interface_elsewhere(void **state)
{
    char *request = golden_read("describe-request.json");
    struct fixture *f = *state;

    f->pf->name[0] = 'x';
    expect(f, run(f, verb_describe, request), 3);
    assert_non_null(strstr(f->error, "comes and goes"));
    unlink(arena_printf(f->w.arena, "%s/sys/class/net/eth1", f->w.dir));
    expect(f, run(f, verb_describe, request), 3);
    assert_non_null(strstr(f->error, "in another network namespace"));
    free(request);
}

/* D9: what an administrator has set up for a VF. */
static void set_up(struct fixture *f)
{
    f->pf->vfs[0].vlan = 42;
    f->pf->vfs[0].trust = true;
    f->pf->vfs[0].max_tx_rate = 500;
}

static bool is_set_up(struct fixture *f, unsigned vlan)
{
    return f->pf->vfs[0].vlan == vlan && f->pf->vfs[0].trust &&
           f->pf->vfs[0].max_tx_rate == 500;
}

/* A guest that had a whole NIC gets the VF as the host has set it up. */
static void test_host_settings_stay(void **state)
{
    char *request = request_with("record.json", NULL, NULL);
    struct fixture *f = *state;
    char *vf = strstr(request, "\"vf\":{"), *end = strchr(vf, '}') + 1;

    memset(vf, ' ', (size_t)(end - vf));
    memcpy(vf, "\"vf\":null", 9);
    set_up(f);
    expect(f, run(f, verb_reserve, request), 0);
    has(f, "\"bdf\":\"" VF0 "\"");
    expect(f, run(f, verb_prepare, lease_request), 0);
    assert_true(is_set_up(f, 42));
    expect(f, run(f, verb_release, lease_request), 0);
    assert_true(is_set_up(f, 42));
}

static void test_host_settings_come_back(void **state)
{
    struct fixture *f = *state;

    set_up(f);
    prepare(f);
    assert_golden_settings(&f->pf->vfs[0]);
    expect(f, run(f, verb_release, lease_request), 0);
    assert_true(is_set_up(f, 42));
    /* also when nobody asks for that in order */
    prepare(f);
    world_end_migration(&f->w);
    expect(f, run(f, verb_gc, NULL), 0);
    assert_true(is_set_up(f, 42));
}

/* And through the hands of a second guest, whose predecessor died. */
static void test_host_settings_survive_take_over(void **state)
{
    struct fixture *f = *state;
    int other;

    set_up(f);
    prepare(f);
    world_end_migration(&f->w);
    other = world_hold(&f->w, OTHER_LOCK);
    expect(f, run(f, verb_reserve, as_other(reserve_request(NULL, NULL))), 0);
    expect(f, run(f, verb_prepare, as_other(lease_request)), 0);
    expect(f, run(f, verb_release, as_other(lease_request)), 0);
    assert_true(is_set_up(f, 42));
    close(other);
}

static void test_pool_settings_win(void **state)
{
    struct fixture *f = *state;

    world_pools(&f->w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":["
                "{\"device\":\"10ca\"}],\"bind\":true,\"vf\":{\"vlan\":77,"
                "\"trust\":false}}}}");
    prepare(f);
    assert_int_equal(f->pf->vfs[0].vlan, 77);
    assert_int_equal(f->pf->vfs[0].qos, 0);
    assert_false(f->pf->vfs[0].trust);
    assert_int_equal(f->pf->vfs[0].max_tx_rate, 100);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_describe_to_prepare),
        TEST(test_old_record),
        TEST(test_release_resets),
        TEST(test_release_unprepared),
        TEST(test_gc_resets),
        TEST(test_lease_ended_by_libxl),
        TEST(test_taken_over),
        TEST(test_refused_settings),
        TEST(test_defaults_may_fail),
        TEST(test_lying_driver),
        TEST(test_not_given_back_as_guests),
        TEST(test_mac_not_given_back),
        TEST(test_plan_knows),
        TEST(test_mtu),
        TEST(test_mtu_of_nic),
        TEST(test_hostile_mtu),
        TEST(test_vf_of_dom0),
        TEST(test_golden_filter),
        TEST(test_filter_remembers),
        TEST(test_filter_found),
        TEST(test_filter_note_mac),
        TEST(test_filter_found_by_other),
        TEST(test_filter_after_prepare),
        TEST(test_filter_refusals),
        TEST(test_create_vfs),
        TEST(test_create_fails),
        TEST(test_create_config),
        TEST(test_reset_fails_at_prepare),
        TEST(test_reset_fails_on_return),
        TEST(test_several_interfaces),
        TEST(test_interface_elsewhere),
        TEST(test_host_settings_stay),
        TEST(test_host_settings_come_back),
        TEST(test_host_settings_survive_take_over),
        TEST(test_pool_settings_win),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("vf_verbs", tests, NULL, NULL);
}
