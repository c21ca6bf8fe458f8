/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interfaces and disks are found from their end: /sys/class/net and
 * /sys/class/block link to paths that name every PCI device on the way. So a
 * virtio NIC, a disk behind a controller and a NIC on a USB controller are
 * all seen.
 */
#include <string.h>

#include "base/arena.h"
#include "base/bdf.h"
#include "base/broker.h"
#include "host/inventory.h"
#include "host/members.h"
#include "host/sysfs.h"

char **device_members(struct broker *b, const struct device *device,
                            const char *class)
{
    char *part = arena_printf(b->arena, "/%s/",
                              bdf_text(b->arena, &device->bdf));
    char *dir = sysfs_path(b, "class/%s", class), *target;
    char **names, **found;
    size_t i, count, n = 0;
    bool there;

    names = sysfs_names(b, dir, &count, &there);
    found = arena_alloc(b->arena, (count + 1) * sizeof(*found));
    for (i = 0; i < count; i++) {
        target = sysfs_link(b, arena_printf(b->arena, "%s/%s", dir,
                                            names[i]));
        if (target && strstr(target, part))
            found[n++] = names[i];
    }
    return found;
}

char **device_interfaces(struct broker *b, const struct device *device)
{
    return device_members(b, device, "net");
}

long device_link_speed(struct broker *b, const struct device *device)
{
    char **name = device_interfaces(b, device);
    long speed, best = -1;

    for (; *name; name++) {
        speed = sysfs_read_number(b, sysfs_path(b, "class/net/%s/speed",
                                                *name), -1);
        if (speed > best)
            best = speed;
    }
    return best;
}

#define STACKED_AT_MOST 64      /* interfaces upon one another */

static bool is_listed(char **names, size_t count, const char *name)
{
    while (count--)
        if (!strcmp(names[count], name))
            return true;
    return false;
}

char **device_networks(struct broker *b, const struct device *device)
{
    char **found = arena_alloc(b->arena, (STACKED_AT_MOST + 1) *
                               sizeof(*found));
    char **names = device_interfaces(b, device);
    size_t i, j, count, n = 0;
    bool there;

    for (; *names && n < STACKED_AT_MOST; names++)
        found[n++] = *names;
    for (i = 0; i < n; i++) {
        names = sysfs_names(b, sysfs_path(b, "class/net/%s", found[i]),
                            &count, &there);
        for (j = 0; j < count && n < STACKED_AT_MOST; j++)
            if (!strncmp(names[j], "upper_", 6) &&
                !is_listed(found, n, names[j] + 6))
                found[n++] = names[j] + 6;
    }
    return found;
}
