/* SPDX-License-Identifier: GPL-2.0-only */
/* All devices of this host that some guest could get. */
#ifndef BROKER_STOCK_H
#define BROKER_STOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/candidate.h"

struct pools;

struct stock_device {
    struct candidate candidate; /* verified, and who has it */
    bool *member;               /* of each pool */
};

struct stock {
    struct stock_device *devices;       /* in order of BDF */
    size_t count;
};

/* Those in a pool, and those that pciback has. All of the inventory has to be
 * identified. Returns an rc. */
int stock_read(struct fact_sources *sources, const struct pools *pools,
               struct stock *stock);

#endif
