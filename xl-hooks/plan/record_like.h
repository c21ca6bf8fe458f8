/* SPDX-License-Identifier: GPL-2.0-only */
/* A record that no host has sent: for a dry run by hand. */
#ifndef BROKER_RECORD_LIKE_H
#define BROKER_RECORD_LIKE_H

struct broker;
struct inventory;
struct record;

/* Of an HVM guest whose device is like the one of this host at address `like`
 * and that wants one of `pool` (NULL: of the same model). */
int record_like(struct broker *b, struct inventory *inventory,
                const char *like, const char *pool, struct record *record);

#endif
