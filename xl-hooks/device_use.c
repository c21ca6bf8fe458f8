/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interfaces and disks are found from their end: /sys/class/net and
 * /sys/class/block link to paths that name every PCI device on the way. So a
 * virtio NIC, a disk behind a controller and a NIC on a USB controller are
 * all seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "bdf.h"
#include "broker.h"
#include "device_use.h"
#include "inventory.h"
#include "net.h"
#include "sysfs.h"

/* Members of a class whose path leads through the device. */
static char **class_members(struct broker *b, const struct device *device,
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
    return class_members(b, device, "net");
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

/* An interface that has just gone is down, free and without address. */
static int interface_state(struct broker *b, const char *name,
                           struct net_state *state)
{
    int r = b->net->ops->state(b->net, name, state);

    if (r == ENODEV)
        memset(state, 0, sizeof(*state));
    else if (r)
        return broker_fail(b, RC_FAILED, "netlink: state of %s: %s", name,
                           strerror(r));
    return RC_OK;
}

int device_pf_down(struct broker *b, const struct device *pf,
                   const char **why)
{
    char **name = device_interfaces(b, pf);
    struct net_state state;
    int rc;

    *why = NULL;
    /* a PF of several ports shows none of them as the VF's: one will do */
    for (; *name; name++) {
        rc = interface_state(b, *name, &state);
        if (rc)
            return rc;
        if (state.up && state.carrier) {
            *why = NULL;
            break;
        }
        *why = arena_printf(b->arena, "is a VF of %s, whose interface %s %s",
                            pf->text, *name,
                            state.up ? "has no link" : "is down");
    }
    return RC_OK;
}

static int net_use(struct broker *b, const struct device *device,
                   const char **why)
{
    char **names = device_interfaces(b, device), **name;
    struct net_state state;
    size_t count;
    bool there;
    int rc;

    for (name = names; *name; name++) {
        rc = interface_state(b, *name, &state);
        if (rc)
            return rc;
        if (state.up || state.enslaved || state.addressed) {
            *why = arena_printf(b->arena, "interface %s %s", *name,
                                state.enslaved ? "is enslaved" :
                                state.addressed ? "has an address" :
                                "is up");
            return RC_OK;
        }
    }
    if (*names)
        return RC_OK;
    /* The directory lives as long as an interface does, wherever that is. */
    sysfs_names(b, sysfs_device_path(b, &device->bdf, "net"), &count,
                &there);
    if (there && !count)
        *why = "its interface is in another network namespace";
    return RC_OK;
}

/* "MAJOR:MINOR" of the disk is a field of some line, or /dev/NAME is. */
static bool is_mounted(const char *mounts, const char *number,
                       const char *node)
{
    const char *line, *end;
    size_t len;

    for (line = mounts; *line; line = *end ? end + 1 : end) {
        end = line + strcspn(line, "\n");
        len = strlen(number);
        if (memmem(line, (size_t)(end - line), number, len))
            return true;
        if (memmem(line, (size_t)(end - line), node, strlen(node)))
            return true;
    }
    return false;
}

/* The kernel's own answer: mounts, swap, md, dm, LVM, zfs and blkback all
 * claim a disk exclusively. */
static bool is_claimed(const char *node)
{
    int fd = open(node, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return errno == EBUSY;
    close(fd);
    return false;
}

static bool has_holders(struct broker *b, const char *name)
{
    size_t count;
    bool there;

    sysfs_names(b, sysfs_path(b, "class/block/%s/holders", name), &count,
                &there);
    return count > 0;
}

/* An NVMe namespace that can be reached on several paths: each controller has a
 * hidden disk nvmeScCnN, and what is used is nvmeSnN, which is below none of
 * them. */
static const char *multipath_disk(struct broker *b, const char *path)
{
    unsigned subsystem, controller, namespace;
    int used = 0;

    if (sscanf(path, "nvme%uc%un%u%n", &subsystem, &controller, &namespace,
               &used) != 3 || path[used])
        return NULL;
    return arena_printf(b->arena, "nvme%un%u", subsystem, namespace);
}

static bool is_disk_or_part(const char *name, const char *disk)
{
    size_t len = strlen(disk);

    return !strncmp(name, disk, len) && (!name[len] || name[len] == 'p');
}

/* Disks and partitions that are reached through the device. */
static char **device_disks(struct broker *b, const struct device *device)
{
    char **paths = class_members(b, device, "block"), **all, **found;
    size_t i, count, n = 0;
    const char *disk;
    bool there;

    if (!*paths)
        return paths;
    all = sysfs_names(b, sysfs_path(b, "class/block"), &count, &there);
    for (found = NULL; *paths; paths++) {
        found = arena_extend(b->arena, found, n, sizeof(*found));
        found[n++] = *paths;
        disk = multipath_disk(b, *paths);
        for (i = 0; disk && i < count; i++) {
            if (!is_disk_or_part(all[i], disk))
                continue;
            found = arena_extend(b->arena, found, n, sizeof(*found));
            found[n++] = all[i];
        }
    }
    found = arena_extend(b->arena, found, n, sizeof(*found));
    found[n] = NULL;
    return found;
}

static int block_use(struct broker *b, const struct device *device,
                     const char **why)
{
    char **names = device_disks(b, device), **name;
    char *mounts, *swaps, *number, *node;

    if (!*names)
        return RC_OK;
    mounts = sysfs_read_all(b, arena_printf(b->arena, "%s/self/mountinfo",
                                            b->proc_root));
    swaps = sysfs_read_all(b, arena_printf(b->arena, "%s/swaps",
                                           b->proc_root));
    if (!mounts || !swaps)
        return broker_fail(b, RC_FAILED, "%s/self/mountinfo or %s/swaps "
                           "cannot be read", b->proc_root, b->proc_root);
    for (name = names; *name; name++) {
        number = sysfs_read(b, sysfs_path(b, "class/block/%s/dev", *name));
        number = arena_printf(b->arena, " %s ", number ? number : "?");
        node = arena_printf(b->arena, " /dev/%s ", *name);
        if (is_mounted(mounts, number, node))
            *why = arena_printf(b->arena, "disk %s is mounted", *name);
        else if (strstr(swaps, arena_printf(b->arena, "/dev/%s ", *name)))
            *why = arena_printf(b->arena, "disk %s is swap space", *name);
        else if (has_holders(b, *name) ||
                 is_claimed(arena_printf(b->arena, "%s/%s", b->dev_root,
                                         *name)))
            *why = arena_printf(b->arena, "disk %s is in use", *name);
        if (*why)
            break;
    }
    return RC_OK;
}

int device_use(struct broker *b, const struct device *device,
               const char **why)
{
    int rc;

    *why = NULL;
    if (device->bridge)
        *why = "it is a bridge";
    else if (device->vfs > 0)
        *why = arena_printf(b->arena, "it has %ld virtual function%s",
                            device->vfs, device->vfs == 1 ? "" : "s");
    else if (device->driver && !strcmp(device->driver, "vfio-pci"))
        *why = "it is bound to vfio-pci";
    if (*why)
        return RC_OK;
    rc = net_use(b, device, why);
    if (!rc && !*why)
        rc = block_use(b, device, why);
    return rc;
}
