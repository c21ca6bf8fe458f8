/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libnl-route writes the settings. It does not read them well enough: it takes
 * what is zero for unknown, and does not look how long attributes are.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <netlink/addr.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/route/link.h>
#include <netlink/route/link/sriov.h>

#include "host/vf_message.h"

/* By name: an index looked up before may be another's by now. And statistics
 * of many VFs would not fit into one attribute. */
struct nl_msg *vf_message_ask(const char *pf_interface)
{
    struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
    struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, 0);

    if (!msg)
        return NULL;
    if (strlen(pf_interface) >= IFNAMSIZ ||
        nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) < 0 ||
        nla_put_string(msg, IFLA_IFNAME, pf_interface) < 0 ||
        nla_put_u32(msg, IFLA_EXT_MASK,
                    RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS) < 0) {
        nlmsg_free(msg);
        return NULL;
    }
    return msg;
}

static bool say_mac(struct rtnl_link_vf *vf, const uint8_t *mac)
{
    struct nl_addr *addr = nl_addr_build(AF_LLC, mac, 6);

    if (!addr)
        return false;
    rtnl_link_vf_set_addr(vf, addr);
    nl_addr_put(addr);
    return true;
}

/* libnl has the protocol in the host's order, but writes 802.1ad as it stands. */
static uint16_t protocol_for_libnl(unsigned protocol)
{
    return protocol == VF_8021AD ? htons(ETH_P_8021AD) : ETH_P_8021Q;
}

static bool say_vlan(struct rtnl_link_vf *vf,
                     const struct vf_settings *settings)
{
    nl_vf_vlans_t *vlans;

    if (rtnl_link_vf_vlan_alloc(&vlans, 1) < 0)
        return false;
    vlans->vlans[0] = (nl_vf_vlan_info_t){
        .vf_vlan = settings->vlan,
        .vf_vlan_qos = settings->qos,
        .vf_vlan_proto = protocol_for_libnl(settings->vlan_proto),
    };
    rtnl_link_vf_set_vlans(vf, vlans);
    rtnl_link_vf_vlan_put(vlans);
    return true;
}

static void say_rate(struct rtnl_link_vf *vf,
                     const struct vf_settings *settings)
{
    struct nl_vf_rate rate = {
        .api = RTNL_LINK_VF_RATE_API_NEW,
        .min_tx_rate = settings->min_tx_rate,
        .max_tx_rate = settings->max_tx_rate,
    };

    rtnl_link_vf_set_rate(vf, &rate);
}

static bool say(struct rtnl_link_vf *vf, enum vf_setting what,
                const struct vf_settings *settings)
{
    static const uint32_t links[] = {
        [VF_LINK_AUTO] = IFLA_VF_LINK_STATE_AUTO,
        [VF_LINK_ENABLE] = IFLA_VF_LINK_STATE_ENABLE,
        [VF_LINK_DISABLE] = IFLA_VF_LINK_STATE_DISABLE,
    };

    switch (what) {
    case VF_MAC:
        return say_mac(vf, settings->mac);
    case VF_VLAN:
        return say_vlan(vf, settings);
    case VF_SPOOFCHK:
        rtnl_link_vf_set_spoofchk(vf, settings->spoofchk);
        return true;
    case VF_TRUST:
        rtnl_link_vf_set_trust(vf, settings->trust);
        return true;
    case VF_LINK_STATE:
        rtnl_link_vf_set_linkstate(vf, links[settings->link_state]);
        return true;
    case VF_RATE:
        say_rate(vf, settings);
        return true;
    }
    return false;
}

struct nl_msg *vf_message_set(const char *pf_interface, unsigned index,
                              enum vf_setting what,
                              const struct vf_settings *settings)
{
    struct rtnl_link *some = NULL, *changes = NULL;
    struct rtnl_link_vf *vf = NULL;
    struct nl_msg *msg = NULL;

    if (strlen(pf_interface) >= IFNAMSIZ)
        return NULL;
    some = rtnl_link_alloc();
    changes = rtnl_link_alloc();
    vf = rtnl_link_vf_alloc();
    if (!some || !changes || !vf) goto out;
    rtnl_link_set_name(changes, pf_interface);
    rtnl_link_vf_set_index(vf, index);
    if (!say(vf, what, settings) || rtnl_link_vf_add(changes, vf) < 0)
        goto out;
    if (rtnl_link_build_change_request(some, changes, NLM_F_ACK, &msg) < 0)
        msg = NULL;
out:
    rtnl_link_vf_put(vf);
    rtnl_link_put(changes);
    rtnl_link_put(some);
    return msg;
}

#include "host/vf_message.h"

#define AT_LEAST(type) { .minlen = sizeof(type) }

static const struct nla_policy info_policy[IFLA_VF_MAX + 1] = {
    [IFLA_VF_MAC] = AT_LEAST(struct ifla_vf_mac),
    [IFLA_VF_VLAN] = AT_LEAST(struct ifla_vf_vlan),
    [IFLA_VF_SPOOFCHK] = AT_LEAST(struct ifla_vf_spoofchk),
    [IFLA_VF_TRUST] = AT_LEAST(struct ifla_vf_trust),
    [IFLA_VF_LINK_STATE] = AT_LEAST(struct ifla_vf_link_state),
    [IFLA_VF_RATE] = AT_LEAST(struct ifla_vf_rate),
    [IFLA_VF_VLAN_LIST] = { .type = NLA_NESTED },
};

/* The first of the list is the one that VFs have; the older attribute does
 * not say which protocol. */
static int read_vlan(struct nlattr **info, struct vf_settings *settings)
{
    struct ifla_vf_vlan_info vlan = { .vlan_proto = htons(ETH_P_8021Q) };
    struct nlattr *first = NULL;

    if (info[IFLA_VF_VLAN_LIST])
        first = nla_find(nla_data(info[IFLA_VF_VLAN_LIST]),
                         nla_len(info[IFLA_VF_VLAN_LIST]),
                         IFLA_VF_VLAN_INFO);
    if (first) {
        if (nla_len(first) < (int)sizeof(vlan))
            return EBADMSG;
        memcpy(&vlan, nla_data(first), sizeof(vlan));
    } else if (info[IFLA_VF_VLAN]) {
        memcpy(&vlan, nla_data(info[IFLA_VF_VLAN]),
               sizeof(struct ifla_vf_vlan));
    } else {
        return 0;
    }
    if (vlan.vlan > 4095 || vlan.qos > 7)
        return EBADMSG;
    settings->vlan = vlan.vlan;
    settings->qos = vlan.qos;
    settings->vlan_proto = ntohs(vlan.vlan_proto) == VF_8021AD ? VF_8021AD
                                                               : VF_8021Q;
    settings->known |= 1u << VF_VLAN;
    return 0;
}

/* False: it is not there, or says that the driver knows nothing (~0). */
static bool read_number(struct nlattr *attr, uint32_t limit,
                        uint32_t *number)
{
    struct ifla_vf_spoofchk value;

    if (!attr)
        return false;
    memcpy(&value, nla_data(attr), sizeof(value));
    *number = value.setting;
    return value.setting <= limit;
}

static void read_numbers(struct nlattr **info, struct vf_settings *settings)
{
    static const enum vf_link links[] = {
        [IFLA_VF_LINK_STATE_AUTO] = VF_LINK_AUTO,
        [IFLA_VF_LINK_STATE_ENABLE] = VF_LINK_ENABLE,
        [IFLA_VF_LINK_STATE_DISABLE] = VF_LINK_DISABLE,
    };
    uint32_t number;

    if (read_number(info[IFLA_VF_SPOOFCHK], 1, &number)) {
        settings->spoofchk = number;
        settings->known |= 1u << VF_SPOOFCHK;
    }
    if (read_number(info[IFLA_VF_TRUST], 1, &number)) {
        settings->trust = number;
        settings->known |= 1u << VF_TRUST;
    }
    if (read_number(info[IFLA_VF_LINK_STATE], IFLA_VF_LINK_STATE_DISABLE,
                    &number)) {
        settings->link_state = links[number];
        settings->known |= 1u << VF_LINK_STATE;
    }
}

static void read_rate(struct nlattr *attr, struct vf_settings *settings)
{
    struct ifla_vf_rate rate;

    if (!attr)
        return;
    memcpy(&rate, nla_data(attr), sizeof(rate));
    settings->min_tx_rate = rate.min_tx_rate;
    settings->max_tx_rate = rate.max_tx_rate;
    settings->known |= 1u << VF_RATE;
}

/* ENOENT: it is about another VF. */
static int read_info(struct nlattr *attr, unsigned index,
                     struct vf_settings *settings)
{
    struct nlattr *info[IFLA_VF_MAX + 1];
    struct ifla_vf_mac mac;

    if (nla_parse_nested(info, IFLA_VF_MAX, attr, info_policy) < 0)
        return EBADMSG;
    if (!info[IFLA_VF_MAC])
        return ENOENT;
    memcpy(&mac, nla_data(info[IFLA_VF_MAC]), sizeof(mac));
    if (mac.vf != index)
        return ENOENT;
    *settings = vf_defaults();
    memcpy(settings->mac, mac.mac, sizeof(settings->mac));
    settings->known = 1u << VF_MAC;
    read_numbers(info, settings);
    read_rate(info[IFLA_VF_RATE], settings);
    return read_vlan(info, settings);
}

int vf_message_read(struct nlmsghdr *hdr, unsigned index,
                    struct vf_settings *settings)
{
    struct nlattr *list, *attr;
    int r, rest;

    if (hdr->nlmsg_type != RTM_NEWLINK ||
        !nlmsg_valid_hdr(hdr, sizeof(struct ifinfomsg)))
        return EBADMSG;
    list = nlmsg_find_attr(hdr, sizeof(struct ifinfomsg), IFLA_VFINFO_LIST);
    if (!list)
        return ENOENT;
    nla_for_each_nested(attr, list, rest) {
        if (nla_type(attr) != IFLA_VF_INFO)
            continue;
        r = read_info(attr, index, settings);
        if (r != ENOENT)
            return r;
    }
    return ENOENT;
}
