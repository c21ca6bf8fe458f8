/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program's broker works on: this machine, by its sysfs, xenstore,
 * hypervisor and network stack. */
#ifndef BROKER_THIS_HOST_H
#define BROKER_THIS_HOST_H

#include <stddef.h>

#include "base/broker.h"
#include "host/net.h"
#include "host/store_xs.h"
#include "host/sysfs.h"
#include "host/xen_xc.h"

struct this_host {
    struct broker broker;       /* for the program to add to */
    struct sysfs sysfs;
    struct net_netlink net;
    struct store_xs store;
    struct xen_xc xen;
};

/* Nothing is asked yet. */
void this_host_init(struct this_host *h, const char *pools_path);
void this_host_dispose(struct this_host *h);

/* All of stdin, but of what is longer than `most` no more than a byte beyond,
 * for the parser to complain of. RC_FAILED: it cannot be read. */
int this_host_read_stdin(struct broker *b, size_t most, const char **text,
                         size_t *len);

#endif
