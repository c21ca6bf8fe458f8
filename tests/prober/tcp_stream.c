/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

#include "clock.h"
#include "tcp_stream.h"

#define CHUNK       (16u * 1024)
/* After a standstill at most this much time is caught up with. */
#define BURST_NS    (250 * NS_PER_MS)
/* Neither direction may keep the event loop for long. */
#define MAX_AT_ONCE (8u * 1024 * 1024)

static void fail(struct tcp_stream *s, enum err_where where, uint64_t now_ns)
{
    errlog_add(s->errors, where, errno, now_ns);
    s->failed = true;
}

static uint64_t rate_times(uint64_t rate, uint64_t ns)
{
    return (uint64_t)((unsigned __int128)rate * ns / NS_PER_S);
}

static void refill(struct tcp_stream *s, uint64_t now_ns)
{
    uint64_t most = rate_times(s->rate, BURST_NS);
    uint64_t more = rate_times(s->rate, now_ns - s->last_ns);

    /* Less than a byte: leave the time to add up. */
    if (!more)
        return;
    s->last_ns = now_ns;
    s->budget += more;
    if (s->budget > most)
        s->budget = most ? most : 1;
}

/* False when nothing more can be sent for now. */
static bool send_chunk(struct tcp_stream *s, uint64_t now_ns)
{
    uint8_t buf[CHUNK];
    size_t len = s->budget < CHUNK ? (size_t)s->budget : CHUNK;
    ssize_t r;

    pattern_fill(s->seed_out, s->sent, buf, len);
    r = send(s->fd, buf, len, MSG_NOSIGNAL);
    if (r < 0 && errno == EINTR)
        return true;
    if (r < 0 && errno != EAGAIN)
        fail(s, ERR_TCP_SEND, now_ns);
    if (r < 0)
        return false;
    s->sent += (uint64_t)r;
    s->budget -= (uint64_t)r;
    return (size_t)r == len;
}

void tcp_stream_send(struct tcp_stream *s, uint64_t now_ns)
{
    uint64_t start = s->sent;

    if (s->failed || s->closed)
        return;
    refill(s, now_ns);
    while (s->budget && s->sent - start < MAX_AT_ONCE)
        if (!send_chunk(s, now_ns))
            return;
}

/* False when nothing more can be received for now. */
static bool receive_chunk(struct tcp_stream *s, uint64_t now_ns)
{
    uint8_t buf[CHUNK];
    ssize_t r = recv(s->fd, buf, sizeof(buf), 0);

    if (r < 0 && errno == EINTR)
        return true;
    if (r < 0 && errno != EAGAIN)
        fail(s, ERR_TCP_RECEIVE, now_ns);
    if (r == 0)
        s->eof = true;
    if (r <= 0)
        return false;
    pattern_check_feed(&s->in, buf, (size_t)r);
    return true;
}

uint64_t tcp_stream_receive(struct tcp_stream *s, uint64_t now_ns)
{
    uint64_t start = s->in.offset;

    while (!s->failed && !s->eof && s->in.offset - start < MAX_AT_ONCE)
        if (!receive_chunk(s, now_ns))
            break;
    return s->in.offset - start;
}

void tcp_stream_close(struct tcp_stream *s, uint64_t now_ns)
{
    if (s->failed || s->closed)
        return;
    s->closed = true;
    if (shutdown(s->fd, SHUT_WR))
        fail(s, ERR_TCP_SEND, now_ns);
}
