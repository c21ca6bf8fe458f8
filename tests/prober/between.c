/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "between.h"

/* The index of the first such mark from start on, or the number of marks. */
static size_t find_mark(const struct report *r, const char *text,
                        size_t start)
{
    size_t i;

    for (i = start; i < r->marks.n; i++)
        if (!strcmp(vec_at(&r->marks, struct report_mark, i)->text, text))
            break;
    return i;
}

static uint64_t usual_interval(const struct report *r,
                               const struct dist_summary *d)
{
    uint64_t ns = d->count ? d->p99_ns : r->send_intervals.p99_ns;

    /* Many outages in a short run are not what is usual. */
    return ns < r->settings.threshold_ns ? ns : r->settings.threshold_ns;
}

static bool inside(const struct between *b, uint64_t last_life_ns,
                   uint64_t interval_ns)
{
    uint64_t start_ns = last_life_ns + interval_ns;

    return start_ns >= b->from_ns && start_ns < b->to_ns;
}

static struct between_silence sum_spans(const struct report *r,
                                        const struct between *b,
                                        const struct report_silence *s)
{
    uint64_t interval = usual_interval(r, &s->intervals);
    struct between_silence sum = { 0 };
    const struct report_span *span;
    size_t i;

    for (i = 0; i < s->spans.n; i++) {
        span = vec_at(&s->spans, const struct report_span, i);
        if (!inside(b, span->start_ns, interval))
            continue;
        sum.count++;
        sum.total_ns += span->duration_ns;
        if (span->duration_ns > sum.longest_ns)
            sum.longest_ns = span->duration_ns;
    }
    return sum;
}

static uint64_t sum_losses(const struct report *r, const struct between *b,
                           const struct vec *losses)
{
    uint64_t interval = usual_interval(r, &r->send_intervals);
    const struct report_loss *loss;
    uint64_t sum = 0;
    size_t i;

    for (i = 0; i < losses->n; i++) {
        loss = vec_at(losses, const struct report_loss, i);
        if (inside(b, loss->start_ns, interval))
            sum += loss->count;
    }
    return sum;
}

bool between_find(const struct report *r, const char *from, const char *to,
                  struct between *b, const char **missing)
{
    size_t first = find_mark(r, from, 0), last = find_mark(r, to, first + 1);

    *missing = first >= r->marks.n ? from : to;
    if (last >= r->marks.n)
        return false;
    b->from_ns = vec_at(&r->marks, struct report_mark, first)->at_ns;
    b->to_ns = vec_at(&r->marks, struct report_mark, last)->at_ns;
    b->udp_to_guest = sum_spans(r, b, &r->udp_to_guest.outages);
    b->udp_to_endpoint = sum_spans(r, b, &r->udp_to_endpoint.outages);
    b->round_trip = sum_spans(r, b, &r->round_trip);
    b->tcp_to_guest = sum_spans(r, b, &r->tcp_to_guest.stalls);
    b->tcp_to_endpoint = sum_spans(r, b, &r->tcp_to_endpoint.stalls);
    b->lost_to_guest = sum_losses(r, b, &r->udp_to_guest.losses);
    b->lost_to_endpoint = sum_losses(r, b, &r->udp_to_endpoint.losses);
    return true;
}
