/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is a disk in use? No single source knows: mounts and swap have their lists,
 * md, dm and LVM are holders, blkback opens without a claim and is found by its
 * nodes in xenstore, QEMU and every other program by its open files (also of
 * the character devices through which disks can be reached), a loop device and
 * the NVMe target by what they name as theirs. zfs claims a disk and says so
 * nowhere.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/broker.h"
#include "host/inventory.h"
#include "host/members.h"
#include "host/store.h"
#include "host/sysfs.h"
#include "use/disk_use.h"

#define BACKENDS "/local/domain/0/backend"

struct disk {
    const char *name, *node;    /* node: its path below /dev */
    dev_t number;
    bool numbered;              /* number is known */
    bool character;             /* a way to it past the block layer */
};

struct disks {
    struct disk *list;
    size_t count;
};

/* An NVMe namespace that can be reached on several paths: each controller has
 * a hidden disk nvmeScCnN, and what is used is nvmeSnN, which is below none of
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
    char **paths = device_members(b, device, "block"), **all, **found;
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


static struct disk *add_disk(struct broker *b, struct disks *disks,
                             const char *name)
{
    struct disk *disk;

    disks->list = arena_extend(b->arena, disks->list, disks->count,
                               sizeof(*disks->list));
    disk = &disks->list[disks->count++];
    memset(disk, 0, sizeof(*disk));
    disk->name = name;
    disk->node = arena_printf(b->arena, "%s/%s", b->dev_root, name);
    return disk;
}

static void add_character(struct broker *b, const struct device *device,
                          struct disks *disks)
{
    static const char *const classes[] = {
        "nvme", "nvme-generic", "scsi_generic",
    };
    char **names;
    size_t i;

    for (i = 0; i < sizeof(classes) / sizeof(*classes); i++)
        for (names = device_members(b, device, classes[i]); *names; names++)
            add_disk(b, disks, *names)->character = true;
}

static struct disks find_disks(struct broker *b, const struct device *device)
{
    char **names = device_disks(b, device), *number;
    struct disks disks = { NULL, 0 };
    unsigned major, minor;
    struct disk *disk;

    add_character(b, device, &disks);
    for (; *names; names++) {
        disk = add_disk(b, &disks, *names);
        number = sysfs_read(b, sysfs_path(b, "class/block/%s/dev", *names));
        disk->numbered = number && sscanf(number, "%u:%u", &major,
                                          &minor) == 2;
        if (disk->numbered)
            disk->number = makedev(major, minor);
    }
    return disks;
}

static const struct disk *find_number(const struct disks *disks, dev_t number)
{
    size_t i;

    for (i = 0; i < disks->count; i++)
        if (disks->list[i].numbered && disks->list[i].number == number)
            return &disks->list[i];
    return NULL;
}

static const struct disk *find_node(const struct disks *disks,
                                    const char *node)
{
    size_t i;

    for (i = 0; i < disks->count; i++)
        if (!strcmp(disks->list[i].node, node))
            return &disks->list[i];
    return NULL;
}

/* A path to a disk of several: nobody can open it. */
static bool is_hidden(struct broker *b, const struct disk *disk)
{
    return sysfs_read_number(b, sysfs_path(b, "class/block/%s/hidden",
                                           disk->name), 0);
}

/* /proc/self/mountinfo and /proc/swaps */
static int ask_lists(struct broker *b, uint32_t txn,
                     const struct disks *disks, const char **why)
{
    char *mounts, *swaps, *number, *node;
    const struct disk *disk;

    (void)txn;
    mounts = sysfs_read_all(b, arena_printf(b->arena, "%s/self/mountinfo",
                                            b->proc_root));
    swaps = sysfs_read_all(b, arena_printf(b->arena, "%s/swaps",
                                           b->proc_root));
    if (!mounts || !swaps)
        return broker_fail(b, RC_FAILED, "%s/self/mountinfo or %s/swaps "
                           "cannot be read", b->proc_root, b->proc_root);
    for (disk = disks->list; disk < disks->list + disks->count; disk++) {
        if (disk->character)
            continue;
        number = arena_printf(b->arena, " %u:%u ", major(disk->number),
                              minor(disk->number));
        node = arena_printf(b->arena, " /dev/%s ", disk->name);
        if (!disk->numbered && !is_hidden(b, disk))
            *why = arena_printf(b->arena, "disk %s has no number, and who "
                                "uses it cannot be found out", disk->name);
        else if (disk->numbered && is_mounted(mounts, number, node))
            *why = arena_printf(b->arena, "disk %s is mounted", disk->name);
        else if (strstr(swaps, node + 1))
            *why = arena_printf(b->arena, "disk %s is swap space",
                                disk->name);
        if (*why)
            break;
    }
    return RC_OK;
}

static int ask_holders(struct broker *b, uint32_t txn,
                       const struct disks *disks, const char **why)
{
    size_t i, count;
    char **names;
    bool there;

    (void)txn;
    for (i = 0; i < disks->count && !*why; i++) {
        names = sysfs_names(b, sysfs_path(b, "class/block/%s/holders",
                                          disks->list[i].name), &count,
                            &there);
        if (count)
            *why = arena_printf(b->arena, "disk %s is in use by %s",
                                disks->list[i].name, names[0]);
    }
    return RC_OK;
}

/* Loop devices upon a disk are not among its holders. */
static int ask_loops(struct broker *b, uint32_t txn,
                     const struct disks *disks, const char **why)
{
    const struct disk *disk;
    char **names, *file;
    size_t i, count;
    bool there;

    (void)txn;
    names = sysfs_names(b, sysfs_path(b, "class/block"), &count, &there);
    for (i = 0; i < count && !*why; i++) {
        file = sysfs_read(b, sysfs_path(b, "class/block/%s/loop/backing_file",
                                        names[i]));
        disk = file ? find_node(disks, file) : NULL;
        if (disk)
            *why = arena_printf(b->arena, "disk %s is in use by %s",
                                disk->name, names[i]);
    }
    return RC_OK;
}

/* The NVMe target of the kernel exports disks without claiming them. */
static int ask_nvmet(struct broker *b, uint32_t txn,
                     const struct disks *disks, const char **why)
{
    char *dir = sysfs_path(b, "kernel/config/nvmet/subsystems"), *path;
    char **subsystems, **namespaces, *file;
    size_t i, j, count, n;
    const struct disk *disk;
    bool there;

    (void)txn;
    subsystems = sysfs_names(b, dir, &count, &there);
    for (i = 0; i < count; i++) {
        path = arena_printf(b->arena, "%s/%s/namespaces", dir, subsystems[i]);
        namespaces = sysfs_names(b, path, &n, &there);
        for (j = 0; j < n && !*why; j++) {
            file = sysfs_read(b, arena_printf(b->arena, "%s/%s/device_path",
                                              path, namespaces[j]));
            disk = file ? find_node(disks, file) : NULL;
            if (disk)
                *why = arena_printf(b->arena, "disk %s is exported by nvmet "
                                    "(%s)", disk->name, subsystems[i]);
        }
    }
    return RC_OK;
}

/* A guest's disk, by the number that blkback's hotplug script has written. */
static int ask_backend(struct broker *b, uint32_t txn, const char *path,
                       const char *domid, const struct disks *disks,
                       const char **why)
{
    const struct disk *disk = NULL;
    unsigned major, minor;
    char *value;
    size_t len;
    int rc;

    rc = store_read(b, txn, arena_printf(b->arena, "%s/physical-device",
                                         path), &value, &len);
    if (!rc && value && sscanf(value, "%x:%x", &major, &minor) == 2)
        disk = find_number(disks, makedev(major, minor));
    if (disk)
        *why = arena_printf(b->arena, "disk %s is the disk of domain %s "
                            "(%s)", disk->name, domid, path);
    return rc;
}

static int ask_backends_of(struct broker *b, uint32_t txn, const char *path,
                           const char *domid, const struct disks *disks,
                           const char **why)
{
    size_t i, count;
    char **names;
    int rc;

    rc = store_list(b, txn, path, &names, &count);
    for (i = 0; !rc && i < count && !*why; i++)
        rc = ask_backend(b, txn, arena_printf(b->arena, "%s/%s", path,
                                              names[i]), domid, disks, why);
    return rc;
}

/* All kinds of backends of dom0, of all guests. */
static int ask_backends(struct broker *b, uint32_t txn,
                        const struct disks *disks, const char **why)
{
    size_t i, j, kinds, guests;
    char **kind, **guest, *path;
    int rc;

    rc = store_list(b, txn, BACKENDS, &kind, &kinds);
    for (i = 0; !rc && i < kinds; i++) {
        path = arena_printf(b->arena, BACKENDS "/%s", kind[i]);
        rc = store_list(b, txn, path, &guest, &guests);
        for (j = 0; !rc && j < guests && !*why; j++)
            rc = ask_backends_of(b, txn, arena_printf(b->arena, "%s/%s", path,
                                                      guest[j]),
                                 guest[j], disks, why);
    }
    return rc;
}

/* One process; false: who has what open cannot be found out. */
static bool ask_process(struct broker *b, const char *pid,
                        const struct disks *disks, const char **why)
{
    char *path = arena_printf(b->arena, "%s/%s/fd", b->proc_root, pid), *link;
    const struct disk *disk;
    struct dirent *entry;
    DIR *dir = opendir(path);
    struct stat st;

    if (!dir)                   /* it may have ended */
        return errno == ENOENT || errno == ESRCH;
    while (!*why && (entry = readdir(dir))) {
        link = sysfs_link(b, arena_printf(b->arena, "%s/%s", path,
                                          entry->d_name));
        if (!link && errno == EACCES) {
            closedir(dir);
            errno = EACCES;
            return false;
        }
        disk = link ? find_node(disks, link) : NULL;
        if (link && !disk &&
            !fstatat(dirfd(dir), entry->d_name, &st, 0) &&
            S_ISBLK(st.st_mode))
            disk = find_number(disks, st.st_rdev);
        if (disk)
            *why = arena_printf(b->arena, "%s is open in process %s",
                                disk->name, pid);
    }
    closedir(dir);
    return true;
}

static int ask_processes(struct broker *b, uint32_t txn,
                         const struct disks *disks, const char **why)
{
    size_t i, count;
    char **names;
    bool there;

    (void)txn;
    names = sysfs_names(b, b->proc_root, &count, &there);
    for (i = 0; i < count && !*why; i++)
        if (strspn(names[i], "0123456789") == strlen(names[i]) &&
            !ask_process(b, names[i], disks, why))
            *why = arena_printf(b->arena, "whether process %s has its disk "
                                "open cannot be found out: %s", names[i],
                                strerror(errno));
    return RC_OK;
}

/* Last, since it claims the disk itself for a moment. */
static int ask_claim(struct broker *b, uint32_t txn,
                     const struct disks *disks, const char **why)
{
    const struct disk *disk;
    int fd;

    (void)txn;
    for (disk = disks->list; disk < disks->list + disks->count; disk++) {
        if (disk->character)
            continue;
        fd = open(disk->node, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
        if (fd >= 0) {
            close(fd);
        } else if (errno == EBUSY) {
            *why = arena_printf(b->arena, "disk %s is in use", disk->name);
            break;
        } else if (errno != ENOENT && errno != ENXIO && errno != ENOMEDIUM) {
            *why = arena_printf(b->arena, "whether disk %s is in use cannot "
                                "be found out: %s", disk->name,
                                strerror(errno));
            break;
        }
    }
    return RC_OK;
}

int disk_use(struct broker *b, uint32_t txn, const struct device *device,
             const char **why)
{
    static int (*const sources[])(struct broker *b, uint32_t txn,
                                  const struct disks *disks,
                                  const char **why) = {
        ask_lists, ask_holders, ask_loops, ask_nvmet, ask_backends,
        ask_processes, ask_claim,
    };
    struct disks disks = find_disks(b, device);
    size_t i;
    int rc = RC_OK;

    if (!disks.count)
        return RC_OK;
    for (i = 0; !rc && !*why && i < sizeof(sources) / sizeof(*sources); i++)
        rc = sources[i](b, txn, &disks, why);
    return rc;
}
