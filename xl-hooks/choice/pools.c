/* SPDX-License-Identifier: GPL-2.0-only */
#include <fnmatch.h>
#include <string.h>

#include "choice/pools.h"

const struct pool *pools_find(const struct pools *pools, const char *name)
{
    size_t i;

    for (i = 0; i < pools->count; i++)
        if (!strcmp(pools->pools[i].name, name))
            return &pools->pools[i];
    return NULL;
}

static bool pool_match_is_any(const struct pool_match *match)
{
    return !match->bdf && match->vendor == POOL_ANY &&
           match->device == POOL_ANY && match->class == POOL_ANY &&
           !match->pf && !match->driver && match->numa == POOL_ANY &&
           match->link_speed == POOL_ANY && !match->networks;
}

const char *pool_match_only(const struct pool_match *match, enum pool_key key,
                            struct pool_match *only)
{
    static const char *const names[POOL_KEYS] = {
        [POOL_BDF] = "bdf", [POOL_VENDOR] = "vendor",
        [POOL_DEVICE] = "device", [POOL_CLASS] = "class",
        [POOL_PF] = "pf", [POOL_DRIVER] = "driver", [POOL_NUMA] = "numa",
        [POOL_LINK_SPEED] = "link_speed", [POOL_NETWORKS] = "networks",
    };
    const struct pool_match any = {
        .vendor = POOL_ANY, .device = POOL_ANY, .class = POOL_ANY,
        .numa = POOL_ANY, .link_speed = POOL_ANY,
    };

    *only = any;
    switch (key) {
    case POOL_BDF:
        only->bdf = match->bdf;
        break;
    case POOL_VENDOR:
        only->vendor = match->vendor;
        break;
    case POOL_DEVICE:
        only->device = match->device;
        break;
    case POOL_CLASS:
        only->class = match->class;
        only->class_digits = match->class_digits;
        break;
    case POOL_PF:
        only->pf = match->pf;
        break;
    case POOL_DRIVER:
        only->driver = match->driver;
        break;
    case POOL_NUMA:
        only->numa = match->numa;
        break;
    case POOL_LINK_SPEED:
        only->link_speed = match->link_speed;
        break;
    case POOL_NETWORKS:
        only->networks = match->networks;
        only->network_count = match->network_count;
        break;
    }
    return pool_match_is_any(only) ? NULL : names[key];
}

static bool class_fits(const struct pool_match *match, uint32_t class)
{
    return match->class == POOL_ANY ||
           (long)(class >> 4 * (6 - match->class_digits)) == match->class;
}

bool pool_match_fits(const struct pool_match *match,
                     const struct pool_subject *subject)
{
    return (match->vendor == POOL_ANY || match->vendor == subject->vendor) &&
           (match->device == POOL_ANY || match->device == subject->device) &&
           class_fits(match, subject->class) &&
           (!match->bdf || !fnmatch(match->bdf, subject->bdf, 0));
}

bool pool_may_have(const struct pool *pool, const char *bdf)
{
    size_t i;

    for (i = 0; i < pool->count; i++)
        if (!pool->matches[i].bdf ||
            !fnmatch(pool->matches[i].bdf, bdf, 0))
            return true;
    return false;
}

static bool network_fits(const struct pool_match *match, char **networks)
{
    size_t i;

    for (; networks && *networks; networks++)
        for (i = 0; i < match->network_count; i++)
            if (!strcmp(*networks, match->networks[i]))
                return true;
    return false;
}

bool pool_match_fits_detail(const struct pool_match *match,
                            const struct pool_detail *detail)
{
    return (!match->pf || (detail->pf && !strcmp(match->pf, detail->pf))) &&
           (!match->driver ||
            (detail->driver && !strcmp(match->driver, detail->driver))) &&
           (match->numa == POOL_ANY || match->numa == detail->numa) &&
           (match->link_speed == POOL_ANY ||
            detail->link_speed >= match->link_speed) &&
           (!match->networks || network_fits(match, detail->networks));
}

long pool_kind(const struct pool *pool)
{
    long kind = -1, this;
    size_t i;

    for (i = 0; i < pool->count; i++) {
        if (pool->matches[i].class_digits < 4)
            return -1;
        this = pool->matches[i].class >>
               4 * (pool->matches[i].class_digits - 4);
        if (i && this != kind)
            return -1;
        kind = this;
    }
    return kind;
}

bool pool_allows(const struct pool *pool, const char *domain_name,
                 const char *domain_uuid)
{
    size_t i;

    if (!pool->allow || !domain_name)
        return true;
    for (i = 0; i < pool->name_count; i++)
        if (!fnmatch(pool->names[i], domain_name, FNM_NOESCAPE))
            return true;
    for (i = 0; i < pool->uuid_count; i++)
        if (!strcmp(pool->uuids[i], domain_uuid))
            return true;
    return false;
}
