/* SPDX-License-Identifier: GPL-2.0-only */
#include "pattern.h"

/* The finaliser of splitmix64: every input bit moves every output bit. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t word_at(uint64_t seed, uint64_t offset)
{
    return mix(seed ^ mix(offset / 8));
}

uint64_t pattern_seed(uint64_t session, enum pattern_use use)
{
    return mix(session ^ mix(use));
}

void pattern_fill(uint64_t seed, uint64_t offset, uint8_t *buf, size_t len)
{
    uint64_t word = word_at(seed, offset);
    size_t i;

    for (i = 0; i < len; i++, offset++) {
        if (offset % 8 == 0)
            word = word_at(seed, offset);
        buf[i] = (uint8_t)(word >> (offset % 8 * 8));
    }
}

void pattern_check_init(struct pattern_check *c, uint64_t seed)
{
    c->seed = seed;
    c->offset = 0;
    c->wrong = 0;
    c->first_wrong = PATTERN_NONE_WRONG;
}

static void note_wrong(struct pattern_check *c)
{
    if (c->wrong++ == 0)
        c->first_wrong = c->offset;
}

void pattern_check_feed(struct pattern_check *c, const uint8_t *buf,
                        size_t len)
{
    uint64_t word = word_at(c->seed, c->offset);
    size_t i;

    for (i = 0; i < len; i++, c->offset++) {
        if (c->offset % 8 == 0)
            word = word_at(c->seed, c->offset);
        if (buf[i] != (uint8_t)(word >> (c->offset % 8 * 8)))
            note_wrong(c);
    }
}
