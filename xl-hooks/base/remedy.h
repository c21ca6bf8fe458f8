/* SPDX-License-Identifier: GPL-2.0-only */
/* What people can do about a reason. */
#ifndef BROKER_REMEDY_H
#define BROKER_REMEDY_H

#include "base/errors.h"

/* A sentence; NULL: the broker never gives that reason. */
const char *remedy(enum reason reason);

#endif
