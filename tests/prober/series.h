/* SPDX-License-Identifier: GPL-2.0-only */
/* Amounts per step of time (bytes or datagrams per second over a run). */
#ifndef SP_SERIES_H
#define SP_SERIES_H

#include <stdint.h>

#include "vec.h"

#define SERIES_MAX_STEPS (7u * 24 * 3600)

struct series {
    uint64_t step_ns;
    struct vec steps; /* uint64_t */
};

void series_init(struct series *s, uint64_t step_ns);

/* Adds amount at an offset from the start; beyond the limit it is dropped. */
void series_add(struct series *s, uint64_t at_ns, uint64_t amount);

#endif
