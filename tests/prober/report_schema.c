/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdint.h>

#include "report.h"
#include "report_schema.h"

#define U64(type, member) \
    { #member, FIELD_U64, offsetof(type, member), 0, NULL }
#define I64(type, member) \
    { #member, FIELD_I64, offsetof(type, member), 0, NULL }
#define BOOL(type, member) \
    { #member, FIELD_BOOL, offsetof(type, member), 0, NULL }
#define TEXT(type, member) \
    { #member, FIELD_TEXT, offsetof(type, member), \
      sizeof(((type *)NULL)->member), NULL }
#define OBJECT(type, member, fields) \
    { #member, FIELD_OBJECT, offsetof(type, member), 0, fields }
#define LIST(type, member, element, fields) \
    { #member, FIELD_LIST, offsetof(type, member), sizeof(element), fields }
#define U64_LIST(type, member) \
    { #member, FIELD_U64_LIST, offsetof(type, member), sizeof(uint64_t), \
      NULL }
#define END { NULL, FIELD_U64, 0, 0, NULL }

static const struct field dist_fields[] = {
    U64(struct dist_summary, count),
    U64(struct dist_summary, median_ns),
    U64(struct dist_summary, p99_ns),
    U64(struct dist_summary, max_ns),
    END
};

static const struct field span_fields[] = {
    U64(struct report_span, start_ns),
    U64(struct report_span, start_realtime_ns),
    U64(struct report_span, duration_ns),
    U64(struct report_span, self_stall_ns),
    BOOL(struct report_span, open),
    END
};

static const struct field silence_fields[] = {
    U64(struct report_silence, longest_ns),
    U64(struct report_silence, total_ns),
    OBJECT(struct report_silence, intervals, dist_fields),
    LIST(struct report_silence, spans, struct report_span, span_fields),
    U64(struct report_silence, spans_dropped),
    END
};

static const struct field loss_fields[] = {
    U64(struct report_loss, first),
    U64(struct report_loss, count),
    U64(struct report_loss, start_ns),
    U64(struct report_loss, duration_ns),
    END
};

static const struct field udp_fields[] = {
    U64(struct report_udp, sent),
    U64(struct report_udp, received),
    U64(struct report_udp, lost),
    U64(struct report_udp, duplicated),
    U64(struct report_udp, reordered),
    U64(struct report_udp, stale),
    U64(struct report_udp, invalid),
    U64(struct report_udp, corrupt),
    U64(struct report_udp, send_errors),
    OBJECT(struct report_udp, outages, silence_fields),
    LIST(struct report_udp, losses, struct report_loss, loss_fields),
    U64(struct report_udp, losses_dropped),
    U64_LIST(struct report_udp, per_step),
    END
};

static const struct field tcp_fields[] = {
    U64(struct report_tcp, sent),
    U64(struct report_tcp, received),
    U64(struct report_tcp, wrong),
    I64(struct report_tcp, first_wrong),
    OBJECT(struct report_tcp, stalls, silence_fields),
    U64_LIST(struct report_tcp, per_step),
    END
};

static const struct field connection_fields[] = {
    U64(struct report_connection, count),
    BOOL(struct report_connection, alive_at_end),
    BOOL(struct report_connection, same_addresses),
    TEXT(struct report_connection, local),
    TEXT(struct report_connection, remote),
    U64(struct report_connection, retransmits),
    END
};

static const struct field settings_fields[] = {
    TEXT(struct report_settings, guest),
    U64(struct report_settings, interval_ns),
    U64(struct report_settings, udp_size),
    U64(struct report_settings, rate_to_guest),
    U64(struct report_settings, rate_to_endpoint),
    U64(struct report_settings, threshold_ns),
    U64(struct report_settings, step_ns),
    END
};

static const struct field guest_fields[] = {
    BOOL(struct report_guest, reported),
    BOOL(struct report_guest, data_complete),
    U64(struct report_guest, duration_ns),
    U64(struct report_guest, udp_longest_gap_ns),
    U64(struct report_guest, tcp_longest_gap_ns),
    OBJECT(struct report_guest, send_intervals, dist_fields),
    LIST(struct report_guest, udp_gaps, struct report_span, span_fields),
    END
};

static const struct field mark_fields[] = {
    U64(struct report_mark, at_ns),
    U64(struct report_mark, realtime_ns),
    TEXT(struct report_mark, text),
    END
};

static const struct field error_fields[] = {
    TEXT(struct report_error, side),
    TEXT(struct report_error, where),
    U64(struct report_error, error),
    TEXT(struct report_error, text),
    U64(struct report_error, count),
    U64(struct report_error, first_ns),
    END
};

static const struct field failure_fields[] = {
    TEXT(struct report_failure, text),
    END
};

const struct field report_fields[] = {
    TEXT(struct report, schema),
    U64(struct report, version),
    TEXT(struct report, verdict),
    LIST(struct report, failures, struct report_failure, failure_fields),
    U64(struct report, start_realtime_ns),
    U64(struct report, duration_ns),
    I64(struct report, clock_step_ns),
    OBJECT(struct report, settings, settings_fields),
    OBJECT(struct report, send_intervals, dist_fields),
    OBJECT(struct report, self_stalls, silence_fields),
    OBJECT(struct report, udp_to_guest, udp_fields),
    OBJECT(struct report, udp_to_endpoint, udp_fields),
    OBJECT(struct report, round_trip, silence_fields),
    OBJECT(struct report, tcp_to_guest, tcp_fields),
    OBJECT(struct report, tcp_to_endpoint, tcp_fields),
    OBJECT(struct report, connection, connection_fields),
    OBJECT(struct report, guest, guest_fields),
    LIST(struct report, marks, struct report_mark, mark_fields),
    LIST(struct report, errors, struct report_error, error_fields),
    END
};

bool report_text_ok(const char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

static void free_object(void *object, const struct field *f)
{
    size_t i;

    for (; f->name; f++) {
        char *at = (char *)object + f->offset;
        struct vec *v = (struct vec *)at;

        if (f->kind == FIELD_OBJECT)
            free_object(at, f->sub);
        if (f->kind == FIELD_LIST)
            for (i = 0; i < v->n; i++)
                free_object((char *)v->items + i * f->size, f->sub);
        if (f->kind == FIELD_LIST || f->kind == FIELD_U64_LIST)
            vec_free(v);
    }
}

void report_free(struct report *r)
{
    free_object(r, report_fields);
}
