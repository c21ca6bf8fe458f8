/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accounting of numbered datagrams at their receiver.
 *
 * A number is settled once it is SEQSTAT_WINDOW behind the newest one; what
 * has not come by then is lost, and kept as a range.  What comes later still
 * is "stale": it can't be told from a duplicate and stays lost.  Numbers never
 * start again within a session: a restarted sender shows as duplicates.
 */
#ifndef SP_SEQSTAT_H
#define SP_SEQSTAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEQSTAT_WINDOW     65536u
#define SEQSTAT_MAX_LOSSES 4096u
/* A number further ahead than this is not a loss but nonsense. */
#define SEQSTAT_MAX_AHEAD  (UINT64_C(1) << 31)

enum seq_kind {
    SEQ_NEW,
    SEQ_REORDERED,
    SEQ_DUPLICATE,
    SEQ_STALE,
    SEQ_IMPLAUSIBLE,
};

struct seq_loss {
    uint64_t first, count;
};

struct seqstat {
    /* returned */
    uint64_t received; /* each number once */
    uint64_t duplicated, reordered, stale, implausible;
    uint64_t lost;     /* settled ones only: complete after finish */
    uint64_t next;     /* newest number + 1 */
    size_t n_losses;
    uint64_t losses_dropped; /* ranges that found no room in losses[] */
    struct seq_loss losses[SEQSTAT_MAX_LOSSES];
    /* private */
    uint64_t floor;    /* all numbers below are settled */
    uint64_t seen[SEQSTAT_WINDOW / 64];
};

void seqstat_init(struct seqstat *s, uint64_t first);
enum seq_kind seqstat_accept(struct seqstat *s, uint64_t seq);

/* Settles everything below end; false if end contradicts what was seen. */
bool seqstat_finish(struct seqstat *s, uint64_t end);

#endif
