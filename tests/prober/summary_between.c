/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "summary.h"

struct row {
    const char *name, *key;
    size_t offset;
};

static const struct row rows[] = {
    { "UDP to endpoint", "udp_to_endpoint",
      offsetof(struct between, udp_to_endpoint) },
    { "UDP to guest", "udp_to_guest",
      offsetof(struct between, udp_to_guest) },
    { "UDP round trip", "round_trip", offsetof(struct between, round_trip) },
    { "TCP to endpoint", "tcp_to_endpoint",
      offsetof(struct between, tcp_to_endpoint) },
    { "TCP to guest", "tcp_to_guest",
      offsetof(struct between, tcp_to_guest) },
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct between_silence *silence_of(const struct between *b,
                                                const struct row *row)
{
    return (const struct between_silence *)((const char *)b + row->offset);
}

/* Nothing can be told about the ratio to an outage that was too short to be
 * seen: -1. */
static double ratio(const struct between_silence *s,
                    const struct between_silence *base)
{
    return base->longest_ns
               ? (double)s->longest_ns / (double)base->longest_ns : -1;
}

static void print_row(FILE *out, const struct row *row,
                      const struct between *b, const struct between *base)
{
    const struct between_silence *s = silence_of(b, row);
    double times;

    fprintf(out, "%-16s %5" PRIu64 " %10.3f %10.3f", row->name, s->count,
            (double)s->longest_ns / 1e9, (double)s->total_ns / 1e9);
    if (base) {
        times = ratio(s, silence_of(base, row));
        fprintf(out, " %10.3f ", (double)silence_of(base, row)->longest_ns /
                                 1e9);
        if (times >= 0)
            fprintf(out, "%8.2f", times);
        else
            fprintf(out, "%8s", "-");
    }
    fputc('\n', out);
}

void summary_print_between(FILE *out, const struct report *r,
                           const struct between *b,
                           const struct between *base)
{
    size_t i;

    fprintf(out, "From +%.3f s to +%.3f s; silences over %.0f ms, sampled "
            "every %.0f ms (99 %%)\n", (double)b->from_ns / 1e9,
            (double)b->to_ns / 1e9, (double)r->settings.threshold_ns / 1e6,
            (double)r->send_intervals.p99_ns / 1e6);
    fprintf(out, "%-16s %5s %10s %10s%s\n", "", "count", "longest/s",
            "total/s", base ? "     base/s    ratio" : "");
    for (i = 0; i < N_ROWS; i++)
        print_row(out, &rows[i], b, base);
    fprintf(out, "lost datagrams: %" PRIu64 " to endpoint, %" PRIu64
            " to guest\n", b->lost_to_endpoint, b->lost_to_guest);
}

/* ---- JSON ---- */

static void gen_key(yajl_gen g, const char *key)
{
    yajl_gen_string(g, (const unsigned char *)key, strlen(key));
}

static void gen_number(yajl_gen g, const char *key, uint64_t v)
{
    gen_key(g, key);
    yajl_gen_integer(g, (long long)v);
}

static void gen_row(yajl_gen g, const struct row *row,
                    const struct between *b, const struct between *base)
{
    const struct between_silence *s = silence_of(b, row);

    gen_key(g, row->key);
    yajl_gen_map_open(g);
    gen_number(g, "count", s->count);
    gen_number(g, "longest_ns", s->longest_ns);
    gen_number(g, "total_ns", s->total_ns);
    if (base) {
        gen_number(g, "base_longest_ns", silence_of(base, row)->longest_ns);
        gen_key(g, "ratio");
        if (silence_of(base, row)->longest_ns)
            yajl_gen_double(g, ratio(s, silence_of(base, row)));
        else
            yajl_gen_null(g);
    }
    yajl_gen_map_close(g);
}

static void gen_between(yajl_gen g, const struct report *r,
                        const struct between *b, const struct between *base)
{
    size_t i;

    yajl_gen_map_open(g);
    gen_number(g, "from_ns", b->from_ns);
    gen_number(g, "to_ns", b->to_ns);
    gen_number(g, "threshold_ns", r->settings.threshold_ns);
    gen_number(g, "resolution_ns", r->send_intervals.p99_ns);
    for (i = 0; i < N_ROWS; i++)
        gen_row(g, &rows[i], b, base);
    gen_number(g, "lost_to_endpoint", b->lost_to_endpoint);
    gen_number(g, "lost_to_guest", b->lost_to_guest);
    yajl_gen_map_close(g);
}

int summary_print_between_json(FILE *out, const struct report *r,
                               const struct between *b,
                               const struct between *base)
{
    yajl_gen g = yajl_gen_alloc(NULL);
    const unsigned char *text;
    size_t len;
    int rc = -1;

    if (!g)
        return -1;
    yajl_gen_config(g, yajl_gen_beautify, 1);
    yajl_gen_config(g, yajl_gen_indent_string, "  ");
    gen_between(g, r, b, base);
    if (yajl_gen_get_buf(g, &text, &len) == yajl_gen_status_ok) {
        fwrite(text, 1, len, out);
        rc = 0;
    }
    yajl_gen_free(g);
    return rc;
}
