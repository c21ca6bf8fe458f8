/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "base/words.h"
#include "host/inventory.h"
#include "host/store.h"
#include "lease/store_device.h"
#include "plan/record_like.h"
#include "plan/source_device.h"
#include "proto/request.h"

#define NO_UUID "00000000-0000-0000-0000-000000000000"
#define BASE_CLASS_NETWORK 0x02

struct look {
    const struct bdf *bdf;
    struct store_devices nodes;
};

static int look(struct broker *b, uint32_t txn, void *arg)
{
    struct look *l = arg;
    struct store_device *unused;
    int rc = store_devices_open(b, txn, &l->nodes);

    return rc ? rc : store_device_get(b, txn, &l->nodes, l->bdf, &unused);
}

static int read_described(struct broker *b, struct inventory *inventory,
                          struct device *device, struct described *described)
{
    struct look l = { .bdf = &device->bdf };
    int rc = store_transaction(b, look, &l);

    memset(described, 0, sizeof(*described));
    return rc ? rc
              : source_device_read(b, inventory, &l.nodes, device, described);
}

static struct source_device *host_side(struct broker *b,
                                       const struct described *described)
{
    struct source_device *host = arena_alloc(b->arena, sizeof(*host));

    host->vendor = described->vendor;
    host->device = described->device;
    host->class = described->class;
    host->driver = described->driver;
    if (described->vf) {
        host->vf = arena_alloc(b->arena, sizeof(*host->vf));
        *host->vf = described->settings;
    }
    return host;
}

int record_like(struct broker *b, struct inventory *inventory,
                const char *like, const char *pool, struct record *record)
{
    struct wanted *wanted = arena_alloc(b->arena, sizeof(*wanted));
    struct described described;
    struct device *device;
    struct bdf bdf;
    int rc;

    if (pool && !word_is_id(pool))
        return broker_fail(b, RC_BAD_REQUEST,
                           "--pool %s is not the name of a "
                           "pool",
                           pool);
    if (!bdf_parse(like, &bdf))
        return broker_fail(b, RC_BAD_REQUEST,
                           "--like %s is not a PCI address "
                           "(DDDD:BB:SS.F)",
                           like);
    device = inventory_find(inventory, &bdf);
    if (!device || !inventory_identify(b, inventory, device))
        return broker_fail(b, RC_BAD_REQUEST,
                           "--like %s: there is no such "
                           "device",
                           like);
    rc = read_described(b, inventory, device, &described);
    if (rc)
        return rc;
    wanted->host = host_side(b, &described);
    wanted->wish = (struct wish){
        .id = "device",
        .pool = pool,
        .standby = -1,
        .handover = described.class >> 16 == BASE_CLASS_NETWORK
                        ? HANDOVER_SHADOW
                        : HANDOVER_PLAIN,
    };
    *record = (struct record){
        .migration = NO_UUID,
        .dry_run = true,
        .domain_uuid = NO_UUID,
        .type = DOMAIN_HVM,
        .devices = wanted,
        .count = 1,
    };
    return RC_OK;
}
