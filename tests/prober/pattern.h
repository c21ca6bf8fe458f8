/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The known bytes of a stream.  A byte depends on the seed and on its own
 * position, so that shifted, repeated and exchanged parts show up, and any
 * part can be made again without keeping it (a partly accepted write()).
 */
#ifndef SP_PATTERN_H
#define SP_PATTERN_H

#include <stddef.h>
#include <stdint.h>

enum pattern_use {
    PATTERN_TCP_TO_GUEST = 1,
    PATTERN_TCP_TO_ENDPOINT,
    PATTERN_UDP_TO_GUEST,
    PATTERN_UDP_TO_ENDPOINT,
};

#define PATTERN_NONE_WRONG UINT64_MAX

struct pattern_check {
    uint64_t seed;
    uint64_t offset;      /* bytes seen */
    uint64_t wrong;
    uint64_t first_wrong; /* offset, PATTERN_NONE_WRONG if none */
};

/* Each use in a session has a pattern of its own. */
uint64_t pattern_seed(uint64_t session, enum pattern_use use);
void pattern_fill(uint64_t seed, uint64_t offset, uint8_t *buf, size_t len);

void pattern_check_init(struct pattern_check *c, uint64_t seed);
void pattern_check_feed(struct pattern_check *c, const uint8_t *buf,
                        size_t len);

#endif
