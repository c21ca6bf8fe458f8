/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>

#include "pattern.h"
#include "wire.h"
#include "wire_cursor.h"

#define MAX_TIME (UINT64_MAX >> 1)

/* The plain counters, in the order in which they are sent. */
static const size_t counters[] = {
#define COUNTER(name) offsetof(struct wire_report, name)
    COUNTER(udp_sent), COUNTER(udp_received), COUNTER(udp_duplicated),
    COUNTER(udp_reordered), COUNTER(udp_stale), COUNTER(udp_implausible),
    COUNTER(udp_lost), COUNTER(udp_invalid), COUNTER(udp_corrupt),
    COUNTER(udp_send_errors), COUNTER(udp_longest_gap_ns),
    COUNTER(losses_dropped), COUNTER(tcp_sent),
    COUNTER(tcp_received), COUNTER(tcp_wrong), COUNTER(tcp_longest_gap_ns),
    COUNTER(data_connections), COUNTER(duration_ns),
    COUNTER(udp_send_intervals.count),
    COUNTER(udp_send_intervals.median_ns),
    COUNTER(udp_send_intervals.p99_ns), COUNTER(udp_send_intervals.max_ns),
    COUNTER(errors.dropped),
#undef COUNTER
};
#define N_COUNTERS (sizeof(counters) / sizeof(counters[0]))

static uint64_t *counter_of(const struct wire_report *m, size_t i)
{
    return (uint64_t *)((char *)m + counters[i]);
}

static void put_errors(struct put_cursor *c, const struct errlog *l)
{
    size_t i;

    put_u16(c, l->n);
    for (i = 0; i < l->n; i++) {
        put_u16(c, l->entry[i].where);
        put_u16(c, (uint64_t)l->entry[i].err);
        put_u64(c, l->entry[i].count);
        put_u64(c, l->entry[i].first_ns);
    }
}

static void get_errors(struct get_cursor *c, struct errlog *l)
{
    struct err_entry *e;

    l->n = get_range(c, 2, 0, ERRLOG_MAX);
    if (c->bad) {
        l->n = 0;
        return;
    }
    for (e = l->entry; e < l->entry + l->n; e++) {
        e->where = (enum err_where)get_range(c, 2, 1, ERR_WHERE_END - 1);
        e->err = (int)get_bytes(c, 2);
        e->count = get_range(c, 8, 1, MAX_TIME);
        e->first_ns = get_range(c, 8, 0, MAX_TIME);
    }
}

static void put_losses(struct put_cursor *c, const struct vec *losses)
{
    const struct seq_loss *loss;
    size_t i;

    put_u32(c, losses->n);
    for (i = 0; i < losses->n; i++) {
        loss = vec_at(losses, const struct seq_loss, i);
        put_u64(c, loss->first);
        put_u64(c, loss->count);
    }
}

/* Ranges must be ascending, apart, and within what can have been sent. */
static void get_losses(struct get_cursor *c, struct vec *losses)
{
    uint64_t n = get_range(c, 4, 0, SEQSTAT_MAX_LOSSES), floor = 0;
    struct seq_loss *loss;

    while (!c->bad && n--) {
        loss = vec_add(losses, sizeof(*loss));
        if (!loss) {
            c->bad = true;
            return;
        }
        loss->first = get_range(c, 8, floor, MAX_TIME);
        loss->count = get_range(c, 8, 1, MAX_TIME);
        floor = loss->first + loss->count + 1;
    }
}

static void put_gaps(struct put_cursor *c, const struct vec *gaps)
{
    const struct span *span;
    size_t i, n = gaps->n < WIRE_MAX_SPANS ? gaps->n : WIRE_MAX_SPANS;

    put_u16(c, n);
    for (i = 0; i < n; i++) {
        span = vec_at(gaps, const struct span, i);
        put_u64(c, span->start_ns);
        put_u64(c, span->duration_ns);
        put_u16(c, span->open);
    }
}

static void get_gaps(struct get_cursor *c, struct vec *gaps)
{
    uint64_t n = get_range(c, 2, 0, WIRE_MAX_SPANS);
    struct span *span;

    while (!c->bad && n--) {
        span = vec_add(gaps, sizeof(*span));
        if (!span) {
            c->bad = true;
            return;
        }
        span->start_ns = get_range(c, 8, 0, MAX_TIME);
        span->duration_ns = get_range(c, 8, 0, MAX_TIME);
        span->open = get_range(c, 2, 0, 1);
    }
}

static size_t report_room(const struct wire_report *m)
{
    return WIRE_HEADER_SIZE + N_COUNTERS * 8 + 8 + 2 + 2 + ERRLOG_MAX * 20 +
           4 + m->losses.n * 16 + 2 + WIRE_MAX_SPANS * 18;
}

uint8_t *wire_put_report(const struct wire_report *m, size_t *size)
{
    uint8_t *out = malloc(report_room(m));
    struct put_cursor c = { out + WIRE_HEADER_SIZE }, head = { out };
    size_t i;

    if (!out)
        return NULL;
    for (i = 0; i < N_COUNTERS; i++)
        put_u64(&c, *counter_of(m, i));
    put_u64(&c, m->tcp_first_wrong);
    put_u16(&c, m->data_complete);
    put_errors(&c, &m->errors);
    put_losses(&c, &m->losses);
    put_gaps(&c, &m->udp_gaps);
    *size = (size_t)(c.p - out);
    wire_put_header(&head, WIRE_REPORT, *size - WIRE_HEADER_SIZE);
    return out;
}

static bool consistent(const struct wire_report *m)
{
    bool has_wrong = m->tcp_first_wrong != PATTERN_NONE_WRONG;

    if (has_wrong != (m->tcp_wrong > 0))
        return false;
    if (has_wrong && m->tcp_first_wrong >= m->tcp_received)
        return false;
    return m->tcp_wrong <= m->tcp_received;
}

bool wire_get_report(const uint8_t *in, size_t len, struct wire_report *m)
{
    struct get_cursor c = { in, len, false };
    size_t i;

    *m = (struct wire_report){ 0 };
    for (i = 0; i < N_COUNTERS; i++)
        *counter_of(m, i) = get_range(&c, 8, 0, MAX_TIME);
    m->tcp_first_wrong = get_u64(&c);
    m->data_complete = get_range(&c, 2, 0, 1);
    get_errors(&c, &m->errors);
    get_losses(&c, &m->losses);
    get_gaps(&c, &m->udp_gaps);
    return get_done(&c) && consistent(m);
}

void wire_report_free(struct wire_report *m)
{
    vec_free(&m->losses);
    vec_free(&m->udp_gaps);
}
