/* SPDX-License-Identifier: GPL-2.0-only */
/* What a record says of a device of this host. */
#ifndef BROKER_SOURCE_DEVICE_H
#define BROKER_SOURCE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bdf.h"
#include "proto/vf_settings.h"

struct broker;
struct device;
struct inventory;
struct store_devices;

struct described {
    bool present;
    uint16_t vendor, device;
    uint32_t class;
    const char *driver;         /* or NULL */
    bool vf;
    struct bdf pf;
    unsigned index;
    struct vf_settings settings;
};

/* Nodes of the device must have been read. */
int source_device_read(struct broker *b, struct inventory *inventory,
                       const struct store_devices *nodes,
                       struct device *device, struct described *out);

#endif
