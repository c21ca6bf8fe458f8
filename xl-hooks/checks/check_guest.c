/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks of a guest that shall be migrated to the other host. */
#include <string.h>

#include "base/arena.h"
#include "checks/check.h"

#define DOM0_KEEPS_MIB 512

static const struct fact *fact(const struct view *v, enum guest_fact_id id)
{
    return &v->guest->facts[id];
}

void check_guest_type(const struct view *v, struct finding *out)
{
    const char *type;
    long long stubdom;

    if (!check_text(fact(v, GUEST_type), out, &type) ||
        !check_number(fact(v, GUEST_stubdom), out, &stubdom))
        return;
    if (stubdom)
        check_say(out, STATE_FAIL, "it has a stub domain", "without "
                  "device_model_stubdomain_override, xl create again");
    else if (!strcmp(type, "hvm"))
        check_say(out, STATE_OK, "HVM", NULL);
    else if (!strcmp(type, "pv"))
        check_say(out, STATE_WARN, "PV, which needs shadow paging to be "
                  "live-migrated", "type=\"hvm\", and xl create again");
    else
        check_say(out, STATE_FAIL,
                  arena_printf(v->arena, "a %s guest cannot be migrated with "
                               "devices", type), "type=\"hvm\", and xl create "
                  "again");
}

/* The source's hypervisor decides. */
void check_guest_paging(const struct view *v, struct finding *out)
{
    const char *type;
    long long has;
    int pv;

    if (!check_text(fact(v, GUEST_type), out, &type))
        return;
    pv = !strcmp(type, "pv");
    if (!check_number(&v->host->facts[pv ? HOST_shadow : HOST_hap], out,
                      &has))
        return;
    if (has)
        check_say(out, STATE_OK, "this hypervisor can log its memory", NULL);
    else
        check_say(out, STATE_FAIL, pv ? "this hypervisor has no shadow "
                  "paging" : "this hypervisor has no HAP",
                  pv ? "sudo apt install ./shadowport-hypervisor_*.deb, and "
                  "boot it" : "turn nested paging on in the firmware");
}

/* Without dom0_mem= the other dom0 has all memory, and xl makes it smaller. */
void check_guest_memory(const struct view *v, struct finding *out)
{
    long long wants, free, dom0;
    const char *text;

    if (!check_other(v, out) ||
        !check_number(fact(v, GUEST_memory_mib), out, &wants) ||
        !check_number(&v->other->facts[HOST_free_mib], out, &free) ||
        !check_number(&v->other->facts[HOST_memory_mib], out, &dom0))
        return;
    text = arena_printf(v->arena, "it has %lld MiB, %lld are free there",
                        wants, free);
    if (free > wants)
        check_say(out, STATE_OK, text, NULL);
    else if (free + dom0 > wants + DOM0_KEEPS_MIB)
        check_say(out, STATE_WARN,
                  arena_printf(v->arena, "%s; dom0 has to give some up", text),
                  "dom0_mem= on Xen's command line there");
    else
        check_say(out, STATE_FAIL, text, "xl mem-set of another guest there");
}

void check_guest_balloon(const struct view *v, struct finding *out)
{
    long long lacks;
    const char *type;

    if (!check_text(fact(v, GUEST_type), out, &type) ||
        !check_number(fact(v, GUEST_ballooned_mib), out, &lacks))
        return;
    if (strcmp(type, "hvm"))
        check_say(out, STATE_NA, "only of HVM guests", NULL);
    else if (lacks > 0)
        check_say(out, STATE_FAIL,
                  arena_printf(v->arena, "it is ballooned down by %lld MiB",
                               lacks), "xl mem-set, all of its memory");
    else
        check_say(out, STATE_OK, "it has all of its memory", NULL);
}

void check_guest_devices(const struct view *v, struct finding *out)
{
    const char *unmarked;

    if (!check_text(fact(v, GUEST_unmarked), out, &unmarked))
        return;
    if (*unmarked)
        check_say(out, STATE_FAIL,
                  arena_printf(v->arena, "not marked migratable: %s",
                               unmarked),
                  "migratable=1 in pci=, or xl pci-detach");
    else
        check_say(out, STATE_OK, "all of its devices are migratable", NULL);
}

void check_guest_journal(const struct view *v, struct finding *out)
{
    const char *journal;

    if (!check_text(fact(v, GUEST_journal), out, &journal))
        return;
    if (!strcmp(journal, "alive"))
        check_say(out, STATE_WARN, "a migration of it is under way", "wait");
    else if (*journal)
        check_say(out, STATE_FAIL, "a migration of it ended in the middle",
                  arena_printf(v->arena, "sudo xl pci-recover %s",
                               fact(v, GUEST_name)->kind == FACT_TEXT
                                   ? fact(v, GUEST_name)->text : "DOMAIN"));
    else
        check_say(out, STATE_OK, "no migration of it is unfinished", NULL);
}

/* "shadow" is the default of NICs; what is none is told "plain" as a rule. */
static int needs_agent(const struct view *v, const char *type)
{
    size_t i;

    for (i = 0; i < v->guest->wish_count; i++)
        if (strcmp(v->guest->wishes[i].handover, "bond") &&
            strcmp(v->guest->wishes[i].handover, "plain"))
            return 1;
    return strcmp(type, "hvm") != 0;
}

void check_guest_agent(const struct view *v, struct finding *out)
{
    static const char cure[] =
        "in the guest: sudo apt install ./shadowport-guest-dkms_*.deb "
        "./shadowport-guest_*.deb, and reboot";
    const char *type, *features;
    long long listed;
    int needs;

    if (!check_number(fact(v, GUEST_wishes_listed), out, &listed) ||
        !check_text(fact(v, GUEST_type), out, &type) ||
        !check_text(fact(v, GUEST_features), out, &features))
        return;
    needs = needs_agent(v, type);
    if (!*features)
        check_say(out, needs ? STATE_FAIL : STATE_NA,
                  needs ? "the guest's module is not there" : "bond and plain "
                  "of an HVM guest need no module", needs ? cure : NULL);
    else if (!facts_words(features, "1"))
        check_say(out, STATE_FAIL, "the guest's module is of another version",
                  cure);
    else if (!strcmp(type, "pv") && !facts_words(features, "fixups"))
        check_say(out, STATE_FAIL, "the guest's module cannot repair what a "
                  "restore breaks", "in the guest: dmesg | grep shadowport");
    else
        check_say(out, STATE_OK,
                  arena_printf(v->arena, "the guest's module is there: %s",
                               features), NULL);
}

void check_guest_marking(const struct view *v, struct finding *out)
{
    const char *features, *marking;

    if (!check_text(fact(v, GUEST_features), out, &features) ||
        !check_text(fact(v, GUEST_marking), out, &marking))
        return;
    if (!*features)
        check_say(out, STATE_NA, "there is no module", NULL);
    else if (facts_words(features, "marking"))
        check_say(out, STATE_OK,
                  arena_printf(v->arena, "the guest marks what devices write: "
                               "%s", marking), NULL);
    else
        check_say(out, STATE_WARN,
                  arena_printf(v->arena, "the guest does not mark what "
                               "devices write (%s): early detach",
                               *marking ? marking : "no word why"),
                  "in the guest: see \"marking\" of its README, and reboot");
}

void check_guest_late(const struct view *v, struct finding *out)
{
    const char *type, *passthrough;
    long long shared;

    if (!check_text(fact(v, GUEST_type), out, &type) ||
        !check_text(fact(v, GUEST_passthrough), out, &passthrough) ||
        !check_number(&v->host->facts[HOST_shared_page_tables], out, &shared))
        return;
    if (strcmp(type, "hvm"))
        check_say(out, STATE_NA, "only of HVM guests", NULL);
    else if (shared && (!strcmp(passthrough, "share_pt") ||
                        !strcmp(passthrough, "enabled")))
        check_say(out, STATE_WARN,
                  arena_printf(v->arena, "passthrough=%s: page tables are "
                               "shared, early detach", passthrough),
                  "passthrough=\"sync_pt\", and xl create again");
    else
        check_say(out, STATE_OK, "its page tables are not shared", NULL);
}

static const char *text_of(const struct fact *f)
{
    return f->kind == FACT_TEXT ? f->text : NULL;
}

void check_guest_name(const struct view *v, struct finding *out)
{
    const struct guest_facts *g;
    const char *name, *uuid, *other;
    long long listed;
    size_t i;

    if (!check_other(v, out) ||
        !check_number(&v->other->facts[HOST_guests_listed], out, &listed) ||
        !check_text(fact(v, GUEST_name), out, &name) ||
        !check_text(fact(v, GUEST_uuid), out, &uuid))
        return;
    for (i = 0; i < v->other->guest_count; i++) {
        g = &v->other->guests[i];
        other = text_of(&g->facts[GUEST_name]);
        if (other && !strcmp(other, name))
            break;
        other = text_of(&g->facts[GUEST_uuid]);
        if (other && !strcmp(other, uuid))
            break;
    }
    if (i < v->other->guest_count)
        check_say(out, STATE_FAIL, "a domain of that name or UUID runs there",
                  "xl list there; xl rename or xl destroy");
    else
        check_say(out, STATE_OK, "its name is free there", NULL);
}

/* Of the wishes up to this one, how many ask the same. */
static size_t asked_before(const struct guest_facts *g, size_t wish)
{
    const struct wish_fact *w = &g->wishes[wish], *o;
    size_t i, count = 0;

    for (i = 0; i <= wish; i++) {
        o = &g->wishes[i];
        if (w->pool ? o->pool && !strcmp(o->pool, w->pool)
                    : !o->pool && o->model && w->model &&
                      !strcmp(o->model, w->model))
            count++;
    }
    return count;
}

/* NULL: there is one for the wish; *unknown: nobody knows. */
static const char *lacks(const struct view *v, size_t wish,
                         const char *free_models, int *unknown)
{
    const struct wish_fact *w = &v->guest->wishes[wish];
    const struct pool_fact *pool;
    size_t wanted = asked_before(v->guest, wish);

    *unknown = 0;
    if (w->pool) {
        pool = facts_pool(v->other, w->pool);
        if (!pool)
            return arena_printf(v->arena, "%s: no pool %s there", w->id,
                                w->pool);
        return pool->free >= wanted ? NULL :
            arena_printf(v->arena, "%s: pool %s has %zu free there%s%s", w->id,
                         w->pool, pool->free, pool->why ? ", " : "",
                         pool->why ? pool->why : "");
    }
    *unknown = !w->model;
    if (!w->model)
        return arena_printf(v->arena, "%s: has no device and names no pool",
                            w->id);
    return facts_words(free_models, w->model) >= wanted ? NULL :
        arena_printf(v->arena, "%s: pciback has no free %s there", w->id,
                     w->model);
}

void check_guest_device_there(const struct view *v, struct finding *out)
{
    const char *text = NULL, *models, *lack;
    int unknown = 0, standby = 1, one;
    long long listed;
    size_t i;

    if (!check_other(v, out) ||
        !check_number(fact(v, GUEST_wishes_listed), out, &listed) ||
        !check_number(&v->other->facts[HOST_pools_listed], out, &listed) ||
        !check_text(&v->other->facts[HOST_free_models], out, &models))
        return;
    for (i = 0; i < v->guest->wish_count; i++) {
        lack = lacks(v, i, models, &one);
        if (!lack)
            continue;
        text = arena_printf(v->arena, "%s%s%s", text ? text : "",
                            text ? "; " : "", lack);
        unknown |= one;
        standby &= !strcmp(v->guest->wishes[i].if_missing, "standby");
    }
    if (!v->guest->wish_count)
        check_say(out, STATE_NA, "it wishes for no device", NULL);
    else if (!text)
        check_say(out, STATE_OK, "there is a free device for each wish", NULL);
    else
        check_say(out, unknown ? STATE_UNKNOWN : standby ? STATE_WARN
                                                         : STATE_FAIL,
                  text, arena_printf(v->arena, "xl migrate --dry-run %s %s",
                                     text_of(fact(v, GUEST_name))
                                         ? text_of(fact(v, GUEST_name))
                                         : "DOMAIN", v->contact->host));
}

/* Open vSwitch has bridges that the kernel does not call so. */
void check_guest_bridges(const struct view *v, struct finding *out)
{
    const char *missing = "", *odd = "", *name;
    const struct interface_fact *f;
    long long listed;
    size_t i;

    if (!check_other(v, out) ||
        !check_number(fact(v, GUEST_vifs_listed), out, &listed) ||
        !check_number(&v->other->facts[HOST_interfaces_listed], out, &listed))
        return;
    for (i = 0; i < v->guest->bridge_count; i++) {
        name = v->guest->bridges[i];
        f = facts_interface(v->other, name);
        if (!f)
            missing = arena_printf(v->arena, "%s %s", missing, name);
        else if (!f->bridge || !f->up)
            odd = arena_printf(v->arena, "%s %s", odd, name);
    }
    if (!v->guest->bridge_count)
        check_say(out, STATE_NA, "it has no vif on a bridge", NULL);
    else if (*missing)
        check_say(out, STATE_FAIL,
                  arena_printf(v->arena, "no such bridge there:%s", missing),
                  "there: make the bridge in /etc/network/interfaces");
    else if (*odd)
        check_say(out, STATE_WARN,
                  arena_printf(v->arena, "down, or no bridge of the kernel's "
                               "there:%s", odd), "there: ip link show");
    else
        check_say(out, STATE_OK, "the bridges of its vifs are there", NULL);
}

void check_guest_mtu(const struct view *v, struct finding *out)
{
    const struct interface_fact *here, *there;
    const char *text = "";
    long long listed;
    int unknown = 0;
    size_t i;

    if (!check_other(v, out) ||
        !check_number(fact(v, GUEST_vifs_listed), out, &listed) ||
        !check_number(&v->host->facts[HOST_interfaces_listed], out, &listed) ||
        !check_number(&v->other->facts[HOST_interfaces_listed], out, &listed))
        return;
    for (i = 0; i < v->guest->bridge_count; i++) {
        here = facts_interface(v->host, v->guest->bridges[i]);
        there = facts_interface(v->other, v->guest->bridges[i]);
        if (!here || !there || here->mtu < 0 || there->mtu < 0)
            unknown = 1;
        else if (here->mtu > there->mtu)
            text = arena_printf(v->arena, "%s %s: %ld here, %ld there", text,
                                here->name, here->mtu, there->mtu);
    }
    if (!v->guest->bridge_count)
        check_say(out, STATE_NA, "it has no vif on a bridge", NULL);
    else if (*text)
        check_say(out, STATE_WARN, arena_printf(v->arena, "smaller MTU:%s",
                                                text),
                  "there: ip link set BRIDGE mtu MTU");
    else if (unknown)
        check_say(out, STATE_UNKNOWN, "the MTU of a bridge is not known",
                  "there: ip link show");
    else
        check_say(out, STATE_OK, "no bridge has a smaller MTU there", NULL);
}

/* NULL: the same disk, or *state is how bad it is. */
static const char *differs(const struct view *v, const char *path,
                           enum state *state)
{
    const struct disk_fact *here = facts_disk(v->host, path);
    const struct disk_fact *there = facts_disk(v->other, path);

    *state = STATE_UNKNOWN;
    if (!here || !there || !strcmp(here->kind, "unknown") ||
        !strcmp(there->kind, "unknown"))
        return "cannot be looked at";
    *state = STATE_FAIL;
    if (!strcmp(there->kind, "missing"))
        return "is not there";
    if (strcmp(here->kind, there->kind))
        return "is something else there";
    if (here->size != there->size)
        return "has another size there";
    if (here->identity && there->identity) {
        if (strcmp(here->identity, there->identity))
            return "is another disk there";
        return NULL;
    }
    if (here->shared && there->shared)
        return NULL;
    *state = STATE_WARN;
    return "is there, but nobody knows whether it is the same";
}

void check_guest_disks(const struct view *v, struct finding *out)
{
    enum state worst = STATE_OK, one;
    const char *text = "", *what;
    long long listed;
    size_t i;

    if (!check_other(v, out) ||
        !check_number(fact(v, GUEST_disks_listed), out, &listed))
        return;
    for (i = 0; i < v->guest->disk_count; i++) {
        what = differs(v, v->guest->disks[i], &one);
        if (!what)
            continue;
        text = arena_printf(v->arena, "%s%s%s %s", text, *text ? "; " : "",
                            v->guest->disks[i], what);
        if (one > worst)
            worst = one;
    }
    if (!v->guest->disk_count)
        check_say(out, STATE_NA, "it has no disk", NULL);
    else if (worst == STATE_OK)
        check_say(out, STATE_OK, "its disks are there", NULL);
    else
        check_say(out, worst, text, "have both hosts use the same storage "
                  "(iSCSI, NFS, DRBD) at the same path");
}
