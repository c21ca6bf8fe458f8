/* SPDX-License-Identifier: GPL-2.0-only */
/* Facts of this host. Nothing is changed but by `probe`. */
#ifndef BROKER_GATHER_H
#define BROKER_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "checks/facts.h"

struct broker;
struct doctor;

/* What tests answer in place of a real host. */
struct doctor_ops {
    /* Facts that only the hypervisor knows. */
    void (*ask_xen)(struct doctor *d, struct host_facts *facts);
    /* JSON of the domain's configuration; NULL with *why. */
    const char *(*configuration)(struct doctor *d, uint32_t domid,
                                 const char **why);
};

struct doctor {
    /* filled by the caller */
    struct broker *b;
    const struct doctor_ops *ops;
    const char *root;           /* before paths of files; "" */
    bool probe;                 /* a domain may be made to ask Xen */
    const char **asked;         /* disks that another host wants to know of */
    size_t asked_count;
};

extern const struct doctor_ops doctor_real_ops;

void gather_all(struct doctor *d, struct host_facts *facts);

/* ---- its parts ---- */

void gather_system(struct doctor *d, struct host_facts *facts);
void gather_leftovers(struct doctor *d, struct host_facts *facts);
void gather_pools(struct doctor *d, struct host_facts *facts);
void gather_guests(struct doctor *d, struct host_facts *facts);
/* Those asked for, and those of the guests. */
void gather_disks(struct doctor *d, struct host_facts *facts);

/* What failed, as text that lives on; b->error is free for the next. */
const char *gather_why(struct doctor *d);
/* A list of facts.def, with one word more. */
const char *gather_word(struct doctor *d, const char *list, const char *word);

#endif
