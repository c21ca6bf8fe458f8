/* SPDX-License-Identifier: GPL-2.0-only */
/* What makes a run a failure.  Lost datagrams alone don't: outages are what
 * is measured. */
#ifndef SP_VERDICT_H
#define SP_VERDICT_H

#include "report.h"

/* Fills verdict and failures; 0, or -1 without memory. */
int verdict_set(struct report *r);

#endif
