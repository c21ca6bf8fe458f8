/* SPDX-License-Identifier: GPL-2.0-only */
/* One run of pci-broker: what it works on, and what the parts share. */
#ifndef BROKER_BROKER_H
#define BROKER_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/errors.h"

struct arena;
struct json;
struct net;
struct store;
struct sysfs;
struct xen;

struct broker {
    /* filled by the caller: main() with the real things, tests with others */
    struct arena *arena;
    const char *pools_path;
    bool pools_named;           /* by the caller: the file must be there */
    const char *proc_root, *dev_root;
    const char *lock_dir;       /* where the locks of migrations are */
    const char *ids_path;       /* pci.ids; NULL: where libpci finds it */
    const char *modules_dir;    /* NULL: those of the running kernel */
    const char *const *modprobe_dirs;   /* NULL: where modprobe looks */
    struct sysfs *sysfs;
    struct store *store;
    struct xen *xen;
    struct net *net;
    unsigned transaction_limit_ms;
    bool table;                 /* answers are for people */
    FILE *messages;             /* remedies go here; NULL: nowhere */
    FILE *explain;              /* `plan` tells people here; NULL: nothing */
    /* changes to devices, a line each; NULL: nowhere */
    void (*log)(struct broker *b, const char *line);

    /* returned */
    const char *error;          /* first error, NULL if none */
    enum reason error_reason;   /* of it, if it is not that of the rc */

    /* set by verbs: the migration that changes are made for, or NULL */
    const char *acting_for;

    /* private */
    struct domain_list *domains;        /* see liveness.c */
    unsigned long long told;            /* bits of reasons, see remedy.c */
};

#endif
