/* SPDX-License-Identifier: GPL-2.0-only */
/* How large the frames of a device can be on this host. */
#ifndef BROKER_MTU_H
#define BROKER_MTU_H

struct broker;
struct device;

/*
 * *limit: the largest MTU that is known to work, if it is less than `wanted`;
 * *why goes on after "0000:01:10.0 " then. 0: nothing is known against it, as
 * of a NIC that pciback has.
 *
 * pf_interface: what lists a VF; NULL: it is none, or nothing lists it.
 */
int device_mtu_limit(struct broker *b, const struct device *device,
                     const char *pf_interface, unsigned wanted,
                     unsigned *limit, const char **why);

#endif
