/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/broker.h"
#include "host/xen.h"
#include "lease/liveness.h"
#include "lease/lock.h"

struct domain_list {
    struct domain *domains;
    size_t count;
};

int owner_from_lock(struct broker *b, const char *name, struct owner *owner)
{
    *owner = (struct owner){ .lock = name };
    if (!name)
        return broker_fail(b, RC_BAD_REQUEST, "owner is missing");
    if (!lock_is_held(b, name))
        return broker_fail(b, RC_BAD_REQUEST, "owner.lock: nobody holds the "
                           "lock %s", name);
    return RC_OK;
}

void domains_forget(struct broker *b)
{
    b->domains = NULL;
}

static int get_domains(struct broker *b, const struct domain_list **out)
{
    struct domain_list *list = b->domains;
    int r;

    if (!list) {
        list = arena_alloc(b->arena, sizeof(*list));
        r = b->xen->ops->domains(b->xen, b->arena, &list->domains,
                                 &list->count);
        if (r)
            return broker_fail(b, RC_FAILED, "hypervisor: list of domains: "
                               "%s", strerror(r));
        b->domains = list;
    }
    *out = list;
    return RC_OK;
}

int domain_is_alive(struct broker *b, const char *uuid, bool *alive)
{
    const struct domain_list *list;
    size_t i;
    int rc;

    *alive = false;
    rc = get_domains(b, &list);
    if (rc)
        return rc;
    for (i = 0; i < list->count; i++)
        if (!strcmp(list->domains[i].uuid, uuid))
            *alive = true;
    return RC_OK;
}

int domain_uuid(struct broker *b, const char *domid, const char **uuid)
{
    const struct domain_list *list;
    char number[16];
    size_t i;
    int rc;

    *uuid = NULL;
    rc = get_domains(b, &list);
    if (rc)
        return rc;
    for (i = 0; i < list->count; i++) {
        snprintf(number, sizeof(number), "%u", list->domains[i].domid);
        if (!strcmp(number, domid))
            *uuid = list->domains[i].uuid;
    }
    return RC_OK;
}

static uint64_t seconds_since_boot(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_BOOTTIME, &ts);
    return (uint64_t)ts.tv_sec;
}

int owner_is_alive(struct broker *b, const struct owner *owner, bool *alive)
{
    if (owner->lock) {
        *alive = lock_is_held(b, owner->lock);
        return RC_OK;
    }
    *alive = owner->until && seconds_since_boot() <= owner->until;
    return *alive ? RC_OK : domain_is_alive(b, owner->domain, alive);
}
