/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "endpoint.h"

#define MAX_MARKS 4096

static void add_mark(struct endpoint *e, const char *text, char *reply,
                     size_t size)
{
    struct report_mark *m = NULL;

    if (!*text || strlen(text) >= sizeof(m->text) || !report_text_ok(text)) {
        snprintf(reply, size, "ERROR not a valid text for a mark");
        return;
    }
    if (e->marks.n < MAX_MARKS)
        m = vec_add(&e->marks, sizeof(*m));
    if (!m) {
        snprintf(reply, size, "ERROR too many marks");
        return;
    }
    m->at_ns = endpoint_now(e);
    m->realtime_ns = e->start_realtime_ns + m->at_ns;
    strcpy(m->text, text);
    event_log_write(e->events, "mark", m->at_ns, text, 0);
    snprintf(reply, size, "OK");
}

static uint64_t silence_ns(const struct endpoint_silence *s, uint64_t now)
{
    return now > s->gaps.last_ns ? now - s->gaps.last_ns : 0;
}

static void say_status(const struct endpoint *e, char *reply, size_t size)
{
    uint64_t now = endpoint_now(e);

    snprintf(reply, size,
             "OK {\"phase\":\"%s\",\"elapsed_ns\":%" PRIu64
             ",\"udp_sent\":%" PRIu64 ",\"udp_received\":%" PRIu64
             ",\"round_trip_silent_ns\":%" PRIu64
             ",\"tcp_received\":%" PRIu64 ",\"tcp_acked\":%" PRIu64
             ",\"tcp_wrong\":%" PRIu64 ",\"tcp_lost\":%s}",
             e->phase == ENDPOINT_RUNNING ? "running" : "finishing", now,
             e->udp.sent, e->udp.rx.received, silence_ns(&e->round_trip, now),
             e->tcp.in.offset, e->acked, e->tcp.in.wrong,
             e->tcp.failed || e->tcp.eof ? "true" : "false");
}

void endpoint_answer(struct control_server *s, const char *line, char *reply,
                     size_t size)
{
    struct endpoint *e = container_of(s, struct endpoint, server);

    if (!strncmp(line, "MARK ", 5))
        add_mark(e, line + 5, reply, size);
    else if (!strcmp(line, "STATUS"))
        say_status(e, reply, size);
    else
        snprintf(reply, size, "ERROR unknown request");
}
