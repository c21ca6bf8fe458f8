/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unix socket on which one-line requests are answered with one line:
 *   MARK TEXT  ->  OK, or ERROR and why
 *   STATUS     ->  OK and a JSON object
 */
#ifndef SP_CONTROL_SERVER_H
#define SP_CONTROL_SERVER_H

#include <stddef.h>

#include "loop.h"

#define CONTROL_LINE_MAX 512

struct control_client {
    struct watch watch;
    struct control_server *server;
    char line[CONTROL_LINE_MAX];
    size_t have;
};

#define CONTROL_MAX_CLIENTS 8

struct control_server {
    /* caller fills; answer() gets a line without its end and writes one */
    void (*answer)(struct control_server *s, const char *line, char *reply,
                   size_t size);
    /* private */
    struct loop *loop;
    struct watch watch;
    const char *path;
    struct control_client clients[CONTROL_MAX_CLIENTS];
};

/* 0, or -1 with errno; a left-over socket that nobody serves is replaced. */
int control_server_start(struct control_server *s, struct loop *loop,
                         const char *path);
void control_server_end(struct control_server *s); /* or never started */

#endif
