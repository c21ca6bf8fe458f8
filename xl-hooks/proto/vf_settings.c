/* SPDX-License-Identifier: GPL-2.0-only */
/* Pure; HOOK-PROTOCOL.md, "Settings of VFs", has the table. */
#include <errno.h>
#include <string.h>

#include "proto/vf_settings.h"

struct vf_settings vf_defaults(void)
{
    return (struct vf_settings){ .vlan_proto = VF_8021Q, .spoofchk = true };
}

static bool same(const struct vf_settings *a, const struct vf_settings *b,
                 enum vf_setting what)
{
    switch (what) {
    case VF_MAC:
        return !memcmp(a->mac, b->mac, sizeof(a->mac));
    case VF_VLAN:
        /* no tag, no protocol */
        return a->vlan == b->vlan && a->qos == b->qos &&
               ((!a->vlan && !a->qos) || a->vlan_proto == b->vlan_proto);
    case VF_SPOOFCHK:
        return a->spoofchk == b->spoofchk;
    case VF_TRUST:
        return a->trust == b->trust;
    case VF_LINK_STATE:
        return a->link_state == b->link_state;
    case VF_RATE:
        return a->min_tx_rate == b->min_tx_rate &&
               a->max_tx_rate == b->max_tx_rate;
    }
    return false;
}

void vf_copy(struct vf_settings *to, const struct vf_settings *from,
             enum vf_setting what)
{
    switch (what) {
    case VF_MAC:
        memcpy(to->mac, from->mac, sizeof(to->mac));
        break;
    case VF_VLAN:
        to->vlan = from->vlan;
        to->qos = from->qos;
        to->vlan_proto = from->vlan_proto;
        break;
    case VF_SPOOFCHK:
        to->spoofchk = from->spoofchk;
        break;
    case VF_TRUST:
        to->trust = from->trust;
        break;
    case VF_LINK_STATE:
        to->link_state = from->link_state;
        break;
    case VF_RATE:
        to->min_tx_rate = from->min_tx_rate;
        to->max_tx_rate = from->max_tx_rate;
        break;
    }
}

bool vf_is_default(const struct vf_settings *settings, enum vf_setting what)
{
    const struct vf_settings defaults = vf_defaults();

    return same(settings, &defaults, what);
}

bool vf_differs(const struct vf_settings *want,
                const struct vf_settings *have, enum vf_setting what)
{
    if (!VF_KNOWS(have, what))
        return !vf_is_default(want, what);
    return !same(want, have, what);
}

bool vf_may_fail(const struct vf_settings *want, enum vf_setting what, int r)
{
    if (what == VF_MAC)         /* some drivers refuse the zero address */
        return vf_is_default(want, what);
    return what != VF_VLAN && r == EOPNOTSUPP && vf_is_default(want, what);
}

const char *vf_needs_pf(const struct vf_settings *source)
{
    /* Trust and no spoof check are what a whole device has anyway. */
    if (!vf_is_default(source, VF_VLAN))
        return "cannot have the VLAN of the guest's VF";
    if (!vf_is_default(source, VF_LINK_STATE))
        return "cannot have the link state of the guest's VF";
    if (!vf_is_default(source, VF_RATE))
        return "cannot have the rate of the guest's VF";
    return NULL;
}
