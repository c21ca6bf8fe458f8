/* SPDX-License-Identifier: GPL-2.0-only */
/* A lease and its JSON: the value of /libxl/pci/<BDF>/lease. */
#ifndef BROKER_LEASE_H
#define BROKER_LEASE_H

#include <stddef.h>

#include <yajl/yajl_gen.h>

#include "lease/lease_states.h"
#include "lease/liveness.h"

struct broker;

struct lease {
    enum lease_state state;
    const char *migration, *domain, *id;
    struct owner owner;
    const char *was;            /* driver it was taken from, or NULL */
    const char *before;         /* held-for-rollback: migration of the lease
                                 * that it replaces, or NULL */
};

/* RC_OK, or an rc with *why set. */
int lease_parse(struct broker *b, const char *text, size_t len,
                struct lease *lease, const char **why);
char *lease_text(struct broker *b, const struct lease *lease);
/* Its keys, into an object that is open. */
void lease_emit(yajl_gen gen, const struct lease *lease);

#endif
