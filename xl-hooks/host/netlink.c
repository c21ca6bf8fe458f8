/* SPDX-License-Identifier: GPL-2.0-only */
/* The socket that all questions to the network stack go through. */
#include <errno.h>

#include <netlink/errno.h>
#include <netlink/handlers.h>
#include <netlink/msg.h>
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

struct answer {
    int (*take)(struct nl_msg *answer, void *arg);
    void *arg;
    bool came;
};

static int take_answer(struct nl_msg *msg, void *arg)
{
    struct answer *answer = arg;

    answer->came = true;
    return answer->take(msg, answer->arg);
}

/* The answer, then the acknowledgement that nl_send_auto asks for; or only
 * an error. */
int net_netlink_ask(struct net *net, struct nl_msg *question,
                    int (*take)(struct nl_msg *answer, void *arg), void *arg)
{
    struct answer answer = { take, arg, false };
    struct nl_sock *socket;
    struct nl_cb *cb;
    int r;

    r = net_netlink_open(net, &socket);
    if (r)
        return r;
    r = nl_send_auto(socket, question);
    if (r < 0)
        return net_errno(r);
    cb = nl_cb_alloc(NL_CB_DEFAULT);
    if (!cb)
        return ENOMEM;
    nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, take_answer, &answer);
    r = nl_recvmsgs(socket, cb);
    nl_cb_put(cb);
    if (r >= 0 && answer.came)
        r = nl_wait_for_ack(socket);
    if (r < 0)
        return net_errno(r);
    return answer.came ? 0 : EIO;
}
