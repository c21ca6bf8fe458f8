/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SETTINGS_LOOK_H
#define SETTINGS_LOOK_H

#include "ethnl.h"

/*
 * Look at each shadow device: a card that is new is given what is kept; of one
 * that is known what was changed of these groups is kept. 0 or an errno.
 */
int look(struct ethnl *nl, groups_t groups);

#endif
