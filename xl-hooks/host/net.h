/* SPDX-License-Identifier: GPL-2.0-only */
/* Questions and orders to the kernel's network stack. */
#ifndef BROKER_NET_H
#define BROKER_NET_H

#include <stdbool.h>

#include "proto/vf_settings.h"

struct net;
struct nl_msg;
struct nl_sock;

struct net_state {
    bool up, carrier, enslaved, addressed;
};

struct net_mtu {
    unsigned now, most;         /* most 0: its driver does not say */
};

/* All return 0 or an errno; ENODEV: there is no such interface (now). */
struct net_ops {
    int (*state)(struct net *net, const char *interface,
                 struct net_state *state);
    int (*mtu)(struct net *net, const char *interface, struct net_mtu *mtu);
    /* ENOENT: the interface lists no such VF */
    int (*vf_settings)(struct net *net, const char *pf_interface,
                       unsigned index, struct vf_settings *settings);
    /* Make one of the settings. EOPNOTSUPP: the PF's driver has no such. */
    int (*vf_set)(struct net *net, const char *pf_interface, unsigned index,
                  enum vf_setting what, const struct vf_settings *settings);
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

/* vf_netlink.c */
int net_netlink_vf_settings(struct net *net, const char *pf_interface,
                            unsigned index, struct vf_settings *settings);
int net_netlink_vf_set(struct net *net, const char *pf_interface,
                       unsigned index, enum vf_setting what,
                       const struct vf_settings *settings);

/* mtu_netlink.c */
int net_netlink_mtu(struct net *net, const char *interface,
                    struct net_mtu *mtu);

/* netlink.c */
int net_netlink_open(struct net *net, struct nl_sock **socket);
/* Ask, and give each message of the answer to `take`, which returns NL_OK. */
int net_netlink_ask(struct net *net, struct nl_msg *question,
                    int (*take)(struct nl_msg *answer, void *arg), void *arg);
/* What libnl returned (a negative NLE_…) as an errno. */
int net_errno(int nl_error);

#endif
