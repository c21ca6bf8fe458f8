/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Only from none: the kernel does not change a number of VFs but through none,
 * which would take those away that somebody has. They are not taken back
 * either: a VF that nobody uses does no harm.
 */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "base/change.h"
#include "host/inventory.h"
#include "host/sysfs.h"
#include "vf/vf_create.h"

static long read_count(struct broker *b, const struct bdf *pf,
                       const char *file)
{
    return sysfs_read_number(b, sysfs_device_path(b, pf, file), -1);
}

long vf_create_possible(struct broker *b, const struct bdf *pf, long limit)
{
    const char *driver = inventory_driver_now(b, pf);
    long total = read_count(b, pf, "sriov_totalvfs");

    if (!driver || !strcmp(driver, PCIBACK) || total < 1 ||
        read_count(b, pf, "sriov_numvfs"))
        return 0;
    return total < limit ? total : limit;
}

int vf_create(struct broker *b, const struct vf_create *create)
{
    int r = sysfs_write(b, sysfs_device_path(b, &create->pf, "sriov_numvfs"),
                        arena_printf(b->arena, "%ld", create->count));

    if (read_count(b, &create->pf, "sriov_numvfs") <= 0)
        return r ? r : EIO;
    if (!r)
        change_log(b, &create->pf, "%ld VFs made of it", create->count);
    return 0;
}
