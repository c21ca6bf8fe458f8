/* SPDX-License-Identifier: GPL-2.0-only */
/* Which driver a device would have if dom0 had it. */
#include <string.h>
#include <syslog.h>

#include <libkmod.h>

#include "base/arena.h"
#include "base/broker.h"
#include "host/inventory.h"
#include "host/inventory_driver.h"

/* Thousands of devices are of a few models. */
struct driver_name {
    const char *modalias, *name;
};

static struct kmod_ctx *open_modules(struct broker *b,
                                     struct inventory *inventory)
{
    if (!inventory->kmod) {
        inventory->kmod = kmod_new(b->modules_dir, b->modprobe_dirs);
        /* stderr is for the broker's own words */
        if (inventory->kmod)
            kmod_set_log_priority(inventory->kmod, LOG_EMERG);
    }
    return inventory->kmod;
}

static const char *look_up(struct broker *b, struct kmod_ctx *kmod,
                           const char *modalias)
{
    struct kmod_list *list = NULL;
    struct kmod_module *module;
    const char *name = NULL;

    if (kmod_module_new_from_lookup(kmod, modalias, &list) < 0 || !list)
        return NULL;
    module = kmod_module_get_module(list);
    name = arena_strdup(b->arena, kmod_module_get_name(module));
    kmod_module_unref(module);
    kmod_module_unref_list(list);
    return name;
}

const char *inventory_driver_wanted(struct broker *b,
                                    struct inventory *inventory,
                                    const struct device *device)
{
    struct driver_name *entry;
    struct kmod_ctx *kmod;
    size_t i;

    if (!device->modalias || !*device->modalias)
        return NULL;
    for (i = 0; i < inventory->driver_name_count; i++)
        if (!strcmp(inventory->driver_names[i].modalias, device->modalias))
            return inventory->driver_names[i].name;
    kmod = open_modules(b, inventory);
    inventory->driver_names = arena_extend(b->arena, inventory->driver_names,
                                           inventory->driver_name_count,
                                           sizeof(*entry));
    entry = &inventory->driver_names[inventory->driver_name_count++];
    entry->modalias = device->modalias;
    entry->name = kmod ? look_up(b, kmod, device->modalias) : NULL;
    return entry->name;
}

void inventory_forget_modules(struct inventory *inventory)
{
    if (inventory->kmod)
        kmod_unref(inventory->kmod);
    inventory->kmod = NULL;
}
