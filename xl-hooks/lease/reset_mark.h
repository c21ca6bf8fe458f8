/* SPDX-License-Identifier: GPL-2.0-only */
/* /libxl/pci/<BDF>/reset-failed: a device that did not come out of a reset is
 * given to nobody until `gc --force`. */
#ifndef BROKER_RESET_MARK_H
#define BROKER_RESET_MARK_H

#include <stdbool.h>
#include <stdint.h>

struct bdf;
struct broker;

#define RESET_MARK_NODE "reset-failed"

/* Inside a transaction; NULL takes it away. */
int reset_mark_set(struct broker *b, uint32_t txn, const struct bdf *bdf,
                   const char *text);

/* Whether its config space answers. One that cannot be read is not judged. */
bool reset_came_back(struct broker *b, const struct bdf *bdf);

#define RESET_MARK_TEXT "does not answer since it was reset"

#endif
