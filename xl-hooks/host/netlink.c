/* SPDX-License-Identifier: GPL-2.0-only */
/* The socket that all questions to the network stack go through. */
#include <errno.h>

#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "host/net.h"

int net_errno(int nl_error)
{
    switch (-nl_error) {
    case NLE_SUCCESS:
        return 0;
    case NLE_NODEV:
    case NLE_OBJ_NOTFOUND:
        return ENODEV;
    case NLE_NOMEM:
        return ENOMEM;
    case NLE_PERM:
    case NLE_NOACCESS:
        return EPERM;
    case NLE_OPNOTSUPP:
        return EOPNOTSUPP;
    case NLE_PROTO_MISMATCH:
        return EPROTONOSUPPORT;
    case NLE_INVAL:
        return EINVAL;
    case NLE_RANGE:
        return ERANGE;
    case NLE_BUSY:
        return EBUSY;
    default:
        return EIO;
    }
}

int net_netlink_open(struct net *net, struct nl_sock **socket)
{
    struct net_netlink *nl = (struct net_netlink *)net;
    int r;

    if (!nl->socket) {
        nl->socket = nl_socket_alloc();
        if (!nl->socket)
            return ENOMEM;
        r = nl_connect(nl->socket, NETLINK_ROUTE);
        if (r < 0) {
            nl_socket_free(nl->socket);
            nl->socket = NULL;
            return net_errno(r);
        }
        /* A PF with many VFs answers with more than a page. */
        nl_socket_enable_msg_peek(nl->socket);
    }
    *socket = nl->socket;
    return 0;
}
