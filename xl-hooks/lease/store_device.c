/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "base/words.h"
#include "host/bind.h"
#include "host/store.h"
#include "lease/lease.h"
#include "lease/reset_mark.h"
#include "lease/store_device.h"
#include "lease/vf_node.h"

#define STORE_PCI "/libxl/pci"

static char *node_path(struct broker *b, const struct bdf *bdf,
                       const char *name)
{
    return arena_printf(b->arena, STORE_PCI "/%s/%s",
                        bdf_store_name(b->arena, bdf), name);
}

/* Most devices have few of the nodes: their names are asked for first. */
static int read_names(struct broker *b, uint32_t txn, struct store_device *sd)
{
    int rc = RC_OK;

    if (!sd->names_known)
        rc = store_list(b, txn, arena_printf(
            b->arena, STORE_PCI "/%s", bdf_store_name(b->arena, &sd->bdf)),
            &sd->names, &sd->name_count);
    sd->names_known = !rc;
    return rc;
}

/* *value is NULL if there is no such node. */
static int read_node(struct broker *b, uint32_t txn, struct store_device *sd,
                     const char *name, char **value, size_t *len)
{
    size_t i;
    int rc = read_names(b, txn, sd);

    *value = NULL;
    *len = 0;
    for (i = 0; !rc && i < sd->name_count; i++)
        if (!strcmp(sd->names[i], name))
            return store_read(b, txn, node_path(b, &sd->bdf, name), value,
                              len);
    return rc;
}

static int read_domid(struct broker *b, uint32_t txn, struct store_device *sd)
{
    char *value;
    size_t len;
    int rc;

    if (sd->domid_known)
        return RC_OK;
    rc = read_node(b, txn, sd, "domid", &value, &len);
    sd->domid = value;
    sd->domid_known = !rc;
    return rc;
}

/* A domain that is not in the list may be younger than the list, since leases
 * are read one by one: the last word has a list that is younger than it. */
static int check_owner(struct broker *b, struct store_device *sd)
{
    int rc = owner_is_alive(b, &sd->lease->owner, &sd->alive);

    if (rc || sd->alive || !sd->lease->owner.domain)
        return rc;
    domains_forget(b);
    return owner_is_alive(b, &sd->lease->owner, &sd->alive);
}

static int read_lease(struct broker *b, uint32_t txn, struct store_device *sd)
{
    const char *why;
    char *value;
    size_t len;
    int rc;

    if (sd->lease_known)
        return RC_OK;
    rc = read_node(b, txn, sd, "lease", &value, &len);
    if (rc) goto out;
    sd->lease_known = true;
    if (!value) goto out;
    sd->lease = arena_alloc(b->arena, sizeof(*sd->lease));
    if (lease_parse(b, value, len, sd->lease, &why)) {
        sd->lease = NULL;
        sd->broken = why;
    } else {
        rc = check_owner(b, sd);
    }
out:
    return rc;
}

static int read_rest(struct broker *b, uint32_t txn, struct store_device *sd)
{
    char *value;
    size_t len;
    int rc;

    if (sd->rest_known)
        return RC_OK;
    rc = read_node(b, txn, sd, "driver_path", &value, &len);
    if (rc) goto out;
    sd->driver_path = value;
    rc = read_node(b, txn, sd, "orphan-of", &value, &len);
    if (rc) goto out;
    sd->orphan_of = value && word_is_driver(value) ? value : NULL;
    rc = read_node(b, txn, sd, "vf", &value, &len);
    if (rc) goto out;
    if (value) {
        sd->vf = arena_alloc(b->arena, sizeof(*sd->vf));
        vf_node_parse(b, value, len, sd->vf);
    }
    sd->rest_known = true;
out:
    return rc;
}

static int read_reset_mark(struct broker *b, uint32_t txn,
                           struct store_device *sd)
{
    char *value;
    size_t len;
    int rc;

    if (sd->mark_known)
        return RC_OK;
    rc = read_node(b, txn, sd, RESET_MARK_NODE, &value, &len);
    sd->reset_failed = value;
    sd->mark_known = !rc;
    return rc;
}

static int compare_store_devices(const void *a, const void *b)
{
    return bdf_compare(&((const struct store_device *)a)->bdf,
                       &((const struct store_device *)b)->bdf);
}

static int get(struct broker *b, uint32_t txn, struct store_device *sd)
{
    int rc;

    rc = read_domid(b, txn, sd);
    if (!rc)
        rc = read_lease(b, txn, sd);
    if (!rc)
        rc = read_reset_mark(b, txn, sd);
    if (!rc)
        rc = read_rest(b, txn, sd);
    return rc;
}

int store_devices_open(struct broker *b, uint32_t txn,
                       struct store_devices *nodes)
{
    size_t i, count;
    char **names;
    int rc;

    memset(nodes, 0, sizeof(*nodes));
    domains_forget(b);
    rc = store_list(b, txn, STORE_PCI, &names, &count);
    if (rc)
        return rc;
    if (count)
        nodes->list = arena_alloc(b->arena, count * sizeof(*nodes->list));
    for (i = 0; i < count; i++)
        if (bdf_parse_store_name(names[i], &nodes->list[nodes->count].bdf))
            nodes->count++;
    if (nodes->count)
        qsort(nodes->list, nodes->count, sizeof(*nodes->list),
              compare_store_devices);
    return RC_OK;
}

struct store_device *store_devices_find(const struct store_devices *nodes,
                                        const struct bdf *bdf)
{
    struct store_device key = { .bdf = *bdf };

    if (!nodes->count)
        return NULL;
    return bsearch(&key, nodes->list, nodes->count, sizeof(*nodes->list),
                   compare_store_devices);
}

int store_device_peek(struct broker *b, uint32_t txn,
                      struct store_devices *nodes, const struct bdf *bdf,
                      struct store_device **out)
{
    int rc;

    *out = store_devices_find(nodes, bdf);
    if (!*out)
        return RC_OK;
    rc = read_domid(b, txn, *out);
    if (!rc && !(*out)->domid)
        rc = read_lease(b, txn, *out);
    if (!rc)
        rc = read_reset_mark(b, txn, *out);
    return rc;
}

int store_device_get(struct broker *b, uint32_t txn,
                     struct store_devices *nodes, const struct bdf *bdf,
                     struct store_device **out)
{
    *out = store_devices_find(nodes, bdf);
    return *out ? get(b, txn, *out) : RC_OK;
}

static int check_domid(struct broker *b, struct store_device *sd)
{
    const char *uuid;
    int rc;

    if (!sd->domid)
        return RC_OK;
    rc = domain_uuid(b, sd->domid, &uuid);
    if (!rc && !uuid) {         /* it may be younger than the list */
        domains_forget(b);
        rc = domain_uuid(b, sd->domid, &uuid);
    }
    sd->no_such_domain = !rc && !uuid;
    return rc;
}

int store_devices_read(struct broker *b, uint32_t txn,
                       struct store_devices *nodes)
{
    size_t i;
    int rc;

    rc = store_devices_open(b, txn, nodes);
    for (i = 0; !rc && i < nodes->count; i++) {
        rc = get(b, txn, &nodes->list[i]);
        if (!rc)
            rc = check_domid(b, &nodes->list[i]);
    }
    return rc;
}

/* Parsing every lease of the host would cost more than to look for the word
 * that must be in the wanted ones. */
int store_devices_of_migration(struct broker *b, uint32_t txn,
                               const char *migration,
                               struct store_devices *nodes)
{
    size_t i, n = 0, len;
    struct store_device *sd;
    char *text;
    int rc;

    rc = store_devices_open(b, txn, nodes);
    for (i = 0; !rc && i < nodes->count; i++) {
        sd = &nodes->list[i];
        rc = store_read(b, txn, node_path(b, &sd->bdf, "lease"), &text, &len);
        if (rc || !text || !strstr(text, migration))
            continue;
        rc = get(b, txn, sd);
        if (!rc && sd->lease && !strcmp(sd->lease->migration, migration))
            nodes->list[n++] = *sd;
    }
    nodes->count = n;
    return rc;
}

int store_device_name(struct broker *b, uint32_t txn, const struct bdf *bdf,
                      const char **name)
{
    char *value;
    size_t len;
    int rc;

    rc = store_read(b, txn, node_path(b, bdf, "name"), &value, &len);
    *name = rc ? NULL : value;
    return rc;
}

int lease_stands(struct broker *b, uint32_t txn, const struct bdf *bdf,
                 const char *migration, const char *lock, bool *stands)
{
    struct store_device sd = { .bdf = *bdf };
    int rc;

    *stands = false;
    rc = read_domid(b, txn, &sd);
    if (!rc)
        rc = read_lease(b, txn, &sd);
    if (!rc && !sd.domid && sd.lease && sd.lease->owner.lock)
        *stands = !strcmp(sd.lease->owner.lock, lock) &&
                  !strcmp(sd.lease->migration, migration);
    return rc;
}

struct look {
    const struct bdf *bdf;
    const char *migration, *lock;
    bool stands;
};

static int look(struct broker *b, uint32_t txn, void *arg)
{
    struct look *l = arg;

    return lease_stands(b, txn, l->bdf, l->migration, l->lock, &l->stands);
}

bool lease_still_stands(struct broker *b, const struct bdf *bdf,
                        const char *migration, const char *lock)
{
    struct look l = { .bdf = bdf, .migration = migration, .lock = lock };

    return !store_transaction(b, look, &l) && l.stands;
}

int lease_write(struct broker *b, uint32_t txn, const struct bdf *bdf,
                const struct lease *lease)
{
    return store_write(b, txn, node_path(b, bdf, "lease"),
                       lease_text(b, lease));
}

int lease_remove(struct broker *b, uint32_t txn, const struct bdf *bdf)
{
    return store_remove(b, txn, node_path(b, bdf, "lease"));
}

/* NULL removes it. `xl pci-assignable-remove -r` reads the node. */
int lease_set_driver_path(struct broker *b, uint32_t txn,
                          const struct bdf *bdf, const char *driver)
{
    if (!driver)
        return store_remove(b, txn, node_path(b, bdf, "driver_path"));
    return store_write(b, txn, node_path(b, bdf, "driver_path"),
                       arena_printf(b->arena, "/sys/bus/pci/drivers/%s",
                                    driver));
}

int lease_set_orphan(struct broker *b, uint32_t txn, const struct bdf *bdf,
                     const char *driver)
{
    if (!driver)
        return store_remove(b, txn, node_path(b, bdf, "orphan-of"));
    return store_write(b, txn, node_path(b, bdf, "orphan-of"), driver);
}

int lease_remove_domid(struct broker *b, uint32_t txn, const struct bdf *bdf)
{
    return store_remove(b, txn, node_path(b, bdf, "domid"));
}

const char *store_device_return_driver(const struct store_device *sd)
{
    return sd->lease && sd->lease->was ? sd->lease->was : sd->orphan_of;
}

int lease_set_vf_node(struct broker *b, uint32_t txn, const struct bdf *bdf,
                      const struct vf_node *node)
{
    if (!node)
        return store_remove(b, txn, node_path(b, bdf, "vf"));
    return store_write(b, txn, node_path(b, bdf, "vf"), vf_node_text(b, node));
}

const char *driver_of_path(const char *driver_path)
{
    const char *name = driver_path ? strrchr(driver_path, '/') : NULL;

    return name && word_is_driver(name + 1) ? name + 1 : NULL;
}

const char *store_device_home_driver(const struct store_device *sd)
{
    const char *driver;

    if (!sd)
        return NULL;
    driver = driver_of_path(sd->driver_path);
    if (!driver && sd->lease)
        driver = sd->lease->was;
    if (!driver)
        driver = sd->orphan_of;
    return driver && strcmp(driver, BIND_NO_DRIVER) ? driver : NULL;
}

struct store_device_remark store_device_remark(const struct store_device *sd)
{
    if (sd->broken)
        return (struct store_device_remark){ REASON_LEASE_BROKEN, sd->broken };
    if (sd->reset_failed)
        return (struct store_device_remark){ REASON_RESET_FAILED,
                                             sd->reset_failed };
    if (sd->no_such_domain)
        return (struct store_device_remark){
            REASON_IN_USE, "is marked as given to a domain that is not "
            "there: `pci-broker gc --force` ends that" };
    if (sd->orphan_of)
        return (struct store_device_remark){
            REASON_BROKER_FAILED, "could not be given back to its driver: "
            "`pci-broker gc` tries again" };
    return (struct store_device_remark){
        REASON_VF_SETTINGS, "no lease, but settings of a guest that had it" };
}
