/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a witness has seen, for shell scripts: a file of lines "KEY VALUE",
 * replaced as a whole so that a reader never sees half of one.
 */
#ifndef SP_WITNESS_REPORT_H
#define SP_WITNESS_REPORT_H

#include <stdint.h>

enum witness_state {
    WITNESS_FILLING,  /* not yet holding what it was asked to hold */
    WITNESS_HOLDING,
    WITNESS_DRAINING, /* told to end; checks what it holds */
    WITNESS_DONE,
    WITNESS_LOST,     /* ended without having checked everything */
};

struct witness_report {
    const char *path;
    enum witness_state state;
    uint64_t arrived;     /* bytes that a device has written */
    uint64_t held;        /* of these, not yet checked */
    uint64_t checked;     /* bytes compared */
    uint64_t wrong;       /* bytes that differ */
    uint64_t first_wrong; /* where: PATTERN_NONE_WRONG if nowhere */
};

/* 0, or -1 with errno. */
int witness_report_write(const struct witness_report *r);

#endif
