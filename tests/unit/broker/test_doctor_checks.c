/* SPDX-License-Identifier: GPL-2.0-only */
/* Each check of shadowport-doctor, in each of the states that it can have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "checks/check.h"

#define CHECKS_AT_MOST 128

/* Two hosts and a guest without a fault; tests break them. */
struct pair {
    struct arena *arena;
    struct host_facts here, there;
    struct contact contact;
    int answered;
    struct pool_fact pools_here[2], pools_there[2];
    struct interface_fact bridges_here[1], bridges_there[1];
    struct disk_fact disks_here[1], disks_there[1];
    struct guest_facts guests_here[1], guests_there[1];
    struct wish_fact wishes[2];
    const char *bridges[1], *disks[1];
};

static unsigned seen[CHECKS_AT_MOST];

/* What the rule of some check wants is set by that. */
static void make_host(struct host_facts *f, const char *name)
{
    size_t i;

    f->host = name;
    for (i = 0; i < check_count; i++) {
        if (checks[i].rule == RULE_YES)
            f->facts[checks[i].fact] = fact_number(1);
        else if (checks[i].rule == RULE_EMPTY)
            f->facts[checks[i].fact] = fact_text("");
        else if (checks[i].rule == RULE_AT_LEAST)
            f->facts[checks[i].fact] = fact_number(checks[i].least);
    }
    f->facts[HOST_xen_version] = fact_text("4.20");
    f->facts[HOST_version] = fact_text("0.1.0");
    f->facts[HOST_hap] = f->facts[HOST_shadow] = f->facts[HOST_log_dirty] =
        f->facts[HOST_shared_page_tables] = f->facts[HOST_libvirt] =
            f->facts[HOST_system_library] = f->facts[HOST_pools_file] =
                f->facts[HOST_pools_listed] = f->facts[HOST_guests_listed] =
                    f->facts[HOST_interfaces_listed] = fact_number(1);
    f->facts[HOST_libvirt_guests] = f->facts[HOST_pools_error] =
        fact_text("");
    f->facts[HOST_features_hvm] = f->facts[HOST_features_pv] =
        fact_text("0000000f 00000001");
    f->facts[HOST_features_hvm_most] = f->facts[HOST_features_pv_most] =
        fact_text("000000ff 00000001");
    f->facts[HOST_clock_ms] = fact_number(1000000);
    f->facts[HOST_free_mib] = fact_number(4096);
    f->facts[HOST_free_models] = fact_text("8086:10ca");
}

static void make_guest(struct pair *p)
{
    struct guest_facts *g = &p->guests_here[0];
    struct fact *f = g->facts;

    *g = (struct guest_facts){ .wishes = p->wishes, .wish_count = 1,
                               .bridges = p->bridges, .bridge_count = 1,
                               .disks = p->disks, .disk_count = 1 };
    f[GUEST_domid] = fact_number(3);
    f[GUEST_name] = fact_text("web");
    f[GUEST_uuid] = fact_text("aaaaaaaa-0000-4000-8000-00000000000a");
    f[GUEST_type] = fact_text("hvm");
    f[GUEST_memory_mib] = fact_number(1024);
    f[GUEST_ballooned_mib] = f[GUEST_stubdom] = fact_number(0);
    f[GUEST_passthrough] = fact_text("default");
    f[GUEST_unmarked] = f[GUEST_journal] = fact_text("");
    f[GUEST_features] = fact_text("1 shadow hold marking fixups");
    f[GUEST_marking] = fact_text("tracepoints");
    f[GUEST_wishes_listed] = f[GUEST_vifs_listed] = f[GUEST_disks_listed] =
        fact_number(1);
    p->wishes[0] = (struct wish_fact){ "lan0", "lan", "default", "fail",
                                       "8086:10ca", NULL };
    p->bridges[0] = "xenbr0";
    p->disks[0] = "/dev/san/web";
}

static void make_pair(struct pair *p)
{
    memset(p, 0, sizeof(*p));
    p->arena = arena_new();
    p->contact = (struct contact){ .host = "b", .took_ms = 100 };
    p->answered = 1;
    make_host(&p->here, "a");
    make_host(&p->there, "b");
    p->pools_here[0] = p->pools_there[0] =
        (struct pool_fact){ .name = "lan", .free = 1 };
    p->bridges_here[0] = p->bridges_there[0] =
        (struct interface_fact){ "xenbr0", 1500, 1, 1 };
    p->disks_here[0] = p->disks_there[0] =
        (struct disk_fact){ "/dev/san/web", "block", 1 << 30, "naa.5", 0 };
    make_guest(p);
    p->here.pools = p->pools_here;
    p->there.pools = p->pools_there;
    p->here.interfaces = p->bridges_here;
    p->there.interfaces = p->bridges_there;
    p->here.disks = p->disks_here;
    p->there.disks = p->disks_there;
    p->here.guests = p->guests_here;
    p->there.guests = p->guests_there;
    p->here.pool_count = p->there.pool_count = p->here.interface_count =
        p->there.interface_count = p->here.disk_count = p->there.disk_count =
            p->here.guest_count = 1;
}

static size_t number_of(const char *name)
{
    size_t i;

    for (i = 0; i < check_count; i++)
        if (!strcmp(checks[i].name, name))
            return i;
    fail_msg("there is no check \"%s\"", name);
    return 0;
}

static void judge(struct pair *p, const char *name, struct finding *out)
{
    size_t i = number_of(name);
    struct view v = {
        .arena = p->arena, .host = &p->here, .contact = &p->contact,
        .other = p->answered && checks[i].scope != SCOPE_HOST ? &p->there
                                                              : NULL,
        .guest = checks[i].scope == SCOPE_GUEST ? &p->guests_here[0] : NULL,
    };

    memset(out, 0, sizeof(*out));
    check_run(&checks[i], &v, out);
    seen[i] |= 1u << out->state;
}

/* ---- those that are a rule ---- */

static void expect_rule(const struct check *c, struct fact fact,
                        enum state state, const char *part)
{
    struct finding f;
    struct pair p;

    make_pair(&p);
    p.here.facts[c->fact] = fact;
    judge(&p, c->name, &f);
    if (f.state != state)
        fail_msg("%s is %s, not %s", c->name, state_word(f.state),
                 state_word(state));
    assert_non_null(strstr(f.reason, part));
    assert_true((f.state == STATE_OK) == !f.cure);
    arena_free(p.arena);
}

static void test_rules(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < check_count; i++) {
        const struct check *c = &checks[i];

        switch (c->rule) {
        case RULE_NONE:
            assert_non_null(c->judge);
            continue;
        case RULE_YES:
            expect_rule(c, fact_number(1), STATE_OK, c->right);
            expect_rule(c, fact_number(0), c->bad, c->wrong);
            expect_rule(c, fact_number(2), c->bad, c->wrong);
            expect_rule(c, fact_text("1"), STATE_UNKNOWN, "");
            break;
        case RULE_EMPTY:
            expect_rule(c, fact_text(""), STATE_OK, c->right);
            expect_rule(c, fact_text("0000:01:10.0"), c->bad, "0000:01:10.0");
            expect_rule(c, fact_number(0), STATE_UNKNOWN, "");
            break;
        case RULE_AT_LEAST:
            expect_rule(c, fact_number(c->least), STATE_OK, c->right);
            expect_rule(c, fact_number(c->least - 1), c->bad, c->wrong);
            break;
        }
        expect_rule(c, fact_unknown("nobody knows"), STATE_UNKNOWN,
                    "nobody knows");
        expect_rule(c, fact_unknown(NULL), STATE_UNKNOWN, "did not say");
    }
}

/* ---- those that judge ---- */

enum side { HERE, THERE };

/* Up to two facts of a host or of the guest are changed, and the rest by
 * `also`. */
struct change {
    enum { END, HOST, GUEST } of;
    enum side side;
    int id;
    struct fact to;
};

#define N(n) { FACT_NUMBER, n, NULL }
#define T(text) { FACT_TEXT, 0, text }
#define U { FACT_UNKNOWN, 0, "nobody knows" }
#define H(id, to) { HOST, HERE, HOST_##id, to }
#define O(id, to) { HOST, THERE, HOST_##id, to }
#define G(id, to) { GUEST, HERE, GUEST_##id, to }

struct row {
    const char *check;
    enum state state;
    const char *part;           /* of the reason */
    struct change changes[3];
    void (*also)(struct pair *p);
};

static void alone(struct pair *p)
{
    p->contact.host = NULL;
    p->answered = 0;
}

static void silent(struct pair *p)
{
    p->contact.error = "ssh did not reach it";
    p->answered = 0;
}

static void late_clock(struct pair *p) { p->contact.ahead_ms = -5000; }
static void slow_way(struct pair *p)
{
    p->contact.ahead_ms = -5000;
    p->contact.took_ms = 10000;
}
static void no_pools(struct pair *p)
{
    p->here.pool_count = p->there.pool_count = 0;
}
static void pool_missing(struct pair *p) { p->there.pool_count = 0; }
static void pool_only_there(struct pair *p) { p->here.pool_count = 0; }
static void pool_full(struct pair *p)
{
    p->pools_here[0].free = p->pools_there[0].free = 0;
    p->pools_here[0].taken = p->pools_there[0].taken = 1;
    p->pools_there[0].why = "pf-down: 0000:01:10.0 has no link";
}
static void pool_empty(struct pair *p) { p->pools_here[0].free = 0; }
static void if_standby(struct pair *p)
{
    pool_full(p);
    p->wishes[0].if_missing = "standby";
}
static void no_wish(struct pair *p) { p->guests_here[0].wish_count = 0; }
static void two_wishes(struct pair *p)
{
    p->wishes[1] = p->wishes[0];
    p->guests_here[0].wish_count = 2;
}
static void by_model(struct pair *p) { p->wishes[0].pool = NULL; }
static void two_models(struct pair *p)
{
    by_model(p);
    two_wishes(p);
}
static void no_model(struct pair *p)
{
    by_model(p);
    p->wishes[0].model = NULL;
}
static void bond(struct pair *p) { p->wishes[0].handover = "bond"; }
static void same_uuid(struct pair *p)
{
    p->guests_there[0].facts[GUEST_name] = fact_text("other");
    p->guests_there[0].facts[GUEST_uuid] = p->guests_here[0].facts[GUEST_uuid];
    p->there.guest_count = 1;
}
static void same_name(struct pair *p)
{
    p->guests_there[0].facts[GUEST_name] = fact_text("web");
    p->there.guest_count = 1;
}
static void no_bridge(struct pair *p) { p->there.interface_count = 0; }
static void ovs(struct pair *p) { p->bridges_there[0].bridge = 0; }
static void bridge_down(struct pair *p) { p->bridges_there[0].up = 0; }
static void no_vif(struct pair *p) { p->guests_here[0].bridge_count = 0; }
static void jumbo(struct pair *p) { p->bridges_here[0].mtu = 9000; }
static void no_mtu(struct pair *p) { p->bridges_there[0].mtu = -1; }
static void no_disk(struct pair *p) { p->guests_here[0].disk_count = 0; }
static void disk_gone(struct pair *p) { p->disks_there[0].kind = "missing"; }
static void disk_unseen(struct pair *p) { p->there.disk_count = 0; }
static void disk_odd(struct pair *p) { p->disks_there[0].kind = "unknown"; }
static void disk_file(struct pair *p) { p->disks_there[0].kind = "file"; }
static void disk_small(struct pair *p) { p->disks_there[0].size--; }
static void disk_other(struct pair *p) { p->disks_there[0].identity = "x"; }
static void disk_nameless(struct pair *p)
{
    p->disks_there[0].identity = NULL;
}
static void disk_nfs(struct pair *p)
{
    p->disks_here[0].kind = p->disks_there[0].kind = "file";
    p->disks_here[0].identity = p->disks_there[0].identity = NULL;
    p->disks_here[0].shared = p->disks_there[0].shared = 1;
}
static void disk_local(struct pair *p)
{
    disk_nfs(p);
    p->disks_there[0].shared = 0;
}

/* `part`, and then the rest of a row. */
#define IN(check_, state_, ...) \
    { .check = check_, .state = STATE_##state_, .part = __VA_ARGS__ }

static const struct row rows[] = {
    IN("answers", OK, "within 100 ms"),
    IN("answers", FAIL, "ssh did not reach it", .also = silent),
    IN("answers", NA, "no other host", .also = alone),

    IN("paging", OK, "for PV guests"),
    IN("paging", OK, "cannot be live-migrated", { H(shadow, N(0)) }),
    IN("paging", WARN, "deprecated", { H(hap, N(0)) }),
    IN("paging", FAIL, "neither", { H(hap, N(0)), H(shadow, N(0)) }),
    IN("paging", UNKNOWN, "nobody", { H(hap, U) }),
    IN("paging", UNKNOWN, "nobody", { H(shadow, U) }),
    IN("page-tables", OK, "share_pt"),
    IN("page-tables", NA, "never", { H(shared_page_tables, N(0)) }),
    IN("page-tables", UNKNOWN, "nobody", { H(shared_page_tables, U) }),
    IN("log-dirty", OK, "late detach"),
    IN("log-dirty", WARN, "does not log", { H(log_dirty, N(0)) }),
    IN("log-dirty", WARN, "not asked", { H(log_dirty, N(2)) }),
    IN("log-dirty", UNKNOWN, "nobody", { H(log_dirty, U) }),

    IN("libvirt-library", OK, "Debian's"),
    IN("libvirt-library", FAIL, "patched", { H(system_library, N(0)) }),
    IN("libvirt-library", NA, "not installed", { H(libvirt, N(0)) }),
    IN("libvirt-library", UNKNOWN, "nobody", { H(libvirt, U) }),
    IN("libvirt-library", UNKNOWN, "nobody", { H(system_library, U) }),
    IN("libvirt-guests", OK, "no guest"),
    IN("libvirt-guests", WARN, "db", { H(libvirt_guests, T("db")) }),
    IN("libvirt-guests", NA, "not installed", { H(libvirt, N(0)) }),
    IN("libvirt-guests", UNKNOWN, "nobody", { H(libvirt, U) }),
    IN("libvirt-guests", UNKNOWN, "nobody", { H(libvirt_guests, U) }),

    IN("pools-file", OK, "right"),
    IN("pools-file", WARN, "no pools file", { H(pools_file, N(0)) }),
    IN("pools-file", FAIL, "line 3", { H(pools_error, T("line 3")) }),
    IN("pools-file", UNKNOWN, "nobody", { H(pools_file, U) }),
    IN("pools-file", UNKNOWN, "nobody", { H(pools_error, U) }),
    IN("pools", OK, "free device"),
    IN("pools", WARN, "no free device in lan", .also = pool_full),
    IN("pools", FAIL, "no device of this host is in lan",
      .also = pool_empty),
    IN("pools", NA, "no pools", .also = no_pools),
    IN("pools", UNKNOWN, "nobody", { H(pools_listed, U) }),

    IN("same-version", OK, "both are 0.1.0"),
    IN("same-version", WARN, "0.2.0 there", { O(version, T("0.2.0")) }),
    IN("same-version", UNKNOWN, "nobody", { O(version, U) }),
    IN("same-version", UNKNOWN, "did not answer", .also = silent),
    IN("same-version", NA, "no other host", .also = alone),
    IN("xen-versions", OK, "4.20 here, 4.20 there"),
    IN("xen-versions", WARN, "cannot come back",
      { O(xen_version, T("4.21")) }),
    IN("xen-versions", FAIL, "4.9 there", { O(xen_version, T("4.9")) }),
    IN("xen-versions", UNKNOWN, "here", { O(xen_version, T("4.x")) }),
    IN("xen-versions", UNKNOWN, "nobody", { H(xen_version, U) }),
    IN("xen-versions", UNKNOWN, "did not answer", .also = silent),
    IN("xen-versions", NA, "no other host", .also = alone),
    IN("cpu-hvm", OK, "can be had"),
    IN("cpu-hvm", WARN, "1 CPU feature that",
      { O(features_hvm_most, T("000000f7 00000001")) }),
    IN("cpu-hvm", WARN, "2 CPU features that",
      { H(features_hvm, T("0000030f 00000001")) }),
    IN("cpu-hvm", UNKNOWN, "cannot be compared",
      { O(features_hvm_most, T("000000ff")) }),
    IN("cpu-hvm", UNKNOWN, "cannot be compared",
      { H(features_hvm, T("")) }),
    IN("cpu-hvm", UNKNOWN, "cannot be compared",
      { H(features_hvm, T("x")) }),
    IN("cpu-hvm", UNKNOWN, "nobody", { O(features_hvm_most, U) }),
    IN("cpu-hvm", UNKNOWN, "did not answer", .also = silent),
    IN("cpu-hvm", NA, "no other host", .also = alone),
    IN("cpu-pv", OK, "can be had"),
    IN("cpu-pv", WARN, "feature",
      { O(features_pv_most, T("00000000 00000001")) }),
    IN("cpu-pv", UNKNOWN, "nobody", { H(features_pv, U) }),
    IN("cpu-pv", NA, "no other host", .also = alone),
    IN("clocks", OK, "0 ms ahead"),
    IN("clocks", WARN, "-5000 ms", .also = late_clock),
    IN("clocks", OK, "-5000 ms", .also = slow_way),
    IN("clocks", UNKNOWN, "nobody", { O(clock_ms, U) }),
    IN("clocks", NA, "no other host", .also = alone),
    IN("same-pools", OK, "same pools"),
    IN("same-pools", WARN, "lan there", .also = pool_missing),
    IN("same-pools", WARN, "lan here", .also = pool_only_there),
    IN("same-pools", UNKNOWN, "nobody", { O(pools_listed, U) }),
    IN("same-pools", NA, "neither", .also = no_pools),
    IN("same-pools", NA, "no other host", .also = alone),

    IN("guest-type", OK, "HVM"),
    IN("guest-type", WARN, "PV", { G(type, T("pv")) }),
    IN("guest-type", FAIL, "pvh", { G(type, T("pvh")) }),
    IN("guest-type", FAIL, "stub", { G(stubdom, N(1)) }),
    IN("guest-type", UNKNOWN, "nobody", { G(type, U) }),
    IN("guest-type", UNKNOWN, "nobody", { G(stubdom, U) }),
    IN("guest-paging", OK, "can log", { H(shadow, N(0)) }),
    IN("guest-paging", FAIL, "no HAP", { H(hap, N(0)) }),
    IN("guest-paging", OK, "can log",
      { H(hap, N(0)), G(type, T("pv")) }),
    IN("guest-paging", FAIL, "no shadow",
      { H(shadow, N(0)), G(type, T("pv")) }),
    IN("guest-paging", UNKNOWN, "nobody", { G(type, U) }),
    IN("guest-paging", UNKNOWN, "nobody", { H(hap, U) }),
    IN("guest-devices", OK, "all"),
    IN("guest-devices", FAIL, "0000:02:00.0",
      { G(unmarked, T("0000:02:00.0")) }),
    IN("guest-devices", UNKNOWN, "nobody", { G(unmarked, U) }),
    IN("guest-journal", OK, "unfinished"),
    IN("guest-journal", WARN, "under way", { G(journal, T("alive")) }),
    IN("guest-journal", FAIL, "middle", { G(journal, T("dead")) }),
    IN("guest-journal", UNKNOWN, "nobody", { G(journal, U) }),
    IN("guest-agent", OK, "1 shadow"),
    IN("guest-agent", FAIL, "not there", { G(features, T("")) }),
    IN("guest-agent", FAIL, "version", { G(features, T("2 shadow")) }),
    IN("guest-agent", NA, "need no", { G(features, T("")) },
      .also = bond),
    IN("guest-agent", FAIL, "not there",
      { G(features, T("")), G(type, T("pv")) }, .also = bond),
    IN("guest-agent", FAIL, "repair",
      { G(features, T("1 shadow")), G(type, T("pv")) }),
    IN("guest-agent", UNKNOWN, "nobody", { G(features, U) }),
    IN("guest-agent", UNKNOWN, "nobody", { G(wishes_listed, U) }),
    IN("guest-marking", OK, "tracepoints"),
    IN("guest-marking", WARN, "no-means",
      { G(features, T("1 shadow")), G(marking, T("no-means")) }),
    IN("guest-marking", WARN, "no word",
      { G(features, T("1 shadow")), G(marking, T("")) }),
    IN("guest-marking", NA, "no module", { G(features, T("")) }),
    IN("guest-marking", UNKNOWN, "nobody", { G(features, U) }),
    IN("guest-late", OK, "not shared"),
    IN("guest-late", WARN, "share_pt",
      { G(passthrough, T("share_pt")) }),
    IN("guest-late", WARN, "enabled", { G(passthrough, T("enabled")) }),
    IN("guest-late", OK, "not shared",
      { G(passthrough, T("enabled")), H(shared_page_tables, N(0)) }),
    IN("guest-late", NA, "only of HVM", { G(type, T("pv")) }),
    IN("guest-late", UNKNOWN, "nobody", { G(passthrough, U) }),
    IN("guest-late", UNKNOWN, "nobody", { H(shared_page_tables, U) }),
    IN("guest-balloon", OK, "all of its memory"),
    IN("guest-balloon", FAIL, "128 MiB", { G(ballooned_mib, N(128)) }),
    IN("guest-balloon", NA, "only of HVM", { G(type, T("pv")) }),
    IN("guest-balloon", UNKNOWN, "nobody", { G(ballooned_mib, U) }),
    IN("guest-memory", OK, "4096 are free"),
    IN("guest-memory", FAIL, "1024 are free", { O(free_mib, N(1024)) }),
    IN("guest-memory", WARN, "give some up",
       { O(free_mib, N(100)), O(memory_mib, N(1437)) }),
    IN("guest-memory", FAIL, "100 are free",
       { O(free_mib, N(100)), O(memory_mib, N(1436)) }),
    IN("guest-memory", UNKNOWN, "nobody", { O(memory_mib, U) }),
    IN("guest-memory", UNKNOWN, "nobody", { O(free_mib, U) }),
    IN("guest-memory", UNKNOWN, "did not answer", .also = silent),
    IN("guest-memory", NA, "no other host", .also = alone),
    IN("guest-name", OK, "free there"),
    IN("guest-name", FAIL, "runs there", .also = same_name),
    IN("guest-name", FAIL, "runs there", .also = same_uuid),
    IN("guest-name", UNKNOWN, "nobody", { O(guests_listed, U) }),
    IN("guest-name", NA, "no other host", .also = alone),
    IN("guest-device", OK, "for each wish"),
    IN("guest-device", FAIL, "no pool lan", .also = pool_missing),
    IN("guest-device", FAIL, "has no link", .also = pool_full),
    IN("guest-device", WARN, "0 free", .also = if_standby),
    IN("guest-device", FAIL, "1 free", .also = two_wishes),
    IN("guest-device", OK, "for each wish", .also = by_model),
    IN("guest-device", FAIL, "no free 8086:10ca", .also = two_models),
    IN("guest-device", FAIL, "no free 8086:10ca",
      { O(free_models, T("8086:10cb")) }, by_model),
    IN("guest-device", UNKNOWN, "names no pool", .also = no_model),
    IN("guest-device", UNKNOWN, "nobody", { O(pools_listed, U) }),
    IN("guest-device", UNKNOWN, "nobody", { O(free_models, U) }),
    IN("guest-device", UNKNOWN, "nobody", { G(wishes_listed, U) }),
    IN("guest-device", NA, "wishes for no", .also = no_wish),
    IN("guest-device", NA, "no other host", .also = alone),
    IN("guest-bridges", OK, "are there"),
    IN("guest-bridges", FAIL, "xenbr0", .also = no_bridge),
    IN("guest-bridges", WARN, "xenbr0", .also = ovs),
    IN("guest-bridges", WARN, "xenbr0", .also = bridge_down),
    IN("guest-bridges", NA, "no vif", .also = no_vif),
    IN("guest-bridges", UNKNOWN, "nobody", { O(interfaces_listed, U) }),
    IN("guest-bridges", UNKNOWN, "nobody", { G(vifs_listed, U) }),
    IN("guest-mtu", OK, "no bridge"),
    IN("guest-mtu", WARN, "9000 here, 1500 there", .also = jumbo),
    IN("guest-mtu", UNKNOWN, "not known", .also = no_mtu),
    IN("guest-mtu", UNKNOWN, "not known", .also = no_bridge),
    IN("guest-mtu", UNKNOWN, "nobody", { H(interfaces_listed, U) }),
    IN("guest-mtu", NA, "no vif", .also = no_vif),
    IN("guest-disks", OK, "are there"),
    IN("guest-disks", OK, "are there", .also = disk_nfs),
    IN("guest-disks", WARN, "nobody knows whether", .also = disk_local),
    IN("guest-disks", WARN, "nobody knows whether",
      .also = disk_nameless),
    IN("guest-disks", FAIL, "is not there", .also = disk_gone),
    IN("guest-disks", FAIL, "something else", .also = disk_file),
    IN("guest-disks", FAIL, "another size", .also = disk_small),
    IN("guest-disks", FAIL, "another disk", .also = disk_other),
    IN("guest-disks", UNKNOWN, "looked at", .also = disk_odd),
    IN("guest-disks", UNKNOWN, "looked at", .also = disk_unseen),
    IN("guest-disks", UNKNOWN, "nobody", { G(disks_listed, U) }),
    IN("guest-disks", NA, "no disk", .also = no_disk),
};

static void apply(struct pair *p, const struct change *c)
{
    if (c->of == HOST)
        (c->side == HERE ? &p->here : &p->there)->facts[c->id] = c->to;
    else if (c->of == GUEST)
        p->guests_here[0].facts[c->id] = c->to;
}

static void test_judges(void **state)
{
    struct finding f;
    struct pair p;
    size_t i, k;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        make_pair(&p);
        for (k = 0; k < 3; k++)
            apply(&p, &rows[i].changes[k]);
        if (rows[i].also)
            rows[i].also(&p);
        judge(&p, rows[i].check, &f);
        if (f.state != rows[i].state || !strstr(f.reason, rows[i].part))
            fail_msg("row %zu, %s: %s: \"%s\", not %s: \"%s\"", i,
                     rows[i].check, state_word(f.state), f.reason,
                     state_word(rows[i].state), rows[i].part);
        if (f.state == STATE_FAIL || f.state == STATE_WARN ||
            f.state == STATE_UNKNOWN)
            assert_non_null(f.cure);
        arena_free(p.arena);
    }
}

/* ---- all together ---- */

static void test_nothing_known_is_nothing_good(void **state)
{
    struct contact contact = { .host = "b", .error = "did not answer" };
    struct host_facts here;
    struct arena *arena = arena_new();
    struct diagnosis d;
    size_t i;

    (void)state;
    memset(&here, 0, sizeof(here));
    here.host = "a";
    check_all(arena, &here, NULL, &contact, &d);
    assert_int_equal(d.states[STATE_OK], 0);
    assert_int_equal(d.states[STATE_FAIL], 1);  /* "answers" */
    for (i = 0; i < d.count; i++)
        assert_non_null(d.findings[i].reason);
    arena_free(arena);
}

static void test_a_good_pair(void **state)
{
    struct diagnosis d;
    struct pair p;
    size_t i;

    (void)state;
    make_pair(&p);
    check_all(p.arena, &p.here, &p.there, &p.contact, &d);
    for (i = 0; i < d.count; i++)
        if (d.findings[i].state != STATE_OK)
            fail_msg("%s of %s: %s: %s", d.findings[i].check->name,
                     d.findings[i].subject, state_word(d.findings[i].state),
                     d.findings[i].reason);
    assert_true(d.count > check_count);
    arena_free(p.arena);
}

static void test_guests_without_devices_are_left_alone(void **state)
{
    struct diagnosis with, without;
    struct pair p;

    (void)state;
    make_pair(&p);
    check_all(p.arena, &p.here, &p.there, &p.contact, &with);
    no_wish(&p);
    check_all(p.arena, &p.here, &p.there, &p.contact, &without);
    assert_true(without.count < with.count);
    /* But not if nobody knows. */
    p.guests_here[0].facts[GUEST_wishes_listed] = fact_unknown("no");
    check_all(p.arena, &p.here, &p.there, &p.contact, &without);
    assert_int_equal(without.count, with.count);
    arena_free(p.arena);
}

static void test_each_state_was_seen(void **state)
{
    size_t i, k;

    (void)state;
    assert_true(check_count >= 30);
    for (i = 0; i < check_count; i++) {
        if (seen[i] != checks[i].states)
            fail_msg("%s: states 0x%x are said to be, 0x%x were seen",
                     checks[i].name, checks[i].states, seen[i]);
        for (k = 0; k < i; k++)
            assert_string_not_equal(checks[i].name, checks[k].name);
    }
}

int main(void)
{
    /* The last one looks at what the first two have seen. */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_judges),
        cmocka_unit_test(test_nothing_known_is_nothing_good),
        cmocka_unit_test(test_a_good_pair),
        cmocka_unit_test(test_guests_without_devices_are_left_alone),
        cmocka_unit_test(test_each_state_was_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
