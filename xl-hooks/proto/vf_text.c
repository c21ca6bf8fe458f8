/* SPDX-License-Identifier: GPL-2.0-only */
#include <stddef.h>

#include "base/arena.h"
#include "proto/vf_json.h"
#include "proto/vf_text.h"

const char *vf_text(struct arena *arena, const struct vf_settings *settings,
                    enum vf_setting what)
{
    static const char *const links[] = {
        [VF_LINK_AUTO] = "link state auto",
        [VF_LINK_ENABLE] = "link state enable",
        [VF_LINK_DISABLE] = "link state disable",
    };
    const char *mac;

    switch (what) {
    case VF_MAC:
        mac = vf_mac_text(arena, settings->mac);
        return mac ? arena_printf(arena, "MAC %s", mac) : "MAC none";
    case VF_VLAN:
        return arena_printf(arena, "VLAN %u (QoS %u, 802.1%s)",
                            settings->vlan, settings->qos,
                            settings->vlan_proto == VF_8021AD ? "ad" : "q");
    case VF_SPOOFCHK:
        return settings->spoofchk ? "spoof check on" : "spoof check off";
    case VF_TRUST:
        return settings->trust ? "trust on" : "trust off";
    case VF_LINK_STATE:
        return links[settings->link_state];
    case VF_RATE:
        return arena_printf(arena, "rate %u to %u Mbit/s",
                            settings->min_tx_rate, settings->max_tx_rate);
    }
    return NULL;
}
