/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Distribution of durations: a histogram with 512 buckets per power of two,
 * so that a quantile is exact to 0.1 %.  The maximum is exact.
 */
#ifndef SP_DIST_H
#define SP_DIST_H

#include <stdint.h>

#define DIST_SUB_BITS 9
#define DIST_BUCKETS  ((64 - DIST_SUB_BITS + 1) << DIST_SUB_BITS)

struct dist {
    uint64_t count, max;
    uint32_t bucket[DIST_BUCKETS];
};

struct dist_summary {
    uint64_t count, median_ns, p99_ns, max_ns;
};

void dist_add(struct dist *d, uint64_t ns);
struct dist_summary dist_summarise(const struct dist *d);

#endif
