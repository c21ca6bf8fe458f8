/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "base/arena.h"
#include "base/bdf.h"
#include "base/broker.h"
#include "host/store.h"
#include "host/sysfs.h"
#include "lease/reset_mark.h"

#define HEADER_TYPE 0x0e

static char *node(struct broker *b, const struct bdf *bdf)
{
    return arena_printf(b->arena, "/libxl/pci/%s/" RESET_MARK_NODE,
                        bdf_store_name(b->arena, bdf));
}

int reset_mark_set(struct broker *b, uint32_t txn, const struct bdf *bdf,
                   const char *text)
{
    return text ? store_write(b, txn, node(b, bdf), text)
                : store_remove(b, txn, node(b, bdf));
}

bool reset_came_back(struct broker *b, const struct bdf *bdf)
{
    uint8_t header[HEADER_TYPE + 1];

    /* Not the vendor: a VF answers 0xffff there. */
    return !sysfs_read_bytes(sysfs_device_path(b, bdf, "config"), header,
                             sizeof(header)) ||
           header[HEADER_TYPE] != 0xff;
}
