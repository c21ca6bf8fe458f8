/* SPDX-License-Identifier: GPL-2.0-only */
/* Reports in files; both say what is wrong and return 0 or -1. */
#ifndef SP_REPORT_FILE_H
#define SP_REPORT_FILE_H

#include "report.h"

/* The file appears whole or not at all. */
int report_file_write(const char *path, const struct report *r);
int report_file_read(const char *path, struct report *r);

#endif
