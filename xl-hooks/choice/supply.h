/* SPDX-License-Identifier: GPL-2.0-only */
/* How many devices guests that arrive can have. Pure. */
#ifndef BROKER_SUPPLY_H
#define BROKER_SUPPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct supply_device {
    uint16_t vendor, device;
    uint32_t class;
    bool free;                  /* as match_free() says */
};

/* Devices of one model, or of one class (vendor and device are 0 then). */
struct supply_line {
    uint16_t vendor, device;
    unsigned kind;              /* base class and subclass, 0xBBSS */
    size_t devices, free;
    size_t arrivals;            /* of those free: not kept for this host */
};

struct supply {
    struct supply_line *classes, *models;       /* in order of their numbers */
    size_t class_count, model_count;
    struct supply_line all;
};

/* reserve: as in struct pool. It is counted as the planner does: for each class
 * of devices by itself, since no guest takes the one for the other. */
void supply_count(struct arena *arena, const struct supply_device *devices,
                  size_t count, size_t reserve, struct supply *out);

#endif
