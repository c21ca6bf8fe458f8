/* SPDX-License-Identifier: GPL-2.0-only */
/* Which devices of this host are in a pool. */
#ifndef BROKER_MEMBERSHIP_H
#define BROKER_MEMBERSHIP_H

#include <stdbool.h>

struct device;
struct pool;
struct pool_match;
struct fact_sources;

/* Does some `match` of the pool fit? Whoever may use it. Returns an rc. */
int membership_ask(struct fact_sources *sources, const struct pool *pool,
                   struct device *device, bool *member);

/* Does this one of them? */
int membership_match(struct fact_sources *sources,
                     const struct pool_match *match, struct device *device,
                     bool *fits);

#endif
