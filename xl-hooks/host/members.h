/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel has made of a device: interfaces, disks. */
#ifndef BROKER_MEMBERS_H
#define BROKER_MEMBERS_H

struct broker;
struct device;

/* Members of a class of sysfs whose path leads through the device; a list that
 * ends in NULL. */
char **device_members(struct broker *b, const struct device *device,
                      const char *class);

/* Network interfaces that depend on the device; a list that ends in NULL. */
char **device_interfaces(struct broker *b, const struct device *device);

/* Mbit/s of the fastest of them; -1: unknown, no link, none here. */
long device_link_speed(struct broker *b, const struct device *device);
/* Those interfaces and all that stand on them (bonds, bridges, VLANs); a list
 * that ends in NULL. */
char **device_networks(struct broker *b, const struct device *device);

#endif
