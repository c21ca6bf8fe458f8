/* SPDX-License-Identifier: GPL-2.0-only */
/* Who holds a lease, and whether it lives. */
#ifndef BROKER_LIVENESS_H
#define BROKER_LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

struct broker;

/* A lock (see lock.h), or a domain. */
struct owner {
    const char *lock;           /* its name; or NULL and: */
    const char *domain;         /* UUID */
    uint64_t until;             /* the domain counts as there until these
                                 * seconds of CLOCK_BOOTTIME: it is being
                                 * rebooted; 0: not */
};

/* RC_BAD_REQUEST if no lock is named (NULL), or nobody holds it. */
int owner_from_lock(struct broker *b, const char *name, struct owner *owner);
int owner_is_alive(struct broker *b, const struct owner *owner, bool *alive);

int domain_is_alive(struct broker *b, const char *uuid, bool *alive);
/* *uuid: of the domain with that number, which libxl has written as text;
 * NULL: there is none. */
int domain_uuid(struct broker *b, const char *domid, const char **uuid);
/* To be called after leases were read and before owners are asked for: a
 * list of domains must not be older than the leases. */
void domains_forget(struct broker *b);

#endif
