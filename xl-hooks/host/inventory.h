/* SPDX-License-Identifier: GPL-2.0-only */
/* The PCI devices of this host: facts only, no judgement. */
#ifndef BROKER_INVENTORY_H
#define BROKER_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bdf.h"

struct broker;
struct kmod_ctx;
struct pci_access;
struct pci_dev;

/* How a device can be reset, best first: alone, with all others on its bus,
 * not at all. */
enum reset { RESET_ALONE, RESET_BUS, RESET_NONE };

struct device {
    struct bdf bdf;
    char text[BDF_TEXT_SIZE];   /* as DDDD:BB:SS.F */
    bool pciback;               /* is bound to it */

    /* after inventory_identify */
    uint16_t vendor, device;
    uint32_t class;             /* base, sub and programming interface */
    const char *modalias;

    /* after inventory_driver */
    const char *driver;         /* or NULL */

    /* after inventory_physfn */
    bool vf;
    struct bdf pf;

    /* after inventory_detail, with all of the above */
    long vfs;                   /* a PF's enabled VFs */
    bool answers;               /* its config space does */
    bool bridge, msi, msix;
    enum reset reset;

    /* private */
    bool identified, driver_known, physfn_known, detailed;
    struct pci_dev *handle;
};

struct inventory {
    struct device *devices;     /* in order of BDF */
    size_t count;
    bool pciback;               /* its driver is there */

    /* private */
    struct pci_access *access;
    int devices_dir;            /* descriptor of bus/pci/devices, or -1 */
    const struct device *last;  /* that was identified */
    struct bdf numa_bus;
    bool numa_known;
    long numa;
    struct kmod_ctx *kmod;
    struct driver_name *driver_names;
    size_t driver_name_count;
};

/* Addresses only. */
int inventory_open(struct broker *b, struct inventory *inventory);
void inventory_close(struct inventory *inventory);

struct device *inventory_find(const struct inventory *inventory,
                              const struct bdf *bdf);

/* The more a fact costs the later it is asked for: there may be thousands of
 * devices, of which a few matter. */
/* What it is. False: it has gone while we looked, and there are always some that
 * come and go. */
bool inventory_identify(struct broker *b, struct inventory *inventory,
                        struct device *device);
/* All of them; those that have gone are left out. */
void inventory_identify_all(struct broker *b, struct inventory *inventory);
void inventory_driver(struct broker *b, struct device *device);
void inventory_physfn(struct broker *b, struct device *device);
/* NUMA node; -1: unknown. Cheapest for devices in order of BDF. */
long inventory_numa(struct broker *b, struct inventory *inventory,
                    const struct device *device);
/* Always asked for anew; also in the details. */
enum reset inventory_reset(struct broker *b, const struct device *device);
int inventory_detail(struct broker *b, struct inventory *inventory,
                     struct device *device);
int inventory_model(struct broker *b, struct inventory *inventory,
                    struct device *device, const char **model);

/* The driver that dom0's kernel would load for the device, as its module is
 * called; NULL: none, or the modules cannot be asked. For devices that pciback
 * has had since boot. Source: modules.alias, through libkmod. */
const char *inventory_driver_wanted(struct broker *b,
                                    struct inventory *inventory,
                                    const struct device *device);

/* VF number `index` of a PF; false: there is none. */
bool inventory_virtfn(struct broker *b, const struct bdf *pf, long index,
                      struct bdf *vf);
/* Which VF of its PF; -1: the PF does not list it. */
long inventory_vf_index(struct broker *b, const struct device *device);

/* Current driver, always asked for anew; NULL: none. */
const char *inventory_driver_now(struct broker *b, const struct bdf *bdf);

#define PCIBACK "pciback"

#endif
