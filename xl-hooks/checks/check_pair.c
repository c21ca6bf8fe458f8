/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks of this host, the source, and another one, the destination. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "checks/check.h"

#define AHEAD_MS 1000

void check_contact(const struct view *v, struct finding *out)
{
    if (!v->contact->host)
        check_say(out, STATE_NA, "no other host was named",
                  "shadowport-doctor HOST");
    else if (v->contact->error)
        check_say(out, STATE_FAIL, v->contact->error,
                  arena_printf(v->arena, "sudo ssh %s shadowport-doctor "
                               "--version has to answer: root's key in root's "
                               "authorized_keys, shadowport-dom0 there",
                               v->contact->host));
    else
        check_say(out, STATE_OK,
                  arena_printf(v->arena, "answered within %lld ms, without a "
                               "question", v->contact->took_ms), NULL);
}

/* The text of a fact of both. */
static int both(const struct view *v, struct finding *out, enum fact_id fact,
                const char **here, const char **there)
{
    return check_other(v, out) &&
           check_text(&v->host->facts[fact], out, here) &&
           check_text(&v->other->facts[fact], out, there);
}

void check_versions(const struct view *v, struct finding *out)
{
    const char *here, *there;

    if (!both(v, out, HOST_version, &here, &there))
        return;
    if (!strcmp(here, there))
        check_say(out, STATE_OK, arena_printf(v->arena, "both are %s", here),
                  NULL);
    else
        check_say(out, STATE_WARN,
                  arena_printf(v->arena, "%s here, %s there", here, there),
                  "install the same shadowport-dom0 on both");
}

/* "4.20" as 4 * 1000 + 20; -1: not so. */
static long version_number(const char *text)
{
    char *end;
    long major, minor;

    major = strtol(text, &end, 10);
    if (end == text || *end != '.')
        return -1;
    text = end + 1;
    minor = strtol(text, &end, 10);
    return end == text || *end ? -1 : major * 1000 + minor;
}

/* A guest can go to a newer Xen, and not back. */
void check_xen_versions(const struct view *v, struct finding *out)
{
    const char *here, *there, *text;
    long a, b;

    if (!both(v, out, HOST_xen_version, &here, &there))
        return;
    a = version_number(here);
    b = version_number(there);
    text = arena_printf(v->arena, "Xen %s here, %s there", here, there);
    if (a < 0 || b < 0)
        check_say(out, STATE_UNKNOWN, text, "xl info");
    else if (a == b)
        check_say(out, STATE_OK, text, NULL);
    else if (a < b)
        check_say(out, STATE_WARN,
                  arena_printf(v->arena, "%s: guests cannot come back", text),
                  "upgrade this host next");
    else
        check_say(out, STATE_FAIL, text, "upgrade the other host first");
}

static int bits_of(unsigned long word)
{
    int count = 0;

    for (; word; word &= word - 1)
        count++;
    return count;
}

/* How many bits of `have` are not in `most`; -1: they cannot be compared. */
static int missing_bits(const char *have, const char *most)
{
    unsigned long a, b;
    char *end;
    int count = 0;

    while (*have) {
        a = strtoul(have, &end, 16);
        if (end == have)
            return -1;
        have = end + strspn(end, " ");
        b = strtoul(most, &end, 16);
        if (end == most)
            return -1;
        most = end + strspn(end, " ");
        count += bits_of(a & ~b);
    }
    return count;
}

static void judge_features(const struct view *v, struct finding *out,
                           enum fact_id has, enum fact_id most)
{
    const char *here, *there;
    int missing;

    if (!check_other(v, out) ||
        !check_text(&v->host->facts[has], out, &here) ||
        !check_text(&v->other->facts[most], out, &there))
        return;
    missing = *here ? missing_bits(here, there) : -1;
    if (missing < 0)
        check_say(out, STATE_UNKNOWN, "the CPU features cannot be compared",
                  "xen-cpuid -p");
    else if (missing)
        check_say(out, STATE_WARN,
                  arena_printf(v->arena, "guests made here have %d CPU "
                               "feature%s that cannot be had there", missing,
                               missing == 1 ? "" : "s"),
                  "mask them with cpuid= in the guests' configurations");
    else
        check_say(out, STATE_OK, "what guests made here have can be had "
                  "there", NULL);
}

void check_features_hvm(const struct view *v, struct finding *out)
{
    judge_features(v, out, HOST_features_hvm, HOST_features_hvm_most);
}

void check_features_pv(const struct view *v, struct finding *out)
{
    judge_features(v, out, HOST_features_pv, HOST_features_pv_most);
}

void check_clocks(const struct view *v, struct finding *out)
{
    long long ahead, there, doubt;
    const char *text;

    if (!check_other(v, out) ||
        !check_number(&v->other->facts[HOST_clock_ms], out, &there))
        return;
    ahead = v->contact->ahead_ms;
    doubt = v->contact->took_ms / 2;
    text = arena_printf(v->arena, "its clock is %lld ms ahead, give or take "
                        "%lld", ahead, doubt);
    if (llabs(ahead) > AHEAD_MS + doubt)
        check_say(out, STATE_WARN, text, "sudo apt install systemd-timesyncd, "
                  "on both");
    else
        check_say(out, STATE_OK, text, NULL);
}

/* Also back: a guest that came has to be able to go. */
void check_pools_there(const struct view *v, struct finding *out)
{
    const char *missing = "";
    long long listed;
    size_t i;

    if (!check_other(v, out) ||
        !check_number(&v->host->facts[HOST_pools_listed], out, &listed) ||
        !check_number(&v->other->facts[HOST_pools_listed], out, &listed))
        return;
    for (i = 0; i < v->host->pool_count; i++)
        if (!facts_pool(v->other, v->host->pools[i].name))
            missing = arena_printf(v->arena, "%s %s there", missing,
                                   v->host->pools[i].name);
    for (i = 0; i < v->other->pool_count; i++)
        if (!facts_pool(v->host, v->other->pools[i].name))
            missing = arena_printf(v->arena, "%s %s here", missing,
                                   v->other->pools[i].name);
    if (!v->host->pool_count && !v->other->pool_count)
        check_say(out, STATE_NA, "neither host has pools", NULL);
    else if (*missing)
        check_say(out, STATE_WARN,
                  arena_printf(v->arena, "missing pools:%s", missing),
                  "sudo nano /etc/xen/pci-pools.json");
    else
        check_say(out, STATE_OK, "both have the same pools", NULL);
}
