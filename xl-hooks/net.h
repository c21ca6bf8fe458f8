/* SPDX-License-Identifier: GPL-2.0-only */
/* Questions to the kernel's network stack. */
#ifndef BROKER_NET_H
#define BROKER_NET_H

#include <stdbool.h>
#include <stdint.h>

struct net;
struct nl_sock;

struct net_state {
    bool up, carrier, enslaved, addressed;
};

struct vf_settings {
    uint8_t mac[6];             /* zero: none set */
    unsigned vlan, qos;
};

/* All return 0 or an errno; ENODEV: there is no such interface (now). */
struct net_ops {
    int (*state)(struct net *net, const char *interface,
                 struct net_state *state);
    /* ENOENT: the interface lists no such VF */
    int (*vf_settings)(struct net *net, const char *pf_interface,
                       unsigned index, struct vf_settings *settings);
};

struct net {
    const struct net_ops *ops;
};

struct net_netlink {
    struct net net;
    struct nl_sock *socket;     /* private: opened by the first use */
};

void net_netlink_init(struct net_netlink *nl);
void net_netlink_dispose(struct net_netlink *nl);

/* vf_settings.c */
int net_netlink_vf_settings(struct net *net, const char *pf_interface,
                            unsigned index, struct vf_settings *settings);
int net_netlink_open(struct net *net, struct nl_sock **socket);
int net_errno(int nl_error);

#endif
