/* SPDX-License-Identifier: GPL-2.0-only */
/* What xenstore says of every device, below /libxl/pci. */
#ifndef BROKER_STORE_DEVICE_H
#define BROKER_STORE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bdf.h"
#include "base/errors.h"
#include "lease/lease.h"

struct broker;
struct vf_node;

/* Nodes of one device; all may be missing. */
struct store_device {
    struct bdf bdf;
    struct lease *lease;
    const char *broken;         /* why the lease cannot be read, or NULL */
    const char *domid;          /* as libxl wrote it */
    const char *driver_path;    /* libxl: where to rebind it */
    struct vf_node *vf;         /* what a VF is to have, see vf_node.h */
    const char *orphan_of;      /* driver that it could not be given back to */
    const char *reset_failed;   /* see reset_mark.h; or NULL */
    bool alive;                 /* the lease's owner does */
    bool no_such_domain; /* domid is of none (store_devices_read only) */
    /* private: what was read */
    char **names;
    size_t name_count;
    bool names_known, domid_known, lease_known, mark_known, rest_known;
};

struct store_devices {
    struct store_device *list;       /* in order of BDF */
    size_t count;
};

/*
 * Inside a transaction. There may be thousands of devices below /libxl/pci, of
 * which a few matter: store_devices_open reads their names only,
 * store_device_get the nodes of one device, when it is asked for first;
 * store_devices_read all of them.
 */
int store_devices_open(struct broker *b, uint32_t txn,
                       struct store_devices *nodes);
/* *out is NULL if the store knows nothing of the device. */
int store_device_get(struct broker *b, uint32_t txn,
                     struct store_devices *nodes, const struct bdf *bdf,
                     struct store_device **out);
/* Who has it: domid, the lease only if there is no domid; and whether it
 * failed a reset. */
int store_device_peek(struct broker *b, uint32_t txn,
                      struct store_devices *nodes, const struct bdf *bdf,
                      struct store_device **out);
/* The same without a look into the store: nodes only if they were read. */
struct store_device *store_devices_find(const struct store_devices *nodes,
                                        const struct bdf *bdf);
int store_devices_read(struct broker *b, uint32_t txn,
                       struct store_devices *nodes);
/* Those with a readable lease of the migration; one read for each device, and
 * more only for these. */
int store_devices_of_migration(struct broker *b, uint32_t txn,
                               const char *migration,
                               struct store_devices *nodes);
/* What xl calls the device, or NULL. */
int store_device_name(struct broker *b, uint32_t txn, const struct bdf *bdf,
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
int lease_remove_domid(struct broker *b, uint32_t txn, const struct bdf *bdf);
/* NULL removes it. */
int lease_set_vf_node(struct broker *b, uint32_t txn, const struct bdf *bdf,
                      const struct vf_node *node);

/* What is to be said of a device without a readable lease that is listed. */
struct store_device_remark {
    enum reason reason;
    const char *text;
};
struct store_device_remark store_device_remark(const struct store_device *sd);

/* Driver that the device has to go back to, or NULL; see BIND_NO_DRIVER. */
const char *store_device_return_driver(const struct store_device *sd);
/* Driver that had the device before pciback: from libxl's node or the
 * lease; NULL if unknown. */
const char *store_device_home_driver(const struct store_device *sd);
const char *driver_of_path(const char *driver_path);

#endif
