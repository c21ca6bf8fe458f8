/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of a VF, which its PF's driver keeps. */
#include <errno.h>
#include <string.h>

#include <netlink/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/sriov.h>

#include "net.h"

static void read_mac(struct rtnl_link_vf *vf, struct vf_settings *settings)
{
    struct nl_addr *addr;

    if (rtnl_link_vf_get_addr(vf, &addr) < 0 || !addr)
        return;
    if (nl_addr_get_len(addr) == sizeof(settings->mac))
        memcpy(settings->mac, nl_addr_get_binary_addr(addr),
               sizeof(settings->mac));
}

static void read_vlan(struct rtnl_link_vf *vf, struct vf_settings *settings)
{
    nl_vf_vlans_t *vlans;

    if (rtnl_link_vf_get_vlans(vf, &vlans) < 0 || !vlans)
        return;
    if (vlans->size > 0) {
        settings->vlan = vlans->vlans[0].vf_vlan & 0xfff;
        settings->qos = vlans->vlans[0].vf_vlan_qos & 7;
    }
    rtnl_link_vf_vlan_put(vlans);
}

int net_netlink_vf_settings(struct net *net, const char *pf_interface,
                            unsigned index, struct vf_settings *settings)
{
    struct rtnl_link_vf *vf;
    struct rtnl_link *link;
    struct nl_sock *socket;
    int r;

    memset(settings, 0, sizeof(*settings));
    r = net_netlink_open(net, &socket);
    if (r)
        return r;
    r = rtnl_link_get_kernel(socket, 0, pf_interface, &link);
    if (r < 0)
        return net_errno(r);
    vf = rtnl_link_has_vf_list(link) ? rtnl_link_vf_get(link, index) : NULL;
    if (vf) {
        read_mac(vf, settings);
        read_vlan(vf, settings);
        rtnl_link_vf_put(vf);
    }
    rtnl_link_put(link);
    return vf ? 0 : ENOENT;
}
