/* SPDX-License-Identifier: GPL-2.0-only */
/* What shadowport-doctor finds out of a host made of files, and says of it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "checks/check.h"
#include "doctor/facts_json.h"
#include "doctor/gather.h"
#include "doctor/report.h"
#include "golden.h"
#include "world.h"

#define PF "0000:01:00.0"
#define VF0 "0000:01:10.0"
#define VF1 "0000:01:10.2"
#define NIC "0000:02:00.0"
#define GUEST "9b2d5c70-6d1f-4a1e-8f3a-5d9c6c1e7a10"
#define LOCK "11111111-2222-4333-8444-555555555555.source"

struct fixture {
    struct world w;
    struct broker b;
    struct doctor d;
    struct host_facts facts;
};

static const char config[] =
    "{\"c_info\":{\"type\":\"hvm\",\"name\":\"web\",\"passthrough\":"
    "\"sync_pt\"},\"b_info\":{\"max_memkb\":1048576},"
    "\"disks\":[{\"pdev_path\":\"/none/of/it\"},{\"vdev\":\"hdc\"}],"
    "\"pci_migrate\":[{\"id\":\"lan0\",\"pool\":\"lan\"},"
    "{\"id\":\"disk\",\"if_missing\":\"standby\"}]}";

static void fake_xen(struct doctor *d, struct host_facts *facts)
{
    (void)d;
    facts->facts[HOST_hap] = fact_number(1);
}

static const char *fake_configuration(struct doctor *d, uint32_t domid,
                                      const char **why)
{
    (void)d;
    *why = "there is none";
    return domid == 5 ? config : domid == 6 ? "{\"c_info\":" : NULL;
}

static const struct doctor_ops ops = {
    .ask_xen = fake_xen, .configuration = fake_configuration,
};

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
    world_add_device(w, NIC, 0x8086, 0x10d3, 0x020000, "e1000e", CAP_NONE);
    port = world_add_interface(w, PF, "eth1");
    port->state.up = port->state.carrier = true;
    world_set_vfs(port, 2);
    world_pools(w, "{\"version\":1,\"pools\":{"
                "\"lan\":{\"match\":[{\"device\":\"10ca\"}],\"bind\":true},"
                "\"whole\":{\"match\":[{\"device\":\"10d3\"}]},"
                "\"none\":{\"match\":[{\"vendor\":\"beef\"}]}}}");
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

static void is_text(const struct fact *fact, const char *text)
{
    assert_int_equal(fact->kind, FACT_TEXT);
    assert_string_equal(fact->text, text);
}

static void is_number(const struct fact *fact, long long number)
{
    assert_int_equal(fact->kind, FACT_NUMBER);
    assert_int_equal(fact->number, number);
}

#define HAS(id, text) is_text(&f->facts.facts[HOST_##id], text)
#define IS(id, number) is_number(&f->facts.facts[HOST_##id], number)
#define UNKNOWN(id) \
    assert_int_equal(f->facts.facts[HOST_##id].kind, FACT_UNKNOWN)

/* ---- the machine ---- */

static void test_which_domain_it_is(void **state)
{
    struct fixture *f = *state;

    gather_all(&f->d, &f->facts);
    IS(control_domain, 0);
    world_file(&f->w, "sys/hypervisor/type", "xen\n");
    gather_all(&f->d, &f->facts);
    UNKNOWN(control_domain);
    world_file(&f->w, "proc/xen/capabilities", "");
    gather_all(&f->d, &f->facts);
    IS(control_domain, 0);
    world_file(&f->w, "proc/xen/capabilities", "control_d\n");
    gather_all(&f->d, &f->facts);
    IS(control_domain, 1);
}

static void test_files_and_interfaces(void **state)
{
    struct fixture *f = *state;

    gather_all(&f->d, &f->facts);
    IS(broker, 0);
    IS(libvirt, 0);
    HAS(libvirt_guests, "");
    UNKNOWN(memory_mib);
    UNKNOWN(vif_backend);
    world_file(&f->w, "run/libvirt/libxl/db.xml", "<domstatus/>");
    world_file(&f->w, "run/libvirt/libxl/driver.pid", "1");
    world_file(&f->w, "proc/meminfo", "MemTotal: 9 kB\nMemAvailable: 2097152 "
               "kB\n");
    world_file(&f->w, "sys/bus/xen-backend/drivers/vif/x", "");
    world_net_file(&f->w, PF, "eth1", "mtu", "9000\n");
    gather_all(&f->d, &f->facts);
    HAS(libvirt_guests, "db");
    IS(memory_mib, 2048);
    IS(vif_backend, 1);
    IS(vbd_backend, 0);
    assert_int_equal(facts_interface(&f->facts, "eth1")->mtu, 9000);
    assert_int_equal(facts_interface(&f->facts, "eth1")->up, 1);
    assert_int_equal(facts_interface(&f->facts, "eth1")->bridge, 0);
}

/* ---- devices ---- */

static void test_pools_are_counted(void **state)
{
    struct fixture *f = *state;
    const struct pool_fact *p;

    gather_all(&f->d, &f->facts);
    IS(pools_listed, 1);
    IS(pools_file, 1);
    HAS(pools_error, "");
    IS(pciback, 1);
    p = facts_pool(&f->facts, "lan");
    assert_int_equal(p->free, 2);
    assert_int_equal(p->taken + p->unfit, 0);
    p = facts_pool(&f->facts, "whole");
    assert_int_equal(p->unfit, 1);
    assert_non_null(strstr(p->why, "not-assignable: " NIC));
    p = facts_pool(&f->facts, "none");
    assert_int_equal(p->free + p->taken + p->unfit, 0);
    HAS(free_models, "8086:10ca");
    HAS(no_msi, NIC);
    HAS(pf_down, "");
}

static void test_one_that_a_guest_has_is_taken(void **state)
{
    struct fixture *f = *state;

    world_add_domain(&f->w, 3, GUEST, "web");
    fake_store_put(&f->w.store, "/libxl/pci/0000-01-10-0/domid", "3");
    gather_all(&f->d, &f->facts);
    assert_int_equal(facts_pool(&f->facts, "lan")->free, 1);
    assert_int_equal(facts_pool(&f->facts, "lan")->taken, 1);
    HAS(free_models, "");
    HAS(nobodys, "");
}

static void test_what_is_wrong_with_devices(void **state)
{
    struct fixture *f = *state;

    f->w.interfaces[0].state.carrier = false;
    f->w.no_iommu = true;
    gather_all(&f->d, &f->facts);
    HAS(pf_down, PF);
    HAS(no_iommu, VF0 " " VF1 " " NIC);
    assert_int_equal(facts_pool(&f->facts, "lan")->unfit, 2);
}

static void test_pfs_without_vfs(void **state)
{
    struct fixture *f = *state;
    static const char *const pools =
        "{\"version\":1,\"pools\":{\"lan\":{\"match\":[{\"pf\":\"0000:03:00.0"
        "\"}],\"bind\":true%s}}}";

    world_add_device(&f->w, "0000:03:00.0", 0x8086, 0x10c9, 0x020000, "igb",
                     CAP_MSIX);
    world_make_pf(&f->w, "0000:03:00.0", 7);
    world_pools(&f->w, arena_printf(f->b.arena, pools, ""));
    gather_all(&f->d, &f->facts);
    HAS(pf_without_vfs, "0000:03:00.0");
    world_pools(&f->w, arena_printf(f->b.arena, pools, ",\"create_vfs\":2"));
    gather_all(&f->d, &f->facts);
    HAS(pf_without_vfs, "");
}

static void test_a_wrong_pools_file(void **state)
{
    struct fixture *f = *state;

    world_pools(&f->w, "{\"version\":1,\n\"pols\":{}}");
    gather_all(&f->d, &f->facts);
    assert_non_null(strstr(f->facts.facts[HOST_pools_error].text, "pols"));
    UNKNOWN(pools_listed);
    IS(pciback, 1);
    f->b.pools_path = "/none/at/all";
    gather_all(&f->d, &f->facts);
    IS(pools_file, 0);
    HAS(pools_error, "");
    IS(pools_listed, 1);
}

/* ---- what is left ---- */

static void test_leftovers(void **state)
{
    struct fixture *f = *state;
    struct fake_store *s = &f->w.store;
    char *lease = golden_read("lease.json");

    fake_store_put(s, "/libxl/pci/0000-01-10-0/lease", lease);
    fake_store_put(s, "/libxl/pci/0000-01-10-2/lease", "garbage");
    fake_store_put(s, "/libxl/pci/0000-02-00-0/reset-failed", "no answer");
    fake_store_put(s, "/libxl/pci/0000-02-00-0/orphan-of", "e1000e");
    fake_store_put(s, "/libxl/pci/0000-01-00-0/domid", "77");
    fake_store_put(s, "/libxl/pci/0000-02-00-0/vf", "garbage");
    fake_store_put(s, "/libxl/7/pci-migrate/migration", GUEST);
    fake_store_put(s, "/libxl/7/pci-migrate/owner", LOCK);
    gather_all(&f->d, &f->facts);
    free(lease);
    IS(xenstore, 1);
    HAS(leases_dead, VF0);
    HAS(leases_broken, VF1);
    HAS(resets_failed, NIC);
    HAS(orphans, NIC);
    HAS(nobodys, PF);
    HAS(vfs_set, NIC);
    HAS(journals_dead, "7");
}

static void test_who_is_at_work_is_no_leftover(void **state)
{
    struct fixture *f = *state;
    int held = world_hold(&f->w, LOCK);
    char *lease = golden_read("lease.json");

    /* The lock of the golden lease. */
    world_begin_migration(&f->w);
    fake_store_put(&f->w.store, "/libxl/pci/0000-01-10-0/lease", lease);
    free(lease);
    fake_store_put(&f->w.store, "/libxl/7/pci-migrate/migration", GUEST);
    fake_store_put(&f->w.store, "/libxl/7/pci-migrate/owner", LOCK);
    gather_all(&f->d, &f->facts);
    HAS(journals_dead, "");
    HAS(locks_dead, "");
    HAS(leases_dead, "");
    assert_int_equal(facts_pool(&f->facts, "lan")->taken, 1);
    world_end_migration(&f->w);
    close(held);
    gather_all(&f->d, &f->facts);
    HAS(journals_dead, "7");
    HAS(leases_dead, VF0);
    HAS(locks_dead, LOCK " " WORLD_LOCK);
}

static void test_without_a_store_nothing_is_known(void **state)
{
    struct fixture *f = *state;

    f->w.store.fail_errno = EIO;
    gather_leftovers(&f->d, &f->facts);
    IS(xenstore, 0);
    UNKNOWN(leases_dead);
    UNKNOWN(journals_dead);
    f->w.store.fail_errno = EIO;
    gather_pools(&f->d, &f->facts);
    UNKNOWN(pools_listed);
    UNKNOWN(pf_down);
    assert_int_equal(f->facts.pool_count, 0);
}

/* ---- guests ---- */

static void make_guest(struct fixture *f)
{
    struct fake_store *s = &f->w.store;

    world_add_domain(&f->w, 5, GUEST, "web");
    fake_store_put(s, "/local/domain/5/memory/static-max", "1048576");
    fake_store_put(s, "/local/domain/5/memory/target", "1040384");
    fake_store_put(s, "/local/domain/5/memory/videoram", "8192");
    fake_store_put(s, "/local/domain/5/data/pci-migrate/feature",
                   "1 shadow marking");
    fake_store_put(s, "/local/domain/5/data/pci-migrate/marking",
                   "tracepoints");
    fake_store_put(s, "/libxl/5/device/vif/0/bridge", "xenbr0");
    fake_store_put(s, "/libxl/5/device/vif/1/bridge", "");
    fake_store_put(s, "/local/domain/0/backend/pci/5/0/num_devs", "2");
    fake_store_put(s, "/local/domain/0/backend/pci/5/0/dev-0", VF0);
    fake_store_put(s, "/local/domain/0/backend/pci/5/0/opts-0",
                   "msitranslate=0,power_mgmt=0,migrate_id=lan0,permissive=0");
    fake_store_put(s, "/local/domain/0/backend/pci/5/0/dev-1", NIC);
    fake_store_put(s, "/local/domain/0/backend/pci/5/0/opts-1",
                   "msitranslate=0,permissive=0");
}

static void test_a_guest(void **state)
{
    struct fixture *f = *state;
    const struct guest_facts *g;

    make_guest(f);
    gather_all(&f->d, &f->facts);
    assert_int_equal(f->facts.guest_count, 1);
    g = f->facts.guests;
    is_text(&g->facts[GUEST_name], "web");
    is_text(&g->facts[GUEST_uuid], GUEST);
    is_text(&g->facts[GUEST_type], "hvm");
    is_text(&g->facts[GUEST_passthrough], "sync_pt");
    is_number(&g->facts[GUEST_stubdom], 0);
    is_number(&g->facts[GUEST_memory_mib], 1024);
    is_number(&g->facts[GUEST_ballooned_mib], 0);
    is_text(&g->facts[GUEST_features], "1 shadow marking");
    is_text(&g->facts[GUEST_marking], "tracepoints");
    is_text(&g->facts[GUEST_journal], "");
    is_text(&g->facts[GUEST_unmarked], NIC);
    assert_int_equal(g->wish_count, 2);
    assert_string_equal(g->wishes[0].pool, "lan");
    assert_string_equal(g->wishes[0].model, "8086:10ca");
    assert_string_equal(g->wishes[0].handover, "default");
    assert_string_equal(g->wishes[1].handover, "default");
    assert_null(g->wishes[1].pool);
    assert_null(g->wishes[1].model);
    assert_int_equal(g->bridge_count, 1);
    assert_string_equal(g->bridges[0], "xenbr0");
    assert_int_equal(g->disk_count, 1);
    assert_string_equal(facts_disk(&f->facts, "/none/of/it")->kind,
                        "missing");
}

/* Who wishes for no network card needs no agent, if it is an HVM guest. */
static void test_a_disk_is_handed_over_plain(void **state)
{
    struct fixture *f = *state;

    make_guest(f);
    world_add_device(&f->w, "0000:03:00.0", 0x144d, 0xa808, 0x010802,
                     "pciback", CAP_MSIX);
    fake_store_put(&f->w.store, "/local/domain/0/backend/pci/5/0/dev-1",
                   "0000:03:00.0");
    fake_store_put(&f->w.store, "/local/domain/0/backend/pci/5/0/opts-1",
                   "migrate_id=disk");
    gather_all(&f->d, &f->facts);
    is_text(&f->facts.guests[0].facts[GUEST_unmarked], "");
    assert_string_equal(f->facts.guests[0].wishes[0].handover, "default");
    assert_string_equal(f->facts.guests[0].wishes[1].handover, "plain");
    assert_string_equal(f->facts.guests[0].wishes[1].model, "144d:a808");
}

static void test_a_guest_that_is_ballooned(void **state)
{
    struct fixture *f = *state;

    make_guest(f);
    fake_store_put(&f->w.store, "/local/domain/5/memory/target", "524288");
    gather_all(&f->d, &f->facts);
    is_number(&f->facts.guests[0].facts[GUEST_ballooned_mib], 504);
    fake_store_put(&f->w.store, "/local/domain/5/memory/target", "half");
    gather_all(&f->d, &f->facts);
    assert_int_equal(f->facts.guests[0].facts[GUEST_ballooned_mib].kind,
                     FACT_UNKNOWN);
}

/* One without a configuration, and one whose configuration is cut off. */
static void test_guests_that_cannot_be_read(void **state)
{
    struct fixture *f = *state;
    size_t i;

    world_add_domain(&f->w, 4, GUEST, "other");
    world_add_domain(&f->w, 6, GUEST, "cut");
    gather_all(&f->d, &f->facts);
    assert_int_equal(f->facts.guest_count, 2);
    for (i = 0; i < 2; i++) {
        const struct fact *facts = f->facts.guests[i].facts;

        assert_int_equal(facts[GUEST_type].kind, FACT_UNKNOWN);
        assert_int_equal(facts[GUEST_wishes_listed].kind, FACT_UNKNOWN);
        assert_int_equal(facts[GUEST_disks_listed].kind, FACT_UNKNOWN);
        assert_int_equal(facts[GUEST_memory_mib].kind, FACT_UNKNOWN);
        is_text(&facts[GUEST_unmarked], "");
    }
}

static void test_disks_that_another_host_asks_for(void **state)
{
    struct fixture *f = *state;
    static const char question[] =
        "{\"version\":1,\"disks\":[\"/dev/null\",\"rbd:pool/x\",\"%s\"]}";
    char *text;

    world_file(&f->w, "image", "0123456789");
    text = arena_printf(f->b.arena, question,
                        arena_printf(f->b.arena, "%s/image", f->w.dir));
    assert_int_equal(question_read(&f->d, text, strlen(text)), 0);
    assert_int_equal(f->d.asked_count, 3);
    gather_all(&f->d, &f->facts);
    assert_string_equal(f->facts.disks[0].kind, "other");
    assert_string_equal(f->facts.disks[1].kind, "unknown");
    assert_string_equal(f->facts.disks[2].kind, "file");
    assert_int_equal(f->facts.disks[2].size, 10);
    text = question_text(&f->b, &f->facts);
    f->d.asked_count = 0;
    assert_int_equal(question_read(&f->d, text, strlen(text)), 0);
    assert_string_equal(f->d.asked[1], "rbd:pool/x");
    assert_int_equal(question_read(&f->d, "{}", 2), RC_BAD_REQUEST);
    text = "{\"version\":1,\"disks\":[1]}";
    assert_int_equal(question_read(&f->d, text, strlen(text)),
                     RC_BAD_REQUEST);
}

/* ---- from host to host ---- */

static void test_facts_arrive_as_they_were(void **state)
{
    struct fixture *f = *state;
    struct host_facts read;
    char *sent, *again;

    make_guest(f);
    f->d.asked = (const char *[]){ "/dev/null" };
    f->d.asked_count = 1;
    gather_all(&f->d, &f->facts);
    sent = report_facts(&f->b, &f->facts);
    assert_int_equal(facts_read(&f->b, sent, strlen(sent), &read), 0);
    assert_int_equal(read.guest_count, 1);
    is_text(&read.guests[0].facts[GUEST_uuid], GUEST);
    /* What a host wishes for is its own affair. */
    assert_int_equal(read.guests[0].wish_count, 0);
    read.guest_count = f->facts.guest_count = 0;
    sent = report_facts(&f->b, &f->facts);
    again = report_facts(&f->b, &read);
    assert_string_equal(sent, again);
}

static void test_what_is_malformed_is_unknown(void **state)
{
    struct fixture *f = *state;
    static const char *const refused[] = {
        "", "{", "{}", "{\"version\":1}", "{\"version\":2,\"facts\":{}}",
        "{\"version\":1,\"facts\":[]}", "{\"version\":1,\"facts\":{}}",
        "{\"version\":1,\"facts\":{\"host\":\"\"}}",
    };
    static const char odd[] =
        "{\"version\":1,\"facts\":{\"host\":\"b\",\"hap\":\"1\",\"iommu\":1,"
        "\"xen_version\":4,\"pools\":[{\"free\":9}],\"pools_listed\":1,"
        "\"interfaces\":{},\"interfaces_listed\":1,\"guests\":[3],"
        "\"guests_listed\":1,\"disks\":[{\"path\":\"/a\"}]}}";
    size_t i;

    for (i = 0; i < sizeof(refused) / sizeof(*refused); i++)
        assert_int_equal(facts_read(&f->b, refused[i], strlen(refused[i]),
                                    &f->facts), RC_BAD_REQUEST);
    assert_int_equal(facts_read(&f->b, odd, strlen(odd), &f->facts), 0);
    IS(iommu, 1);
    UNKNOWN(hap);
    UNKNOWN(shadow);
    UNKNOWN(xen_version);
    UNKNOWN(pools_listed);
    UNKNOWN(interfaces_listed);
    UNKNOWN(guests_listed);
    assert_string_equal(facts_disk(&f->facts, "/a")->kind, "unknown");
}

/* ---- what is told ---- */

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void test_tables(void **state)
{
    struct fixture *f = *state;
    struct contact contact = { .host = "b\033[2J" };
    struct host_facts there;
    struct diagnosis d;
    char *text;

    make_guest(f);
    gather_all(&f->d, &f->facts);
    memset(&there, 0, sizeof(there));
    there.host = "b";
    there.facts[HOST_pools_listed] = fact_number(1);
    there.pools = &(struct pool_fact){ .name = "fast", .free = 3 };
    there.pool_count = 1;
    check_all(f->b.arena, &f->facts, &there, &contact, &d);
    text = report_table(&f->b, &d, &f->facts, &there, &contact, false);
    assert_null(strchr(text, '\033'));
    has(text, "lan                  2 free, 0 taken, 0 unfit     missing");
    has(text, "fast                 missing                      3 free, 0");
    has(text, "fail     web          guest-devices    not marked");
    has(text, " -> migratable=1 in pci=, or xl pci-detach\n");
    /* What is good is told only to who asks. */
    assert_null(strstr(text, "\nok "));
    assert_null(strstr(text, "\nn.a. "));
    text = report_table(&f->b, &d, &f->facts, &there, &contact, true);
    has(text, "\nok ");
    has(text, "\nn.a. ");
    text = report_json(&f->b, &d, &f->facts, &there, &contact);
    has(text, "{\"check\":\"guest-devices\",\"scope\":\"guest\",\"subject\":"
        "\"web\",\"state\":\"fail\",\"reason\":\"not marked");
    has(text, "{\"pool\":\"fast\",\"here\":\"missing\",\"there\":{"
        "\"free\":3,");
    /* One that was not reached has no faults of its own in a table. */
    contact.error = "no";
    check_all(f->b.arena, &f->facts, NULL, &contact, &d);
    text = report_table(&f->b, &d, &f->facts, NULL, &contact, false);
    has(text, "lan                  2 free, 0 taken, 0 unfit     unknown");
    assert_null(strstr(text, "same-version"));
    has(text, "answers");
}

static void test_metrics(void **state)
{
    struct fixture *f = *state;
    struct contact contact = { .host = NULL };
    struct diagnosis d;
    char *text;

    make_guest(f);
    fake_store_put(&f->w.store, "/local/domain/5/name", "a\"b\\\n");
    fake_store_put(&f->w.store, "/libxl/5/pci-migrate/migration", GUEST);
    fake_store_put(&f->w.store, "/libxl/pci/0000-01-10-2/lease", "garbage");
    gather_all(&f->d, &f->facts);
    check_all(f->b.arena, &f->facts, NULL, &contact, &d);
    text = report_metrics(&f->b, &d, &f->facts);
    has(text, "\nshadowport_pool_devices{pool=\"lan\",state=\"free\"} 1\n");
    has(text, "\nshadowport_pool_devices{pool=\"lan\",state=\"unfit\"} 1\n");
    has(text, "\nshadowport_leftovers{kind=\"leases_broken\"} 1\n");
    has(text, "\nshadowport_leftovers{kind=\"leases_dead\"} 0\n");
    has(text, "\nshadowport_migrations{state=\"broken_off\"} 1\n");
    has(text, "{check=\"guest-devices\",subject=\"a\\\"b\\\\");
    has(text, ",state=\"fail\"} 1\n");
    has(text, "\n# EOF");
    /* What nobody knows is not 0. */
    f->facts.facts[HOST_pools_listed] = fact_unknown("no");
    f->facts.facts[HOST_leases_dead] = fact_unknown("no");
    f->facts.facts[HOST_guests_listed] = fact_unknown("no");
    text = report_metrics(&f->b, &d, &f->facts);
    assert_null(strstr(text, "pool_devices"));
    assert_null(strstr(text, "leases_dead"));
    assert_null(strstr(text, "shadowport_migrations"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_which_domain_it_is),
        TEST(test_files_and_interfaces),
        TEST(test_pools_are_counted),
        TEST(test_one_that_a_guest_has_is_taken),
        TEST(test_what_is_wrong_with_devices),
        TEST(test_pfs_without_vfs),
        TEST(test_a_wrong_pools_file),
        TEST(test_leftovers),
        TEST(test_who_is_at_work_is_no_leftover),
        TEST(test_without_a_store_nothing_is_known),
        TEST(test_a_guest),
        TEST(test_a_disk_is_handed_over_plain),
        TEST(test_a_guest_that_is_ballooned),
        TEST(test_guests_that_cannot_be_read),
        TEST(test_disks_that_another_host_asks_for),
        TEST(test_facts_arrive_as_they_were),
        TEST(test_what_is_malformed_is_unknown),
        TEST(test_tables),
        TEST(test_metrics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
