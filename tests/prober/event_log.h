/* SPDX-License-Identifier: GPL-2.0-only */
/* Events as they happen, one JSON object a line: { "event": KIND, ... }. */
#ifndef SP_EVENT_LOG_H
#define SP_EVENT_LOG_H

#include <stdint.h>
#include <stdio.h>

struct event_log {
    FILE *out; /* NULL: nobody wants them */
    uint64_t start_realtime_ns;
};

int event_log_open(struct event_log *l, const char *path);
void event_log_close(struct event_log *l);

/* text may be NULL; duration_ns is left out if it is 0. */
void event_log_write(struct event_log *l, const char *event, uint64_t at_ns,
                     const char *text, uint64_t duration_ns);

#endif
