/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of one device: an element of the answer "done". */
#ifndef BROKER_DONE_H
#define BROKER_DONE_H

#include "base/bdf.h"
#include "base/errors.h"

/* A lease after prepare, commit or release. */
struct done {
    const char *id;
    struct bdf bdf;
    const char *state;          /* "released": the lease is gone */
    enum reason reason;         /* REASON_NONE: done */
    const char *text;
};

#endif
