/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a device is in the memory space of a PV guest. */
#ifndef BROKER_BARS_H
#define BROKER_BARS_H

struct broker;
struct device;

/*
 * A PV guest sees BARs where this host's firmware has put them, and its memory
 * where the host on which it booted had room for it. *why: what keeps it from
 * using the device, to go on after "0000:01:10.0 "; NULL: nothing. memory: what
 * the guest says (base/spans.h).
 */
void device_bars_fit(struct broker *b, const struct device *device,
                     const char *memory, const char **why);

#endif
