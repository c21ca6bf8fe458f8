/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When was which datagram sent (or received)?  With the ranges that were lost
 * this gives the outages towards the peer on the sender's clock alone: a
 * guest's clock stands still or jumps while it is migrated.
 */
#ifndef SP_TIMELOG_H
#define SP_TIMELOG_H

#include <stdint.h>

#include "gaplog.h"
#include "seqstat.h"
#include "vec.h"

#define TIMELOG_MAX (UINT64_C(1) << 24)

struct timelog {
    struct vec times; /* uint64_t, offset from the start, by number */
    uint64_t dropped;
};

void timelog_set(struct timelog *l, uint64_t seq, uint64_t now_ns);

/* From the newest good datagram before the range to the first one after it;
 * from the start, or to end_ns and open, where there is none. */
struct span timelog_span(const struct timelog *l,
                         const struct seq_loss *loss, uint64_t end_ns);

/* Ranges that took longer than g's threshold become spans of it. */
void timelog_outages(const struct timelog *l, const struct seq_loss *losses,
                     size_t n, uint64_t end_ns, struct gaplog *g);
void timelog_free(struct timelog *l);

#endif
