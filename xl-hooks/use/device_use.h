/* SPDX-License-Identifier: GPL-2.0-only */
/* Is dom0 using a device? */
#ifndef BROKER_DEVICE_USE_H
#define BROKER_DEVICE_USE_H

#include <stdint.h>

struct broker;
struct device;

/* why: why nobody may be given it, also if dom0 does not use it (a bridge, a
 * PF whose VFs somebody may have); NULL if nothing. The device's details must
 * have been filled in. */
void device_kind(struct broker *b, const struct device *device,
                 const char **why);

/* Inside a transaction. *why: that, or what dom0 does with it, or that this
 * cannot be found out; NULL if nothing. */
int device_use(struct broker *b, uint32_t txn, const struct device *device,
               const char **why);

/* why: what keeps a VF from working at its PF, NULL if nothing. A PF that dom0
 * drives without an interface is not judged. */
int device_pf_down(struct broker *b, struct device *pf, const char **why);

#endif
