/* SPDX-License-Identifier: GPL-2.0-only */
/* A report, or a part of it, for people: one screen of text. */
#ifndef SP_SUMMARY_H
#define SP_SUMMARY_H

#include <stdio.h>

#include "between.h"
#include "report.h"

void summary_print(FILE *out, const struct report *r);

/* base may be NULL; else b is also given as a multiple of it. */
void summary_print_between(FILE *out, const struct report *r,
                           const struct between *b,
                           const struct between *base);

/* The same as one JSON object; 0, or -1 without memory. */
int summary_print_between_json(FILE *out, const struct report *r,
                               const struct between *b,
                               const struct between *base);

#endif
