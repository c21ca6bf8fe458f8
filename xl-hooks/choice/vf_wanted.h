/* SPDX-License-Identifier: GPL-2.0-only */
/* The settings that a guest's VF is to have. Pure. */
#ifndef BROKER_VF_WANTED_H
#define BROKER_VF_WANTED_H

#include "proto/vf_settings.h"

struct pool;
struct wanted;

/* What the guest of this wish is to have on a VF here: what it had; if that
 * was no VF, what the host has set up for this one. The pool's own settings
 * win. */
struct vf_settings vf_wanted(const struct wanted *wanted,
                             const struct vf_settings *host,
                             const struct pool *pool);

#endif
