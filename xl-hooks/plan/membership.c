/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/broker.h"
#include "choice/pools.h"
#include "host/inventory.h"
#include "host/members.h"
#include "plan/candidate.h"
#include "plan/membership.h"

/* Only what the match has keys for. */
static int take_detail(struct fact_sources *s, const struct pool_match *match,
                       struct device *device, struct pool_detail *detail)
{
    struct device *port = device;

    *detail = (struct pool_detail){ .numa = -1, .link_speed = -1 };
    if (match->pf || match->link_speed != POOL_ANY || match->networks)
        inventory_physfn(s->b, device);
    if (device->vf) {
        detail->pf = bdf_text(s->b->arena, &device->pf);
        port = inventory_find(s->inventory, &device->pf);
    }
    if (match->numa != POOL_ANY)
        detail->numa = inventory_numa(s->b, s->inventory, device);
    if (port && match->link_speed != POOL_ANY)
        detail->link_speed = device_link_speed(s->b, port);
    if (port && match->networks)
        detail->networks = device_networks(s->b, port);
    return match->driver ? facts_home_driver(s, device, &detail->driver)
                         : RC_OK;
}

int membership_match(struct fact_sources *s, const struct pool_match *match,
                     struct device *device, bool *fits)
{
    const struct pool_subject subject = {
        .bdf = device->text, .vendor = device->vendor,
        .device = device->device, .class = device->class,
    };
    struct pool_detail detail;
    int rc;

    *fits = pool_match_fits(match, &subject);
    if (!*fits)
        return RC_OK;
    rc = take_detail(s, match, device, &detail);
    *fits = pool_match_fits_detail(match, &detail);
    return rc;
}

int membership_ask(struct fact_sources *s, const struct pool *pool,
                   struct device *device, bool *member)
{
    size_t i;
    int rc = RC_OK;

    *member = false;
    for (i = 0; !rc && !*member && i < pool->count; i++)
        rc = membership_match(s, &pool->matches[i], device, member);
    return rc;
}
