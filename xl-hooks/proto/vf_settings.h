/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings that a PF's driver keeps for a VF, and what to think of them. */
#ifndef BROKER_VF_SETTINGS_H
#define BROKER_VF_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/* Each is read and made as one. */
enum vf_setting {
    VF_MAC, VF_VLAN /* with QoS and protocol */, VF_SPOOFCHK, VF_TRUST,
    VF_LINK_STATE, VF_RATE
};

#define VF_SETTINGS (VF_RATE + 1)

enum vf_link { VF_LINK_AUTO, VF_LINK_ENABLE, VF_LINK_DISABLE };

struct vf_settings {
    uint8_t mac[6];             /* zero: none */
    unsigned vlan, qos;         /* both 0: none */
    unsigned vlan_proto;        /* VF_8021Q or VF_8021AD */
    bool spoofchk, trust;
    enum vf_link link_state;
    uint32_t min_tx_rate, max_tx_rate;  /* Mbit/s; 0: no limit */
    unsigned known;             /* bits 1 << enum vf_setting: was reported */
};

#define VF_8021Q 0x8100u
#define VF_8021AD 0x88a8u

#define VF_KNOWS(settings, what) ((settings)->known & 1u << (what))

/* What a VF has that nobody set up; nothing of it is `known`. */
struct vf_settings vf_defaults(void);

bool vf_is_default(const struct vf_settings *settings, enum vf_setting what);

/* Take one of the settings over. */
void vf_copy(struct vf_settings *to, const struct vf_settings *from,
             enum vf_setting what);

/* Whether `what` has to be written to get from `have` to `want`. A default
 * that the driver says nothing of is taken for made. */
bool vf_differs(const struct vf_settings *want,
                const struct vf_settings *have, enum vf_setting what);

/* Whether the guest may go without it if making it failed with errno `r`:
 * only a default that the driver has no way to change. Never a VLAN. */
bool vf_may_fail(const struct vf_settings *want, enum vf_setting what, int r);

/* What a device that is no VF, or whose PF has no interface here, "cannot have
 * …" of the settings of a guest's VF; NULL: it will do. */
const char *vf_needs_pf(const struct vf_settings *source);

#endif
