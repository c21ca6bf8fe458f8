/* SPDX-License-Identifier: GPL-2.0-only */
/* What is at the paths of guests' disks. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/broker.h"
#include "doctor/gather.h"
#include "host/sysfs.h"

/* linux/magic.h lacks some. */
#define CIFS 0xff534d42
#define GFS2 0x01161970
#define OCFS2 0x7461636f
#define FUSE_CLUSTER 0x65735546         /* GlusterFS and the like */

static int is_shared(const char *path)
{
    struct statfs fs;

    if (statfs(path, &fs))
        return 0;
    switch ((unsigned long)fs.f_type & 0xffffffff) {
    case NFS_SUPER_MAGIC: case CEPH_SUPER_MAGIC: case CIFS: case GFS2:
    case OCFS2: case FUSE_CLUSTER:
        return 1;
    }
    return 0;
}

static void look_at_block(struct doctor *d, const char *path,
                          const struct stat *st, struct disk_fact *out)
{
    struct broker *b = d->b;
    const char *base = sysfs_path(b, "dev/block/%u:%u", major(st->st_rdev),
                                  minor(st->st_rdev));
    unsigned long long size;
    int fd;

    out->kind = "block";
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && !ioctl(fd, BLKGETSIZE64, &size))
        out->size = (long long)size;
    if (fd >= 0)
        close(fd);
    out->identity = sysfs_read(b, arena_printf(b->arena, "%s/wwid", base));
    if (!out->identity)
        out->identity = sysfs_read(b, arena_printf(b->arena,
                                                   "%s/device/wwid", base));
    if (!out->identity)
        out->identity = sysfs_read(b, arena_printf(b->arena, "%s/dm/uuid",
                                                   base));
    if (out->identity && !*out->identity)
        out->identity = NULL;
}

static void look_at(struct doctor *d, const char *path, struct disk_fact *out)
{
    struct stat st;

    *out = (struct disk_fact){ .path = path, .kind = "unknown", .size = -1 };
    if (*path != '/')
        return;
    if (stat(path, &st)) {
        if (errno == ENOENT || errno == ENOTDIR)
            out->kind = "missing";
        return;
    }
    if (S_ISBLK(st.st_mode)) {
        look_at_block(d, path, &st, out);
    } else if (S_ISREG(st.st_mode)) {
        out->kind = "file";
        out->size = st.st_size;
        out->shared = is_shared(path);
    } else {
        out->kind = "other";
    }
}

static void add(struct doctor *d, struct host_facts *facts, const char *path)
{
    if (facts_disk(facts, path))
        return;
    facts->disks = arena_extend(d->b->arena, facts->disks, facts->disk_count,
                                sizeof(*facts->disks));
    look_at(d, path, &facts->disks[facts->disk_count++]);
}

void gather_disks(struct doctor *d, struct host_facts *facts)
{
    size_t i, k;

    for (i = 0; i < d->asked_count; i++)
        add(d, facts, d->asked[i]);
    for (i = 0; i < facts->guest_count; i++)
        for (k = 0; k < facts->guests[i].disk_count; k++)
            add(d, facts, facts->guests[i].disks[k]);
}
