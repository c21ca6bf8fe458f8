/* SPDX-License-Identifier: GPL-2.0-only */
/* What people can do about a reason. */
#ifndef BROKER_REMEDY_H
#define BROKER_REMEDY_H

#include "base/errors.h"

struct broker;

/* A sentence without its dot. */
const char *remedy(enum reason reason);

/* Say it on b->messages, once for each reason. */
void remedy_tell(struct broker *b, enum reason reason);

#endif
