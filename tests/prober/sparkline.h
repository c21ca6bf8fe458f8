/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SP_SPARKLINE_H
#define SP_SPARKLINE_H

#include <stddef.h>
#include <stdint.h>

/*
 * A row of at most width characters, from blank for nothing to '@' for the
 * peak; several values share a character (by their mean) if there are more.
 * What is above zero is never blank.  out has room for width + 1.
 * Returns the peak of the values.
 */
double sparkline(const uint64_t *values, size_t n, char *out, size_t width);

#endif
