/* SPDX-License-Identifier: GPL-2.0-only */
/* Which guest goes to which host, in which order. Pure. */
#ifndef BROKER_MOVES_H
#define BROKER_MOVES_H

#include <stdbool.h>
#include <stddef.h>

#include "choice/match.h"
#include "choice/pools.h"
#include "proto/request.h"

struct arena;

#define MOVES_NONE (-1)

/* A device of some host, as it is without the guests of the plan. */
struct moves_device {
    struct facts facts;
    struct merit merit;         /* load: by others than these guests */
    long pf;                    /* VFs of one PF have one number, below the
                                 * host's count; MOVES_NONE: no VF */
    const bool *member;         /* of each pool of its host */
    long holder;                /* the guest that has it, or MOVES_NONE */
};

struct moves_host {
    const char *name;
    const struct pools *pools;
    const struct moves_device *devices;         /* in order of BDF */
    size_t count;
    long long free_mib;         /* -1: unknown, enough */
    bool closed;                /* nobody may come */
};

struct moves_guest {
    const struct record *record;        /* its name, type and wishes */
    size_t host;                /* where it is */
    bool goes;                  /* it shall leave */
    long to;                    /* where it shall go, or MOVES_NONE */
    long group;                 /* goes with all others of that number, or none
                                 * of them does; MOVES_NONE: by itself */
    long long memory_mib;       /* -1: unknown */
    enum reason barred;         /* it cannot be moved: why; or REASON_NONE */
    const char *barred_text;
};

struct moves {
    const struct moves_host *hosts;
    size_t host_count;
    const struct moves_guest *guests;
    size_t guest_count;
    size_t parallel;            /* at most so many under way at a time; >= 1 */
    size_t effort;              /* looks at a guest and a host, at most; 0:
                                 * MOVES_EFFORT */
};

/* A second or two. */
#define MOVES_EFFORT 300000

struct moves_step {
    size_t guest, host, wave;   /* those of a wave may go at the same time */
    const long *chosen;         /* a device of the host per wish, or
                                 * MOVES_NONE: the guest goes without */
    size_t missing;             /* of those */
};

/* A wish that a step left open, and the device that is free for it in the end. */
struct moves_later {
    size_t guest, host, wish;
    size_t device;
};

struct moves_stay {
    size_t guest;
    enum reason reason;
    const char *text;           /* for each host why not */
};

struct moves_plan {
    struct moves_step *steps;   /* in order */
    size_t step_count, wave_count;
    struct moves_later *later;
    size_t later_count;
    struct moves_stay *stays;   /* guests that should go and cannot */
    size_t stay_count;
    size_t missing;             /* wishes that stay open, before `later` */
    bool proved;                /* more cannot go, and not with less open */
};

/* As many guests as possible; then as few wishes as possible left open. Each
 * step is what the broker of that host would decide when its turn comes. */
void moves_make(struct arena *arena, const struct moves *moves,
                struct moves_plan *plan);

#endif
