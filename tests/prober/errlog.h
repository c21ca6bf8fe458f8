/* SPDX-License-Identifier: GPL-2.0-only */
/* Errors that an application would have seen, each kind counted. */
#ifndef SP_ERRLOG_H
#define SP_ERRLOG_H

#include <stddef.h>
#include <stdint.h>

#define ERRLOG_MAX 32u

enum err_where {
    ERR_UDP_SEND = 1,
    ERR_UDP_RECEIVE,
    ERR_TCP_SEND,
    ERR_TCP_RECEIVE,
    ERR_TCP_CLOSED,   /* the peer ended the stream too early */
    ERR_CONTROL,
    ERR_PROTOCOL,
    ERR_WHERE_END,    /* not a kind: one more than the last */
};

struct err_entry {
    enum err_where where;
    int err;            /* errno, 0 if there is none */
    uint64_t count;
    uint64_t first_ns;
};

struct errlog {
    size_t n;
    uint64_t dropped;
    struct err_entry entry[ERRLOG_MAX];
};

/* Returns the entry if it is of a kind not seen so far, else NULL. */
const struct err_entry *errlog_add(struct errlog *l, enum err_where where,
                                   int err, uint64_t now_ns);
const char *err_where_name(enum err_where where);

#endif
