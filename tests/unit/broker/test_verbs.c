/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole verbs on a host made of files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/spans.h"
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
    world_begin_migration(w);
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
                 "\"owner\":{\"lock\":\"" WORLD_LOCK "\"}}", changed);
    } else {
        snprintf(text, sizeof(text), "{\"version\":1,\"record\":%s,"
                 "\"owner\":{\"lock\":\"" WORLD_LOCK "\"}}", record);
    }
    free(record);
    return text;
}

static char *golden_request(void)
{
    return reserve_request(NULL, NULL);
}

static const char lease_request[] =
    "{\"version\":1,\"migration\":\"" MIGRATION "\",\"domain\":\"" GUEST
    "\"}";

static void test_reserve_gives_golden_plan(void **state)
{
    struct world *w = *state;
    char *golden = golden_read("plan.json");

    add_e1000e(w, "pciback");
    assert_int_equal(run(w, verb_reserve, golden_request()), 0);
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
    assert_int_equal(run(w, verb_reserve, golden_request()), 1);
    golden_same(answer, golden);
    free(golden);
    assert_null(fake_store_get(&w->store, LEASE));
}

static void test_whole_life(void **state)
{
    struct world *w = *state;

    add_e1000e(w, "e1000e");
    assert_int_equal(run(w, verb_reserve, golden_request()), 0);
    assert_string_equal(world_driver(w, E1000E), "e1000e");
    assert_int_equal(run(w, verb_prepare, lease_request), 0);
    assert_string_equal(world_driver(w, E1000E), "pciback");
    assert_int_equal(w->quarantined, 1);
    assert_non_null(strstr(fake_store_get(&w->store, LEASE),
                           "\"state\":\"prepared\""));
    assert_string_equal(fake_store_get(&w->store,
                                       "/libxl/pci/0000-01-00-0/driver_path"),
                        "/sys/bus/pci/drivers/e1000e");
    world_add_domain(w, 7, GUEST, "g0");
    assert_int_equal(run(w, verb_commit, lease_request), 0);
    assert_non_null(strstr(fake_store_get(&w->store, LEASE),
                           "\"owner\":{\"domain\":\"" GUEST "\"}"));
    w->domain_count = 0;
    assert_int_equal(run(w, verb_gc, NULL), 0);
    assert_non_null(strstr(answer, "\"owner\":{\"domain\":\"" GUEST "\"},"
                           "\"was\":\"e1000e\",\"alive\":false"));
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
    assert_int_equal(run(w, verb_reserve, golden_request()), 0);
    assert_int_equal(run(w, verb_prepare, lease_request), 0);
    assert_int_equal(run(w, verb_release, lease_request), 0);
    assert_string_equal(world_driver(w, E1000E), "e1000e");
    assert_null(fake_store_get(&w->store, LEASE));
    /* again: nothing to do, and said so */
    assert_int_equal(run(w, verb_release, lease_request), 0);
    assert_non_null(strstr(answer, "\"devices\":[]"));
}

static void expect_refusal(struct world *w, char *request,
                           const char *reason, const char *text)
{
    unsigned leases = fake_store_count(&w->store, "/lease");

    assert_int_equal(run(w, verb_reserve, request), 1);
    if (!strstr(answer, reason) || !strstr(answer, text))
        fail_msg("not %s: %s", reason, answer);
    assert_int_equal(fake_store_count(&w->store, "/lease"), leases);
}

static void test_reasons(void **state)
{
    struct world_interface *eth1;
    struct world *w = *state;

    expect_refusal(w, golden_request(), "\"pool-empty\"",
                   "pool lan: no such device here");
    add_e1000e(w, "e1000e");
    eth1 = world_add_interface(w, E1000E, "eth1");
    eth1->state.up = true;
    expect_refusal(w, golden_request(), "\"no-free-device\"",
                   E1000E " is in use: interface eth1 is up");
    eth1->state.up = false;
    w->no_iommu = true;
    expect_refusal(w, golden_request(), "\"no-iommu\"",
                   E1000E " cannot be assigned");
    w->no_iommu = false;
    bdf_parse(E1000E, &w->assigned[w->assigned_count++]);
    expect_refusal(w, golden_request(), "\"no-free-device\"",
                   E1000E " is assigned");
    w->assigned_count = 0;
    fake_store_put(&w->store, LEASE, "{}");
    expect_refusal(w, golden_request(), "\"lease-broken\"",
                   "version is missing");
    fake_store_remove(&w->store, LEASE);
    fake_store_put(&w->store, "/libxl/pci/0000-01-00-0/domid", "77");
    expect_refusal(w, golden_request(), "\"no-free-device\"",
                   "is marked as given to domain 77, which is not there");
    fake_store_remove(&w->store, "/libxl/pci/0000-01-00-0/domid");
    expect_refusal(w, reserve_request("\"pool\":\"lan\"",
                                      "\"pool\":\"wan\""),
                   "\"pool-unknown\"", "has no pool wan");
    expect_refusal(w, reserve_request("\"class\":\"020000\"",
                                      "\"class\":\"010802\""),
                   "\"class-mismatch\"", "is of another class");
    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":[{"
                   "\"vendor\":\"8086\"}]}}}");
    expect_refusal(w, golden_request(), "\"not-assignable\"",
                   E1000E " is not bound to pciback");
    unlink(w->pools_path);
    expect_refusal(w, golden_request(), "\"pool-unknown\"", "has no pool lan");
}

static void test_needs_msi(void **state)
{
    struct world *w = *state;

    world_add_device(w, E1000E, 0x8086, 0x10d3, 0x020000, "pciback",
                     CAP_NONE);
    expect_refusal(w, golden_request(), "\"needs-msi\"",
                   E1000E " has neither MSI nor MSI-X");
    assert_int_equal(run(w, verb_reserve, reserve_request(
        "\"type\":\"pv\"", "\"type\":\"hvm\"")), 0);
}

#define DOMAIN_PV_TEXT "\"type\":\"pv\""
#define E1000E_BARS "0x00000000fe840000 0x00000000fe85ffff 0x0000000000040200\n" \
    "0x0000000000000000 0x0000000000000000 0x0000000000000000\n" \
    "0x000000000000c000 0x000000000000c01f 0x0000000000040101\n" \
    "0x00000000fe880000 0x00000000fe883fff 0x0000000000040200\n" \
    "0x0000000000000000 0x0000000000000000 0x0000000000000000\n" \
    "0x0000000000000000 0x0000000000000000 0x0000000000000000\n" \
    "0x00000000fd000000 0x00000000fd00ffff 0x0000000000046200\n"

/* with_memory SPANS: of a guest that has memory there; SPANS is JSON. */
static char *with_memory(struct world *w, const char *spans)
{
    return reserve_request(DOMAIN_PV_TEXT, arena_printf(
        w->arena, DOMAIN_PV_TEXT ",\"memory\":%s", spans));
}

/* The guest's map is of the host where it booted, BARs are of this one. */
static void test_bar_in_memory(void **state)
{
    static const char *const beside[] = {
        "\"0-7ffffff\"", "\"0-fe83ffff fe860000-fe87ffff fe884000-fe884000\"",
        "\"c000-c01f\"",        /* ports are no memory */
        "\"fd000000-fd00ffff\"",        /* nor is the ROM a BAR */
    };
    struct world *w = *state;
    size_t i;

    add_e1000e(w, "pciback");
    world_device_file(w, E1000E, "resource", E1000E_BARS);
    expect_refusal(w, with_memory(w, "\"0-7ffffff 10000000-fe840000\""),
                   "\"bar-in-memory\"", E1000E " has BAR 0 at "
                   "0xfe840000-0xfe85ffff, where the guest has memory since "
                   "it was booted on a host with another layout (0x10000000-"
                   "0xfe840000)");
    expect_refusal(w, with_memory(w, "\"fe883fff-ffffffffffffffff\""),
                   "\"bar-in-memory\"", "has BAR 3 at");
    for (i = 0; i < sizeof(beside) / sizeof(*beside); i++)
        assert_int_equal(run(w, verb_plan, with_memory(w, beside[i])), 0);
    /* QEMU's BARs are where the guest has put them. */
    assert_int_equal(run(w, verb_plan, reserve_request(
        DOMAIN_PV_TEXT, "\"type\":\"hvm\",\"memory\":\"0-ffffffff\"")), 0);
    unlink(arena_printf(w->arena, "%s/sys/bus/pci/devices/" E1000E "/resource",
                        w->dir));
    expect_refusal(w, with_memory(w, beside[0]), "\"bar-in-memory\"",
                   E1000E " does not tell where its BARs are");
}

/* It comes from the guest. */
static void test_hostile_memory(void **state)
{
    static const char *const bad[] = {
        "\"\"", "\"0\"", "\"0-\"", "\"-1\"", "\"1-0\"", "\"0-1 \"", "\" 0-1\"",
        "\"0-1  2-3\"", "\"0-1 1-2\"", "\"4-5 0-1\"", "\"0x0-1\"", "\"0-F\"",
        "\"+0-1\"", "\"0-10000000000000000\"", "\"0-1,2-3\"", "\"0-1 %s\"",
        "0", "null", "[]", "{}",
    };
    char many[SPANS_MAX * 8 + 16] = "\"", *p = many + 1;
    struct world *w = *state;
    size_t i;

    add_e1000e(w, "pciback");
    world_device_file(w, E1000E, "resource", E1000E_BARS);
    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(run(w, verb_plan, with_memory(w, bad[i])), 2);
        assert_non_null(strstr(error, "domain.memory"));
    }
    for (i = 0; i < SPANS_MAX; i++)
        p += sprintf(p, "%s%zx-%zx", i ? " " : "", 2 * i, 2 * i);
    strcpy(p, "\"");
    assert_int_equal(run(w, verb_plan, with_memory(w, many)), 0);
    strcpy(p, " fff-fff\"");
    assert_int_equal(run(w, verb_plan, with_memory(w, many)), 2);
}

static void test_bad_pools_file(void **state)
{
    struct world *w = *state;

    add_e1000e(w, "pciback");
    world_pools(w, "{\"version\":1,\n\"pools\":7}");
    assert_int_equal(run(w, verb_reserve, golden_request()), 2);
    assert_non_null(strstr(error, "pci-pools.json:2:9: pools is a whole"));
    assert_null(answer);
}

static void test_standby(void **state)
{
    struct world *w = *state;

    assert_int_equal(run(w, verb_reserve, reserve_request(
        "\"if_missing\":\"fail\"", "\"if_missing\":\"standby\"")), 0);
    assert_non_null(strstr(answer, "\"status\":\"plan\""));
    assert_non_null(strstr(answer, "\"id\":\"lan0\",\"status\":"
                           "\"standby\",\"reason\":\"pool-empty\""));
    /* nothing is held, and that is no error later */
    assert_int_equal(run(w, verb_prepare, lease_request), 0);
    assert_non_null(strstr(answer, "\"devices\":[]"));
}

static void test_same_model_without_pool(void **state)
{
    struct world *w = *state;
    char *request = reserve_request("\"pool\":\"lan\"", "\"pool\":null");

    add_e1000e(w, "pciback");
    expect_refusal(w, request, "\"pool-empty\"", "model 8086:10ca: no such");
    world_add_device(w, "0000:02:10.0", 0x8086, 0x10ca, 0x020000, "igbvf",
                     CAP_MSIX);
    expect_refusal(w, request, "\"not-assignable\"", "0000:02:10.0 is not");
    world_add_device(w, "0000:02:10.2", 0x8086, 0x10ca, 0x020000, "pciback",
                     CAP_MSIX);
    assert_int_equal(run(w, verb_reserve, request), 0);
    assert_non_null(strstr(answer, "\"bdf\":\"0000:02:10.2\""));
}

static void test_nothing_now(void **state)
{
    struct world *w = *state;
    char *request = golden_request(), *host, *end, text[4096];

    add_e1000e(w, "pciback");
    host = strstr(request, "\"host\":{") + strlen("\"host\":");
    end = strstr(host, "}}}") + 2;
    snprintf(text, sizeof(text), "%.*snull%s", (int)(host - request),
             request, end);
    assert_int_equal(run(w, verb_reserve, text), 0);
    assert_non_null(strstr(answer, "\"bdf\":\"" E1000E "\""));
}

static char *two_wishes(void)
{
    static char text[8192];
    char *one = golden_request(), *device, *end;

    device = strstr(one, "[{") + 1;
    end = strrchr(one, ']');
    snprintf(text, sizeof(text), "%.*s,%.*s%s", (int)(end - one), one,
             (int)(end - device), device, end);
    memcpy(strstr(strstr(text, "lan0") + 4, "lan0"), "lan1", 4);
    return text;
}

/* Neither a plan nor the reservation for a dry run takes anything; both say
 * what became of each candidate. */
static void test_dry(void **state)
{
    struct world *w = *state;
    char *golden = golden_read("plan-candidates.json");

    add_e1000e(w, "e1000e");
    world_device_file(w, E1000E, "reset_method", "flr bus\n");
    world_add_device(w, "0000:02:00.0", 0x8086, 0x10d3, 0x020000, "e1000e",
                     CAP_MSIX);
    world_add_device(w, "0000:03:00.0", 0x8086, 0x10d3, 0x020000, "pciback",
                     CAP_MSIX);
    world_add_domain(w, 3, OTHER, "g1");
    fake_store_put(&w->store, "/libxl/pci/0000-03-00-0/domid", "3");
    assert_int_equal(run(w, verb_plan, golden_request()), 0);
    golden_same(answer, golden);
    assert_int_equal(run(w, verb_reserve, reserve_request(
        "\"dry_run\":false", "\"dry_run\":true")), 0);
    golden_same(answer, golden);
    free(golden);
    assert_int_equal(fake_store_count(&w->store, "/lease"), 0);
    assert_string_equal(world_driver(w, E1000E), "e1000e");
    /* what is taken is answered without the list */
    golden = golden_read("plan.json");
    assert_int_equal(run(w, verb_reserve, golden_request()), 0);
    golden_same(answer, golden);
    free(golden);
}

static void test_explain(void **state)
{
    struct world *w = *state;
    char *text = NULL;
    size_t len;

    add_e1000e(w, "e1000e");
    world_device_file(w, E1000E, "reset_method", "bus\n");
    world_add_device(w, "0000:02:00.0", 0x8086, 0x10d3, 0x020000, "pciback",
                     CAP_NONE);
    w->explain = open_memstream(&text, &len);
    assert_int_equal(run(w, verb_plan, golden_request()), 0);
    fclose(w->explain);
    assert_string_equal(text, "lan0: 2 candidates\n"
        "  0000:01:00.0  taken: same-class, node rank 0, 0 VFs of its PF in "
        "use, is reset with its bus\n"
        "  0000:02:00.0  has neither MSI nor MSI-X (needs-msi)\n");
    free(text);
    w->explain = NULL;
}

static void test_candidates_are_bounded(void **state)
{
    struct world *w = *state;
    char bdf[16];
    int i;

    for (i = 0; i < 40; i++) {
        snprintf(bdf, sizeof(bdf), "0000:%02x:00.0", i);
        world_add_device(w, bdf, 0x8086, 0x10d3, 0x020000, "pciback",
                         CAP_MSIX);
    }
    assert_int_equal(run(w, verb_plan, golden_request()), 0);
    assert_non_null(strstr(answer, "\"candidates_left_out\":8}"));
    assert_non_null(strstr(answer, "0000:1f:00.0"));
    assert_null(strstr(answer, "0000:20:00.0"));
}

/* more: keys of the pool, with a comma before each */
static void use_pool(struct world *w, const char *more)
{
    world_pools(w, arena_printf(w->arena, "{\"version\":1,\"pools\":{\"lan\":"
                                "{\"match\":[{\"device\":\"10d3\"}]%s}}}",
                                more));
}

static void test_not_allowed(void **state)
{
    struct world *w = *state;

    add_e1000e(w, "pciback");
    use_pool(w, ",\"allow\":{\"names\":[\"web*\",\"db\"]}");
    expect_refusal(w, golden_request(), "\"not-allowed\"",
                   "pool lan is not for domain g0");
    use_pool(w, ",\"allow\":{\"names\":[\"g*\"]}");
    assert_int_equal(run(w, verb_plan, golden_request()), 0);
    use_pool(w, ",\"allow\":{\"names\":[\"web\"],\"uuids\":[\"" GUEST
             "\"]}");
    assert_int_equal(run(w, verb_plan, golden_request()), 0);
}

/* The first wish may go without a device. */
static char *with_standby(const char *request)
{
    static const char fail[] = "\"if_missing\":\"fail\"";
    const char *at = strstr(request, fail);
    static char text[8192];

    assert_non_null(at);
    snprintf(text, sizeof(text), "%.*s\"if_missing\":\"standby\"%s",
             (int)(at - request), request, at + strlen(fail));
    return text;
}

/* What is free counts, not what there is; the optional wish gives way. */
static void test_kept_for_local_guests(void **state)
{
    struct world *w = *state;
    char *request;

    add_e1000e(w, "pciback");
    use_pool(w, ",\"reserve\":1");
    expect_refusal(w, golden_request(), "\"kept-local\"",
                   E1000E " is kept for guests of this host");
    world_add_device(w, "0000:02:00.0", 0x8086, 0x10d3, 0x020000, "pciback",
                     CAP_MSIX);
    fake_store_put(&w->store, "/libxl/pci/0000-02-00-0/domid", "3");
    expect_refusal(w, golden_request(), "\"kept-local\"",
                   "0000:02:00.0 is marked as given to domain 3");
    fake_store_remove(&w->store, "/libxl/pci/0000-02-00-0/domid");
    assert_int_equal(run(w, verb_plan, golden_request()), 0);
    assert_non_null(strstr(answer, "\"bdf\":\"" E1000E "\""));
    request = two_wishes();
    expect_refusal(w, request, "\"kept-local\"", "\"id\":\"lan1\"");
    /* the first one need not have a device */
    assert_int_equal(run(w, verb_plan, with_standby(request)), 0);
    assert_non_null(strstr(answer, "\"id\":\"lan0\",\"status\":\"standby\","
                           "\"reason\":\"kept-local\""));
    assert_non_null(strstr(answer, "\"id\":\"lan1\",\"status\":"
                           "\"device\""));
    world_add_device(w, "0000:03:00.0", 0x8086, 0x10d3, 0x020000, "pciback",
                     CAP_MSIX);
    assert_int_equal(run(w, verb_reserve, request), 0);
    assert_int_equal(fake_store_count(&w->store, "/lease"), 2);
}

static void count_request(struct fake_store *s, const char *operation)
{
    (void)operation;
    ++*(unsigned *)s->arg;
}

/* The nodes of devices that are not chosen are left alone. */
static void test_requests_do_not_grow(void **state)
{
    struct world *w = *state;
    unsigned i, requests = 0, few = 0;

    w->store.arg = &requests;
    for (i = 0; i < 100; i++) {
        world_add_device(w, arena_printf(w->arena, "0000:%02x:00.0", i),
                         0x8086, 0x10d3, 0x020000, "pciback", CAP_MSIX);
        fake_store_put(&w->store, arena_printf(
            w->arena, "/libxl/pci/0000-%02x-00-0/driver_path", i),
            "/sys/bus/pci/drivers/e1000e");
        if (i != 9 && i != 99)
            continue;
        world_file(w, "modprobe.d/a.conf", "alias pci:v00008086d000010D3sv*"
                   "sd*bc*sc*i* e1000e\n");
        w->store.before = count_request;
        requests = 0;
        assert_int_equal(run(w, verb_reserve, two_wishes()), 0);
        assert_int_equal(run(w, verb_release, lease_request), 0);
        w->store.before = NULL;
        if (i == 9)
            few = requests;
    }
    /* release looks at the lease of each device, nothing else grows */
    assert_int_equal(requests, few + 90);
}

/* Xen knows who was given away; only people want to hear by name. */
static void test_given_cost_no_request(void **state)
{
    struct world *w = *state;
    unsigned i, requests = 0, none;

    w->store.arg = &requests;
    world_file(w, "modprobe.d/a.conf", "alias pci:v00008086d000010D3sv*sd*"
               "bc*sc*i* e1000e\n");
    world_add_domain(w, 3, OTHER, "g1");
    for (i = 0; i < WORLD_ASSIGNED + 2; i++)
        world_add_device(w, arena_printf(w->arena, "0000:%02x:00.0", i),
                         0x8086, 0x10d3, 0x020000, "pciback", CAP_MSIX);
    w->store.before = count_request;
    assert_int_equal(run(w, verb_reserve, two_wishes()), 0);
    none = requests;
    assert_int_equal(run(w, verb_release, lease_request), 0);
    for (i = 0; i < WORLD_ASSIGNED; i++) {
        w->assigned[w->assigned_count++] = (struct bdf){ .bus = i };
        fake_store_put(&w->store, arena_printf(
            w->arena, "/libxl/pci/0000-%02x-00-0/domid", i), "3");
    }
    requests = 0;
    assert_int_equal(run(w, verb_reserve, two_wishes()), 0);
    assert_true(requests <= none);
    /* the next ones are told */
    w->store.before = NULL;
    assert_int_equal(run(w, verb_plan, golden_request()), 1);
    assert_non_null(strstr(answer, "0000:00:00.0 is given to domain g1; "
                           "0000:01:00.0 is given to domain g1"));
}

static void test_match_keys(void **state)
{
    struct world_interface *eth;
    struct world *w = *state;

    add_e1000e(w, "e1000e");
    eth = world_add_interface(w, E1000E, "eth1");
    eth->state.carrier = true;
    world_device_file(w, E1000E, "numa_node", "1\n");
    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"bind\":true,"
                   "\"match\":[{\"numa\":0}]}}}");
    expect_refusal(w, golden_request(), "\"pool-empty\"", "no such device");
    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"bind\":true,"
                   "\"match\":[{\"numa\":1,\"link_speed\":1000,"
                   "\"networks\":[\"xenbr0\"]}]}}}");
    expect_refusal(w, golden_request(), "\"pool-empty\"", "no such device");
    world_net_file(w, E1000E, "eth1", "speed", "1000\n");
    expect_refusal(w, golden_request(), "\"pool-empty\"", "no such device");
    world_net_file(w, E1000E, "eth1", "upper_bond0", "");
    expect_refusal(w, golden_request(), "\"pool-empty\"", "no such device");
    world_file(w, "sys/class/net/bond0/upper_xenbr0", "");
    assert_int_equal(run(w, verb_plan, golden_request()), 0);
    world_net_file(w, E1000E, "eth1", "speed", "100\n");
    expect_refusal(w, golden_request(), "\"pool-empty\"", "no such device");
}

/* The node that was asked for, then the lower one, then what can be reset. */
static void test_ranking(void **state)
{
    struct world *w = *state;
    char *request, *at, text[8192];
    int i;

    for (i = 1; i <= 4; i++) {
        char *bdf = arena_printf(w->arena, "0000:%02x:00.0", i);

        world_add_device(w, bdf, 0x8086, 0x10d3, 0x020000, "pciback",
                         CAP_MSIX);
        world_device_file(w, bdf, "numa_node", i == 3 ? "2\n" : i == 1 ?
                          "1\n" : "0\n");
        if (i == 4)
            world_device_file(w, bdf, "reset_method", "flr\n");
    }
    request = golden_request();
    assert_int_equal(run(w, verb_plan, request), 0);
    assert_non_null(strstr(answer, "\"bdf\":\"0000:04:00.0\",\"model\""));
    at = strstr(request, ",\"owner\"");
    snprintf(text, sizeof(text), "%.*s,\"numa\":2%s", (int)(at - request),
             request, at);
    assert_int_equal(run(w, verb_plan, text), 0);
    assert_non_null(strstr(answer, "\"bdf\":\"0000:03:00.0\",\"model\""));
}

/* A device that pciback has had since boot is known by its alias. */
static void test_family_by_alias(void **state)
{
    struct world *w = *state;

    world_add_device(w, "0000:02:00.0", 0x8086, 0x10ed, 0x020000, "pciback",
                     CAP_MSIX);
    world_add_device(w, "0000:03:00.0", 0x8086, 0x1520, 0x020000, "pciback",
                     CAP_MSIX);
    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":"
                   "[{\"class\":\"02\"}]}}}");
    assert_int_equal(run(w, verb_plan, golden_request()), 0);
    assert_non_null(strstr(answer, "\"bdf\":\"0000:02:00.0\",\"model\""));
    world_file(w, "modprobe.d/a.conf",
               "alias pci:v00008086d000010EDsv*sd*bc*sc*i* ixgbevf\n"
               "alias pci:v00008086d00001520sv*sd*bc*sc*i* igbvf\n");
    assert_int_equal(run(w, verb_plan, golden_request()), 0);
    assert_non_null(strstr(answer, "\"bdf\":\"0000:03:00.0\",\"model\""));
    assert_non_null(strstr(answer, "\"rank\":\"same-family\""));
}

/* Wishes that differ in no more than the driver of the guest are two. */
static void test_two_drivers(void **state)
{
    struct world *w = *state;
    char *request = two_wishes(), *first;

    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":["
                "{\"class\":\"0200\"}],\"bind\":true}}}");
    world_add_driver(w, "igb");
    world_add_device(w, "0000:01:00.0", 0x8086, 0x10d3, 0x020000, "e1000e",
                     CAP_MSIX);
    world_add_device(w, "0000:02:00.0", 0x8086, 0x10d3, 0x020000, "e1000e",
                     CAP_MSIX);
    world_add_device(w, "0000:03:00.0", 0x8086, 0x1521, 0x020000, "igb",
                     CAP_MSIX);
    first = strstr(request, "\"igbvf\"");
    assert_non_null(first);
    memcpy(strstr(first + 1, "\"igbvf\""), "\"other\"", 7);
    assert_int_equal(run(w, verb_plan, request), 0);
    assert_non_null(strstr(answer, "\"id\":\"lan0\",\"status\":\"device\","
                           "\"bdf\":\"0000:03:00.0\""));
    assert_non_null(strstr(answer, "\"id\":\"lan1\",\"status\":\"device\","
                           "\"bdf\":\"0000:01:00.0\""));
    /* and the other way round */
    memcpy(strstr(first + 1, "\"other\""), "\"igbvf\"", 7);
    memcpy(first, "\"other\"", 7);
    assert_int_equal(run(w, verb_plan, request), 0);
    assert_non_null(strstr(answer, "\"id\":\"lan0\",\"status\":\"device\","
                           "\"bdf\":\"0000:01:00.0\""));
    assert_non_null(strstr(answer, "\"id\":\"lan1\",\"status\":\"device\","
                           "\"bdf\":\"0000:03:00.0\""));
}

static void test_isolation(void **state)
{
    struct world_interface *eth;
    struct world *w = *state;

    add_e1000e(w, "pciback");
    world_add_device(w, "0000:02:00.0", 0x8086, 0x100e, 0x020000, "e1000",
                     CAP_MSIX);
    world_add_device(w, "0000:00:1e.0", 0x8086, 0x244e, 0x060401, NULL,
                     CAP_BRIDGE);
    bdf_parse(E1000E, &w->group[0].bdf);
    bdf_parse("0000:02:00.0", &w->group[1].bdf);
    bdf_parse("0000:00:1e.0", &w->group[2].bdf);
    w->group_count = 3;
    assert_int_equal(run(w, verb_plan, golden_request()), 0);
    eth = world_add_interface(w, "0000:02:00.0", "eth2");
    eth->state.up = true;
    expect_refusal(w, golden_request(), "\"not-isolated\"",
                   "shares its IOMMU group with 0000:02:00.0: interface eth2 "
                   "is up");
    eth->state.up = false;
    w->group[1].domid = 5;
    expect_refusal(w, golden_request(), "\"not-isolated\"",
                   "0000:02:00.0: given to domain 5");
}

/* xl migrate DOMAIN localhost: not the device that it has. */
static void test_own_device(void **state)
{
    struct world *w = *state;

    add_e1000e(w, "pciback");
    world_add_domain(w, 3, GUEST, "g0");
    fake_store_put(&w->store, "/libxl/pci/0000-01-00-0/domid", "3");
    expect_refusal(w, golden_request(), "\"no-free-device\"",
                   E1000E " is the guest's own now");
}

static void test_all_or_nothing(void **state)
{
    struct world *w = *state;

    add_e1000e(w, "pciback");
    expect_refusal(w, two_wishes(), "\"id\":\"lan1\",\"status\":"
                   "\"refused\",\"reason\":\"no-free-device\"",
                   E1000E " is needed for another wish");
    world_add_device(w, "0000:02:00.0", 0x8086, 0x10d3, 0x020000, "e1000e",
                     CAP_MSIX);
    assert_int_equal(run(w, verb_reserve, two_wishes()), 0);
    assert_int_equal(fake_store_count(&w->store, "/lease"), 2);
    assert_int_equal(run(w, verb_prepare, lease_request), 0);
    assert_int_equal(run(w, verb_release, lease_request), 0);
    assert_int_equal(fake_store_count(&w->store, "/lease"), 0);
    assert_string_equal(world_driver(w, E1000E), "pciback");
    assert_string_equal(world_driver(w, "0000:02:00.0"), "e1000e");
}

static void add_vfs(struct world *w, const char *pf, const char *const *vfs)
{
    unsigned i;

    world_add_device(w, pf, 0x8086, 0x10c9, 0x020000, "igb", CAP_MSIX);
    for (i = 0; vfs[i]; i++) {
        world_add_device(w, vfs[i], 0x8086, 0x10ca, 0x020000, "pciback",
                         CAP_MSIX);
        world_make_vf(w, vfs[i], pf, i);
    }
}

/* The less loaded PF comes before the lower address. */
static void test_pf_load(void **state)
{
    struct world *w = *state;

    add_vfs(w, "0000:03:00.0", (const char *const []){
        "0000:03:10.0", "0000:03:10.2", NULL });
    add_vfs(w, "0000:04:00.0", (const char *const []){
        "0000:04:10.0", NULL });
    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":[{"
                   "\"device\":\"10ca\"}]}}}");
    fake_store_put(&w->store, "/libxl/pci/0000-03-10-0/domid", "3");
    assert_int_equal(run(w, verb_plan, golden_request()), 0);
    assert_non_null(strstr(answer, "\"bdf\":\"0000:04:10.0\""));
    fake_store_put(&w->store, "/libxl/pci/0000-04-10-0/domid", "4");
    assert_int_equal(run(w, verb_plan, golden_request()), 0);
    assert_non_null(strstr(answer, "\"bdf\":\"0000:03:10.2\""));
}

static void test_pf_down(void **state)
{
    struct world_interface *pf;
    struct world *w = *state;

    add_vfs(w, "0000:03:00.0", (const char *const []){
        "0000:03:10.0", NULL });
    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":[{"
                   "\"device\":\"10ca\"}]}}}");
    pf = world_add_interface(w, "0000:03:00.0", "eth3");
    world_set_vfs(pf, 1);
    expect_refusal(w, golden_request(), "\"pf-down\"",
                   "0000:03:10.0 is a VF of 0000:03:00.0, whose interface "
                   "eth3 is down");
    pf->state.up = true;
    expect_refusal(w, golden_request(), "\"pf-down\"", "has no link");
    pf->state.carrier = true;
    assert_int_equal(run(w, verb_reserve, golden_request()), 0);
}

/* Nothing ties wishes together, as pci-pools.json(5) says: two functions of one
 * card may come from two. */
static void test_functions_of_cards(void **state)
{
    static const char *const cards[] = { "0000:05:00.0", "0000:06:00.0" };
    static const char *const sounds[] = { "0000:05:00.1", "0000:06:00.1" };
    static const char wish[] = "{\"wish\":{\"id\":\"%s\",\"pool\":\"gpu\","
        "\"handover\":\"plain\",\"standby\":null,\"mac\":null,"
        "\"if_missing\":\"fail\"},\"bdf\":null,\"slot\":null,\"host\":{"
        "\"vendor\":\"10de\",\"device\":\"%s\",\"class\":\"%s\","
        "\"driver\":null,\"vf\":null}}";
    struct world *w = *state;
    char *request;
    size_t i;

    for (i = 0; i < 2; i++) {
        world_add_device(w, cards[i], 0x10de, 0x1db6, 0x030200, "pciback",
                         CAP_MSI);
        world_add_device(w, sounds[i], 0x10de, 0x10f2, 0x040300, "pciback",
                         CAP_MSI);
    }
    world_pools(w, "{\"version\":1,\"pools\":{\"gpu\":{\"match\":["
                   "{\"vendor\":\"10de\"}]}}}");
    request = arena_printf(
        w->arena, "{\"version\":1,\"owner\":{\"lock\":\"" WORLD_LOCK "\"},"
        "\"record\":{\"version\":1,\"migration\":\"" MIGRATION "\","
        "\"dry_run\":true,\"domain\":{\"uuid\":\"" GUEST "\",\"name\":"
        "\"g0\",\"type\":\"hvm\"},\"devices\":[%s,%s]}}",
        arena_printf(w->arena, wish, "gpu", "1db6", "030200"),
        arena_printf(w->arena, wish, "sound", "10f2", "040300"));
    assert_int_equal(run(w, verb_plan, request), 0);
    assert_non_null(strstr(answer, "\"bdf\":\"0000:05:00.0\""));
    assert_non_null(strstr(answer, "\"bdf\":\"0000:05:00.1\""));
    fake_store_put(&w->store, "/libxl/pci/0000-05-00-0/domid", "7");
    assert_int_equal(run(w, verb_plan, request), 0);
    assert_non_null(strstr(answer, "\"device\",\"bdf\":\"0000:06:00.0\""));
    assert_non_null(strstr(answer, "\"device\",\"bdf\":\"0000:05:00.1\""));
}

static void test_golden_record(void **state)
{
    struct world *w = *state;
    char *request = golden_read("describe-request.json");
    char *golden = golden_read("record.json");
    struct world_interface *pf;

    add_vfs(w, "0000:01:00.0", (const char *const []){
        "0000:01:10.0", NULL });
    fake_store_put(&w->store, "/libxl/pci/0000-01-10-0/driver_path",
                   "/sys/bus/pci/drivers/igbvf");
    assert_int_equal(run(w, verb_describe, request), 0);
    golden_same(answer, golden);
    pf = world_add_interface(w, "0000:01:00.0", "eth1");
    pf->vf_count = 1;
    pf->vfs[0] = (struct vf_settings){
        .mac = { 0x00, 0x16, 0x3e, 0xab, 0xcd, 0xef }, .vlan = 42, .qos = 3 };
    assert_int_equal(run(w, verb_describe, request), 0);
    assert_non_null(strstr(answer, "\"index\":0,\"mac\":"
                           "\"00:16:3e:ab:cd:ef\",\"vlan\":42,\"qos\":3"));
    free(request);
    free(golden);
}

/* Dead, or pulled: the guest must be able to leave. */
static void test_describe_dead_device(void **state)
{
    struct world *w = *state;
    char *request = golden_read("describe-request.json");

    assert_int_equal(run(w, verb_describe, request), 0);
    assert_non_null(strstr(answer, "\"host\":null"));
    /* it goes while the bus is read: a name, and nothing behind it */
    assert_int_equal(mkdir(arena_printf(
        w->arena, "%s/sys/bus/pci/devices/0000:01:10.0", w->dir), 0755), 0);
    assert_int_equal(run(w, verb_describe, request), 0);
    assert_non_null(strstr(answer, "\"host\":null"));
    free(request);
}

static void test_prepare_looks_again(void **state)
{
    struct world_interface *eth1;
    struct world *w = *state;

    add_e1000e(w, "e1000e");
    eth1 = world_add_interface(w, E1000E, "eth1");
    assert_int_equal(run(w, verb_reserve, golden_request()), 0);
    eth1->state.addressed = true;
    assert_int_equal(run(w, verb_prepare, lease_request), 1);
    assert_non_null(strstr(answer, "\"in-use\""));
    assert_string_equal(world_driver(w, E1000E), "e1000e");
    /* the lease stays: it is for its owner to release it */
    assert_int_equal(run(w, verb_release, lease_request), 0);
    assert_int_equal(fake_store_count(&w->store, "/lease"), 0);
}

static void test_prepare_moves_back(void **state)
{
    struct world *w = *state;

    add_e1000e(w, "e1000e");
    world_add_device(w, "0000:02:00.0", 0x8086, 0x10d3, 0x020000, "e1000e",
                     CAP_MSIX);
    assert_int_equal(run(w, verb_reserve, two_wishes()), 0);
    w->fail_suffix = "/pciback/bind";
    w->fail_errno = EIO;
    assert_int_equal(run(w, verb_prepare, lease_request), 1);
    assert_non_null(strstr(answer, "\"not-assignable\""));
    assert_non_null(strstr(answer, "binding it to pciback: Input/output"));
    assert_string_equal(world_driver(w, E1000E), "e1000e");
    assert_string_equal(world_driver(w, "0000:02:00.0"), "e1000e");
    assert_int_equal(w->quarantined, 0);
    w->fail_suffix = NULL;
    assert_int_equal(run(w, verb_release, lease_request), 0);
    assert_int_equal(fake_store_count(&w->store, "/lease"), 0);
    assert_int_equal(fake_store_count(&w->store, "/driver_path"), 0);
}

static void prepared(struct world *w)
{
    add_e1000e(w, "e1000e");
    assert_int_equal(run(w, verb_reserve, golden_request()), 0);
    assert_int_equal(run(w, verb_prepare, lease_request), 0);
}

static void test_release_leaves_what_a_guest_has(void **state)
{
    struct world *w = *state;

    prepared(w);
    fake_store_put(&w->store, "/libxl/pci/0000-01-00-0/domid", "7");
    assert_int_equal(run(w, verb_release, lease_request), 1);
    assert_non_null(strstr(answer, "is given to domain 7"));
    assert_non_null(fake_store_get(&w->store, LEASE));
    fake_store_remove(&w->store, "/libxl/pci/0000-01-00-0/domid");
    bdf_parse(E1000E, &w->assigned[w->assigned_count++]);
    assert_int_equal(run(w, verb_release, lease_request), 1);
    assert_non_null(strstr(answer, "is still assigned to a guest"));
    assert_non_null(fake_store_get(&w->store, LEASE));
    assert_string_equal(world_driver(w, E1000E), "pciback");
    w->assigned_count = 0;
    assert_int_equal(run(w, verb_release, lease_request), 0);
    assert_string_equal(world_driver(w, E1000E), "e1000e");
}

/* The driver does not want it back: said once, and nobody is blocked. */
static void test_release_without_driver(void **state)
{
    struct world *w = *state;

    prepared(w);
    w->fail_suffix = "/e1000e/bind";
    w->fail_errno = ENODEV;
    assert_int_equal(run(w, verb_release, lease_request), 1);
    assert_non_null(strstr(answer, "could not be given back to e1000e: "
                           "binding it to e1000e: No such device"));
    assert_null(fake_store_get(&w->store, LEASE));
    /* what xl pci-assignable-remove -r would use stays */
    assert_int_equal(fake_store_count(&w->store, "/driver_path"), 1);
}

/* An administrator has said which driver a device may have. */
static void test_driver_override(void **state)
{
    struct world *w = *state;

    add_e1000e(w, "e1000e");
    world_device_file(w, E1000E, "driver_override", "vfio-pci\n");
    expect_refusal(w, golden_request(), "\"not-assignable\"",
                   "0000:01:00.0 cannot be bound to pciback: its "
                   "driver_override is vfio-pci, which `echo > ");
    world_device_file(w, E1000E, "driver_override", "(null)\n");
    assert_int_equal(run(w, verb_reserve, golden_request()), 0);
    /* it was said meanwhile */
    world_device_file(w, E1000E, "driver_override", "e1000e\n");
    assert_int_equal(run(w, verb_prepare, lease_request), 1);
    assert_non_null(strstr(answer, "its driver_override is e1000e"));
    assert_string_equal(world_driver(w, E1000E), "e1000e");
    world_device_file(w, E1000E, "driver_override", "pciback\n");
    assert_int_equal(run(w, verb_prepare, lease_request), 0);
    /* pciback's own: nobody else gets it, also not at home */
    assert_int_equal(run(w, verb_release, lease_request), 1);
    assert_non_null(strstr(answer, "its driver_override is pciback"));
    assert_string_equal(world_driver(w, E1000E), "pciback");
    world_device_file(w, E1000E, "driver_override", "\n");
    assert_int_equal(run(w, verb_gc, NULL), 0);
    assert_string_equal(world_driver(w, E1000E), "e1000e");
}

/* Another migration of the same guest. */
static char *other_request(void)
{
    static char text[8192];
    char *request = golden_request(), *at;

    while ((at = strstr(request, MIGRATION)))
        memcpy(at, OTHER, strlen(OTHER));
    snprintf(text, sizeof(text), "%s", request);
    return text;
}

static const char other_lease_request[] =
    "{\"version\":1,\"migration\":\"" OTHER "\",\"domain\":\"" GUEST
    "\"}";

static void test_dead_owner_passes_on_its_debt(void **state)
{
    struct world *w = *state;
    int other;

    prepared(w);
    world_end_migration(w);
    assert_int_equal(run(w, verb_reserve, golden_request()), 2);
    assert_string_equal(error, "owner.lock: nobody holds the lock "
                        WORLD_LOCK);
    /* nothing is taken: nobody need be there */
    assert_int_equal(run(w, verb_plan, golden_request()), 0);
    other = world_hold(w, OTHER ".destination");
    assert_int_equal(run(w, verb_reserve, other_request()), 0);
    assert_non_null(strstr(fake_store_get(&w->store, LEASE),
                           "\"lock\":\"" OTHER ".destination\""));
    assert_non_null(strstr(fake_store_get(&w->store, LEASE),
                           "\"was\":\"e1000e\""));
    assert_int_equal(run(w, verb_release, other_lease_request), 0);
    assert_string_equal(world_driver(w, E1000E), "e1000e");
    close(other);
}

static void test_live_owner_keeps_it(void **state)
{
    struct world *w = *state;

    prepared(w);
    expect_refusal(w, reserve_request(MIGRATION, OTHER),
                   "\"no-free-device\"", "is prepared for domain " GUEST);
    assert_int_equal(run(w, verb_gc, NULL), 0);
    assert_non_null(fake_store_get(&w->store, LEASE));
}

static void test_owner_errors(void **state)
{
    struct world *w = *state;
    char other[512], *before;

    prepared(w);
    before = strdup(fake_store_get(&w->store, LEASE));
    assert_int_equal(run(w, verb_commit, lease_request), 2);
    assert_string_equal(error, "domain: there is no domain " GUEST);
    snprintf(other, sizeof(other), "{\"version\":1,\"migration\":\""
             MIGRATION "\",\"domain\":\"" OTHER "\"}");
    assert_int_equal(run(w, verb_release, other), 2);
    assert_non_null(strstr(error, "are for domain " GUEST));
    assert_string_equal(before, fake_store_get(&w->store, LEASE));
    free(before);
}

/* What the source's libxl holds has the same migration, and is not ours. */
static void test_rollback_leases_are_left(void **state)
{
    struct world *w = *state;
    char *lease = golden_read("lease.json"), *at, text[1024];

    add_e1000e(w, "pciback");
    at = strstr(lease, "reserved");
    snprintf(text, sizeof(text), "%.*sheld-for-rollback%s",
             (int)(at - lease), lease, at + strlen("reserved"));
    fake_store_put(&w->store, LEASE, text);
    assert_int_equal(run(w, verb_release, lease_request), 0);
    assert_int_equal(run(w, verb_prepare, lease_request), 0);
    assert_string_equal(fake_store_get(&w->store, LEASE), text);
    expect_refusal(w, golden_request(), "\"no-free-device\"",
                   "is held-for-rollback for domain");
    free(lease);
}

static void test_list_and_force(void **state)
{
    struct world *w = *state;

    prepared(w);
    fake_store_put(&w->store, "/libxl/pci/0000-09-00-0/lease", "{\"x\":");
    assert_int_equal(run(w, verb_list, NULL), 0);
    assert_non_null(strstr(answer, "{\"bdf\":\"" E1000E "\",\"state\":"
                           "\"prepared\""));
    assert_non_null(strstr(answer, "\"was\":\"e1000e\",\"alive\":true}"));
    assert_non_null(strstr(answer, "{\"bdf\":\"0000:09:00.0\",\"reason\":"
                           "\"lease-broken\",\"text\":"));
    /* gc leaves both: one lives, one cannot be read */
    assert_int_equal(run(w, verb_gc, NULL), 0);
    assert_int_equal(fake_store_count(&w->store, "/lease"), 2);
    free(answer);
    free(error);
    assert_int_equal(world_run(w, verb_gc, NULL, "0000:09:00.0", true,
                               &answer, &error), 0);
    assert_int_equal(fake_store_count(&w->store, "/lease"), 1);
    free(answer);
    free(error);
    world_end_migration(w);
    assert_int_equal(world_run(w, verb_gc, NULL, E1000E, true, &answer,
                               &error), 0);
    assert_int_equal(fake_store_count(&w->store, "/lease"), 0);
    assert_string_equal(world_driver(w, E1000E), "e1000e");
    free(answer);
    free(error);
    assert_int_equal(world_run(w, verb_gc, NULL, "01:00.0", true, &answer,
                               &error), 2);
}

static void while_given_back(struct world *w, const char *path)
{
    char *answer_there, *error_there;
    bool *seen = w->arg;

    (void)path;
    if (*seen)
        return;
    *seen = true;
    w->before_write = NULL;
    assert_int_equal(world_run(w, verb_reserve, other_request(), NULL, false,
                               &answer_there, &error_there), 1);
    assert_non_null(strstr(answer_there, "\"no-free-device\""));
    free(answer_there);
    free(error_there);
}

/* Its owner is dead, but the device is not free before it is at home. */
static void test_nobody_takes_what_gc_gives_back(void **state)
{
    struct world *w = *state;
    bool seen = false;
    int other;

    prepared(w);
    world_end_migration(w);
    other = world_hold(w, OTHER ".destination");
    w->before_write = while_given_back;
    w->arg = &seen;
    assert_int_equal(run(w, verb_gc, NULL), 0);
    assert_true(seen);
    close(other);
    assert_string_equal(world_driver(w, E1000E), "e1000e");
}

static void test_store_fails(void **state)
{
    struct world *w = *state;

    add_e1000e(w, "pciback");
    w->store.fail_errno = EIO;
    assert_int_equal(run(w, verb_reserve, golden_request()), 3);
    assert_null(answer);
    assert_string_equal(error, "xenstore: transaction: Input/output error");
}

/* Requests and pools files that nobody means well with. */
static const char *const hostile[] = {
    "", " ", "{", "}", "[]", "null", "7", "\"a\"", "{\"version\":1",
    "{\"version\":1}}", "{\"version\":1}{}", "{\"version\":\"1\"}",
    "{\"version\":1e0}", "{\"version\":99999999999999999999}",
    "{\"version\":2}", "{\"version\":1,\"version\":1}", "\xff\xfe{\0}",
    "{\"version\":1,\"a\":\"\\u0000\"}", "{\"\xc0\x80\":1}",
    "{\"version\":1,\"migration\":\"../../etc/passwd\"}",
    "{\"version\":1,\"migration\":\"" MIGRATION "\",\"domain\":\"x\"}",
    "{\"version\":1,\"migration\":\"" MIGRATION "\",\"domain\":7,"
    "\"owner\":{\"lock\":\"x\"},\"devices\":7}",
};

static void expect_no_change(struct world *w, unsigned long generation)
{
    assert_non_null(error);
    assert_null(answer);
    assert_true(w->store.generation == generation);
    assert_string_equal(world_driver(w, E1000E), "e1000e");
    assert_int_equal(w->quarantined, 0);
}

static char *huge(struct world *w, size_t size, const char *unit)
{
    char *text = arena_alloc(w->arena, size + 1);
    size_t i;

    for (i = 0; i < size; i++)
        text[i] = unit[i % strlen(unit)];
    return text;
}

static void test_hostile_requests(void **state)
{
    static verb_function *const verbs[] = {
        verb_describe, verb_plan, verb_reserve, verb_prepare,
        verb_commit, verb_filter, verb_release,
    };
    struct world *w = *state;
    const char *huges[3];
    unsigned long before;
    size_t i, j;

    add_e1000e(w, "e1000e");
    huges[0] = huge(w, 1024 * 1024 + 1, " ");
    huges[1] = huge(w, 1024 * 1024, "[");
    huges[2] = huge(w, 1024 * 1024, "{\"a\":");
    fake_store_put(&w->store, "/libxl/pci/0000-01-00-0/driver_path", "/x");
    before = w->store.generation;
    for (i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
        for (j = 0; j < sizeof(hostile) / sizeof(*hostile); j++) {
            if (run(w, verbs[i], hostile[j]) != 2)
                fail_msg("verb %zu takes %s", i, hostile[j]);
            expect_no_change(w, before);
        }
        for (j = 0; j < 3; j++) {
            assert_int_equal(run(w, verbs[i], huges[j]), 2);
            expect_no_change(w, before);
        }
    }
    assert_int_equal(w->store.commits, 0);
}

static void test_hostile_pools(void **state)
{
    struct world *w = *state;
    unsigned long before;
    size_t i;

    add_e1000e(w, "e1000e");
    before = w->store.generation;
    for (i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
        world_pools(w, hostile[i]);
        if (run(w, verb_reserve, golden_request()) != 2)
            fail_msg("a pools file is taken: %s", hostile[i]);
        expect_no_change(w, before);
        assert_int_equal(run(w, verb_check_config, NULL), 2);
    }
    world_pools(w, huge(w, 1024 * 1024 + 1, " "));
    assert_int_equal(run(w, verb_reserve, golden_request()), 2);
    assert_non_null(strstr(error, "more than 1 MiB"));
    world_pools(w, huge(w, 1024 * 1024, "["));
    assert_int_equal(run(w, verb_reserve, golden_request()), 2);
    expect_no_change(w, before);
}

/* A lease that cannot be read is nobody's: it stays, and its device too. */
/* One that a guest has, one that dom0 has, and all that may be said of the
 * others. */
static void make_assignable(struct world *w)
{
    char *lease = golden_read("lease.json");

    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":["
                "{\"bdf\":\"0000:01:*\"}]},\"e1000e\":{\"match\":["
                "{\"device\":\"10d3\"}]},\"none\":{\"match\":["
                "{\"driver\":\"tg3\"}]}}}");
    add_e1000e(w, "pciback");
    world_add_device(w, "0000:01:00.1", 0x8086, 0x10d3, 0x020000, "pciback",
                     CAP_MSIX);
    world_add_device(w, "0000:02:00.0", 0x8086, 0x10d3, 0x020000, "pciback",
                     CAP_MSIX);
    world_add_device(w, "0000:03:00.0", 0x8086, 0x10d3, 0x020000, "e1000e",
                     CAP_MSIX);
    world_add_device(w, "0000:04:00.0", 0x8086, 0x1521, 0x020000, "pciback",
                     CAP_MSIX);
    world_add_domain(w, 3, OTHER, "g1");
    fake_store_put(&w->store, "/libxl/pci/0000-02-00-0/domid", "3");
    fake_store_put(&w->store, "/libxl/pci/0000-01-00-0/name", "port0");
    fake_store_put(&w->store, "/libxl/pci/0000-01-00-1/lease", lease);
    fake_store_put(&w->store, "/libxl/pci/0000-04-00-0/reset-failed",
                   "did not answer");
    free(lease);
}

static void test_assignable(void **state)
{
    char *golden = golden_read("assignable.json");
    struct world *w = *state;

    make_assignable(w);
    assert_int_equal(run(w, verb_assignable, NULL), 0);
    golden_same(answer, golden);
    free(golden);
    /* whose process is gone is anybody's, and the list says both */
    world_end_migration(w);
    assert_int_equal(run(w, verb_assignable, NULL), 0);
    assert_non_null(strstr(answer, "\"alive\":false},\"status\":\"free\""));
}

static void test_hostile_leases(void **state)
{
    struct world *w = *state;
    size_t i;

    add_e1000e(w, "e1000e");
    for (i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
        fake_store_put(&w->store, LEASE, hostile[i]);
        expect_refusal(w, golden_request(), "\"lease-broken\"",
                       "has a lease that cannot be read");
        assert_int_equal(run(w, verb_gc, NULL), 0);
        assert_int_equal(run(w, verb_release, lease_request), 0);
        assert_string_equal(fake_store_get(&w->store, LEASE), hostile[i]);
        assert_int_equal(run(w, verb_list, NULL), 0);
        assert_non_null(strstr(answer, "\"reason\":\"lease-broken\""));
    }
}

static void test_check_config(void **state)
{
    struct world *w = *state;

    assert_int_equal(run(w, verb_check_config, NULL), 0);
    assert_non_null(strstr(answer, "pci-pools.json: 1 pool"));
    unlink(w->pools_path);
    assert_int_equal(run(w, verb_check_config, NULL), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_reserve_gives_golden_plan),
        T(test_refusal_is_golden),
        T(test_whole_life),
        T(test_release_returns_the_device),
        T(test_reasons),
        T(test_needs_msi),
        T(test_bar_in_memory),
        T(test_hostile_memory),
        T(test_bad_pools_file),
        T(test_standby),
        T(test_same_model_without_pool),
        T(test_nothing_now),
        T(test_dry),
        T(test_explain),
        T(test_candidates_are_bounded),
        T(test_not_allowed),
        T(test_kept_for_local_guests),
        T(test_requests_do_not_grow),
        T(test_given_cost_no_request),
        T(test_match_keys),
        T(test_ranking),
        T(test_family_by_alias),
        T(test_two_drivers),
        T(test_driver_override),
        T(test_isolation),
        T(test_own_device),
        T(test_all_or_nothing),
        T(test_pf_load),
        T(test_pf_down),
        T(test_functions_of_cards),
        T(test_golden_record),
        T(test_describe_dead_device),
        T(test_prepare_looks_again),
        T(test_prepare_moves_back),
        T(test_release_leaves_what_a_guest_has),
        T(test_release_without_driver),
        T(test_dead_owner_passes_on_its_debt),
        T(test_live_owner_keeps_it),
        T(test_owner_errors),
        T(test_rollback_leases_are_left),
        T(test_list_and_force),
        T(test_nobody_takes_what_gc_gives_back),
        T(test_store_fails),
        T(test_hostile_requests),
        T(test_hostile_pools),
        T(test_assignable),
        T(test_hostile_leases),
        T(test_check_config),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("verbs", tests, NULL, NULL);
}
