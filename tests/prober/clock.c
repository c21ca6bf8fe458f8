/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <time.h>

#include "clock.h"

#define MAX_TIME_SCALE 1000

static uint64_t read_clock(clockid_t id)
{
    struct timespec ts;

    /* Both clocks exist on every Linux: this can't fail. */
    clock_gettime(id, &ts);
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t clock_mono_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t clock_real_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}

uint64_t clock_scaled(uint64_t limit_ns)
{
    const char *text = getenv("SHADOWPORT_TIME_SCALE");
    char *end;
    long scale;

    if (!text)
        return limit_ns;
    scale = strtol(text, &end, 10);
    if (*end || scale < 1 || scale > MAX_TIME_SCALE)
        return limit_ns;
    return limit_ns * (uint64_t)scale;
}
