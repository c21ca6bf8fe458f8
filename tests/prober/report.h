/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report of one run, schema "shadowport-probe-report" version 1, which
 * README.md describes.  All times are ns; those named *_ns without
 * "realtime" are offsets from the start of the run on the endpoint's
 * CLOCK_MONOTONIC.  Directions are named after the receiver.
 *
 * Lists are struct vec of the type in the comment.
 */
#ifndef SP_REPORT_H
#define SP_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "dist.h"
#include "vec.h"

#define REPORT_SCHEMA    "shadowport-probe-report"
#define REPORT_VERSION   1
#define REPORT_NAME_MAX  32
#define REPORT_TEXT_MAX  128
#define REPORT_LINE_MAX  256

struct report_span {
    uint64_t start_ns, start_realtime_ns, duration_ns, self_stall_ns;
    bool open;
};

struct report_silence {
    uint64_t longest_ns, total_ns, spans_dropped;
    struct dist_summary intervals;
    struct vec spans; /* struct report_span */
};

struct report_loss {
    uint64_t first, count, start_ns, duration_ns;
};

struct report_udp {
    uint64_t sent, received, lost, duplicated, reordered, stale;
    uint64_t invalid, corrupt, send_errors;
    struct report_silence outages;
    uint64_t losses_dropped;
    struct vec losses;   /* struct report_loss */
    struct vec per_step; /* uint64_t: datagrams received */
};

struct report_tcp {
    uint64_t sent, received, wrong;
    int64_t first_wrong; /* offset, -1: none */
    struct report_silence stalls;
    struct vec per_step; /* uint64_t: bytes */
};

struct report_connection {
    uint64_t count, retransmits;
    bool alive_at_end, same_addresses;
    char local[ADDRESS_TEXT_MAX], remote[ADDRESS_TEXT_MAX];
};

struct report_settings {
    char guest[ADDRESS_TEXT_MAX];
    uint64_t interval_ns, udp_size, rate_to_guest, rate_to_endpoint;
    uint64_t threshold_ns, step_ns;
};

struct report_guest {
    bool reported, data_complete;
    uint64_t duration_ns, udp_longest_gap_ns, tcp_longest_gap_ns;
    struct dist_summary send_intervals;
    struct vec udp_gaps; /* struct report_span, guest's clock, no realtime */
};

struct report_mark {
    uint64_t at_ns, realtime_ns;
    char text[REPORT_TEXT_MAX];
};

struct report_error {
    char side[REPORT_NAME_MAX], where[REPORT_NAME_MAX];
    uint64_t error, count, first_ns;
    char text[REPORT_TEXT_MAX];
};

struct report_failure {
    char text[REPORT_LINE_MAX];
};

struct report {
    char schema[REPORT_NAME_MAX];
    uint64_t version;
    char verdict[REPORT_NAME_MAX]; /* "ok" or "failed" */
    struct vec failures;           /* struct report_failure */
    uint64_t start_realtime_ns, duration_ns;
    int64_t clock_step_ns; /* how far CLOCK_REALTIME was set meanwhile */
    struct report_settings settings;
    struct dist_summary send_intervals; /* the achieved resolution */
    struct report_silence self_stalls;  /* the endpoint stood still */
    struct report_udp udp_to_guest, udp_to_endpoint;
    struct report_silence round_trip;
    struct report_tcp tcp_to_guest, tcp_to_endpoint;
    struct report_connection connection;
    struct report_guest guest;
    struct vec marks;  /* struct report_mark */
    struct vec errors; /* struct report_error */
};

/* Printable ASCII only: such texts are safe in JSON and on a terminal. */
bool report_text_ok(const char *text);

void report_free(struct report *r);

#endif
