/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/clock.h"

long long clock_ms(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
