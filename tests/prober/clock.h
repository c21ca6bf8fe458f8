/* SPDX-License-Identifier: GPL-2.0-only */
/* The two clocks of a report, in nanoseconds. */
#ifndef SP_CLOCK_H
#define SP_CLOCK_H

#include <stdint.h>

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_US UINT64_C(1000)

uint64_t clock_mono_ns(void);
uint64_t clock_real_ns(void);

/* SHADOWPORT_TIME_SCALE: every limit is multiplied by it (1 if unset). */
uint64_t clock_scaled(uint64_t limit_ns);

#endif
