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
    int r;
};

static int take_link(struct nl_msg *msg, void *arg)
{
    struct question *q = arg;

    q->r = vf_message_read(nlmsg_hdr(msg), q->index, q->settings);
    return NL_OK;
}

int net_netlink_vf_settings(struct net *net, const char *pf_interface,
                            unsigned index, struct vf_settings *settings)
{
    struct question q = { .index = index, .settings = settings };
    struct nl_msg *msg = vf_message_ask(pf_interface);
    int r;

    *settings = vf_defaults();
    if (!msg)
        return ENOMEM;
    r = net_netlink_ask(net, msg, take_link, &q);
    nlmsg_free(msg);
    return r ? r : q.r;
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
