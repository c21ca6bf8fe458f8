/* SPDX-License-Identifier: GPL-2.0-only */
/* Making VFs of a PF that has none yet. */
#ifndef BROKER_VF_CREATE_H
#define BROKER_VF_CREATE_H

#include <stdbool.h>

#include "base/bdf.h"

struct broker;

struct vf_create {
    struct bdf pf;
    long count;                 /* of VFs to be made; 0: nothing to do */
};

/* How many VFs can be made of a PF now, up to `limit`. */
long vf_create_possible(struct broker *b, const struct bdf *pf, long limit);

/* 0 or an errno. Somebody else having made some meanwhile is as good. What a
 * killed broker leaves are VFs that nobody uses. */
int vf_create(struct broker *b, const struct vf_create *create);

#endif
