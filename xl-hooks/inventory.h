/* SPDX-License-Identifier: GPL-2.0-only */
/* The PCI devices of this host: facts only, no judgement. */
#ifndef BROKER_INVENTORY_H
#define BROKER_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bdf.h"

struct broker;
struct pci_access;
struct pci_dev;

struct device {
    struct bdf bdf;
    char text[BDF_TEXT_SIZE];   /* as DDDD:BB:SS.F */
    uint16_t vendor, device;
    uint32_t class;             /* base, sub and programming interface */

    /* after inventory_detail */
    const char *driver;         /* or NULL */
    bool vf;
    struct bdf pf;
    long vfs;                   /* a PF's enabled VFs */
    bool answers;               /* its config space does */
    bool bridge, msi, msix;
    const char *modalias;

    /* private */
    bool detailed;
    struct pci_dev *handle;
};

struct inventory {
    struct device *devices;     /* in order of BDF */
    size_t count;
    bool pciback;               /* its driver is there */

    /* private */
    struct pci_access *access;
};

int inventory_open(struct broker *b, struct inventory *inventory);
void inventory_close(struct inventory *inventory);

struct device *inventory_find(const struct inventory *inventory,
                              const struct bdf *bdf);
/* Fill in what costs more than a look at the bus. */
int inventory_detail(struct broker *b, struct inventory *inventory,
                     struct device *device);
int inventory_model(struct broker *b, struct inventory *inventory,
                    struct device *device, const char **model);
/* Which VF of its PF; -1: the PF does not list it. */
long inventory_vf_index(struct broker *b, const struct device *device);

/* Current driver, read again; NULL: none. */
const char *inventory_driver(struct broker *b, const struct bdf *bdf);

#define PCIBACK "pciback"

#endif
