/* SPDX-License-Identifier: GPL-2.0-only */
/* What a host tells for plans, how it is read, and a plan made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "doctor/gather.h"
#include "fleet/fleet_facts.h"
#include "fleet/fleet_report.h"
#include "world.h"

#define PF "0000:01:00.0"
#define VF0 "0000:01:10.0"
#define VF1 "0000:01:10.2"
#define NIC "0000:02:00.0"
#define GUEST "9b2d5c70-6d1f-4a1e-8f3a-5d9c6c1e7a10"
#define OTHER "9b2d5c70-6d1f-4a1e-8f3a-5d9c6c1e7a11"

static void fake_xen(struct doctor *d, struct host_facts *facts)
{
    (void)d;
    facts->facts[HOST_free_mib] = fact_number(4096);
}

static const char *fake_configuration(struct doctor *d, uint32_t domid,
                                      const char **why)
{
    (void)d;
    *why = "there is none";
    if (domid == 5)
        return "{\"c_info\":{\"type\":\"hvm\",\"name\":\"web\"},"
               "\"pci_migrate\":[{\"id\":\"lan0\",\"pool\":\"lan\","
               "\"handover\":\"shadow\"}]}";
    return domid == 6 ? "{\"c_info\":{\"type\":\"pv\"}}" : NULL;
}

static const struct doctor_ops ops = {
    .ask_xen = fake_xen, .configuration = fake_configuration,
};

struct fixture {
    struct world w;
    struct broker b;
    struct doctor d;
};

static void put_guests(struct world *w)
{
    world_add_domain(w, 5, GUEST, "web");
    fake_store_put(&w->store, "/local/domain/5/name", "web");
    fake_store_put(&w->store, "/local/domain/5/memory/static-max", "1048576");
    fake_store_put(&w->store, "/local/domain/5/memory/target", "1048576");
    fake_store_put(&w->store, "/local/domain/0/backend/pci/5/0/num_devs",
                   "1");
    fake_store_put(&w->store, "/local/domain/0/backend/pci/5/0/dev-0", VF0);
    fake_store_put(&w->store, "/local/domain/0/backend/pci/5/0/opts-0",
                   "msitranslate=0,migrate_id=lan0");
    fake_store_put(&w->store, "/libxl/pci/0000-01-10-0/domid", "5");
    world_add_domain(w, 6, OTHER, "pinned");
    fake_store_put(&w->store, "/local/domain/6/name", "pinned");
    fake_store_put(&w->store, "/local/domain/0/backend/pci/6/0/num_devs",
                   "1");
    fake_store_put(&w->store, "/local/domain/0/backend/pci/6/0/dev-0", NIC);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct world *w = &f->w;
    struct world_interface *port;

    world_init(w);
    world_add_device(w, PF, 0x8086, 0x10c9, 0x020000, "igb", CAP_MSIX);
    world_add_device(w, VF0, 0x8086, 0x10ca, 0x020000, "pciback", CAP_MSIX);
    world_add_device(w, VF1, 0x8086, 0x10ca, 0x020000, "igbvf", CAP_MSIX);
    world_make_vf(w, VF0, PF, 0);
    world_make_vf(w, VF1, PF, 1);
    world_add_device(w, NIC, 0x8086, 0x10d3, 0x020000, "pciback", CAP_NONE);
    port = world_add_interface(w, PF, "eth1");
    port->state.up = port->state.carrier = true;
    world_set_vfs(port, 2);
    put_guests(w);
    world_pools(w, "{\"version\":1,\"pools\":{"
                "\"lan\":{\"match\":[{\"device\":\"10ca\"}],\"bind\":true,"
                "\"reserve\":1,\"allow\":{\"names\":[\"web*\"]}},"
                "\"disk\":{\"match\":[{\"class\":\"0108\"}]}}}");
    f->b = world_broker(w);
    f->d = (struct doctor){ .b = &f->b, .ops = &ops, .root = w->dir };
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(f->w.store.open, 0);
    arena_free(f->b.arena);
    world_dispose(&f->w);
    free(f);
    return 0;
}

static char *tell(struct fixture *f)
{
    char *text = fleet_facts_here(&f->d);

    if (!text)
        fail_msg("%s", f->b.error);
    return text;
}

static void read(struct fixture *f, const char *text, struct fleet *fleet)
{
    if (fleet_facts_read(&f->b, "host.json", text, strlen(text), fleet))
        fail_msg("%s in %s", f->b.error, text);
}

/* What comes out is what went in. */
static void test_there_and_back(void **state)
{
    struct fixture *f = *state;
    struct fleet fleet = { .hosts = NULL };
    const struct moves_device *d;
    const struct record *web;
    const struct pool *lan;

    read(f, tell(f), &fleet);
    assert_int_equal(fleet.host_count, 1);
    assert_int_equal(fleet.hosts[0].free_mib, 4096);
    assert_int_equal(fleet.hosts[0].pools->count, 2);
    lan = &fleet.hosts[0].pools->pools[0];
    assert_string_equal(lan->name, "lan");
    assert_true(lan->bind);
    assert_int_equal(lan->reserve, 1);
    assert_int_equal(pool_kind(lan), -1);
    assert_int_equal(pool_kind(lan + 1), 0x0108);
    assert_true(pool_allows(lan, "web2", GUEST));
    assert_false(pool_allows(lan, "db", GUEST));
    /* VF0 is web's, VF1 is free, the NIC is what another guest has. */
    assert_int_equal(fleet.hosts[0].count, 3);
    d = fleet.hosts[0].devices;
    assert_int_equal(d[0].holder, 0);
    assert_null(d[0].facts.given);
    assert_true(d[0].facts.assignable);
    assert_int_equal(d[0].pf, 0);
    assert_true(d[0].member[0]);
    assert_false(d[0].member[1]);
    assert_int_equal(d[1].holder, MOVES_NONE);
    assert_int_equal(d[1].facts.device, 0x10ca);
    assert_int_equal(d[1].facts.class, 0x020000);
    assert_string_equal(d[1].facts.driver, "igbvf");
    assert_int_equal(d[1].pf, 0);
    assert_false(d[2].member[0]);
    assert_int_equal(d[2].pf, MOVES_NONE);
    assert_int_equal(fleet.guest_count, 2);
    assert_int_equal(fleet.guests[0].memory_mib, 1024);
    assert_int_equal(fleet.guests[0].barred, REASON_NONE);
    web = fleet.guests[0].record;
    assert_string_equal(web->domain_name, "web");
    assert_int_equal(web->type, DOMAIN_HVM);
    assert_int_equal(web->count, 1);
    assert_string_equal(web->devices[0].wish.pool, "lan");
    assert_int_equal(web->devices[0].host->device, 0x10ca);
    assert_int_equal(fleet.guests[1].barred, REASON_NOT_MIGRATABLE);
    assert_string_equal(fleet.guests[1].barred_text, NIC);
}

/* A lease of another migration, and a PF without link, are seen from afar. */
static void test_faults(void **state)
{
    struct fixture *f = *state;
    struct fleet fleet = { .hosts = NULL };
    struct judgement j;

    fake_store_put(&f->w.store, "/libxl/pci/0000-01-10-2/lease", "{");
    read(f, tell(f), &fleet);
    j = match_free(&fleet.hosts[0].devices[1].facts, true);
    assert_int_equal(j.tier, TIER_UNFIT);
    assert_int_equal(j.reason, REASON_LEASE_BROKEN);
}

/* The same host again under another name is where web can go. */
static void test_plan(void **state)
{
    struct fixture *f = *state;
    struct fleet fleet = { .hosts = NULL };
    char *here = tell(f), *there, *at;
    struct moves_plan plan;
    struct moves moves;
    char *text;

    read(f, here, &fleet);
    there = arena_strdup(f->b.arena, here);
    at = strstr(there, "\"host\":\"") + 8;
    *at = *at == 'x' ? 'y' : 'x';
    at = strstr(there, "\"guests\":[");
    there = arena_printf(f->b.arena, "%.*s\"guests\":[]}",
                         (int)(at - there), there);
    read(f, there, &fleet);
    fleet.guests[0].goes = fleet.guests[1].goes = true;
    fleet.hosts[0].closed = true;
    moves = (struct moves){ fleet.hosts, fleet.host_count, fleet.guests,
                            fleet.guest_count, 4, 0 };
    moves_make(f->b.arena, &moves, &plan);
    /* VF0 is given to a stranger there, and one is kept for that host. */
    assert_int_equal(plan.step_count, 0);
    fleet.hosts[1].pools->pools[0].reserve = 0;
    moves_make(f->b.arena, &moves, &plan);
    assert_int_equal(plan.step_count, 1);
    text = fleet_report_table(&f->b, &moves, &plan);
    assert_non_null(strstr(text, "lan0=" VF1 "\npinned stays on "));
    assert_non_null(strstr(text, ": not-migratable: " NIC "\n1 guest can go "
                                 "in 1 wave, 1 cannot."));
    text = fleet_report_json(&f->b, &moves, &plan);
    assert_non_null(strstr(text, "{\"version\":1,\"status\":\"refused\","
                                 "\"proved\":true,\"waves\":1,\"steps\":[{"
                                 "\"guest\":\"web\",\"uuid\":\"" GUEST
                                 "\",\"from\":"));
    assert_non_null(strstr(text, "\"devices\":[{\"id\":\"lan0\",\"bdf\":\""
                                 VF1 "\"}]}],\"later\":[],\"stays\":[{"
                                 "\"guest\":\"pinned\""));
}

/* ---- what others send is checked ---- */

static const char bare[] =
    "{\"version\":1,\"host\":\"h\",\"free_mib\":null,\"pools\":[{\"name\":"
    "\"lan\",\"bind\":true,\"reserve\":0,\"kind\":-1,\"allow\":false,"
    "\"names\":[],\"uuids\":[]}],\"devices\":[{\"bdf\":\"" VF0 "\","
    "\"vendor\":32902,\"device\":4298,\"class\":131072,\"driver\":null,"
    "\"pf\":null,\"assignable\":true,\"msi\":true,\"settable\":true,"
    "\"reset\":0,\"given\":null,\"reason\":null,\"text\":null,"
    "\"pools\":[0]}],\"guests\":[{\"name\":\"g\",\"uuid\":\"" GUEST "\","
    "\"type\":\"hvm\",\"memory_mib\":null,\"reason\":null,\"text\":null,"
    "\"devices\":[]}]}";

/* With `from` replaced by `to`. */
static void refuses(struct fixture *f, const char *from, const char *to,
                    const char *error)
{
    const char *at = strstr(bare, from);
    struct fleet fleet = { .hosts = NULL };
    char *text;

    assert_non_null(at);
    text = arena_printf(f->b.arena, "%.*s%s%s", (int)(at - bare), bare, to,
                        at + strlen(from));
    f->b.error = NULL;
    assert_int_equal(fleet_facts_read(&f->b, "h.json", text, strlen(text),
                                      &fleet), RC_BAD_REQUEST);
    if (!strstr(f->b.error, error))
        fail_msg("%s: no \"%s\"", f->b.error, error);
}

static void test_refused(void **state)
{
    struct fixture *f = *state;
    struct fleet fleet = { .hosts = NULL };

    read(f, bare, &fleet);
    assert_int_equal(fleet_facts_read(&f->b, "h.json", bare, strlen(bare),
                                      &fleet), RC_BAD_REQUEST);
    assert_non_null(strstr(f->b.error, "h.json:1:"));
    assert_non_null(strstr(f->b.error, "host h has been told of before"));
    refuses(f, "\"version\":1", "\"version\":9", "version");
    refuses(f, "\"host\":\"h\"", "\"host\":\"\"", "host is not a host's name");
    refuses(f, "\"pools\":[0]", "\"pools\":[1]", "devices[0].pools[0] is no "
            "pool");
    refuses(f, "\"pools\":[0]", "\"pools\":[-1]", "is no pool");
    refuses(f, "\"vendor\":32902", "\"vendor\":65536", "devices[0].vendor");
    refuses(f, "\"reset\":0", "\"reset\":3", "devices[0].reset");
    refuses(f, VF0, "1:2.3", "devices[0].bdf");
    refuses(f, "\"reserve\":0", "\"reserve\":-1", "pools[0].reserve");
    refuses(f, "\"names\":[]", "\"names\":[1]", "pools[0].names[0] is no "
            "text");
    refuses(f, "\"type\":\"hvm\"", "\"type\":\"pvh\"", "guests[0].type");
    refuses(f, "\"name\":\"g\"", "\"name\":\"a/b\"", "guests[0].name");
    refuses(f, "\"devices\":[]}", "\"devices\":[{}]}", "guests[0].devices[0]"
            ".wish");
    refuses(f, "]}", "]", "h.json:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(test_there_and_back),
        TEST(test_faults),
        TEST(test_plan),
        TEST(test_refused),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("fleet", tests, NULL, NULL);
}
