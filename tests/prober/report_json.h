/* SPDX-License-Identifier: GPL-2.0-only */
/* The report as JSON. */
#ifndef SP_REPORT_JSON_H
#define SP_REPORT_JSON_H

#include <stddef.h>

#include "report.h"

/* Allocated text, NULL when memory is short. */
char *report_to_json(const struct report *r);

/* 0, or -1 with what is wrong in error.  Frees r's contents on failure. */
int report_from_json(const char *json, struct report *r, char *error,
                     size_t error_size);

#endif
