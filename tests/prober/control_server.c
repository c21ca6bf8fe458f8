/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control_server.h"
#include "control_socket.h"

static void drop(struct control_client *c)
{
    c->have = 0;
    watch_end(&c->watch);
}

static void reply(struct control_client *c)
{
    char out[CONTROL_LINE_MAX];
    size_t len;

    c->server->answer(c->server, c->line, out, sizeof(out) - 1);
    len = strlen(out);
    out[len++] = '\n';
    /* A client that has gone can't be told, and needs no answer. */
    if (send(c->watch.fd, out, len, MSG_NOSIGNAL) < 0)
        c->have = 0;
    drop(c);
}

static void client_ready(struct watch *w, uint32_t events)
{
    struct control_client *c = container_of(w, struct control_client, watch);
    ssize_t r = recv(w->fd, c->line + c->have,
                     sizeof(c->line) - c->have, 0);
    char *end;

    (void)events;
    if (r < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (r <= 0) {
        drop(c);
        return;
    }
    c->have += (size_t)r;
    end = memchr(c->line, '\n', c->have);
    if (end) {
        *end = '\0';
        reply(c);
    } else if (c->have == sizeof(c->line)) {
        drop(c);
    }
}

static struct control_client *free_client(struct control_server *s)
{
    struct control_client *c;

    for (c = s->clients; c < s->clients + CONTROL_MAX_CLIENTS; c++)
        if (c->watch.fd < 0)
            return c;
    return NULL;
}

static void server_ready(struct watch *w, uint32_t events)
{
    struct control_server *s = container_of(w, struct control_server, watch);
    struct control_client *c = free_client(s);
    int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)events;
    if (fd < 0)
        return;
    if (!c || watch_start(s->loop, &c->watch, fd, EPOLLIN))
        close(fd);
}

static int listen_at(const char *path)
{
    struct sockaddr_un at;
    mode_t mask;
    int fd, r;

    fd = control_socket_open(path, &at, SOCK_NONBLOCK);
    if (fd < 0)
        return -1;
    mask = umask(077);
    r = bind(fd, (struct sockaddr *)&at, sizeof(at));
    umask(mask);
    if (r || listen(fd, CONTROL_MAX_CLIENTS)) {
        r = errno;
        close(fd);
        errno = r;
        return -1;
    }
    return fd;
}

/* True if path was a socket without a server, and is gone now. */
static bool clear_leftover(const char *path)
{
    struct sockaddr_un at;
    struct stat st;
    int fd, r;

    if (lstat(path, &st) || !S_ISSOCK(st.st_mode))
        return false;
    fd = control_socket_open(path, &at, 0);
    if (fd < 0)
        return false;
    r = connect(fd, (struct sockaddr *)&at, sizeof(at));
    close(fd);
    return r && !unlink(path);
}

static void init(struct control_server *s, struct loop *loop,
                 const char *path)
{
    struct control_client *c;

    s->loop = loop;
    s->path = path;
    s->watch.ready = server_ready;
    for (c = s->clients; c < s->clients + CONTROL_MAX_CLIENTS; c++) {
        c->watch.fd = -1;
        c->watch.ready = client_ready;
        c->server = s;
    }
}

int control_server_start(struct control_server *s, struct loop *loop,
                         const char *path)
{
    int fd = listen_at(path);

    if (fd < 0 && errno == EADDRINUSE && clear_leftover(path))
        fd = listen_at(path);
    if (fd < 0)
        return -1;
    init(s, loop, path);
    if (watch_start(loop, &s->watch, fd, EPOLLIN)) {
        close(fd);
        return -1;
    }
    return 0;
}

void control_server_end(struct control_server *s)
{
    struct control_client *c;

    if (!s->path)
        return;
    for (c = s->clients; c < s->clients + CONTROL_MAX_CLIENTS; c++)
        drop(c);
    watch_end(&s->watch);
    unlink(s->path);
    s->path = NULL;
}
