/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 'sp-witness source': the network's end. One connection at a time gets the
 * stream from its beginning, as fast as it takes it, until it ends its own
 * direction.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/prober/address.h"
#include "tests/prober/log.h"
#include "tests/prober/pattern.h"
#include "tests/prober/sockets.h"

#include "witness.h"

#define CHUNK (64 * 1024)

/* The receiver has said that it wants no more. */
static bool peer_has_enough(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

/* Bytes are made anew for each write: only the position is kept. */
static void serve(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
    uint8_t buf[CHUNK];
    uint64_t sent = 0;
    ssize_t n;

    while (!witness_ends && !peer_has_enough(fd)) {
        if (poll(&p, 1, 1000) < 0 || !(p.revents & POLLOUT))
            continue;
        pattern_fill(WITNESS_SEED, sent, buf, sizeof(buf));
        n = send(fd, buf, sizeof(buf), MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN) {
            log_say("after %llu bytes: %s", (unsigned long long)sent,
                    strerror(errno));
            break;
        }
        if (n > 0)
            sent += (uint64_t)n;
    }
    close(fd);
}

static int serve_all(const struct address *at)
{
    int listener = socket_listen(at), fd;
    struct pollfd p = { .fd = listener, .events = POLLIN };

    if (listener < 0) {
        log_say("cannot listen: %s", strerror(errno));
        return EXIT_CANT;
    }
    log_say("ready");
    while (!witness_ends) {
        if (poll(&p, 1, 1000) <= 0)
            continue;
        fd = socket_accept(listener);
        if (fd >= 0)
            serve(fd);
    }
    close(listener);
    return EXIT_OK;
}

static int usage(FILE *out)
{
    fprintf(out, "Usage: sp-witness source --listen ADDR[:PORT]\n\n"
                 "Serves one receiver after the other until SIGTERM.\n");
    return out == stdout ? EXIT_OK : EXIT_USAGE;
}

int source_main(int argc, char **argv)
{
    static const struct option options[] = {
        { "listen", required_argument, NULL, 'l' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    struct address at;
    bool have = false;
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'h')
            return usage(stdout);
        if (c != 'l')
            return usage(stderr);
        have = address_parse(optarg, ADDRESS_DEFAULT_PORT, &at);
        if (!have) {
            log_say("--listen %s: not a numeric address", optarg);
            return EXIT_USAGE;
        }
    }
    if (!have || optind < argc)
        return usage(stderr);
    return serve_all(&at);
}
