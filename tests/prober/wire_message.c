/* SPDX-License-Identifier: GPL-2.0-only */
#include "wire.h"
#include "wire_cursor.h"

/* The header comes first but knows the size of what follows. */
static size_t finish_message(uint8_t *out, const struct put_cursor *end,
                             enum wire_type type)
{
    struct put_cursor head = { out };
    size_t size = (size_t)(end->p - out);

    wire_put_header(&head, type, size - WIRE_HEADER_SIZE);
    return size;
}

bool wire_get_header(const uint8_t *in, struct wire_header *m)
{
    struct get_cursor c = { in, WIRE_HEADER_SIZE, false };

    get_range(&c, 4, WIRE_MAGIC, WIRE_MAGIC);
    m->version = (uint16_t)get_bytes(&c, 2);
    m->type = (enum wire_type)get_bytes(&c, 2);
    m->body_len = (uint32_t)get_range(&c, 4, 0, WIRE_MAX_BODY);
    return get_done(&c);
}

size_t wire_put_hello(uint8_t *out, const struct wire_hello *m)
{
    struct put_cursor c = { out + WIRE_HEADER_SIZE };

    put_u64(&c, m->session);
    put_u64(&c, m->interval_ns);
    put_u64(&c, m->threshold_ns);
    put_u64(&c, m->rate_to_endpoint);
    put_u16(&c, m->udp_size);
    put_u16(&c, m->udp_port);
    return finish_message(out, &c, WIRE_HELLO);
}

bool wire_get_hello(const uint8_t *in, size_t len, struct wire_hello *m)
{
    struct get_cursor c = { in, len, false };

    m->session = get_u64(&c);
    m->interval_ns = get_range(&c, 8, WIRE_MIN_INTERVAL, WIRE_MAX_INTERVAL);
    m->threshold_ns = get_range(&c, 8, 1, WIRE_MAX_THRESHOLD);
    m->rate_to_endpoint = get_range(&c, 8, 0, WIRE_MAX_RATE);
    m->udp_size = (uint16_t)get_range(&c, 2, WIRE_UDP_MIN, WIRE_UDP_MAX);
    m->udp_port = (uint16_t)get_range(&c, 2, 1, UINT16_MAX);
    return get_done(&c);
}

size_t wire_put_welcome(uint8_t *out, const struct wire_welcome *m)
{
    struct put_cursor c = { out + WIRE_HEADER_SIZE };

    put_u64(&c, m->session);
    put_u16(&c, m->udp_port);
    return finish_message(out, &c, WIRE_WELCOME);
}

bool wire_get_welcome(const uint8_t *in, size_t len, struct wire_welcome *m)
{
    struct get_cursor c = { in, len, false };

    m->session = get_u64(&c);
    m->udp_port = (uint16_t)get_range(&c, 2, 1, UINT16_MAX);
    return get_done(&c);
}

size_t wire_put_refuse(uint8_t *out, enum wire_refusal reason)
{
    struct put_cursor c = { out + WIRE_HEADER_SIZE };

    put_u16(&c, reason);
    return finish_message(out, &c, WIRE_REFUSE);
}

bool wire_get_refuse(const uint8_t *in, size_t len, enum wire_refusal *m)
{
    struct get_cursor c = { in, len, false };

    *m = (enum wire_refusal)get_bytes(&c, 2);
    return get_done(&c);
}

const char *wire_refusal_text(enum wire_refusal reason)
{
    switch (reason) {
    case REFUSED_VERSION:
        return "it speaks another version of the protocol";
    case REFUSED_BUSY:
        return "it has as many sessions as it can hold";
    case REFUSED_INVALID:
        return "it finds the request invalid";
    case REFUSED_RESOURCES:
        return "it is short of memory, sockets or addresses";
    }
    return "for a reason unknown to this version";
}

size_t wire_put_join(uint8_t *out, uint64_t session)
{
    struct put_cursor c = { out + WIRE_HEADER_SIZE };

    put_u64(&c, session);
    return finish_message(out, &c, WIRE_JOIN);
}

bool wire_get_join(const uint8_t *in, size_t len, uint64_t *session)
{
    struct get_cursor c = { in, len, false };

    *session = get_u64(&c);
    return get_done(&c);
}

size_t wire_put_finish(uint8_t *out, const struct wire_finish *m)
{
    struct put_cursor c = { out + WIRE_HEADER_SIZE };

    put_u64(&c, m->udp_sent);
    put_u64(&c, m->tcp_sent);
    return finish_message(out, &c, WIRE_FINISH);
}

bool wire_get_finish(const uint8_t *in, size_t len, struct wire_finish *m)
{
    struct get_cursor c = { in, len, false };

    m->udp_sent = get_u64(&c);
    m->tcp_sent = get_u64(&c);
    return get_done(&c);
}
