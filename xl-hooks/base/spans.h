/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of a guest's memory space, as text: "0-bfffffff fee00000-fee00fff". */
#ifndef BROKER_SPANS_H
#define BROKER_SPANS_H

#include <stdbool.h>
#include <stdint.h>

#define SPANS_MAX 64

struct span {
    uint64_t start, end;        /* both are in it */
};

/* At most SPANS_MAX, in order, none in another, lower-case hex. */
bool word_is_spans(const char *s);
/* The first of them that has an address of `with`; false: none. spans fits. */
bool spans_meet(const char *spans, const struct span *with,
                struct span *found);

#endif
