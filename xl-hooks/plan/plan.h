/* SPDX-License-Identifier: GPL-2.0-only */
/* From a record to a plan: collects the facts and lets match.c decide. */
#ifndef BROKER_PLAN_H
#define BROKER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bdf.h"
#include "base/errors.h"

struct broker;
struct inventory;
struct pools;
struct record;
struct store_devices;

enum planned_status { PLANNED_DEVICE, PLANNED_STANDBY, PLANNED_REFUSED };

/* No more of them in an answer. */
#define PLANNED_CANDIDATES_MAX 32

/* A device that a wish could have had, and why it has it or not. */
struct planned_candidate {
    struct bdf bdf;
    bool taken;
    enum reason reason;         /* not taken; REASON_NONE: others are better */
    const char *text;           /* not taken */
    /* NULL: it does not fit; otherwise what it was ranked by */
    const char *rank;
    unsigned node, load;
    int reset;                  /* enum reset */
};

struct planned {
    const char *id;
    enum planned_status status;
    /* PLANNED_DEVICE */
    struct bdf bdf;
    const char *model, *modalias;
    uint16_t vendor, device;
    uint32_t class;
    /* otherwise */
    enum reason reason;
    const char *text;
    /* best first; none unless they were asked for */
    struct planned_candidate *candidates;
    size_t candidate_count, candidates_left_out;
};

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

/* Inside a transaction; takes nothing. Nodes as store_devices_open left them. */
int plan_make(const struct plan_job *job, uint32_t txn,
              struct store_devices *nodes, struct plan *plan);

#endif
