/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "gaplog.h"

void gaplog_start(struct gaplog *g, uint64_t threshold_ns, uint64_t now_ns)
{
    memset(g, 0, sizeof(*g));
    g->threshold_ns = threshold_ns;
    g->last_ns = now_ns;
}

void gaplog_add(struct gaplog *g, struct span span)
{
    struct span *s = NULL;

    g->total_ns += span.duration_ns;
    if (span.duration_ns > g->longest_ns)
        g->longest_ns = span.duration_ns;
    if (g->spans.n < GAPLOG_MAX_SPANS)
        s = vec_add(&g->spans, sizeof(*s));
    if (s)
        *s = span;
    else
        g->spans_dropped++;
}

static bool close_gap(struct gaplog *g, uint64_t now_ns, bool open)
{
    uint64_t gap = now_ns - g->last_ns;
    struct span span = {
        .start_ns = g->last_ns, .duration_ns = gap, .open = open,
    };

    g->last_ns = now_ns;
    if (gap > g->threshold_ns) {
        gaplog_add(g, span);
        return true;
    }
    if (gap > g->longest_ns)
        g->longest_ns = gap;
    return false;
}

bool gaplog_progress(struct gaplog *g, uint64_t now_ns)
{
    if (now_ns < g->last_ns)
        return false;
    dist_add(&g->intervals, now_ns - g->last_ns);
    return close_gap(g, now_ns, false);
}

void gaplog_finish(struct gaplog *g, uint64_t now_ns)
{
    if (gaplog_silent(g, now_ns))
        close_gap(g, now_ns, true);
}

bool gaplog_silent(const struct gaplog *g, uint64_t now_ns)
{
    return now_ns > g->last_ns && now_ns - g->last_ns > g->threshold_ns;
}

static uint64_t overlap(const struct span *a, const struct span *b)
{
    uint64_t a_end = a->start_ns + a->duration_ns;
    uint64_t b_end = b->start_ns + b->duration_ns;
    uint64_t from = a->start_ns > b->start_ns ? a->start_ns : b->start_ns;
    uint64_t to = a_end < b_end ? a_end : b_end;

    return to > from ? to - from : 0;
}

void gaplog_blame_self(struct gaplog *g, const struct gaplog *self)
{
    struct span *s;
    size_t i, j;

    for (i = 0; i < g->spans.n; i++) {
        s = vec_at(&g->spans, struct span, i);
        s->self_stall_ns = 0;
        for (j = 0; j < self->spans.n; j++)
            s->self_stall_ns +=
                overlap(s, vec_at(&self->spans, struct span, j));
    }
}

void gaplog_free(struct gaplog *g)
{
    vec_free(&g->spans);
}
