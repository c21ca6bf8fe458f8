/* SPDX-License-Identifier: GPL-2.0-only */
#include "errlog.h"

static const char *const names[ERR_WHERE_END] = {
    [ERR_UDP_SEND] = "udp-send",
    [ERR_UDP_RECEIVE] = "udp-receive",
    [ERR_TCP_SEND] = "tcp-send",
    [ERR_TCP_RECEIVE] = "tcp-receive",
    [ERR_TCP_CLOSED] = "tcp-closed-early",
    [ERR_CONTROL] = "control",
    [ERR_PROTOCOL] = "protocol",
};

const char *err_where_name(enum err_where where)
{
    if (where <= 0 || where >= ERR_WHERE_END)
        return "unknown";
    return names[where];
}

const struct err_entry *errlog_add(struct errlog *l, enum err_where where,
                                   int err, uint64_t now_ns)
{
    struct err_entry *e;
    size_t i;

    for (i = 0; i < l->n; i++) {
        e = &l->entry[i];
        if (e->where == where && e->err == err) {
            e->count++;
            return NULL;
        }
    }
    if (l->n == ERRLOG_MAX) {
        l->dropped++;
        return NULL;
    }
    e = &l->entry[l->n++];
    *e = (struct err_entry){
        .where = where, .err = err, .count = 1, .first_ns = now_ns,
    };
    return e;
}
