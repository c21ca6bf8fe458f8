/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of a VF are kept by its PF's driver: ask and tell it. */
#include <errno.h>

#include <netlink/handlers.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "host/net.h"
#include "host/vf_message.h"

struct question {
    unsigned index;
    struct vf_settings *settings;
    bool answered;
    int r;                      /* if so */
};

static int take_link(struct nl_msg *msg, void *arg)
{
    struct question *q = arg;

    q->answered = true;
    q->r = vf_message_read(nlmsg_hdr(msg), q->index, q->settings);
    return NL_OK;
}

/* The answer, then the acknowledgement that nl_send_auto asks for; or only
 * an error. */
static int ask(struct nl_sock *socket, struct nl_msg *msg,
               struct question *q)
{
    struct nl_cb *cb;
    int r;

    r = nl_send_auto(socket, msg);
    if (r < 0)
        return net_errno(r);
    cb = nl_cb_alloc(NL_CB_DEFAULT);
    if (!cb)
        return ENOMEM;
    nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, take_link, q);
    r = nl_recvmsgs(socket, cb);
    nl_cb_put(cb);
    if (r >= 0 && q->answered)
        r = nl_wait_for_ack(socket);
    if (r < 0)
        return net_errno(r);
    return q->answered ? q->r : EIO;
}

int net_netlink_vf_settings(struct net *net, const char *pf_interface,
                            unsigned index, struct vf_settings *settings)
{
    struct question q = { .index = index, .settings = settings };
    struct nl_sock *socket;
    struct nl_msg *msg;
    int r;

    *settings = vf_defaults();
    r = net_netlink_open(net, &socket);
    if (r)
        return r;
    msg = vf_message_ask(pf_interface);
    if (!msg)
        return ENOMEM;
    r = ask(socket, msg, &q);
    nlmsg_free(msg);
    return r;
}

int net_netlink_vf_set(struct net *net, const char *pf_interface,
                       unsigned index, enum vf_setting what,
                       const struct vf_settings *settings)
{
    struct nl_sock *socket;
    struct nl_msg *msg;
    int r;

    r = net_netlink_open(net, &socket);
    if (r)
        return r;
    msg = vf_message_set(pf_interface, index, what, settings);
    if (!msg)
        return ENOMEM;
    r = nl_send_sync(socket, msg);      /* frees it */
    return r < 0 ? net_errno(r) : 0;
}
