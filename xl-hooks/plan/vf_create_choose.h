/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether VFs have to be made for a plan, and of which PF. */
#ifndef BROKER_VF_CREATE_CHOOSE_H
#define BROKER_VF_CREATE_CHOOSE_H

struct broker;
struct plan;
struct pools;
struct record;
struct vf_create;

/* A PF that could give a wish of the plan the device it lacks. Asks sysfs
 * only for pools with `create_vfs`. */
void vf_create_choose(struct broker *b, const struct pools *pools,
                      const struct record *record, const struct plan *plan,
                      struct vf_create *create);

#endif
