/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "verdict.h"

struct judge {
    struct report *r;
    bool short_of_memory;
};

static void __attribute__((format(printf, 2, 3)))
blame(struct judge *j, const char *format, ...)
{
    struct report_failure *f = vec_add(&j->r->failures, sizeof(*f));
    va_list args;

    if (!f) {
        j->short_of_memory = true;
        return;
    }
    va_start(args, format);
    vsnprintf(f->text, sizeof(f->text), format, args);
    va_end(args);
}

static void judge_udp(struct judge *j, const struct report_udp *u,
                      const char *side)
{
    if (u->corrupt)
        blame(j, "%" PRIu64 " datagrams with wrong bytes came to the %s",
              u->corrupt, side);
    if (u->invalid)
        blame(j, "%" PRIu64 " datagrams that make no sense came to the %s",
              u->invalid, side);
}

static void judge_tcp(struct judge *j, const struct report_tcp *t,
                      const char *side)
{
    if (t->wrong)
        blame(j, "%" PRIu64 " wrong bytes in the stream to the %s, the first "
              "at offset %" PRId64, t->wrong, side, t->first_wrong);
    if (j->r->guest.reported && t->received != t->sent)
        blame(j, "of %" PRIu64 " bytes of the stream to the %s %" PRIu64
              " came", t->sent, side, t->received);
}

static void judge_connection(struct judge *j)
{
    const struct report_connection *c = &j->r->connection;

    if (c->count != 1)
        blame(j, "the guest saw %" PRIu64 " data connections instead of one",
              c->count);
    if (!c->alive_at_end)
        blame(j, "the TCP connection was lost");
    else if (!c->same_addresses)
        blame(j, "the TCP connection has other addresses than at the start");
}

/* UDP errors are reports of an outage (host unreachable); all others would
 * have hurt an application. */
static void judge_errors(struct judge *j)
{
    const struct report_error *e;
    size_t i;

    for (i = 0; i < j->r->errors.n; i++) {
        e = vec_at(&j->r->errors, const struct report_error, i);
        if (strncmp(e->where, "udp-", 4))
            blame(j, "error at the %s: %s%s%s", e->side, e->where,
                  e->text[0] ? ": " : "", e->text);
    }
}

int verdict_set(struct report *r)
{
    struct judge j = { .r = r };

    if (!r->guest.reported)
        blame(&j, "the guest did not send its counters");
    judge_connection(&j);
    judge_tcp(&j, &r->tcp_to_guest, "guest");
    judge_tcp(&j, &r->tcp_to_endpoint, "endpoint");
    judge_udp(&j, &r->udp_to_guest, "guest");
    judge_udp(&j, &r->udp_to_endpoint, "endpoint");
    judge_errors(&j);
    strcpy(r->verdict, r->failures.n ? "failed" : "ok");
    return j.short_of_memory ? -1 : 0;
}
