/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What goes over the network between endpoint and guest.
 *
 * Control connection:  HELLO ->  <- WELCOME (or REFUSE) ... FINISH ->
 *                      <- REPORT
 * Data connection:     JOIN ->, then nothing but pattern bytes both ways
 * UDP:                 a header, then pattern bytes up to the agreed size
 *
 * All integers are big-endian.  Decoders accept nothing that isn't exactly
 * right: what they return is in range and consistent in itself.
 */
#ifndef SP_WIRE_H
#define SP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dist.h"
#include "errlog.h"
#include "gaplog.h"
#include "seqstat.h"
#include "vec.h"

#define WIRE_VERSION      1
#define WIRE_HEADER_SIZE  12u
#define WIRE_MAX_BODY     (1u << 20)
#define WIRE_MAX_SPANS    256u

#define WIRE_UDP_HEADER   44u
#define WIRE_UDP_MIN      64u
#define WIRE_UDP_MAX      1472u
#define WIRE_MIN_INTERVAL (100 * UINT64_C(1000))          /* 100 us */
#define WIRE_MAX_INTERVAL (10 * UINT64_C(1000000000))     /* 10 s */
#define WIRE_MAX_THRESHOLD (3600 * UINT64_C(1000000000))  /* 1 h */
#define WIRE_MAX_RATE     (UINT64_C(10) * 1000 * 1000 * 1000)

enum wire_type {
    WIRE_HELLO = 1,
    WIRE_WELCOME,
    WIRE_REFUSE,
    WIRE_JOIN,
    WIRE_FINISH,
    WIRE_REPORT,
};

enum wire_refusal {
    REFUSED_VERSION = 1,
    REFUSED_BUSY,
    REFUSED_INVALID,
    REFUSED_RESOURCES,
};

struct wire_header {
    uint16_t version;
    enum wire_type type;
    uint32_t body_len;
};

struct wire_hello {
    uint64_t session;
    uint64_t interval_ns;   /* between datagrams of the guest */
    uint64_t threshold_ns;  /* silences longer than this are outages */
    uint64_t rate_to_endpoint; /* bytes/s of the guest's stream */
    uint16_t udp_size;      /* payload of a datagram */
    uint16_t udp_port;      /* where the endpoint receives */
};

struct wire_welcome {
    uint64_t session;
    uint16_t udp_port;      /* where the guest receives */
};

struct wire_finish {
    uint64_t udp_sent, tcp_sent;
};

/* What one side received or did, by its own clock. */
struct wire_report {
    uint64_t udp_sent, udp_received, udp_duplicated, udp_reordered;
    uint64_t udp_stale, udp_implausible, udp_lost;
    uint64_t udp_invalid;   /* not a datagram of this session */
    uint64_t udp_corrupt;   /* wrong pattern bytes */
    uint64_t udp_send_errors;
    uint64_t udp_longest_gap_ns;
    uint64_t losses_dropped;
    uint64_t tcp_sent, tcp_received, tcp_wrong, tcp_first_wrong;
    uint64_t tcp_longest_gap_ns;
    uint64_t data_connections;
    uint64_t duration_ns;
    bool data_complete;     /* the endpoint's stream was read to its end */
    struct dist_summary udp_send_intervals;
    struct errlog errors;
    struct vec losses;      /* struct seq_loss */
    struct vec udp_gaps;    /* struct span */
};

struct wire_datagram {
    uint64_t session, seq;
    uint64_t ack_next;      /* newest number received + 1 */
    uint64_t ack_count;     /* how many were received */
    uint64_t sent_ns;       /* sender's clock */
};

/* Encoders write a whole message and return its size. */
#define WIRE_SMALL 64u      /* room for any message but a report */
size_t wire_put_hello(uint8_t *out, const struct wire_hello *m);
size_t wire_put_welcome(uint8_t *out, const struct wire_welcome *m);
size_t wire_put_refuse(uint8_t *out, enum wire_refusal reason);
size_t wire_put_join(uint8_t *out, uint64_t session);
size_t wire_put_finish(uint8_t *out, const struct wire_finish *m);
/* Allocated; NULL when memory is short. */
uint8_t *wire_put_report(const struct wire_report *m, size_t *size);

/* Decoders of bodies: false if there is anything wrong with them. */
bool wire_get_header(const uint8_t *in, struct wire_header *m);
bool wire_get_hello(const uint8_t *in, size_t len, struct wire_hello *m);
bool wire_get_welcome(const uint8_t *in, size_t len, struct wire_welcome *m);
bool wire_get_refuse(const uint8_t *in, size_t len, enum wire_refusal *m);
bool wire_get_join(const uint8_t *in, size_t len, uint64_t *session);
bool wire_get_finish(const uint8_t *in, size_t len, struct wire_finish *m);
/* In any case the caller frees m with wire_report_free(). */
bool wire_get_report(const uint8_t *in, size_t len, struct wire_report *m);
void wire_report_free(struct wire_report *m);

const char *wire_refusal_text(enum wire_refusal reason);

/* A datagram of size bytes, its pattern made from seed and number. */
void wire_put_datagram(uint8_t *out, size_t size,
                       const struct wire_datagram *m, uint64_t seed);
bool wire_get_datagram(const uint8_t *in, size_t size,
                       struct wire_datagram *m);
bool wire_datagram_intact(const uint8_t *in, size_t size,
                          const struct wire_datagram *m, uint64_t seed);

#endif
