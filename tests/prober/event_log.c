/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>
#include <yajl/yajl_gen.h>

#include "event_log.h"

int event_log_open(struct event_log *l, const char *path)
{
    l->out = fopen(path, "ae");
    if (!l->out)
        return -1;
    /* Someone may be following the file. */
    return setvbuf(l->out, NULL, _IOLBF, 0);
}

void event_log_close(struct event_log *l)
{
    if (l->out)
        fclose(l->out);
    l->out = NULL;
}

static void gen_text(yajl_gen g, const char *text)
{
    yajl_gen_string(g, (const unsigned char *)text, strlen(text));
}

static void gen_number(yajl_gen g, const char *name, uint64_t v)
{
    gen_text(g, name);
    yajl_gen_integer(g, (long long)v);
}

void event_log_write(struct event_log *l, const char *event, uint64_t at_ns,
                     const char *text, uint64_t duration_ns)
{
    const unsigned char *line;
    size_t len;
    yajl_gen g;

    if (!l->out || !(g = yajl_gen_alloc(NULL)))
        return;
    yajl_gen_map_open(g);
    gen_text(g, "event");
    gen_text(g, event);
    gen_number(g, "at_ns", at_ns);
    gen_number(g, "realtime_ns", l->start_realtime_ns + at_ns);
    if (text) {
        gen_text(g, "text");
        gen_text(g, text);
    }
    if (duration_ns)
        gen_number(g, "duration_ns", duration_ns);
    yajl_gen_map_close(g);
    if (yajl_gen_get_buf(g, &line, &len) == yajl_gen_status_ok)
        fprintf(l->out, "%.*s\n", (int)len, line);
    yajl_gen_free(g);
}
