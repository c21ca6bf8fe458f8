/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdint.h>
#include <string.h>

#include "choice/match.h"
#include "proto/vf_settings.h"

/* Modules spell as one what drivers may spell in two ways. */
static bool same_letter(char a, char b)
{
    return (a == '-' ? '_' : a) == (b == '-' ? '_' : b);
}

/* igb and igbvf are one family, as are ixgbe and ixgbevf. */
static bool same_family(const char *a, const char *b)
{
    size_t x, y;

    if (!a || !b)
        return false;
    x = strlen(a);
    y = strlen(b);
    if (x > 2 && !strcmp(a + x - 2, "vf"))
        x -= 2;
    if (y > 2 && !strcmp(b + y - 2, "vf"))
        y -= 2;
    if (x != y)
        return false;
    while (x && same_letter(a[x - 1], b[x - 1]))
        x--;
    return !x;
}

static enum tier rank(const struct source_device *host,
                      const struct facts *facts)
{
    if (!host)
        return TIER_SAME_BASE_CLASS;
    if (host->vendor == facts->vendor && host->device == facts->device)
        return TIER_SAME_MODEL;
    if (same_family(host->driver, facts->driver))
        return TIER_SAME_FAMILY;
    if (host->class == facts->class)
        return TIER_SAME_CLASS;
    return TIER_SAME_BASE_CLASS;
}

/* Base class and subclass: wireless, InfiniBand and Ethernet are all network,
 * and nobody takes the one for the other. */
#define KIND(class) ((class) >> 8)
#define KIND_ETHERNET 0x0200

static const char *wrong_class(const struct wanted *wanted,
                               const struct facts *facts, long pool_kind)
{
    long kind = KIND_ETHERNET;

    if (wanted->host)
        kind = KIND(wanted->host->class);
    /* No device now: what the handover needs, or what the pool says. */
    else if (wanted->wish.handover == HANDOVER_PLAIN)
        kind = pool_kind;
    if (kind < 0)
        return "may be of any class: the guest has no device now, and the "
               "pool does not name one class in each match";
    return kind == (long)KIND(facts->class) ? NULL : "is of another class";
}

static struct judgement unfit(enum reason reason, const char *text)
{
    return (struct judgement){ TIER_UNFIT, reason, text };
}

struct judgement match_free(const struct facts *facts, bool pool_bind)
{
    if (facts->reset_failed)
        return unfit(REASON_RESET_FAILED, facts->reset_failed);
    if (!facts->answers)
        return unfit(REASON_DEVICE_GONE, "does not answer");
    if (facts->lease_broken)
        return unfit(REASON_LEASE_BROKEN, facts->lease_broken);
    if (facts->given)
        return unfit(REASON_IN_USE, facts->given);
    if (facts->leased)
        return unfit(REASON_LEASED, facts->leased);
    if (!facts->assignable && !pool_bind)
        return unfit(REASON_NOT_ASSIGNABLE, "is not bound to pciback");
    if (facts->busy)
        return unfit(REASON_IN_USE, facts->busy);
    if (!facts->assignable && facts->no_bind)
        return unfit(REASON_NOT_ASSIGNABLE, facts->no_bind);
    if (facts->pf_down)
        return unfit(REASON_PF_DOWN, facts->pf_down);
    if (facts->vf_lost)
        return unfit(REASON_VF_SETTINGS, facts->vf_lost);
    if (facts->shared)
        return unfit(REASON_NOT_ISOLATED, facts->shared);
    if (facts->xen_reason != REASON_NONE)
        return unfit(facts->xen_reason, facts->xen_text);
    return (struct judgement){ TIER_SAME_MODEL, REASON_NONE, NULL };
}

/* First what the device is, then who has it: "taken" must not be said of a
 * device that would not do anyway. */
struct judgement match_judge(const struct wanted *wanted,
                             enum domain_type type,
                             const struct facts *facts, bool pool_bind,
                             long pool_kind)
{
    const char *wrong = wrong_class(wanted, facts, pool_kind);
    struct judgement j;

    if (wrong)
        return unfit(REASON_CLASS_MISMATCH, wrong);
    if (!facts->vf_settable && wanted->host && wanted->host->vf &&
        vf_needs_pf(wanted->host->vf))
        return unfit(REASON_VF_SETTINGS, vf_needs_pf(wanted->host->vf));
    if (facts->answers && type == DOMAIN_PV && !facts->msi)
        return unfit(REASON_NEEDS_MSI, "has neither MSI nor MSI-X");
    if (facts->mtu && facts->mtu < wanted->mtu)
        return unfit(REASON_FEATURE_MISSING, facts->mtu_text);
    if (type == DOMAIN_PV && facts->bar_text)
        return unfit(REASON_BAR_IN_MEMORY, facts->bar_text);
    j = match_free(facts, pool_bind);
    if (j.tier != TIER_UNFIT)
        j.tier = rank(wanted->host, facts);
    return j;
}

int match_compare(const struct merit *a, const struct merit *b)
{
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    if (a->load != b->load)
        return a->load < b->load ? -1 : 1;
    if (a->reset != b->reset)
        return a->reset < b->reset ? -1 : 1;
    return bdf_compare(&a->bdf, &b->bdf);
}
