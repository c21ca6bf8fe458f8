/* SPDX-License-Identifier: GPL-2.0-only */
/* Making and resetting the settings of VFs on their PF. */
#ifndef BROKER_VF_SETUP_H
#define BROKER_VF_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "vf_settings.h"

struct bdf;
struct broker;

/* How the network stack calls a VF. */
struct vf_place {
    const char *interface;      /* of its PF */
    unsigned index;
};

/* False: it is no VF, or its PF has no interface in this network namespace. */
bool vf_find(struct broker *b, const struct bdf *bdf,
             struct vf_place *place);

/*
 * All settings but the MAC become `want`, the MAC none. RC_REFUSED with *why;
 * some may have been made then: vf_reset. For a device that vf_find does not
 * know it is refused if it needs a PF (vf_needs_pf), or else done.
 */
int vf_make(struct broker *b, const struct bdf *bdf,
            const struct vf_settings *want, const char **why);

/* All to the defaults, as far as the driver can; RC_REFUSED with the first
 * that it could not (*why). Nothing to do for what vf_find does not know. */
int vf_reset(struct broker *b, const struct bdf *bdf, const char **why);

/* Zero clears it. 0 or an errno. */
int vf_set_mac(struct broker *b, const struct vf_place *place,
               const uint8_t *mac);

#endif
