/* SPDX-License-Identifier: GPL-2.0-only */
/* What answers have in common; for answer_*.c only. */
#ifndef BROKER_ANSWER_PARTS_H
#define BROKER_ANSWER_PARTS_H

#include <stdint.h>

#include <yajl/yajl_gen.h>

#include "base/errors.h"

struct broker;

/* The object, with its version and, if not NULL, the status. */
yajl_gen answer_begin(const char *status);
char *answer_end(struct broker *b, yajl_gen gen);

/* Members of an object that is open. */
void answer_emit_hex(struct broker *b, yajl_gen gen, const char *key,
                     int digits, unsigned value);
void answer_emit_ids(struct broker *b, yajl_gen gen, uint16_t vendor,
                     uint16_t device, uint32_t class);
void answer_emit_refusal(yajl_gen gen, enum reason reason, const char *text);

#endif
