/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include "arena.h"
#include "bdf.h"
#include "broker.h"
#include "inventory.h"
#include "members.h"
#include "net.h"
#include "vf_setup.h"

bool vf_find(struct broker *b, const struct bdf *bdf,
             struct vf_place *place)
{
    struct device vf = { .bdf = *bdf }, pf = { .vf = false };
    char **interfaces;
    long index;

    inventory_physfn(b, &vf);
    if (!vf.vf)
        return false;
    index = inventory_vf_index(b, &vf);
    pf.bdf = vf.pf;
    interfaces = device_interfaces(b, &pf);
    if (index < 0 || !*interfaces)
        return false;
    place->interface = *interfaces;
    place->index = (unsigned)index;
    return true;
}

static const char *describe(struct broker *b, const struct vf_settings *want,
                            enum vf_setting what)
{
    struct arena *arena = b->arena;

    switch (what) {
    case VF_VLAN:
        return arena_printf(arena, "VLAN %u (QoS %u, 802.1%s)", want->vlan,
                            want->qos, want->vlan_proto == VF_8021AD
                            ? "ad" : "q");
    case VF_SPOOFCHK:
        return want->spoofchk ? "spoof check on" : "spoof check off";
    case VF_TRUST:
        return want->trust ? "trust on" : "trust off";
    case VF_RATE:
        return arena_printf(arena, "rate %u to %u Mbit/s", want->min_tx_rate,
                            want->max_tx_rate);
    default:
        return vf_setting_name(what);
    }
}

static int refuse(struct broker *b, const struct vf_place *place,
                  const struct vf_settings *want, enum vf_setting what,
                  int r, const char **why)
{
    *why = arena_printf(b->arena, "%s cannot be set on VF %u of %s: %s",
                        describe(b, want, what), place->index,
                        place->interface, strerror(r));
    return RC_REFUSED;
}

/* Those that differ. */
static int write_all(struct broker *b, const struct vf_place *place,
                     const struct vf_settings *want,
                     const struct vf_settings *have, bool go_on,
                     const char **why)
{
    int r, what, rc = RC_OK;

    for (what = 0; what < VF_SETTINGS; what++) {
        if (!vf_differs(want, have, what))
            continue;
        r = b->net->ops->vf_set(b->net, place->interface, place->index, what,
                                want);
        if (!r || vf_may_fail(want, what, r))
            continue;
        if (!rc)
            rc = refuse(b, place, want, what, r, why);
        if (!go_on)
            break;
    }
    return rc;
}

static int read_have(struct broker *b, const struct vf_place *place,
                     struct vf_settings *have, const char **why)
{
    int r = b->net->ops->vf_settings(b->net, place->interface, place->index,
                                     have);

    if (!r)
        return RC_OK;
    *why = arena_printf(b->arena, "settings of VF %u of %s cannot be read: "
                        "%s", place->index, place->interface, strerror(r));
    return RC_REFUSED;
}

/* A guest must not be in another VLAN because a driver said yes too easily. */
static int check_vlan(struct broker *b, const struct vf_place *place,
                      const struct vf_settings *want, const char **why)
{
    struct vf_settings have;
    int rc = read_have(b, place, &have, why);

    if (rc || !vf_differs(want, &have, VF_VLAN))
        return rc;
    *why = arena_printf(b->arena, "%s was set on VF %u of %s, which has VLAN "
                        "%u now", describe(b, want, VF_VLAN), place->index,
                        place->interface, have.vlan);
    return RC_REFUSED;
}

int vf_make(struct broker *b, const struct bdf *bdf,
            const struct vf_settings *want, const char **why)
{
    struct vf_settings now = *want, have;
    struct vf_place place;
    int rc;

    if (!vf_find(b, bdf, &place)) {
        *why = vf_needs_pf(want);
        return *why ? RC_REFUSED : RC_OK;
    }
    rc = read_have(b, &place, &have, why);
    if (rc)
        return rc;
    memset(now.mac, 0, sizeof(now.mac));
    rc = write_all(b, &place, &now, &have, false, why);
    return rc ? rc : check_vlan(b, &place, &now, why);
}

int vf_reset(struct broker *b, const struct bdf *bdf, const char **why)
{
    const struct vf_settings want = vf_defaults();
    struct vf_settings have;
    struct vf_place place;
    int rc;

    if (!vf_find(b, bdf, &place))
        return RC_OK;
    rc = read_have(b, &place, &have, why);
    return rc ? rc : write_all(b, &place, &want, &have, true, why);
}

int vf_set_mac(struct broker *b, const struct vf_place *place,
               const uint8_t *mac)
{
    struct vf_settings settings = vf_defaults();

    memcpy(settings.mac, mac, sizeof(settings.mac));
    return b->net->ops->vf_set(b->net, place->interface, place->index,
                               VF_MAC, &settings);
}
