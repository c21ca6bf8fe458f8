/* SPDX-License-Identifier: GPL-2.0-only */
/* Making and resetting the settings of VFs on their PF. */
#ifndef BROKER_VF_SETUP_H
#define BROKER_VF_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/vf_settings.h"

struct bdf;
struct broker;

/* How the network stack calls a VF. */
struct vf_place {
    const char *interface;      /* of its PF */
    unsigned index;
};

/* VF_NONE: it is no VF, or its PF has no interface at all, so that nobody can
 * have set anything. VF_LOST: it may have settings, and where they are kept
 * cannot be found out; *why goes on after "0000:01:10.0 ". */
enum vf_search { VF_NONE, VF_FOUND, VF_LOST };

/* On the interface of its PF that lists it, of which there may be several
 * (ports, representors, sub-functions); *have, if not NULL, becomes its
 * settings. */
enum vf_search vf_find(struct broker *b, const struct bdf *bdf,
                       struct vf_place *place, struct vf_settings *have,
                       const char **why);

/*
 * All settings but the MAC become `want`, the MAC none. RC_REFUSED with *why;
 * some may have been made then: vf_reset. For VF_NONE it is refused if it needs
 * a PF (vf_needs_pf), or else done.
 */
int vf_make(struct broker *b, const struct bdf *bdf,
            const struct vf_settings *want, const char **why);

/* All as they were found (the MAC: none), as far as the driver can; RC_REFUSED
 * with the first that it could not (*why). Nothing to do for VF_NONE. */
int vf_reset(struct broker *b, const struct bdf *bdf,
             const struct vf_settings *found, const char **why);

/* Zero clears it. 0 or an errno. */
int vf_set_mac(struct broker *b, const struct bdf *bdf,
               const struct vf_place *place, const uint8_t *mac);

#endif
