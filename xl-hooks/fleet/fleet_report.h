/* SPDX-License-Identifier: GPL-2.0-only */
/* A plan for people, and for programs. Without the last newline. */
#ifndef BROKER_FLEET_REPORT_H
#define BROKER_FLEET_REPORT_H

#include "moves/moves.h"

struct broker;

char *fleet_report_json(struct broker *b, const struct moves *moves,
                        const struct moves_plan *plan);
char *fleet_report_table(struct broker *b, const struct moves *moves,
                         const struct moves_plan *plan);

#endif
