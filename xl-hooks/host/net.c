/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <linux/if.h>

#include <netlink/cache.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/socket.h>

#include "host/net.h"

static int has_address(struct nl_sock *socket, int ifindex, bool *addressed)
{
    struct nl_cache *cache;
    struct nl_object *object;
    int r;

    *addressed = false;
    r = rtnl_addr_alloc_cache(socket, &cache);
    if (r < 0)
        return net_errno(r);
    for (object = nl_cache_get_first(cache); object;
         object = nl_cache_get_next(object))
        if (rtnl_addr_get_ifindex((struct rtnl_addr *)object) == ifindex)
            *addressed = true;
    nl_cache_free(cache);
    return 0;
}

static int state(struct net *net, const char *interface,
                 struct net_state *state)
{
    struct rtnl_link *link;
    struct nl_sock *socket;
    int ifindex, r;

    r = net_netlink_open(net, &socket);
    if (r)
        return r;
    r = rtnl_link_get_kernel(socket, 0, interface, &link);
    if (r < 0)
        return net_errno(r);
    state->up = rtnl_link_get_flags(link) & IFF_UP;
    state->carrier = rtnl_link_get_flags(link) & IFF_LOWER_UP;
    state->enslaved = rtnl_link_get_master(link) > 0;
    ifindex = rtnl_link_get_ifindex(link);
    rtnl_link_put(link);
    return has_address(socket, ifindex, &state->addressed);
}

static const struct net_ops netlink_ops = {
    .state = state,
    .mtu = net_netlink_mtu,
    .vf_settings = net_netlink_vf_settings,
    .vf_set = net_netlink_vf_set,
};

void net_netlink_init(struct net_netlink *nl)
{
    nl->net.ops = &netlink_ops;
    nl->socket = NULL;
}

void net_netlink_dispose(struct net_netlink *nl)
{
    if (nl->socket)
        nl_socket_free(nl->socket);
}
