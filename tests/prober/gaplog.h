/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When did something last move forward?  Silences longer than the threshold
 * are kept as spans.  Times are offsets in ns from the start of the run.
 *
 * A span reaches from the last sign of life before it to the first one after
 * it, so the true outage is at most that long and shorter by less than two
 * intervals.
 */
#ifndef SP_GAPLOG_H
#define SP_GAPLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "dist.h"
#include "vec.h"

#define GAPLOG_MAX_SPANS 4096u

struct span {
    uint64_t start_ns, duration_ns;
    uint64_t self_stall_ns; /* the observer itself stood still this long */
    bool open;              /* had not ended when the run did */
};

struct gaplog {
    /* returned */
    struct vec spans; /* struct span */
    uint64_t spans_dropped;
    uint64_t longest_ns, total_ns; /* total: of the spans */
    struct dist intervals;
    /* private */
    uint64_t threshold_ns, last_ns;
};

void gaplog_start(struct gaplog *g, uint64_t threshold_ns, uint64_t now_ns);

/* Something moved; true if that ended a span (the last of spans). */
bool gaplog_progress(struct gaplog *g, uint64_t now_ns);

/* The run is over: a silence at its end becomes an open span. */
void gaplog_finish(struct gaplog *g, uint64_t now_ns);

/* Is there a silence longer than the threshold right now? */
bool gaplog_silent(const struct gaplog *g, uint64_t now_ns);

/* Adds a span that was found by other means. */
void gaplog_add(struct gaplog *g, struct span span);

/* For each span: how much of it did the observer itself stand still? */
void gaplog_blame_self(struct gaplog *g, const struct gaplog *self);

void gaplog_free(struct gaplog *g);

#endif
