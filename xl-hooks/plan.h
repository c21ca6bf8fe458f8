/* SPDX-License-Identifier: GPL-2.0-only */
/* From a record to a plan: collects the facts and lets match.c decide. */
#ifndef BROKER_PLAN_H
#define BROKER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lease.h"
#include "reply.h"

struct broker;
struct inventory;
struct pools;
struct record;

struct plan {
    bool refused;
    struct planned *planned;    /* one per wish, in the record's order */
};

/* Inside a transaction; takes nothing. */
int plan_make(struct broker *b, uint32_t txn, struct inventory *inventory,
              const struct pools *pools, const struct holdings *holdings,
              const struct record *record, struct plan *plan);

#endif
