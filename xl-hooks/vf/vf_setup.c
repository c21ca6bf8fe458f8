/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/bdf.h"
#include "base/broker.h"
#include "base/change.h"
#include "host/inventory.h"
#include "host/members.h"
#include "host/net.h"
#include "host/sysfs.h"
#include "proto/vf_text.h"
#include "vf/vf_setup.h"

/* Renamed between two looks: look again, but not for ever. */
#define LOOKS 3

/* False: an interface was renamed meanwhile. */
static bool try_interfaces(struct broker *b, char **names,
                           struct vf_place *place, struct vf_settings *have,
                           const char **why)
{
    int r;

    *why = "is listed by no interface of its PF";
    for (; *names; names++) {
        r = b->net->ops->vf_settings(b->net, *names, place->index, have);
        if (!r) {
            place->interface = *names;
            *why = NULL;
            return true;
        }
        if (r == ENODEV)
            return false;
        if (r != ENOENT) {
            *why = arena_printf(b->arena, "has settings on VF %u of %s that "
                                "cannot be read: %s", place->index, *names,
                                strerror(r));
            return true;
        }
    }
    return true;
}

/* "net" without an interface here: it is in another network namespace. */
static bool is_elsewhere(struct broker *b, const struct device *pf)
{
    return sysfs_exists(sysfs_device_path(b, &pf->bdf, "net"));
}

enum vf_search vf_find(struct broker *b, const struct bdf *bdf,
                       struct vf_place *place, struct vf_settings *have,
                       const char **why)
{
    struct device vf = { .bdf = *bdf }, pf = { .vf = false };
    struct vf_settings settings;
    char **names;
    long index;
    int looks;

    *why = NULL;
    inventory_physfn(b, &vf);
    if (!vf.vf)
        return VF_NONE;
    pf.bdf = vf.pf;
    index = inventory_vf_index(b, &vf);
    if (index < 0) {
        *why = "is not among the virtual functions of its PF";
        return VF_LOST;
    }
    place->index = (unsigned)index;
    for (looks = 0; looks < LOOKS; looks++) {
        names = device_interfaces(b, &pf);
        if (!*names && !is_elsewhere(b, &pf)) {
            *why = NULL;
            return VF_NONE;
        }
        *why = "has a PF whose interface is in another network namespace";
        if (!*names)
            break;
        if (try_interfaces(b, names, place, &settings, why))
            break;
        *why = "has a PF whose interface comes and goes";
    }
    if (!*why && have)
        *have = settings;
    return *why ? VF_LOST : VF_FOUND;
}

static int setting_refused(struct broker *b, const struct vf_place *place,
                           const struct vf_settings *want,
                           enum vf_setting what, int r, const char **why)
{
    *why = arena_printf(b->arena, "%s cannot be set on VF %u of %s: %s",
                        vf_text(b->arena, want, what), place->index,
                        place->interface, strerror(r));
    return RC_REFUSED;
}

/* 0 or an errno. */
static int set(struct broker *b, const struct bdf *bdf,
               const struct vf_place *place, const struct vf_settings *want,
               enum vf_setting what)
{
    int r = b->net->ops->vf_set(b->net, place->interface, place->index, what,
                                want);

    if (!r)
        change_log(b, bdf, "%s set on VF %u of %s",
                   vf_text(b->arena, want, what), place->index,
                   place->interface);
    return r;
}

/* Those that differ. */
static int write_all(struct broker *b, const struct bdf *bdf,
                     const struct vf_place *place,
                     const struct vf_settings *want,
                     const struct vf_settings *have, bool go_on,
                     const char **why)
{
    int r, what, rc = RC_OK;

    for (what = 0; what < VF_SETTINGS; what++) {
        if (!vf_differs(want, have, what))
            continue;
        r = set(b, bdf, place, want, what);
        if (!r || vf_may_fail(want, what, r))
            continue;
        if (!rc)
            rc = setting_refused(b, place, want, what, r, why);
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
    *why = arena_printf(b->arena,
                        "%s was set on VF %u of %s, which has VLAN "
                        "%u now",
                        vf_text(b->arena, want, VF_VLAN), place->index,
                        place->interface, have.vlan);
    return RC_REFUSED;
}

static int lost(struct broker *b, const struct bdf *bdf, const char **why)
{
    *why = arena_printf(b->arena, "%s %s", bdf_text(b->arena, bdf), *why);
    return RC_REFUSED;
}

int vf_make(struct broker *b, const struct bdf *bdf,
            const struct vf_settings *want, const char **why)
{
    struct vf_settings now = *want, have;
    struct vf_place place;
    int rc;

    switch (vf_find(b, bdf, &place, &have, why)) {
    case VF_NONE:
        *why = vf_needs_pf(want);
        return *why ? RC_REFUSED : RC_OK;
    case VF_LOST:
        return lost(b, bdf, why);
    case VF_FOUND:
        break;
    }
    memset(now.mac, 0, sizeof(now.mac));
    rc = write_all(b, bdf, &place, &now, &have, false, why);
    return rc ? rc : check_vlan(b, &place, &now, why);
}

/* A driver that refuses the zero address: then what the host had, rather than
 * the guest's in the hands of dom0. */
static void forget_mac(struct broker *b, const struct bdf *bdf,
                       const struct vf_place *place,
                       const struct vf_settings *found)
{
    struct vf_settings have;
    const char *why;

    if (read_have(b, place, &have, &why) || vf_is_default(&have, VF_MAC) ||
        vf_is_default(found, VF_MAC) || !vf_differs(found, &have, VF_MAC))
        return;
    set(b, bdf, place, found, VF_MAC);
}

int vf_reset(struct broker *b, const struct bdf *bdf,
             const struct vf_settings *found, const char **why)
{
    struct vf_settings want = *found, have;
    struct vf_place place;
    int rc;

    memset(want.mac, 0, sizeof(want.mac));
    switch (vf_find(b, bdf, &place, &have, why)) {
    case VF_NONE:
        return RC_OK;
    case VF_LOST:
        return lost(b, bdf, why);
    case VF_FOUND:
        break;
    }
    rc = write_all(b, bdf, &place, &want, &have, true, why);
    forget_mac(b, bdf, &place, found);
    return rc;
}

int vf_set_mac(struct broker *b, const struct bdf *bdf,
               const struct vf_place *place, const uint8_t *mac)
{
    struct vf_settings settings = vf_defaults();

    memcpy(settings.mac, mac, sizeof(settings.mac));
    return set(b, bdf, place, &settings, VF_MAC);
}
