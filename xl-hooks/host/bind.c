/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The steps are those of `xl pci-assignable-add` and `-remove -r`, so that
 * an administrator can undo by hand what a dead broker left.
 */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/bdf.h"
#include "base/broker.h"
#include "base/change.h"
#include "host/bind.h"
#include "host/inventory.h"
#include "host/sysfs.h"
#include "host/xen.h"

static int bind_refused(struct broker *b, const char **why, const char *what,
                        const char *driver, int r)
{
    *why = arena_printf(b->arena, "%s %s: %s", what, driver, strerror(r));
    return RC_REFUSED;
}

static bool is_bound(struct broker *b, const struct bdf *bdf,
                     const char *driver)
{
    const char *now = inventory_driver_now(b, bdf);

    return now && !strcmp(now, driver);
}

static char *driver_file(struct broker *b, const char *driver,
                         const char *file)
{
    return sysfs_path(b, "bus/pci/drivers/%s/%s", driver, file);
}

/* One line per slot, as far as a page goes. A second new_slot would list it
 * twice, which does no harm. */
static bool has_slot(struct broker *b, const char *bdf)
{
    char *slots = sysfs_read_all(b, driver_file(b, PCIBACK, "slots"));

    return slots && strstr(slots, bdf);
}

static int unbind_driver(struct broker *b, const struct bdf *bdf,
                         const char *text, const char **why)
{
    const char *driver = inventory_driver_now(b, bdf);
    int r;

    if (!driver)
        return RC_OK;
    r = sysfs_write(b, driver_file(b, driver, "unbind"), text);
    /* ENODEV: it left the driver by itself in the meantime */
    if (r && r != ENODEV)
        return bind_refused(b, why, "unbinding it from", driver, r);
    if (inventory_driver_now(b, bdf))
        return bind_refused(b, why, "unbinding it from", driver, EBUSY);
    return RC_OK;
}

/* Without an override of its own no driver gets such a VF, also not by hand. */
static const char *autoprobe_obstacle(struct broker *b, const struct bdf *bdf,
                                      const char *driver)
{
    const char *path = sysfs_device_path(b, bdf,
                                         "physfn/sriov_drivers_autoprobe");

    if (sysfs_read_number(b, path, 1))
        return NULL;
    return arena_printf(b->arena, "cannot be bound to %s: its PF gives its "
                        "VFs to no driver, which `echo 1 > %s' ends", driver,
                        path);
}

const char *bind_obstacle(struct broker *b, const struct bdf *bdf,
                          const char *driver)
{
    const char *path = sysfs_device_path(b, bdf, "driver_override");
    const char *only = sysfs_read(b, path);

    if (!only || !*only || !strcmp(only, "(null)"))
        return autoprobe_obstacle(b, bdf, driver);
    if (!strcmp(only, driver))
        return NULL;
    return arena_printf(b->arena, "cannot be bound to %s: its driver_override "
                        "is %s, which `echo > %s' ends", driver, only, path);
}

static int bind_driver(struct broker *b, const struct bdf *bdf,
                       const char *driver, const char *text, const char **why)
{
    int r;

    if (is_bound(b, bdf, driver))
        return RC_OK;
    r = sysfs_write(b, driver_file(b, driver, "bind"), text);
    if (r)
        return bind_refused(b, why, "binding it to", driver, r);
    if (!is_bound(b, bdf, driver))
        return bind_refused(b, why, "binding it to", driver, ENODEV);
    return RC_OK;
}

int bind_to_pciback(struct broker *b, const struct bdf *bdf,
                    const char **why)
{
    const char *text = bdf_text(b->arena, bdf);
    const char *was = inventory_driver_now(b, bdf);
    int rc, r;

    if (!was || strcmp(was, PCIBACK)) {
        *why = bind_obstacle(b, bdf, PCIBACK);
        if (*why)
            return RC_REFUSED;
        rc = unbind_driver(b, bdf, text, why);
        if (rc)
            return rc;
        if (!has_slot(b, text)) {
            r = sysfs_write(b, driver_file(b, PCIBACK, "new_slot"), text);
            if (r)
                return bind_refused(b, why, "making a slot for it in", PCIBACK,
                                    r);
        }
        rc = bind_driver(b, bdf, PCIBACK, text, why);
        if (rc)
            return rc;
        change_log(b, bdf, "taken from %s to pciback",
                   was ? was : "no driver");
    }
    /* Until a guest gets it, its DMA must not reach dom0. */
    r = b->xen->ops->quarantine(b->xen, bdf, true);
    if (r)
        return bind_refused(b, why, "quarantine by", "Xen", r);
    return RC_OK;
}

static int leave_pciback(struct broker *b, const struct bdf *bdf,
                         const char *text, const char **why)
{
    int rc, r;

    if (is_bound(b, bdf, PCIBACK)) {
        rc = unbind_driver(b, bdf, text, why);
        if (rc)
            return rc;
    }
    /* Asked without a look: the list of slots ends after a page. */
    r = sysfs_write(b, driver_file(b, PCIBACK, "remove_slot"), text);
    if (r && r != ENOENT && r != ENODEV)
        return bind_refused(b, why, "removing its slot in", PCIBACK, r);
    /* ENODEV: it was not in quarantine */
    r = b->xen->ops->quarantine(b->xen, bdf, false);
    if (r && r != ENODEV)
        return bind_refused(b, why, "end of quarantine by", "Xen", r);
    return RC_OK;
}

/* The driver may be called otherwise by now. */
static int bind_home(struct broker *b, const struct bdf *bdf,
                     const char *driver, const char *text, const char **why)
{
    if (!sysfs_exists(driver_file(b, driver, "."))) {
        sysfs_write(b, sysfs_path(b, "bus/pci/drivers_probe"), text);
        if (inventory_driver_now(b, bdf))
            return RC_OK;
    }
    return bind_driver(b, bdf, driver, text, why);
}

int bind_to_driver(struct broker *b, const struct bdf *bdf,
                   const char *driver, const char **why)
{
    const char *text = bdf_text(b->arena, bdf);
    int rc;

    if (strcmp(driver, BIND_NO_DRIVER)) {
        if (is_bound(b, bdf, driver))
            return RC_OK;
        *why = bind_obstacle(b, bdf, driver);
        if (*why)
            return RC_REFUSED;
    }
    rc = leave_pciback(b, bdf, text, why);
    if (!rc && strcmp(driver, BIND_NO_DRIVER))
        rc = bind_home(b, bdf, driver, text, why);
    if (!rc)
        change_log(b, bdf, "given back to %s",
                   strcmp(driver, BIND_NO_DRIVER)
                       ? inventory_driver_now(b, bdf)
                       : "no driver");
    return rc;
}
