/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "answer/answer.h"
#include "base/arena.h"
#include "base/broker.h"
#include "host/inventory.h"
#include "host/store.h"
#include "lease/store_device.h"
#include "plan/source_device.h"
#include "proto/request.h"
#include "verbs/verbs.h"

struct describer {
    struct broker *b;
    struct record record;
    struct inventory inventory;
    struct store_devices nodes;
    struct described *described;
};

static int read_store(struct broker *b, uint32_t txn, void *arg)
{
    struct describer *d = arg;
    struct store_device *unused;
    struct bdf bdf;
    size_t i;
    int rc;

    rc = store_devices_open(b, txn, &d->nodes);
    for (i = 0; !rc && i < d->record.count; i++)
        if (d->record.devices[i].bdf &&
            bdf_parse(d->record.devices[i].bdf, &bdf))
            rc = store_device_get(b, txn, &d->nodes, &bdf, &unused);
    return rc;
}

static int describe_all(struct broker *b, struct describer *d)
{
    struct device *device;
    struct bdf bdf;
    size_t i;
    int rc;

    for (i = 0; i < d->record.count; i++) {
        if (!d->record.devices[i].bdf)
            continue;
        bdf_parse(d->record.devices[i].bdf, &bdf);
        device = inventory_find(&d->inventory, &bdf);
        /* Dead, or pulled: a guest must be able to leave such a host. */
        if (!device || !inventory_identify(b, &d->inventory, device)) {
            broker_warn(b, "devices[%zu].bdf: there is no device %s", i,
                        d->record.devices[i].bdf);
            continue;
        }
        rc = source_device_read(b, &d->inventory, &d->nodes, device,
                                &d->described[i]);
        if (rc)
            return rc;
    }
    return RC_OK;
}

int verb_describe(struct broker *b, const struct verb_input *input,
                  char **answer)
{
    struct describer d = { .b = b };
    int rc;

    rc = request_describe(b, input->text, input->len, &d.record);
    if (rc) goto out;
    d.described = arena_alloc(b->arena, d.record.count *
                              sizeof(*d.described));
    rc = inventory_open(b, &d.inventory);
    if (rc) goto out;
    rc = store_transaction(b, read_store, &d);
    if (rc) goto out;
    rc = describe_all(b, &d);
    if (rc) goto out;
    *answer = answer_record(b, &d.record, d.described);
out:
    inventory_close(&d.inventory);
    return rc;
}
