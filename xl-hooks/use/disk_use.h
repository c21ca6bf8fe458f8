/* SPDX-License-Identifier: GPL-2.0-only */
/* Disks that are reached through a device, and who uses them. */
#ifndef BROKER_DISK_USE_H
#define BROKER_DISK_USE_H

#include <stdint.h>

struct broker;
struct device;

/* Inside a transaction. *why, NULL before: what one of them is used for; it
 * stays NULL if nothing uses any, or there is none. */
int disk_use(struct broker *b, uint32_t txn, const struct device *device,
             const char **why);

#endif
