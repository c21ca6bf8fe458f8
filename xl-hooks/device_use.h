/* SPDX-License-Identifier: GPL-2.0-only */
/* Is dom0 using a device? */
#ifndef BROKER_DEVICE_USE_H
#define BROKER_DEVICE_USE_H

struct broker;
struct device;

/* *why: what dom0 does with it, NULL if nothing. The device's details must
 * have been filled in. */
int device_use(struct broker *b, const struct device *device,
               const char **why);

/* *why: what keeps a VF from working at its PF, NULL if nothing. A PF of
 * which dom0 sees no interface is not judged. */
int device_pf_down(struct broker *b, const struct device *pf,
                   const char **why);

/* Network interfaces that depend on the device; a list that ends in NULL. */
char **device_interfaces(struct broker *b, const struct device *device);

/* Mbit/s of the fastest of them; -1: unknown, no link, none here. */
long device_link_speed(struct broker *b, const struct device *device);
/* Those interfaces and all that stand on them (bonds, bridges, VLANs); a list
 * that ends in NULL. */
char **device_networks(struct broker *b, const struct device *device);

#endif
