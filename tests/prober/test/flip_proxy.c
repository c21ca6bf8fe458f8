/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A TCP proxy for the end-to-end test: flip_proxy LISTEN TARGET DIRECTION
 * OFFSET.  It serves one run of the prober, that is two connections: control
 * passes unchanged; of the second one's pattern bytes the one at OFFSET in
 * DIRECTION (to-guest, to-endpoint, none) is inverted.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/prober/address.h"
#include "tests/prober/clock.h"
#include "tests/prober/sockets.h"
#include "tests/prober/wire.h"

#define JOIN_SIZE (WIRE_HEADER_SIZE + 8)

struct pipe {
    int from, to;
    bool done;
    uint64_t offset, flip_at; /* UINT64_MAX: don't */
};

static void die(const char *what)
{
    fprintf(stderr, "flip_proxy: %s: %s\n", what, strerror(errno));
    exit(3);
}

static void write_all(int fd, const uint8_t *buf, size_t len)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    ssize_t r;

    while (len) {
        r = send(fd, buf, len, MSG_NOSIGNAL);
        if (r < 0 && errno != EAGAIN)
            die("send");
        if (r < 0) {
            poll(&p, 1, -1);
            continue;
        }
        buf += r;
        len -= (size_t)r;
    }
}

static void move(struct pipe *p)
{
    uint8_t buf[4096];
    ssize_t r = recv(p->from, buf, sizeof(buf), 0);

    if (r < 0 && errno == EAGAIN)
        return;
    if (r <= 0) {
        shutdown(p->to, SHUT_WR);
        p->done = true;
        return;
    }
    if (p->flip_at >= p->offset && p->flip_at - p->offset < (uint64_t)r)
        buf[p->flip_at - p->offset] ^= 0xff;
    p->offset += (uint64_t)r;
    write_all(p->to, buf, (size_t)r);
}

static int accept_one(int listener)
{
    if (!socket_wait_readable(listener, 60 * NS_PER_S))
        die("no connection");
    return socket_accept(listener);
}

/* pipes[0]: from the endpoint, pipes[1]: from the guest */
static void join(struct pipe *pipes, int listener,
                 const struct address *target)
{
    int near = accept_one(listener);
    int far = socket_connect(target, NULL, 10 * NS_PER_S);

    if (near < 0 || far < 0)
        die("connection");
    pipes[0] = (struct pipe){ near, far, false, 0, UINT64_MAX };
    pipes[1] = (struct pipe){ far, near, false, 0, UINT64_MAX };
}

static void run_until(struct pipe *pipes, size_t n, int listener)
{
    struct pollfd p[5];
    size_t i, open;

    do {
        open = 0;
        for (i = 0; i < n; i++) {
            p[i] = (struct pollfd){ pipes[i].done ? -1 : pipes[i].from,
                                    POLLIN, 0 };
            open += !pipes[i].done;
        }
        p[n] = (struct pollfd){ listener, POLLIN, 0 };
        if (!open || poll(p, (nfds_t)n + 1, -1) < 0)
            return;
        for (i = 0; i < n; i++)
            if (p[i].revents)
                move(&pipes[i]);
    } while (!p[n].revents);
}

int main(int argc, char **argv)
{
    struct address listen_at, target;
    struct pipe pipes[4];
    uint64_t offset;
    int listener;

    if (argc != 5 || !address_parse(argv[1], 0, &listen_at) ||
        !address_parse(argv[2], 0, &target)) {
        fprintf(stderr, "usage: flip_proxy LISTEN TARGET DIRECTION OFFSET\n");
        return 2;
    }
    offset = strtoull(argv[4], NULL, 10);
    listener = socket_listen(&listen_at);
    if (listener < 0)
        die(argv[1]);
    fprintf(stderr, "ready\n");
    join(&pipes[0], listener, &target);
    run_until(pipes, 2, listener);
    join(&pipes[2], listener, &target);
    close(listener);
    if (!strcmp(argv[3], "to-guest"))
        pipes[2].flip_at = JOIN_SIZE + offset;
    else if (!strcmp(argv[3], "to-endpoint"))
        pipes[3].flip_at = offset;
    run_until(pipes, 4, -1);
    return 0;
}
