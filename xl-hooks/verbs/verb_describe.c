/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "answer/answer.h"
#include "base/arena.h"
#include "base/broker.h"
#include "host/inventory.h"
#include "host/store.h"
#include "lease/store_device.h"
#include "proto/request.h"
#include "verbs/verbs.h"
#include "vf/vf_setup.h"

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

/* A setting that is lost on the way is another network, or none. */
static int describe_settings(struct broker *b, const struct device *device,
                             struct described *out)
{
    struct vf_place place;
    const char *why;

    out->settings = vf_defaults();
    if (vf_find(b, &device->bdf, &place, &out->settings, &why) != VF_LOST)
        return RC_OK;
    b->error_reason = REASON_VF_SETTINGS;
    return broker_fail(b, RC_FAILED, "%s %s", device->text, why);
}

static int describe_device(struct broker *b, struct describer *d,
                           struct device *device, struct described *out)
{
    long index;
    int rc;

    rc = inventory_detail(b, &d->inventory, device);
    if (rc)
        return rc;
    out->present = true;
    out->vendor = device->vendor;
    out->device = device->device;
    out->class = device->class;
    out->driver = device->driver;
    if (device->pciback)
        out->driver = store_device_home_driver(
            store_devices_find(&d->nodes, &device->bdf));
    if (device->pciback && !out->driver)
        out->driver = inventory_driver_wanted(b, &d->inventory, device);
    if (!device->vf)
        return RC_OK;
    index = inventory_vf_index(b, device);
    if (index < 0)
        return broker_fail(b, RC_FAILED, "%s is not among the virtual "
                           "functions of its PF", device->text);
    out->vf = true;
    out->pf = device->pf;
    out->index = (unsigned)index;
    return describe_settings(b, device, out);
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
        if (!device) {
            broker_warn(b, "devices[%zu].bdf: there is no device %s", i,
                        d->record.devices[i].bdf);
            continue;
        }
        rc = describe_device(b, d, device, &d->described[i]);
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
