/* SPDX-License-Identifier: GPL-2.0-only */
/* Making VFs of a PF that has none yet. */
#ifndef BROKER_VF_CREATE_H
#define BROKER_VF_CREATE_H

#include <stdbool.h>

#include "bdf.h"

struct broker;
struct plan;
struct pools;
struct record;

struct vf_create {
    struct bdf pf;
    long count;                 /* of VFs to be made; 0: nothing to do */
};

/* A PF that could give a wish of the plan the device it lacks. Asks sysfs
 * only for pools with `create_vfs`. */
void vf_create_choose(struct broker *b, const struct pools *pools,
                      const struct record *record, const struct plan *plan,
                      struct vf_create *create);

/* 0 or an errno. Somebody else having made some meanwhile is as good. What a
 * killed broker leaves are VFs that nobody uses. */
int vf_create(struct broker *b, const struct vf_create *create);

#endif
