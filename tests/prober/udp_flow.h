/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbered datagrams both ways over one connected UDP socket. */
#ifndef SP_UDP_FLOW_H
#define SP_UDP_FLOW_H

#include <stddef.h>
#include <stdint.h>

#include "dist.h"
#include "errlog.h"
#include "seqstat.h"

/* Take at most so many in a row, so that ticks are not kept waiting. */
#define UDP_FLOW_BATCH 64

enum udp_arrival {
    UDP_NOTHING, /* no more for now */
    UDP_FRESH,   /* a number that had not come so far */
    UDP_OTHER,   /* a duplicate, a stale one, or rubbish; counted */
};

struct udp_flow {
    /* caller fills */
    int fd;
    uint64_t session, seed_out, seed_in;
    size_t size;
    struct errlog *errors;
    /* returned */
    uint64_t sent;        /* attempts, = the next number */
    uint64_t send_errors; /* attempts that the kernel refused */
    uint64_t invalid, corrupt;
    uint64_t last_seq;    /* number of the last fresh one */
    uint64_t peer_next;   /* newest number the peer has + 1 */
    struct dist send_intervals;
    struct seqstat rx;
    /* private */
    uint64_t last_sent_ns;
};

void udp_flow_send(struct udp_flow *f, uint64_t now_ns);
enum udp_arrival udp_flow_receive(struct udp_flow *f, uint64_t now_ns);

#endif
