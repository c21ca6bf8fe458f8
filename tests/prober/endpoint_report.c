/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>

#include "endpoint.h"
#include "verdict.h"

static int convert_spans(const struct endpoint *e, const struct vec *from,
                         struct vec *to)
{
    struct report_span *out;
    const struct span *in;
    size_t i;

    for (i = 0; i < from->n; i++) {
        in = vec_at(from, const struct span, i);
        out = vec_add(to, sizeof(*out));
        if (!out)
            return -1;
        out->start_ns = in->start_ns;
        out->start_realtime_ns = e->start_realtime_ns + in->start_ns;
        out->duration_ns = in->duration_ns;
        out->self_stall_ns = in->self_stall_ns;
        out->open = in->open;
    }
    return 0;
}

static int convert_silence(const struct endpoint *e, struct gaplog *g,
                           struct report_silence *out)
{
    gaplog_blame_self(g, &e->self);
    out->longest_ns = g->longest_ns;
    out->total_ns = g->total_ns;
    out->spans_dropped = g->spans_dropped;
    out->intervals = dist_summarise(&g->intervals);
    return convert_spans(e, &g->spans, &out->spans);
}

static int convert_losses(const struct endpoint *e,
                          const struct timelog *times,
                          const struct seq_loss *losses, size_t n,
                          struct vec *to)
{
    struct report_loss *out;
    struct span span;
    size_t i;

    for (i = 0; i < n; i++) {
        out = vec_add(to, sizeof(*out));
        if (!out)
            return -1;
        span = timelog_span(times, &losses[i], e->end_ns);
        out->first = losses[i].first;
        out->count = losses[i].count;
        out->start_ns = span.start_ns;
        out->duration_ns = span.duration_ns;
    }
    return 0;
}

static int copy_series(const struct series *from, struct vec *to)
{
    uint64_t *out;
    size_t i;

    for (i = 0; i < from->steps.n; i++) {
        out = vec_add(to, sizeof(*out));
        if (!out)
            return -1;
        *out = *vec_at(&from->steps, uint64_t, i);
    }
    return 0;
}

/* Without the guest's counters what was sent is what is known to exist. */
static int fill_udp_to_endpoint(struct endpoint *e, struct report_udp *r)
{
    struct seqstat *rx = &e->udp.rx;
    uint64_t sent = e->has_guest_report ? e->guest.udp_sent : rx->next;

    if (!seqstat_finish(rx, sent))
        errlog_add(&e->errors, ERR_PROTOCOL, 0, e->end_ns);
    r->sent = rx->next;
    r->received = rx->received;
    r->lost = rx->lost;
    r->duplicated = rx->duplicated;
    r->reordered = rx->reordered;
    r->stale = rx->stale;
    r->invalid = e->udp.invalid + rx->implausible;
    r->corrupt = e->udp.corrupt;
    r->send_errors = e->guest.udp_send_errors;
    r->losses_dropped = rx->losses_dropped;
    if (convert_silence(e, &e->arrivals.gaps, &r->outages) ||
        copy_series(&e->udp_in, &r->per_step))
        return -1;
    return convert_losses(e, &e->received_at, rx->losses, rx->n_losses,
                          &r->losses);
}

/* By what the guest lost and when we sent it: our clock alone. */
static int outages_to_guest(struct endpoint *e, struct report_udp *r)
{
    const struct vec *losses = &e->guest.losses;
    struct gaplog g;
    int rc;

    gaplog_start(&g, e->options->threshold_ns, 0);
    timelog_outages(&e->sent_at, losses->items, losses->n, e->end_ns, &g);
    rc = convert_silence(e, &g, &r->outages);
    gaplog_free(&g);
    if (rc)
        return -1;
    return convert_losses(e, &e->sent_at, losses->items, losses->n,
                          &r->losses);
}

static int fill_udp_to_guest(struct endpoint *e, struct report_udp *r)
{
    const struct wire_report *g = &e->guest;

    r->sent = e->udp.sent;
    r->send_errors = e->udp.send_errors;
    r->received = g->udp_received;
    r->lost = g->udp_lost;
    r->duplicated = g->udp_duplicated;
    r->reordered = g->udp_reordered;
    r->stale = g->udp_stale;
    r->invalid = g->udp_invalid + g->udp_implausible;
    r->corrupt = g->udp_corrupt;
    r->losses_dropped = g->losses_dropped;
    return outages_to_guest(e, r);
}

static int64_t wrong_offset(uint64_t offset)
{
    return offset > INT64_MAX ? -1 : (int64_t)offset;
}

static int fill_tcp(struct endpoint *e, struct report *r)
{
    struct report_tcp *in = &r->tcp_to_endpoint, *out = &r->tcp_to_guest;
    const struct wire_report *g = &e->guest;

    in->sent = e->has_guest_report ? g->tcp_sent : e->tcp.in.offset;
    in->received = e->tcp.in.offset;
    in->wrong = e->tcp.in.wrong;
    in->first_wrong = wrong_offset(e->tcp.in.first_wrong);
    out->sent = e->tcp.sent;
    out->received = g->tcp_received;
    out->wrong = g->tcp_wrong;
    out->first_wrong = e->has_guest_report ? wrong_offset(g->tcp_first_wrong)
                                           : -1;
    if (convert_silence(e, &e->stream_in.gaps, &in->stalls) ||
        copy_series(&e->stream_in_bytes, &in->per_step) ||
        convert_silence(e, &e->stream_out.gaps, &out->stalls))
        return -1;
    return copy_series(&e->stream_out_bytes, &out->per_step);
}

static int fill_guest(const struct endpoint *e, struct report_guest *r)
{
    const struct wire_report *g = &e->guest;
    struct report_span *span;
    size_t i;

    r->reported = e->has_guest_report;
    r->data_complete = g->data_complete;
    r->duration_ns = g->duration_ns;
    r->udp_longest_gap_ns = g->udp_longest_gap_ns;
    r->tcp_longest_gap_ns = g->tcp_longest_gap_ns;
    r->send_intervals = g->udp_send_intervals;
    if (convert_spans(e, &g->udp_gaps, &r->udp_gaps))
        return -1;
    for (i = 0; i < r->udp_gaps.n; i++) {
        span = vec_at(&r->udp_gaps, struct report_span, i);
        span->start_realtime_ns = 0; /* of its clock nothing is known */
    }
    return 0;
}

static int add_errors(struct vec *errors, const struct errlog *l,
                      const char *side)
{
    struct report_error *out;
    size_t i;

    for (i = 0; i < l->n; i++) {
        out = vec_add(errors, sizeof(*out));
        if (!out)
            return -1;
        snprintf(out->side, sizeof(out->side), "%s", side);
        snprintf(out->where, sizeof(out->where), "%s",
                 err_where_name(l->entry[i].where));
        snprintf(out->text, sizeof(out->text), "%s",
                 l->entry[i].err ? strerror(l->entry[i].err) : "");
        out->error = (uint64_t)l->entry[i].err;
        out->count = l->entry[i].count;
        out->first_ns = l->entry[i].first_ns;
    }
    return 0;
}

static void fill_settings(const struct endpoint_options *o,
                          struct report_settings *s)
{
    address_format(&o->guest, s->guest);
    s->interval_ns = o->interval_ns;
    s->udp_size = o->udp_size;
    s->rate_to_guest = o->rate_to_guest;
    s->rate_to_endpoint = o->rate_to_endpoint;
    s->threshold_ns = o->threshold_ns;
    s->step_ns = o->step_ns;
}

static void fill_head(const struct endpoint *e, struct report *r)
{
    strcpy(r->schema, REPORT_SCHEMA);
    r->version = REPORT_VERSION;
    r->start_realtime_ns = e->start_realtime_ns;
    r->duration_ns = e->end_ns;
    r->clock_step_ns = (int64_t)(e->end_realtime_ns - e->start_realtime_ns -
                                 e->end_ns);
    r->send_intervals = dist_summarise(&e->udp.send_intervals);
    r->connection = e->connection;
    if (e->has_guest_report)
        r->connection.count = e->guest.data_connections;
    fill_settings(e->options, &r->settings);
}

int endpoint_report(struct endpoint *e, struct report *r)
{
    memset(r, 0, sizeof(*r));
    fill_head(e, r);
    if (convert_silence(e, &e->self, &r->self_stalls) ||
        fill_udp_to_endpoint(e, &r->udp_to_endpoint) ||
        fill_udp_to_guest(e, &r->udp_to_guest) ||
        convert_silence(e, &e->round_trip.gaps, &r->round_trip) ||
        fill_tcp(e, r) || fill_guest(e, &r->guest) ||
        add_errors(&r->errors, &e->errors, "endpoint") ||
        add_errors(&r->errors, &e->guest.errors, "guest") ||
        verdict_set(r)) {
        report_free(r);
        return -1;
    }
    r->marks = e->marks;
    memset(&e->marks, 0, sizeof(e->marks));
    return 0;
}
