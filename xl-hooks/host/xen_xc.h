/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor, by libxenctrl. */
#ifndef BROKER_XEN_XC_H
#define BROKER_XEN_XC_H

#include "host/xen.h"

struct xc_interface_core;

struct xen_xc {
    struct xen xen;
    struct xc_interface_core *xch;      /* private: opened by first use */
};

void xen_xc_init(struct xen_xc *xc);
void xen_xc_dispose(struct xen_xc *xc);

#endif
