/* SPDX-License-Identifier: GPL-2.0-only */
/* What goes out on stdout. Every function returns one line of JSON. */
#ifndef BROKER_REPLY_H
#define BROKER_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "bdf.h"
#include "errors.h"
#include "match.h"
#include "vf_settings.h"

struct broker;
struct holding;
struct record;

/* Host side of one device of the record. */
struct described {
    bool present;
    uint16_t vendor, device;
    uint32_t class;
    const char *driver;         /* or NULL */
    bool vf;
    struct bdf pf;
    unsigned index;
    struct vf_settings settings;
};

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

/* A lease after prepare, commit or release. */
struct done {
    const char *id;
    struct bdf bdf;
    const char *state;          /* "released": the lease is gone */
    enum reason reason;         /* REASON_NONE: done */
    const char *text;
};

/* A device of pciback that no guest has. */
struct assignable {
    struct bdf bdf;
    const char *name;           /* as xl gave it, or NULL */
    uint16_t vendor, device;
    uint32_t class;
    const char *model;
    const char **pools;
    size_t pool_count;
    struct holding *holding;    /* or NULL */
    struct judgement why_not;
};

char *reply_error(struct broker *b, int rc);
char *reply_record(struct broker *b, const struct record *record,
                   const struct described *described);
char *reply_plan(struct broker *b, const char *migration, bool refused,
                 const struct planned *planned, size_t count);
char *reply_done(struct broker *b, const char *migration, bool refused,
                 const struct done *done, size_t count);
/* done: what became of them, or NULL */
char *reply_list(struct broker *b, const struct holding *holdings,
                 const struct done *done, size_t count);
char *reply_assignable(struct broker *b, const struct assignable *list,
                       size_t count);

#endif
