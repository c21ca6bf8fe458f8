/* SPDX-License-Identifier: GPL-2.0-only */
/* How large the frames of an interface are, and may become. libnl has no word
 * for the latter. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <netlink/attr.h>
#include <netlink/handlers.h>
#include <netlink/msg.h>

#include "host/net.h"

/* By name: an index looked up before may be another's by now. */
static struct nl_msg *question(const char *interface)
{
    struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
    struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, 0);

    if (!msg)
        return NULL;
    if (strlen(interface) >= IFNAMSIZ ||
        nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) < 0 ||
        nla_put_string(msg, IFLA_IFNAME, interface) < 0) {
        nlmsg_free(msg);
        return NULL;
    }
    return msg;
}

static bool read_number(struct nlmsghdr *hdr, int type, unsigned *number)
{
    struct nlattr *attr = nlmsg_find_attr(hdr, sizeof(struct ifinfomsg),
                                          type);

    if (!attr || nla_len(attr) < (int)sizeof(uint32_t))
        return false;
    *number = nla_get_u32(attr);
    return true;
}

static int take_link(struct nl_msg *msg, void *arg)
{
    struct nlmsghdr *hdr = nlmsg_hdr(msg);
    struct net_mtu *mtu = arg;

    if (hdr->nlmsg_type == RTM_NEWLINK &&
        nlmsg_valid_hdr(hdr, sizeof(struct ifinfomsg)) &&
        read_number(hdr, IFLA_MTU, &mtu->now))
        read_number(hdr, IFLA_MAX_MTU, &mtu->most);
    return NL_OK;
}

int net_netlink_mtu(struct net *net, const char *interface,
                    struct net_mtu *mtu)
{
    struct nl_msg *msg = question(interface);
    int r;

    memset(mtu, 0, sizeof(*mtu));
    if (!msg)
        return ENOMEM;
    r = net_netlink_ask(net, msg, take_link, mtu);
    nlmsg_free(msg);
    if (r)
        return r;
    return mtu->now ? 0 : EBADMSG;
}
