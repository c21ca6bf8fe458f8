/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The endpoint's side of one run.
 *
 *   running    datagrams and stream both ways; marks and status answered
 *   finishing  from the signal, --duration, or the end of the control
 *              connection: nothing more is sent, silences are closed, the
 *              guest's counters are asked for and its stream is read out
 *   over       everything is there, or --finish-limit is; a second signal
 *              ends at once
 */
#ifndef SP_ENDPOINT_H
#define SP_ENDPOINT_H

#include <stdbool.h>

#include "control_server.h"
#include "endpoint_link.h"
#include "endpoint_options.h"
#include "event_log.h"
#include "gaplog.h"
#include "loop.h"
#include "msgio.h"
#include "report.h"
#include "series.h"
#include "tcp_stream.h"
#include "timelog.h"
#include "udp_flow.h"
#include "wire.h"

enum endpoint_phase {
    ENDPOINT_RUNNING,
    ENDPOINT_FINISHING,
    ENDPOINT_OVER,
};

/* A kind of silence that is followed while it lasts. */
struct endpoint_silence {
    const char *name; /* in the event log */
    struct gaplog gaps;
    bool announced;
};

struct endpoint {
    /* caller fills */
    const struct endpoint_options *options;
    struct endpoint_link *link; /* its descriptors are taken over */
    struct event_log *events;
    /* returned */
    enum endpoint_phase phase;
    uint64_t start_ns, start_realtime_ns;
    uint64_t end_ns, end_realtime_ns; /* end: offset */
    struct udp_flow udp;
    struct tcp_stream tcp;
    struct errlog errors;
    struct timelog sent_at, received_at;
    struct endpoint_silence arrivals, round_trip, stream_in, stream_out;
    struct gaplog self;     /* own ticks: when did we stand still? */
    struct series udp_in, stream_in_bytes, stream_out_bytes;
    struct vec marks;       /* struct report_mark */
    bool has_guest_report;
    struct wire_report guest;
    struct report_connection connection;
    /* private */
    struct loop loop;
    struct watch control, data, datagrams, signals;
    struct timer udp_tick, tcp_tick, duration, limit;
    struct control_server server;
    struct msg_in in;
    uint64_t acked;         /* of our stream, by the guest's kernel */
    bool control_lost;
};

/* Runs until it is over: 0, or -1 having said why it could not run.  Either
 * way the caller calls endpoint_free(). */
int endpoint_run(struct endpoint *e);
void endpoint_free(struct endpoint *e);

/* Builds the report of a run that is over; 0, or -1 without memory. */
int endpoint_report(struct endpoint *e, struct report *r);

/* control_server.answer: marks and status. */
void endpoint_answer(struct control_server *s, const char *line, char *reply,
                     size_t size);

uint64_t endpoint_now(const struct endpoint *e);

#endif
