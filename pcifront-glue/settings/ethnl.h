/* SPDX-License-Identifier: GPL-2.0-only */
/* ethtool's netlink: groups of settings as table.c describes them. */
#ifndef SETTINGS_ETHNL_H
#define SETTINGS_ETHNL_H

#include "list.h"
#include "table.h"

struct ethnl;

/* All return 0 or an errno. */
int ethnl_open(struct ethnl **out);
void ethnl_close(struct ethnl *nl);

int ethnl_get(struct ethnl *nl, const struct group *group, unsigned ifindex,
              struct list *out);
int ethnl_set(struct ethnl *nl, const struct group *group, unsigned ifindex,
              const struct list *wants);

/* A descriptor that can be read when somebody has changed a card's settings,
 * or when network devices come, go or get masters; < 0: -errno. */
int ethnl_monitor(struct ethnl *nl);
int ethnl_monitor_links(void);
/* Reads away what there is. Of ethtool's: which groups somebody has changed. */
groups_t ethnl_drain(int fd, bool ethtool);

#endif
