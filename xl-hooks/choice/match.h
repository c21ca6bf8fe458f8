/* SPDX-License-Identifier: GPL-2.0-only */
/* Policy: which device for which wish. Pure: facts in, decisions out. */
#ifndef BROKER_MATCH_H
#define BROKER_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bdf.h"
#include "base/errors.h"
#include "proto/request.h"

/* Best first. Devices of one tier are equal but for their order. */
enum tier {
    TIER_SAME_MODEL, TIER_SAME_FAMILY, TIER_SAME_CLASS, TIER_SAME_BASE_CLASS,
    TIER_UNFIT
};

/* One device of this host. Texts are NULL if there is nothing to say. */
struct facts {
    struct bdf bdf;
    uint16_t vendor, device;
    uint32_t class;
    const char *driver;         /* dom0's, also if pciback has it now */
    bool answers, msi;
    bool assignable;            /* pciback has it */
    /* The texts go on after "0000:01:00.0 ". */
    const char *no_bind;        /* why pciback cannot get it at all */
    const char *busy;           /* what dom0 does with it, or what it is */
    const char *given;          /* which guest has it */
    const char *leased;         /* who holds it */
    const char *reset_failed;   /* it did, and this is how */
    const char *lease_broken;   /* what is wrong with its lease */
    const char *shared;         /* who can reach its DMA */
    const char *pf_down;        /* a VF's: what is wrong with its PF */
    bool vf_settable;           /* a VF, and its PF has an interface */
    const char *vf_lost;        /* why its settings cannot be found */
    unsigned mtu;               /* it can have here; 0: nothing is known */
    const char *mtu_text;
    const char *bar_text;       /* of its BARs, why this guest cannot have it */
    enum reason xen_reason;     /* what the hypervisor has against it */
    const char *xen_text;
};

struct judgement {
    enum tier tier;
    enum reason reason;         /* TIER_UNFIT only, as text */
    const char *text;
};

/* What decides between devices of one tier, most important first. */
struct merit {
    unsigned node;              /* 0: the wanted NUMA node; then the others */
    unsigned load;              /* VFs in use on its PF */
    unsigned reset;             /* enum reset */
    struct bdf bdf;
};

/* As qsort wants it: the better one first. */
int match_compare(const struct merit *a, const struct merit *b);

/* Can the device be given away at all, whoever wants it? TIER_SAME_MODEL is
 * yes. */
struct judgement match_free(const struct facts *facts, bool pool_bind);

/* pool_bind: the pool that made it a candidate may take it from dom0;
 * pool_kind: see pool_kind(). */
struct judgement match_judge(const struct wanted *wanted,
                             enum domain_type type,
                             const struct facts *facts, bool pool_bind,
                             long pool_kind);

#endif
