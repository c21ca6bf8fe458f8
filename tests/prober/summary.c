/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "sparkline.h"
#include "summary.h"

#define GRAPH_WIDTH 60
/* More than this would leave the screen; the JSON has them all. */
#define MAX_LINES   5

static double seconds(uint64_t ns)
{
    return (double)ns / 1e9;
}

static double millis(uint64_t ns)
{
    return (double)ns / 1e6;
}

static void print_head(FILE *out, const struct report *r)
{
    time_t start = (time_t)(r->start_realtime_ns / NS_PER_S);
    char when[32] = "?";
    struct tm tm;

    if (gmtime_r(&start, &tm))
        strftime(when, sizeof(when), "%F %T UTC", &tm);
    fprintf(out, "Probe of %s, %.1f s from %s\n", r->settings.guest,
            seconds(r->duration_ns), when);
}

static void print_rates(FILE *out, const struct report *r)
{
    const struct dist_summary *d = &r->send_intervals;
    const struct dist_summary *g = &r->guest.send_intervals;

    fprintf(out, "datagrams of %" PRIu64 " B, asked: every %.3f ms; sent by "
            "endpoint (guest):\n", r->settings.udp_size,
            millis(r->settings.interval_ns));
    fprintf(out, "  median %.3f (%.3f) ms, 99 %% %.3f (%.3f) ms, "
            "max %.3f (%.3f) ms\n", millis(d->median_ns),
            millis(g->median_ns), millis(d->p99_ns), millis(g->p99_ns),
            millis(d->max_ns), millis(g->max_ns));
}

/* A busy machine always stalls a little; worth a word is what may have made
 * the outage longer by a tenth. */
static bool notable_stall(const struct report_span *span)
{
    return span->self_stall_ns > span->duration_ns / 10;
}

static void print_silence(FILE *out, const struct report_silence *s)
{
    const struct report_span *span, *longest = NULL;
    size_t i;

    for (i = 0; i < s->spans.n; i++) {
        span = vec_at(&s->spans, const struct report_span, i);
        if (!longest || span->duration_ns > longest->duration_ns)
            longest = span;
    }
    if (!longest) {
        fprintf(out, "none, at most %.3f s\n", seconds(s->longest_ns));
        return;
    }
    fprintf(out, "%.3f s at +%.1f s", seconds(longest->duration_ns),
            seconds(longest->start_ns));
    if (s->spans.n > 1)
        fprintf(out, ", 1 of %zu", s->spans.n);
    fprintf(out, "%s%s\n", longest->open ? ", open" : "",
            notable_stall(longest) ? ", endpoint stalled" : "");
}

static void print_udp(FILE *out, const char *name,
                      const struct report_udp *u)
{
    fprintf(out, "%-13s %7" PRIu64 " %8" PRIu64 " %6" PRIu64 " %3" PRIu64
            " %5" PRIu64 " %3" PRIu64 "  ", name, u->sent, u->received,
            u->lost, u->duplicated, u->reordered, u->corrupt + u->invalid);
    print_silence(out, &u->outages);
}

static void print_datagrams(FILE *out, const struct report *r)
{
    fprintf(out, "%-13s %7s %8s %6s %3s %5s %3s  silence > %.0f ms\n", "UDP",
            "sent", "received", "lost", "dup", "reord", "bad",
            millis(r->settings.threshold_ns));
    print_udp(out, "  to endpoint", &r->udp_to_endpoint);
    if (r->guest.reported)
        print_udp(out, "  to guest", &r->udp_to_guest);
    else
        fprintf(out, "  to guest    %7" PRIu64 "  unknown: the guest sent no "
                "counters\n", r->udp_to_guest.sent);
    fprintf(out, "%-52s", "  round trip");
    print_silence(out, &r->round_trip);
}

static void print_tcp(FILE *out, const char *name,
                      const struct report_tcp *t, bool known)
{
    fprintf(out, "%-13s %12" PRIu64, name, t->sent);
    if (known)
        fprintf(out, " %12" PRIu64 " %8" PRIu64, t->received, t->wrong);
    else
        fprintf(out, " %12s %8s", "unknown", "unknown");
    fprintf(out, "%4s", "");
    print_silence(out, &t->stalls);
    if (t->wrong)
        fprintf(out, "  first wrong byte at offset %" PRId64 "\n",
                t->first_wrong);
}

static void print_graph(FILE *out, const char *name,
                        const struct report *r, const struct vec *steps)
{
    char line[GRAPH_WIDTH + 1];
    double peak = sparkline(steps->items, steps->n, line, GRAPH_WIDTH);

    fprintf(out, "  %-11s |%s| peak %.1f kB/s\n", name, line,
            peak / seconds(r->settings.step_ns) / 1e3);
}

static void print_streams(FILE *out, const struct report *r)
{
    const struct report_connection *c = &r->connection;

    fprintf(out, "%-13s %12s %12s %8s%4sstall\n", "TCP", "bytes sent",
            "received", "wrong", "");
    print_tcp(out, "  to endpoint", &r->tcp_to_endpoint, true);
    print_tcp(out, "  to guest", &r->tcp_to_guest, r->guest.reported);
    print_graph(out, "to endpoint", r, &r->tcp_to_endpoint.per_step);
    print_graph(out, "to guest", r, &r->tcp_to_guest.per_step);
    fprintf(out, "  %" PRIu64 " connection%s, %s, %s to %s, %" PRIu64
            " retransmits\n", c->count, c->count == 1 ? "" : "s",
            c->alive_at_end ? "alive" : "LOST", c->local, c->remote,
            c->retransmits);
}

static void print_more(FILE *out, size_t n)
{
    if (n > MAX_LINES)
        fprintf(out, "  ... and %zu more\n", n - MAX_LINES);
}

static void print_marks(FILE *out, const struct report *r)
{
    const struct report_mark *m;
    size_t i;

    for (i = 0; i < r->marks.n && i < MAX_LINES; i++) {
        m = vec_at(&r->marks, const struct report_mark, i);
        fprintf(out, "mark +%.3f s %s\n", seconds(m->at_ns), m->text);
    }
    print_more(out, r->marks.n);
}

static void print_errors(FILE *out, const struct report *r)
{
    const struct report_error *e;
    size_t i;

    for (i = 0; i < r->errors.n && i < MAX_LINES; i++) {
        e = vec_at(&r->errors, const struct report_error, i);
        fprintf(out, "error +%.3f s %s %s%s%s, %" PRIu64 " times\n",
                seconds(e->first_ns), e->side, e->where,
                e->text[0] ? ": " : "", e->text, e->count);
    }
    print_more(out, r->errors.n);
}

static void print_verdict(FILE *out, const struct report *r)
{
    size_t i;

    fprintf(out, "Verdict: %s\n", r->verdict);
    for (i = 0; i < r->failures.n && i < MAX_LINES; i++)
        fprintf(out, "  %s\n",
                vec_at(&r->failures, const struct report_failure, i)->text);
    print_more(out, r->failures.n);
}

void summary_print(FILE *out, const struct report *r)
{
    print_head(out, r);
    print_rates(out, r);
    print_datagrams(out, r);
    print_streams(out, r);
    print_marks(out, r);
    print_errors(out, r);
    print_verdict(out, r);
}
