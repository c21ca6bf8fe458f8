/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "host/inventory.h"
#include "host/members.h"
#include "host/net.h"
#include "plan/mtu.h"

/* One that has just gone has no limit. */
static int ask(struct broker *b, const char *interface, struct net_mtu *mtu)
{
    int r = b->net->ops->mtu(b->net, interface, mtu);

    if (r == ENODEV)
        memset(mtu, 0, sizeof(*mtu));
    else if (r)
        return broker_fail(b, RC_FAILED, "netlink: MTU of %s: %s", interface,
                           strerror(r));
    return RC_OK;
}

static int most_of(struct broker *b, const char *interface, unsigned wanted,
                   unsigned *limit, const char **why)
{
    struct net_mtu mtu;
    int rc = ask(b, interface, &mtu);

    if (rc || !mtu.most || mtu.most >= wanted)
        return rc;
    *limit = mtu.most;
    *why = arena_printf(b->arena, "can have an MTU of %u at most (interface "
                        "%s), and the guest uses %u", mtu.most, interface,
                        wanted);
    return RC_OK;
}

/*
 * A VF may be told larger frames than its PF, and some drivers do as they are
 * told. Of others the VF is deaf then, or loses just the large ones; and what is
 * behind the uplink was set up for what the PF has.
 */
static int pf_has(struct broker *b, const struct device *vf,
                  const char *interface, unsigned wanted, unsigned *limit,
                  const char **why)
{
    struct net_mtu mtu;
    int rc = ask(b, interface, &mtu);

    if (rc || !mtu.now || mtu.now >= wanted)
        return rc;
    *limit = mtu.now;
    *why = arena_printf(b->arena, "is a VF of %s, whose interface %s has an "
                        "MTU of %u, and the guest uses %u (ip link set %s "
                        "mtu %u)", bdf_text(b->arena, &vf->pf), interface,
                        mtu.now, wanted, interface, wanted);
    return RC_OK;
}

int device_mtu_limit(struct broker *b, const struct device *device,
                     const char *pf_interface, unsigned wanted,
                     unsigned *limit, const char **why)
{
    char **name = device_interfaces(b, device);
    int rc = RC_OK;

    *limit = 0;
    for (; !rc && !*limit && *name; name++)
        rc = most_of(b, *name, wanted, limit, why);
    if (!rc && !*limit && pf_interface)
        rc = pf_has(b, device, pf_interface, wanted, limit, why);
    return rc;
}
