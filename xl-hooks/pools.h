/* SPDX-License-Identifier: GPL-2.0-only */
/* /etc/xen/pci-pools.json. */
#ifndef BROKER_POOLS_H
#define BROKER_POOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bdf.h"

#define POOLS_PATH "/etc/xen/pci-pools.json"

struct broker;


struct pool_match {
    const char *bdf;            /* with *; NULL: any */
    long vendor, device;        /* POOL_ANY: any */
    long class;                 /* the first class_digits digits */
    int class_digits;
    const char *pf, *driver;    /* NULL: any */
};

#define POOL_ANY (-1)

struct pool {
    const char *name;
    struct pool_match *matches;
    size_t count;
    bool bind;
};

struct pools {
    struct pool *pools;
    size_t count;
};

/* No file: no pools. Errors name file, line and column. */
int pools_load(struct broker *b, const char *path, bool must_exist,
               struct pools *pools);
/* As pools_load, of a text of `len` bytes; path is for errors only. */
int pools_parse(struct broker *b, const char *path, const char *text,
                size_t len, struct pools *pools);
const struct pool *pools_find(const struct pools *pools, const char *name);

struct pool_subject {
    const char *bdf;
    uint16_t vendor, device;
    uint32_t class;
};

/* In two steps, as driver and PF cost more to find out. */
bool pool_match_fits(const struct pool_match *match,
                     const struct pool_subject *subject);
bool pool_match_fits_detail(const struct pool_match *match, const char *pf,
                            const char *driver);

#endif
