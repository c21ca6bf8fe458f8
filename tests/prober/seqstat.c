/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "seqstat.h"

void seqstat_init(struct seqstat *s, uint64_t first)
{
    memset(s, 0, sizeof(*s));
    s->next = s->floor = first;
}

static uint64_t *slot(struct seqstat *s, uint64_t seq, uint64_t *mask)
{
    uint64_t bit = seq % SEQSTAT_WINDOW;

    *mask = UINT64_C(1) << (bit % 64);
    return &s->seen[bit / 64];
}

static bool was_seen(struct seqstat *s, uint64_t seq)
{
    uint64_t mask, *word = slot(s, seq, &mask);

    return *word & mask;
}

static void set_seen(struct seqstat *s, uint64_t seq)
{
    uint64_t mask, *word = slot(s, seq, &mask);

    *word |= mask;
}

static void clear_seen(struct seqstat *s, uint64_t seq)
{
    uint64_t mask, *word = slot(s, seq, &mask);

    *word &= ~mask;
}

static void add_loss(struct seqstat *s, uint64_t first, uint64_t count)
{
    struct seq_loss *last;

    s->lost += count;
    last = s->n_losses ? &s->losses[s->n_losses - 1] : NULL;
    if (last && last->first + last->count == first) {
        last->count += count;
    } else if (s->n_losses < SEQSTAT_MAX_LOSSES) {
        s->losses[s->n_losses].first = first;
        s->losses[s->n_losses++].count = count;
    } else {
        s->losses_dropped++;
    }
}

/*
 * Slots are cleared as they leave the window, so those of numbers yet to
 * come are always clear, and the work is bounded by the window however far
 * a (possibly hostile) number jumps.
 */
static void settle(struct seqstat *s, uint64_t floor)
{
    for (; s->floor < floor && s->floor < s->next; s->floor++) {
        if (!was_seen(s, s->floor))
            add_loss(s, s->floor, 1);
        clear_seen(s, s->floor);
    }
    if (s->floor < floor) {
        add_loss(s, s->floor, floor - s->floor);
        s->floor = floor;
    }
}

static enum seq_kind accept_ahead(struct seqstat *s, uint64_t seq)
{
    if (seq - s->next > SEQSTAT_MAX_AHEAD || seq == UINT64_MAX) {
        s->implausible++;
        return SEQ_IMPLAUSIBLE;
    }
    if (seq + 1 - s->floor > SEQSTAT_WINDOW)
        settle(s, seq + 1 - SEQSTAT_WINDOW);
    s->next = seq + 1;
    set_seen(s, seq);
    s->received++;
    return SEQ_NEW;
}

enum seq_kind seqstat_accept(struct seqstat *s, uint64_t seq)
{
    if (seq >= s->next)
        return accept_ahead(s, seq);
    if (seq < s->floor) {
        s->stale++;
        return SEQ_STALE;
    }
    if (was_seen(s, seq)) {
        s->duplicated++;
        return SEQ_DUPLICATE;
    }
    set_seen(s, seq);
    s->received++;
    s->reordered++;
    return SEQ_REORDERED;
}

bool seqstat_finish(struct seqstat *s, uint64_t end)
{
    if (end < s->next || end - s->next > SEQSTAT_MAX_AHEAD) {
        settle(s, s->next);
        return false;
    }
    settle(s, end);
    s->next = end;
    return true;
}
