/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One TCP connection with pattern bytes both ways: paced when sending, every
 * byte checked when receiving.
 */
#ifndef SP_TCP_STREAM_H
#define SP_TCP_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "errlog.h"
#include "pattern.h"

#define TCP_STREAM_TICK_NS (20 * UINT64_C(1000000))

struct tcp_stream {
    /* caller fills */
    int fd;
    uint64_t seed_out;
    uint64_t rate;  /* bytes/s; 0: don't send */
    struct errlog *errors;
    struct pattern_check in;
    /* returned */
    uint64_t sent;  /* accepted by the kernel */
    bool eof;       /* the peer has ended its direction */
    bool closed;    /* we have ended ours */
    bool failed;    /* the connection is lost */
    /* private */
    uint64_t budget, last_ns;
};

/* Sends what the rate allows for the time since the last call. */
void tcp_stream_send(struct tcp_stream *s, uint64_t now_ns);

/* Returns how many bytes came in. */
uint64_t tcp_stream_receive(struct tcp_stream *s, uint64_t now_ns);

/* No more bytes from us; the peer sees the end after the last one. */
void tcp_stream_close(struct tcp_stream *s, uint64_t now_ns);

#endif
