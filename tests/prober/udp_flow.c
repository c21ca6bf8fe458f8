/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "udp_flow.h"
#include "wire.h"

/*
 * An ICMP error for an earlier datagram is reported by the next call and eats
 * it: note the error, then try once more.
 */
static bool send_once_more(struct udp_flow *f, const uint8_t *buf,
                           uint64_t now_ns)
{
    int try, last = 0;

    for (try = 0; try < 2; try++) {
        if (send(f->fd, buf, f->size, MSG_NOSIGNAL) >= 0)
            return true;
        if (errno != last)
            errlog_add(f->errors, ERR_UDP_SEND, errno, now_ns);
        last = errno;
    }
    return false;
}

void udp_flow_send(struct udp_flow *f, uint64_t now_ns)
{
    uint8_t buf[WIRE_UDP_MAX];
    struct wire_datagram m = {
        .session = f->session, .seq = f->sent, .ack_next = f->rx.next,
        .ack_count = f->rx.received, .sent_ns = now_ns,
    };

    wire_put_datagram(buf, f->size, &m, f->seed_out);
    if (!send_once_more(f, buf, now_ns))
        f->send_errors++;
    if (f->sent)
        dist_add(&f->send_intervals, now_ns - f->last_sent_ns);
    f->last_sent_ns = now_ns;
    f->sent++;
}

static enum udp_arrival account(struct udp_flow *f, const uint8_t *buf,
                                size_t size)
{
    struct wire_datagram m;
    enum seq_kind kind;

    if (size != f->size || !wire_get_datagram(buf, size, &m) ||
        m.session != f->session || m.ack_next > f->sent) {
        f->invalid++;
        return UDP_OTHER;
    }
    if (!wire_datagram_intact(buf, size, &m, f->seed_in)) {
        f->corrupt++;
        return UDP_OTHER;
    }
    kind = seqstat_accept(&f->rx, m.seq);
    if (kind != SEQ_NEW && kind != SEQ_REORDERED)
        return UDP_OTHER;
    f->last_seq = m.seq;
    if (m.ack_next > f->peer_next)
        f->peer_next = m.ack_next;
    return UDP_FRESH;
}

enum udp_arrival udp_flow_receive(struct udp_flow *f, uint64_t now_ns)
{
    uint8_t buf[WIRE_UDP_MAX + 1]; /* one more, to notice longer ones */
    ssize_t r = recv(f->fd, buf, sizeof(buf), 0);

    if (r >= 0)
        return account(f, buf, (size_t)r);
    if (errno == EAGAIN)
        return UDP_NOTHING;
    if (errno != EINTR)
        errlog_add(f->errors, ERR_UDP_RECEIVE, errno, now_ns);
    return UDP_OTHER;
}
