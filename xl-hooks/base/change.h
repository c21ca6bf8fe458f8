/* SPDX-License-Identifier: GPL-2.0-only */
/* One line in the host's log for each change to a device: who took it, and for
 * whom. */
#ifndef BROKER_CHANGE_H
#define BROKER_CHANGE_H

struct bdf;
struct broker;

/* The text goes on after "0000:01:10.0: "; b->acting_for is named after it. */
void change_log(struct broker *b, const struct bdf *bdf, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
