/* SPDX-License-Identifier: GPL-2.0-only */
/* /libxl/pci/<BDF>/vf: what a VF is to have, and whether the PF was told.
 * Apart from the lease, which libxl rewrites and ends. */
#ifndef BROKER_VF_NOTE_H
#define BROKER_VF_NOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "vf_settings.h"

struct broker;
struct pool;
struct wanted;

struct vf_note {
    bool made;                  /* the PF may have been told */
    const char *found_by;       /* domain that had these when it began, and not
                                 * from us: UUID, or NULL */
    struct vf_settings settings;
    /* What the host had set before `made`, and gets back; the defaults if that
     * is not known. */
    struct vf_settings before;
};

/* One that cannot be read becomes "made, defaults": to be reset. */
void vf_note_parse(struct broker *b, const char *text, size_t len,
                   struct vf_note *note);
char *vf_note_text(struct broker *b, const struct vf_note *note);

/* What the guest of this wish is to have on a VF here: what it had; if that
 * was no VF, what the host has set up for this one. The pool's own settings
 * win. */
struct vf_settings vf_note_wanted(const struct wanted *wanted,
                                  const struct vf_settings *host,
                                  const struct pool *pool);

#endif
