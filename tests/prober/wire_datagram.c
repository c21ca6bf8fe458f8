/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "pattern.h"
#include "wire.h"
#include "wire_cursor.h"

#define UDP_MAGIC 0x53505531u /* SPU1 */

void wire_put_datagram(uint8_t *out, size_t size,
                       const struct wire_datagram *m, uint64_t seed)
{
    struct put_cursor c = { out };

    put_u32(&c, UDP_MAGIC);
    put_u64(&c, m->session);
    put_u64(&c, m->seq);
    put_u64(&c, m->ack_next);
    put_u64(&c, m->ack_count);
    put_u64(&c, m->sent_ns);
    pattern_fill(seed, m->seq * WIRE_UDP_MAX, c.p, size - WIRE_UDP_HEADER);
}

bool wire_get_datagram(const uint8_t *in, size_t size,
                       struct wire_datagram *m)
{
    struct get_cursor c = { in, size, false };

    get_range(&c, 4, UDP_MAGIC, UDP_MAGIC);
    m->session = get_u64(&c);
    m->seq = get_u64(&c);
    m->ack_next = get_u64(&c);
    m->ack_count = get_u64(&c);
    m->sent_ns = get_u64(&c);
    return !c.bad && m->ack_count <= m->ack_next;
}

bool wire_datagram_intact(const uint8_t *in, size_t size,
                          const struct wire_datagram *m, uint64_t seed)
{
    uint8_t want[WIRE_UDP_MAX];
    size_t len = size - WIRE_UDP_HEADER;

    pattern_fill(seed, m->seq * WIRE_UDP_MAX, want, len);
    return !memcmp(in + WIRE_UDP_HEADER, want, len);
}
