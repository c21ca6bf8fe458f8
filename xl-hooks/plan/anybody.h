/* SPDX-License-Identifier: GPL-2.0-only */
/* What the next guest that asks would be told of a device, whichever it is. */
#ifndef BROKER_ANYBODY_H
#define BROKER_ANYBODY_H

#include <stdbool.h>

#include "plan/candidate.h"

struct device;

/* Returns an rc. pool_bind: a pool may take it from dom0. */
int anybody_judge(struct fact_sources *sources, struct device *device,
                  bool pool_bind, struct candidate *candidate,
                  struct judgement *judgement);

#endif
