/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools, and what is in them. Pure: pools_read.h has the file. */
#ifndef BROKER_POOLS_H
#define BROKER_POOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bdf.h"
#include "proto/vf_settings.h"

struct pool_match {
    const char *bdf;            /* with *; NULL: any */
    long vendor, device;        /* POOL_ANY: any */
    long class;                 /* the first class_digits digits */
    int class_digits;
    const char *pf, *driver;    /* NULL: any */
    long numa;                  /* POOL_ANY: any */
    long link_speed;            /* Mbit/s at least; POOL_ANY: any */
    const char **networks;      /* one of these; NULL: any */
    size_t network_count;
};

#define POOL_ANY (-1)

struct pool {
    const char *name;
    struct pool_match *matches;
    size_t count;
    bool bind;
    size_t reserve;             /* free devices that migrations leave */
    /* Who may use it; everybody if `allow` is false. */
    bool allow;
    const char **names, **uuids;        /* names with * */
    size_t name_count, uuid_count;
    struct vf_settings vf;      /* those `known` win over the guest's */
    long create_vfs;            /* of a PF without any; 0: none */
};

struct pools {
    struct pool *pools;
    size_t count;
};

const struct pool *pools_find(const struct pools *pools, const char *name);

struct pool_subject {
    const char *bdf;
    uint16_t vendor, device;
    uint32_t class;
};

/* What costs more to find out; asked for only if a match has the key. */
struct pool_detail {
    const char *pf, *driver;    /* NULL: none, unknown */
    long numa;                  /* -1: unknown */
    long link_speed;            /* Mbit/s; -1: unknown */
    char **networks;            /* ends in NULL */
};

enum pool_key {
    POOL_BDF, POOL_VENDOR, POOL_DEVICE, POOL_CLASS, POOL_PF, POOL_DRIVER,
    POOL_NUMA, POOL_LINK_SPEED, POOL_NETWORKS
};

#define POOL_KEYS (POOL_NETWORKS + 1)

/* *only: the match with that key alone. The key's name; NULL: it is not in the
 * match. */
const char *pool_match_only(const struct pool_match *match, enum pool_key key,
                            struct pool_match *only);

/* Could a device at that address be in the pool? */
bool pool_may_have(const struct pool *pool, const char *bdf);

/* In two steps: the second one only for what stood the first. */
bool pool_match_fits(const struct pool_match *match,
                     const struct pool_subject *subject);
bool pool_match_fits_detail(const struct pool_match *match,
                            const struct pool_detail *detail);

/* Base class and subclass of all its devices, as 0xBBSS; -1 if not every match
 * says so, or not the same. */
long pool_kind(const struct pool *pool);

/* May the domain use the pool? NULL: some domain. */
bool pool_allows(const struct pool *pool, const char *domain_name,
                 const char *domain_uuid);

#endif
