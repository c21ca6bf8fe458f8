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

struct plan_job {
    struct broker *b;
    struct inventory *inventory;
    const struct pools *pools;
    const struct record *record;
    long numa;                  /* preferred node, -1: none */
    bool take;                  /* the devices are going to be leased */
    bool list;                  /* say of each candidate what became of it */
};

struct plan {
    bool refused;
    struct planned *planned;    /* one per wish, in the record's order */
};

/* Inside a transaction; takes nothing. Holdings as holdings_open left them. */
int plan_make(const struct plan_job *job, uint32_t txn,
              struct holdings *holdings, struct plan *plan);

#endif
