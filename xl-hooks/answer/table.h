/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers for people: aligned columns in place of JSON. */
#ifndef BROKER_TABLE_H
#define BROKER_TABLE_H

#include <stddef.h>

struct assignable;
struct broker;
struct done;
struct host_supply;
struct store_device;
struct planned;

/* Columns of one's own; the cells of a row are copied, the texts are not. */
struct table;
struct table *table_begin(struct broker *b, size_t columns);
void table_add(struct table *t, const char *const *cells);
char *table_text(struct table *t);

/* All return lines without the last newline. Control characters in what others
 * have written are escaped. */
char *table_list(struct broker *b, const struct store_device *nodes,
                 const struct done *done, size_t count);
char *table_assignable(struct broker *b, const struct assignable *list,
                       size_t count);
char *table_pools(struct broker *b, const struct host_supply *supply);
char *table_plan(struct broker *b, const struct planned *planned,
                 size_t count);

#endif
