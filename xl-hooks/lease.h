/* SPDX-License-Identifier: GPL-2.0-only */
/* Leases: their JSON, and what /libxl/pci says about every device. */
#ifndef BROKER_LEASE_H
#define BROKER_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <yajl/yajl_gen.h>

#include "bdf.h"
#include "errors.h"
#include "lease_states.h"
#include "owner.h"

struct broker;
struct vf_note;

struct lease {
    enum lease_state state;
    const char *migration, *domain, *id;
    struct owner owner;
    const char *was;            /* driver it was taken from, or NULL */
    const char *before;         /* held-for-rollback: migration of the lease
                                 * that it replaces, or NULL */
};

/* Nodes of one device below /libxl/pci; all may be missing. */
struct holding {
    struct bdf bdf;
    struct lease *lease;
    const char *broken;         /* why the lease cannot be read, or NULL */
    const char *domid;          /* as libxl wrote it */
    const char *driver_path;    /* libxl: where to rebind it */
    struct vf_note *vf;         /* what a VF is to have, see vf_note.h */
    const char *orphan_of;      /* driver that it could not be given back to */
    const char *reset_failed;   /* see reset_mark.h; or NULL */
    bool alive;                 /* the lease's owner does */
    bool no_such_domain;        /* domid is of none (leases_read only) */
    /* private: what was read */
    bool domid_known, lease_known, mark_known, rest_known;
};

struct holdings {
    struct holding *list;       /* in order of BDF */
    size_t count;
};

/* RC_OK, or an rc with *why set. */
int lease_parse(struct broker *b, const char *text, size_t len,
                struct lease *lease, const char **why);
char *lease_text(struct broker *b, const struct lease *lease);
/* Its keys, into an object that is open. */
void lease_emit(yajl_gen gen, const struct lease *lease);

/*
 * Inside a transaction. There may be thousands of devices below /libxl/pci, of
 * which a few matter: holdings_open reads their names only, holding_get the
 * nodes of one device, when it is asked for first; leases_read all of them.
 */
int holdings_open(struct broker *b, uint32_t txn, struct holdings *holdings);
/* *out is NULL if the store knows nothing of the device. */
int holding_get(struct broker *b, uint32_t txn, struct holdings *holdings,
                const struct bdf *bdf, struct holding **out);
/* Who has it: domid, the lease only if there is no domid; and whether it
 * failed a reset. */
int holding_peek(struct broker *b, uint32_t txn, struct holdings *holdings,
                 const struct bdf *bdf, struct holding **out);
/* The same without a look into the store: nodes only if they were read. */
struct holding *holdings_find(const struct holdings *holdings,
                              const struct bdf *bdf);
int leases_read(struct broker *b, uint32_t txn, struct holdings *holdings);
/* Those with a readable lease of the migration; one read for each device, and
 * more only for these. */
int leases_of_migration(struct broker *b, uint32_t txn,
                        const char *migration, struct holdings *holdings);
/* What xl calls the device, or NULL. */
int lease_read_name(struct broker *b, uint32_t txn, const struct bdf *bdf,
                    const char **name);
/* Inside a transaction: does the device still have a lease of that migration
 * and that lock, and no domain has it? */
int lease_stands(struct broker *b, uint32_t txn, const struct bdf *bdf,
                 const char *migration, const char *lock, bool *stands);
/* The same with a transaction of its own: a look before each step that would
 * hurt somebody who has got the device meanwhile. If it cannot be found out it
 * does not stand. */
bool lease_still_stands(struct broker *b, const struct bdf *bdf,
                        const char *migration, const char *lock);
int lease_write(struct broker *b, uint32_t txn, const struct bdf *bdf,
                const struct lease *lease);
int lease_remove(struct broker *b, uint32_t txn, const struct bdf *bdf);
int lease_set_driver_path(struct broker *b, uint32_t txn,
                          const struct bdf *bdf, const char *driver);
/* NULL removes it. */
int lease_set_orphan(struct broker *b, uint32_t txn, const struct bdf *bdf,
                     const char *driver);
/* libxl's node, of a domain that is not there any more. */
int lease_forget_domid(struct broker *b, uint32_t txn, const struct bdf *bdf);
/* NULL removes it. */
int lease_set_vf_note(struct broker *b, uint32_t txn, const struct bdf *bdf,
                      const struct vf_note *note);

/* What is to be said of a device without a readable lease that is listed. */
struct holding_remark {
    enum reason reason;
    const char *text;
};
struct holding_remark holding_remark(const struct holding *h);

/* Driver that the device has to go back to, or NULL; see BIND_NO_DRIVER. */
const char *holding_debt(const struct holding *h);
/* Driver that had the device before pciback: from libxl's node or the
 * lease; NULL if unknown. */
const char *holding_home_driver(const struct holding *holding);
const char *driver_of_path(const char *driver_path);

#endif
