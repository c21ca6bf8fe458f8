/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SP_CLOCK_H
#define SP_CLOCK_H

#include <time.h>

/* Milliseconds of a clock that there is on every host. */
long long clock_ms(clockid_t clock);

#endif
