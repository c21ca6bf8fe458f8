/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of a device that some wish may have, for match.c to judge. */
#ifndef BROKER_CANDIDATE_H
#define BROKER_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lease/lease.h"
#include "choice/match.h"

struct broker;
struct inventory;
struct candidate;
struct device;

/* What the facts are asked of; filled by the caller. */
struct fact_sources {
    struct broker *b;
    uint32_t txn;
    struct inventory *inventory;
    struct store_devices *nodes;
    const char *migration;      /* UUID of what goes on; NULL: nothing */
    const char *domain;         /* UUID of the guest that wants devices */
    long numa;                  /* the node it wants, -1: none */
    bool vf_wanted;             /* for the settings of a VF */
    unsigned mtu;               /* the largest that it uses; 0: unknown */
    const char *memory;         /* where it has some; NULL: does not matter */
    struct candidate *candidates;       /* in order of BDF */
    size_t count;
    bool merits_changed;        /* set when one became worse */

    /* private */
    const char *holder, *holder_text;   /* a domid and who that is */
    struct bdf *loads;          /* PFs whose load is known */
    size_t load_count;
    uint32_t *models;           /* of which one cannot be reset alone */
    size_t model_count;
};

/*
 * Facts cost: thousands of devices may fit, a few get chosen. Until it is
 * verified a candidate has the best facts and the best merit that it can turn
 * out to have; each further look can only make it worse. First an address is all
 * that is known; then who has it, and what it is; then the rest.
 */
struct candidate {
    struct device *device;
    struct facts facts;
    struct merit merit;
    bool probed;                /* Xen was asked, and if no guest has it: */
    bool identified;            /* what it is */
    bool gone;                  /* not any more while we looked */
    bool verified;              /* everything is known that matters */
    bool holder_known, reset_known;
};

/* All return an rc. */
void candidate_begin(struct fact_sources *sources, struct device *device,
                     struct candidate *candidate);
int candidate_probe(struct fact_sources *sources, struct candidate *candidate);
/* Also of one that a guest has. */
int candidate_identify(struct fact_sources *sources,
                       struct candidate *candidate);
int candidate_verify(struct fact_sources *sources,
                     struct candidate *candidate);
/* Of one that verifying found to be taken, find out by whom, for people. It
 * may be unfit for another reason then, but not fit. */
int candidate_find_holder(struct fact_sources *sources,
                          struct candidate *candidate);

/* *driver: dom0's driver of the device, also while pciback has it; NULL if
 * that is unknown. */
int facts_home_driver(struct fact_sources *sources, struct device *device,
                      const char **driver);

#endif
