/* SPDX-License-Identifier: GPL-2.0-only */
#include "dist.h"

#define SUB (1u << DIST_SUB_BITS)

/* Values below SUB have a bucket each; above, the top bits choose it. */
static unsigned int bucket_of(uint64_t v)
{
    unsigned int shift;

    if (v < SUB)
        return (unsigned int)v;
    shift = 63 - (unsigned int)__builtin_clzll(v) - DIST_SUB_BITS;
    return (shift << DIST_SUB_BITS) + (unsigned int)(v >> shift);
}

static uint64_t middle_of(unsigned int bucket)
{
    unsigned int shift;

    if (bucket < 2 * SUB)
        return bucket;
    shift = (bucket >> DIST_SUB_BITS) - 1;
    return ((uint64_t)((bucket & (SUB - 1)) + SUB) << shift) +
           ((UINT64_C(1) << shift) >> 1);
}

void dist_add(struct dist *d, uint64_t ns)
{
    d->count++;
    d->bucket[bucket_of(ns)]++;
    if (ns > d->max)
        d->max = ns;
}

static uint64_t quantile(const struct dist *d, unsigned int percent)
{
    uint64_t need = (d->count * percent + 99) / 100, seen = 0, v;
    unsigned int i;

    for (i = 0; i < DIST_BUCKETS; i++) {
        seen += d->bucket[i];
        if (seen >= need)
            break;
    }
    v = i < DIST_BUCKETS ? middle_of(i) : d->max;
    return v < d->max ? v : d->max;
}

struct dist_summary dist_summarise(const struct dist *d)
{
    struct dist_summary s = { .count = d->count, .max_ns = d->max };

    if (d->count) {
        s.median_ns = quantile(d, 50);
        s.p99_ns = quantile(d, 99);
    }
    return s;
}
