/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/broker.h"
#include "host/inventory.h"
#include "lease/store_device.h"
#include "plan/source_device.h"
#include "vf/vf_setup.h"

/* A setting that is lost on the way is another network, or none. */
static int read_settings(struct broker *b, const struct device *device,
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

static int read_vf(struct broker *b, const struct device *device,
                   struct described *out)
{
    long index = inventory_vf_index(b, device);

    if (index < 0)
        return broker_fail(b, RC_FAILED, "%s is not among the virtual "
                           "functions of its PF", device->text);
    out->vf = true;
    out->pf = device->pf;
    out->index = (unsigned)index;
    return read_settings(b, device, out);
}

int source_device_read(struct broker *b, struct inventory *inventory,
                       const struct store_devices *nodes,
                       struct device *device, struct described *out)
{
    int rc = inventory_detail(b, inventory, device);

    if (rc)
        return rc;
    out->present = true;
    out->vendor = device->vendor;
    out->device = device->device;
    out->class = device->class;
    out->driver = device->driver;
    if (device->pciback)
        out->driver =
            store_device_home_driver(store_devices_find(nodes, &device->bdf));
    if (device->pciback && !out->driver)
        out->driver = inventory_driver_wanted(b, inventory, device);
    return device->vf ? read_vf(b, device, out) : RC_OK;
}
