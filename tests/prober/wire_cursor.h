/* SPDX-License-Identifier: GPL-2.0-only */
/* Big-endian fields written to and read from a buffer, with bounds. */
#ifndef SP_WIRE_CURSOR_H
#define SP_WIRE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

struct put_cursor {
    uint8_t *p;
};

struct get_cursor {
    const uint8_t *p;
    size_t left;
    bool bad; /* ran past the end, or a value was out of range */
};

static inline void put_bytes(struct put_cursor *c, uint64_t v, unsigned int n)
{
    while (n--)
        *c->p++ = (uint8_t)(v >> (n * 8));
}

static inline void put_u16(struct put_cursor *c, uint64_t v)
{
    put_bytes(c, v, 2);
}

static inline void put_u32(struct put_cursor *c, uint64_t v)
{
    put_bytes(c, v, 4);
}

static inline void put_u64(struct put_cursor *c, uint64_t v)
{
    put_bytes(c, v, 8);
}

static inline uint64_t get_bytes(struct get_cursor *c, unsigned int n)
{
    uint64_t v = 0;

    if (c->left < n) {
        c->bad = true;
        return 0;
    }
    c->left -= n;
    while (n--)
        v = v << 8 | *c->p++;
    return v;
}

/* A value that must lie in min..max. */
static inline uint64_t get_range(struct get_cursor *c, unsigned int n,
                                 uint64_t min, uint64_t max)
{
    uint64_t v = get_bytes(c, n);

    if (v < min || v > max)
        c->bad = true;
    return v;
}

static inline uint64_t get_u64(struct get_cursor *c)
{
    return get_bytes(c, 8);
}

#define WIRE_MAGIC 0x53505231u /* SPR1 */

static inline void wire_put_header(struct put_cursor *c, unsigned int type,
                                   size_t body)
{
    put_u32(c, WIRE_MAGIC);
    put_u16(c, WIRE_VERSION);
    put_u16(c, type);
    put_u32(c, body);
}

static inline bool get_done(const struct get_cursor *c)
{
    return !c->bad && c->left == 0;
}

#endif
