/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "base/spans.h"
#include "host/inventory.h"
#include "host/sysfs.h"
#include "plan/bars.h"

#define BARS 6                  /* what follows is the ROM, bridges, VFs */
#define FLAG_MEMORY 0x200       /* IORESOURCE_MEM of Linux */

/* False: it is not used, or for ports. */
static bool is_memory(const char *line, struct span *bar)
{
    uint64_t flags;

    return sscanf(line, "0x%" SCNx64 " 0x%" SCNx64 " 0x%" SCNx64, &bar->start,
                  &bar->end, &flags) == 3 &&
           flags & FLAG_MEMORY && bar->start;
}

void device_bars_fit(struct broker *b, const struct device *device,
                     const char *memory, const char **why)
{
    char *text = sysfs_read_all(b, sysfs_device_path(b, &device->bdf,
                                                     "resource"));
    char *line, *rest;
    struct span bar, found;
    unsigned i;

    *why = text ? NULL : "does not tell where its BARs are, and the guest's "
                         "memory may be there";
    if (!text)
        return;
    line = strtok_r(text, "\n", &rest);
    for (i = 0; i < BARS && line; i++, line = strtok_r(NULL, "\n", &rest)) {
        if (!is_memory(line, &bar) || !spans_meet(memory, &bar, &found))
            continue;
        *why = arena_printf(b->arena, "has BAR %u at %#" PRIx64 "-%#" PRIx64
                            ", where the guest has memory since it was booted "
                            "on a host with another layout (%#" PRIx64
                            "-%#" PRIx64 ")", i, bar.start, bar.end,
                            found.start, found.end);
        return;
    }
}
