/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "series.h"

void series_init(struct series *s, uint64_t step_ns)
{
    memset(s, 0, sizeof(*s));
    s->step_ns = step_ns;
}

void series_add(struct series *s, uint64_t at_ns, uint64_t amount)
{
    uint64_t step = at_ns / s->step_ns;

    if (step >= SERIES_MAX_STEPS)
        return;
    while (s->steps.n <= step)
        if (!vec_add(&s->steps, sizeof(uint64_t)))
            return;
    *vec_at(&s->steps, uint64_t, step) += amount;
}
