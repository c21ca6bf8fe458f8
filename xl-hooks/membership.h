/* SPDX-License-Identifier: GPL-2.0-only */
/* Which devices of this host are in a pool. */
#ifndef BROKER_MEMBERSHIP_H
#define BROKER_MEMBERSHIP_H

#include <stdbool.h>

struct device;
struct pool;
struct survey;

/* Does some `match` of the pool fit? Whoever may use it. Returns an rc. */
int membership_ask(struct survey *survey, const struct pool *pool,
                   struct device *device, bool *member);

#endif
