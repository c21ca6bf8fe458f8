/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings that not every kernel gives by netlink, or none does. */
#ifndef SETTINGS_IOCTLS_H
#define SETTINGS_IOCTLS_H

#include "list.h"
#include "table.h"

/* Both return 0 or an errno. */
int ioctls_get(const struct group *group, unsigned ifindex, struct list *out);
/* One setting. */
int ioctls_set(const struct group *group, unsigned ifindex,
               const struct setting *want);

#endif
