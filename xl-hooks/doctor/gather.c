/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>
#include <sys/utsname.h>

#include "base/arena.h"
#include "base/broker.h"
#include "doctor/gather.h"

void gather_all(struct doctor *d, struct host_facts *facts)
{
    struct utsname name;

    memset(facts, 0, sizeof(*facts));
    facts->host = uname(&name) ? "this host"
                               : arena_strdup(d->b->arena, name.nodename);
    gather_system(d, facts);
    d->ops->ask_xen(d, facts);
    gather_leftovers(d, facts);
    gather_pools(d, facts);
    gather_guests(d, facts);
    gather_disks(d, facts);
}
