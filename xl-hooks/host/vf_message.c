/* SPDX-License-Identifier: GPL-2.0-only */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "host/vf_message.h"

static struct nl_msg *begin(int type, int flags, const char *pf_interface)
{
    struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
    struct nl_msg *msg;

    if (strlen(pf_interface) >= IFNAMSIZ)
        return NULL;
    msg = nlmsg_alloc_simple(type, flags);
    if (!msg)
        return NULL;
    /* By name: an index looked up before may be another's by now. */
    if (nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) < 0 ||
        nla_put_string(msg, IFLA_IFNAME, pf_interface) < 0) {
        nlmsg_free(msg);
        return NULL;
    }
    return msg;
}

struct nl_msg *vf_message_ask(const char *pf_interface)
{
    struct nl_msg *msg = begin(RTM_GETLINK, 0, pf_interface);

    /* Statistics of many VFs would not fit into one attribute. */
    if (msg && nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_VF |
                           RTEXT_FILTER_SKIP_STATS) < 0) {
        nlmsg_free(msg);
        return NULL;
    }
    return msg;
}

static int put_vlan(struct nl_msg *msg, unsigned index,
                    const struct vf_settings *settings)
{
    const struct ifla_vf_vlan_info vlan = {
        .vf = index, .vlan = settings->vlan, .qos = settings->qos,
        .vlan_proto = htons((uint16_t)settings->vlan_proto),
    };
    struct nlattr *list = nla_nest_start(msg, IFLA_VF_VLAN_LIST);
    int r;

    if (!list)
        return -1;
    r = nla_put(msg, IFLA_VF_VLAN_INFO, sizeof(vlan), &vlan);
    nla_nest_end(msg, list);
    return r;
}

static int put_mac(struct nl_msg *msg, unsigned index,
                   const struct vf_settings *settings)
{
    struct ifla_vf_mac mac = { .vf = index };

    memcpy(mac.mac, settings->mac, sizeof(settings->mac));
    return nla_put(msg, IFLA_VF_MAC, sizeof(mac), &mac);
}

/* Three of them have the same shape: a VF and a number. */
static int put_number(struct nl_msg *msg, int type, unsigned index,
                      uint32_t number)
{
    const struct ifla_vf_spoofchk value = { .vf = index, .setting = number };

    _Static_assert(sizeof(struct ifla_vf_trust) == sizeof(value) &&
                   sizeof(struct ifla_vf_link_state) == sizeof(value),
                   "they have the same shape");
    return nla_put(msg, type, sizeof(value), &value);
}

static int put_rate(struct nl_msg *msg, unsigned index,
                    const struct vf_settings *settings)
{
    const struct ifla_vf_rate rate = {
        .vf = index, .min_tx_rate = settings->min_tx_rate,
        .max_tx_rate = settings->max_tx_rate,
    };

    return nla_put(msg, IFLA_VF_RATE, sizeof(rate), &rate);
}

static int put_setting(struct nl_msg *msg, unsigned index,
                       enum vf_setting what,
                       const struct vf_settings *settings)
{
    static const uint32_t links[] = {
        [VF_LINK_AUTO] = IFLA_VF_LINK_STATE_AUTO,
        [VF_LINK_ENABLE] = IFLA_VF_LINK_STATE_ENABLE,
        [VF_LINK_DISABLE] = IFLA_VF_LINK_STATE_DISABLE,
    };

    switch (what) {
    case VF_MAC:
        return put_mac(msg, index, settings);
    case VF_VLAN:
        return put_vlan(msg, index, settings);
    case VF_SPOOFCHK:
        return put_number(msg, IFLA_VF_SPOOFCHK, index, settings->spoofchk);
    case VF_TRUST:
        return put_number(msg, IFLA_VF_TRUST, index, settings->trust);
    case VF_LINK_STATE:
        return put_number(msg, IFLA_VF_LINK_STATE, index,
                          links[settings->link_state]);
    case VF_RATE:
        return put_rate(msg, index, settings);
    }
    return -1;
}

struct nl_msg *vf_message_set(const char *pf_interface, unsigned index,
                              enum vf_setting what,
                              const struct vf_settings *settings)
{
    struct nl_msg *msg = begin(RTM_SETLINK, NLM_F_ACK, pf_interface);
    struct nlattr *list = NULL, *info = NULL;

    if (msg)
        list = nla_nest_start(msg, IFLA_VFINFO_LIST);
    if (list)
        info = nla_nest_start(msg, IFLA_VF_INFO);
    if (!info || put_setting(msg, index, what, settings) < 0) {
        nlmsg_free(msg);
        return NULL;
    }
    nla_nest_end(msg, info);
    nla_nest_end(msg, list);
    return msg;
}

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
