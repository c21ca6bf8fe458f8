/* SPDX-License-Identifier: GPL-2.0-only */
/* What people can do about the refusals of an answer. */
#ifndef BROKER_TELL_H
#define BROKER_TELL_H

#include <stddef.h>

struct broker;
struct done;
struct planned;

void tell_refused(struct broker *b, const struct done *done, size_t count);
void tell_refused_plan(struct broker *b, const struct planned *planned,
                       size_t count);

#endif
