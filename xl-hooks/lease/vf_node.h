/* SPDX-License-Identifier: GPL-2.0-only */
/* /libxl/pci/<BDF>/vf: what a VF is to have, and whether the PF was told.
 * Apart from the lease, which libxl rewrites and ends. */
#ifndef BROKER_VF_NODE_H
#define BROKER_VF_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/vf_settings.h"

struct broker;

struct vf_node {
    bool made;                  /* the PF may have been told */
    const char *found_by;       /* domain that had these when it began, and not
                                 * from us: UUID, or NULL */
    struct vf_settings settings;
    /* What the host had set before `made`, and gets back; the defaults if that
     * is not known. */
    struct vf_settings before;
};

/* One that cannot be read becomes "made, defaults": to be reset. */
void vf_node_parse(struct broker *b, const char *text, size_t len,
                   struct vf_node *node);
char *vf_node_text(struct broker *b, const struct vf_node *node);

#endif
