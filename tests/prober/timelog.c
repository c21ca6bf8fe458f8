/* SPDX-License-Identifier: GPL-2.0-only */
#include "timelog.h"

void timelog_set(struct timelog *l, uint64_t seq, uint64_t now_ns)
{
    if (seq >= TIMELOG_MAX) {
        l->dropped++;
        return;
    }
    while (l->times.n <= seq) {
        if (!vec_add(&l->times, sizeof(uint64_t))) {
            l->dropped++;
            return;
        }
    }
    *vec_at(&l->times, uint64_t, seq) = now_ns;
}

struct span timelog_span(const struct timelog *l,
                         const struct seq_loss *loss, uint64_t end_ns)
{
    uint64_t after = loss->first + loss->count, from = 0, to = end_ns;
    struct span span = { .open = after >= l->times.n };

    if (loss->first && loss->first <= l->times.n)
        from = *vec_at(&l->times, uint64_t, loss->first - 1);
    if (!span.open)
        to = *vec_at(&l->times, uint64_t, after);
    span.start_ns = from;
    span.duration_ns = to > from ? to - from : 0;
    return span;
}

void timelog_outages(const struct timelog *l, const struct seq_loss *losses,
                     size_t n, uint64_t end_ns, struct gaplog *g)
{
    struct span span;
    size_t i;

    for (i = 0; i < n; i++) {
        span = timelog_span(l, &losses[i], end_ns);
        if (span.duration_ns > g->threshold_ns)
            gaplog_add(g, span);
        else if (span.duration_ns > g->longest_ns)
            g->longest_ns = span.duration_ns;
    }
}

void timelog_free(struct timelog *l)
{
    vec_free(&l->times);
}
