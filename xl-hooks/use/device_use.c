/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A list of facts, each with its source. What cannot be found out counts as in
 * use: an administrator who knows better gives the device to pciback
 * (`xl pci-assignable-add`), and then it is not dom0's any more.
 */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/bdf.h"
#include "base/broker.h"
#include "host/inventory.h"
#include "host/members.h"
#include "host/net.h"
#include "host/sysfs.h"
#include "use/device_use.h"
#include "use/disk_use.h"

#define BASE_CLASS_STORAGE 0x01
#define BASE_CLASS_NETWORK 0x02

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

/* Who configures whatever comes has taken it. */
#define KEEP_OFF_VFS "; dom0's network manager is to keep off VFs: " \
                     "pci-pools.json(5)"

static int net_use(struct broker *b, uint32_t txn,
                   const struct device *device, const char **why)
{
    char **names = device_interfaces(b, device), **name;
    struct net_state state;
    size_t count;
    bool there;
    int rc;

    (void)txn;
    for (name = names; *name; name++) {
        rc = interface_state(b, *name, &state);
        if (rc)
            return rc;
        if (state.up || state.enslaved || state.addressed) {
            *why = arena_printf(b->arena, "interface %s %s%s", *name,
                                state.enslaved ? "is enslaved" :
                                state.addressed ? "has an address" :
                                "is up",
                                device->vf && !state.enslaved ?
                                KEEP_OFF_VFS : "");
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

int device_pf_down(struct broker *b, struct device *pf, const char **why)
{
    char **name = device_interfaces(b, pf);
    struct net_state state;
    int rc;

    *why = NULL;
    inventory_driver(b, pf);
    if (!pf->driver || pf->pciback) {
        *why = arena_printf(b->arena, "is a VF of %s, which dom0 does not "
                            "drive", pf->text);
        return RC_OK;
    }
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

/* The boot console may be on it although no driver is. */
static int console_use(struct broker *b, uint32_t txn,
                       const struct device *device, const char **why)
{
    (void)txn;
    if (sysfs_read_number(b, sysfs_device_path(b, &device->bdf, "boot_vga"),
                          0))
        *why = "it is the boot console";
    return RC_OK;
}

/* Users of RDMA, in the kernel or outside, are to be seen nowhere. */
static int rdma_use(struct broker *b, uint32_t txn,
                    const struct device *device, const char **why)
{
    size_t count;
    char **names;
    bool there;

    (void)txn;
    names = sysfs_names(b, sysfs_device_path(b, &device->bdf, "infiniband"),
                        &count, &there);
    if (count)
        *why = arena_printf(b->arena, "RDMA device %s is on it, and who uses "
                            "that cannot be found out", names[0]);
    return RC_OK;
}

static bool has_child(struct broker *b, const struct device *device)
{
    static const char *const kinds[] = { "nvme", "host", "ata", "virtio" };
    size_t i, j, count;
    char **names;
    bool there;

    names = sysfs_names(b, sysfs_device_path(b, &device->bdf, "."), &count,
                        &there);
    for (i = 0; i < count; i++)
        for (j = 0; j < sizeof(kinds) / sizeof(*kinds); j++)
            if (!strncmp(names[i], kinds[j], strlen(kinds[j])))
                return true;
    return false;
}

/* Of what its driver made of it there is an interface or a disk to ask; or
 * nobody knows who uses it: DPDK, a desktop, a console, a keyboard. */
static int driver_use(struct broker *b, uint32_t txn,
                      const struct device *device, const char **why)
{
    unsigned base = device->class >> 16;

    (void)txn;
    if (!device->driver ||
        (base == BASE_CLASS_NETWORK && *device_interfaces(b, device)) ||
        (base == BASE_CLASS_STORAGE &&
         (*device_members(b, device, "block") || has_child(b, device))))
        return RC_OK;
    *why = arena_printf(b->arena, "driver %s has it, and who uses it cannot "
                        "be found out", device->driver);
    return RC_OK;
}

void device_kind(struct broker *b, const struct device *device,
                 const char **why)
{
    *why = NULL;
    if (device->bridge)
        *why = "it is a bridge";
    else if (device->vfs > 0)
        *why = arena_printf(b->arena, "it has %ld virtual function%s",
                            device->vfs, device->vfs == 1 ? "" : "s");
}

int device_use(struct broker *b, uint32_t txn, const struct device *device,
               const char **why)
{
    static int (*const facts[])(struct broker *b, uint32_t txn,
                                const struct device *device,
                                const char **why) = {
        console_use,            /* boot_vga */
        net_use,                /* netlink; namespaces: sysfs */
        rdma_use,               /* sysfs */
        disk_use,               /* proc, sysfs, xenstore, open(2) */
        driver_use,             /* sysfs */
    };
    size_t i;
    int rc = RC_OK;

    device_kind(b, device, why);
    for (i = 0; !rc && !*why && i < sizeof(facts) / sizeof(*facts); i++)
        rc = facts[i](b, txn, device, why);
    return rc;
}
