/* SPDX-License-Identifier: GPL-2.0-only */
/* Values of options: durations, rates, numbers, names. */
#ifndef SP_VALUES_H
#define SP_VALUES_H

#include <stdbool.h>
#include <stdint.h>

/* 500us, 20ms, 2s, 5m, 1h: a whole number, and the unit is required. */
bool value_duration(const char *text, uint64_t *ns);

/* Bytes per second: 0, 800, 100k, 2M, max (no pacing). */
bool value_rate(const char *text, uint64_t *bytes_per_s);

bool value_number(const char *text, uint64_t min, uint64_t max,
                  uint64_t *value);

#endif
