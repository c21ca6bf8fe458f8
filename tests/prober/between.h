/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happened between two marks of a report.
 *
 * An outage, a stall or a loss belongs to the interval in which it begins,
 * with its whole length: a mark that is set before the guest is back must not
 * make the outage look shorter.  It begins with the first thing that was
 * missed, one usual interval after the last sign of life.
 */
#ifndef SP_BETWEEN_H
#define SP_BETWEEN_H

#include "report.h"

struct between_silence {
    uint64_t count, longest_ns, total_ns;
};

struct between {
    uint64_t from_ns, to_ns;
    struct between_silence udp_to_guest, udp_to_endpoint, round_trip;
    struct between_silence tcp_to_guest, tcp_to_endpoint;
    uint64_t lost_to_guest, lost_to_endpoint;
};

/* From the first mark called from to the first one after it called to;
 * false, with the missing one in *missing, if they aren't there. */
bool between_find(const struct report *r, const char *from, const char *to,
                  struct between *b, const char **missing);

#endif
