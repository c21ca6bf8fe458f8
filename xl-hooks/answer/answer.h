/* SPDX-License-Identifier: GPL-2.0-only */
/* What goes out on stdout. Every function returns one line of JSON. */
#ifndef BROKER_ANSWER_H
#define BROKER_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include <yajl/yajl_gen.h>

#include "base/bdf.h"
#include "base/errors.h"
#include "choice/match.h"
#include "choice/supply.h"
#include "proto/vf_settings.h"

struct broker;
struct done;
struct lease_batch;
struct lease_request;
struct planned;
struct store_device;
struct described;
struct record;

/* A device of pciback that no guest has. */
struct assignable {
    struct bdf bdf;
    const char *name;           /* as xl gave it, or NULL */
    uint16_t vendor, device;
    uint32_t class;
    const char *model;
    const char **pools;
    size_t pool_count;
    struct store_device *sd;    /* or NULL */
    struct judgement why_not;
};

/* What guests that arrive can have of a pool. */
struct pool_supply {
    const char *name;
    size_t reserve;             /* kept for guests of this host */
    size_t makeable;            /* VFs that are made once they are needed */
    struct supply supply;
};

struct host_supply {
    struct pool_supply *pools;
    size_t count;
    struct supply pciback;      /* for wishes without a pool */
};

char *answer_error(struct broker *b, int rc);
char *answer_record(struct broker *b, const struct record *record,
                    const struct described *described);
/* The member "host" of a device that is open. */
void answer_emit_host(struct broker *b, yajl_gen gen,
                      const struct described *described);
char *answer_plan(struct broker *b, const char *migration, bool refused,
                  const struct planned *planned, size_t count);
char *answer_done(struct broker *b, const char *migration, bool refused,
                  const struct done *done, size_t count);
/* done: what became of them, or NULL */
char *answer_list(struct broker *b, const struct store_device *nodes,
                  const struct done *done, size_t count);
char *answer_assignable(struct broker *b, const struct assignable *list,
                        size_t count);
char *answer_pools(struct broker *b, const struct host_supply *supply);
/* The same in lines "name=number", without the last newline. */
char *answer_attributes(struct broker *b, const struct host_supply *supply);

/* Of prepare, commit and release. */
char *answer_batch(struct broker *b, const struct lease_request *request,
                   const struct lease_batch *batch, int rc);

#endif
