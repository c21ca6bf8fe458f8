/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's side of one session with an endpoint.
 *
 *   opened by HELLO   -> UDP socket bound, WELCOME sent, quiet
 *   JOIN              -> datagrams and stream run both ways
 *   FINISH            -> nothing more is sent; the endpoint's stream is read
 *                        to its end, late datagrams are waited for
 *   REPORT sent       -> the endpoint closes the control connection
 *
 * The session ends with its control connection, in whatever state it is.
 */
#ifndef SP_GUEST_SESSION_H
#define SP_GUEST_SESSION_H

#include <stdbool.h>

#include "gaplog.h"
#include "loop.h"
#include "msgio.h"
#include "tcp_stream.h"
#include "udp_flow.h"
#include "wire.h"

struct guest_session {
    /* returned */
    bool in_use;
    uint64_t id;
    /* private */
    struct loop *loop;
    struct watch control, data, datagrams;
    struct timer udp_tick, tcp_tick, limit;
    struct wire_hello settings;
    struct wire_finish finish;
    struct msg_in in;
    struct msg_out out;
    struct errlog errors;
    struct udp_flow udp;
    struct tcp_stream tcp;
    struct gaplog udp_gaps, tcp_gaps;
    uint64_t start_ns, data_connections;
    bool finishing, reported;
};

void guest_session_init(struct guest_session *s);

/* Takes over the control connection if it returns 0, else says why not. */
enum wire_refusal guest_session_open(struct guest_session *s,
                                     struct loop *loop, int control,
                                     const struct wire_hello *hello);

/* Takes over the data connection in any case. */
void guest_session_join(struct guest_session *s, int data);
void guest_session_close(struct guest_session *s);

#endif
