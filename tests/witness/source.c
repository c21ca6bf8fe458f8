/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 'sp-witness source': the network's end. One connection at a time gets the
 * stream from its beginning, until it ends its own direction: as fast as it
 * takes it, or so slowly that each packet waits for long in the receiver's
 * ring before it is written.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/prober/address.h"
#include "tests/prober/log.h"
#include "tests/prober/pattern.h"
#include "tests/prober/sockets.h"
#include "tests/prober/values.h"

#include "witness.h"

#define CHUNK      (64 * 1024)
#define SLOW_CHUNK 1400 /* one packet */
#define RATE_MAX   (1u << 30)

/* The receiver has said that it wants no more. */
static bool peer_has_enough(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

/* One packet's time at this rate, in bytes per second. */
static void wait_a_packet(uint64_t rate)
{
    uint64_t ns = UINT64_C(1000000000) * SLOW_CHUNK / rate;
    struct timespec t = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };

    nanosleep(&t, NULL);
}

/*
 * Bytes are made anew for each write: only the position is kept. Rate 0: no
 * limit.
 */
static void serve(int fd, uint64_t rate)
{
    struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
    size_t chunk = rate ? SLOW_CHUNK : CHUNK;
    uint8_t buf[CHUNK];
    uint64_t sent = 0;
    ssize_t n;

    while (!witness_ends && !peer_has_enough(fd)) {
        if (poll(&p, 1, 1000) < 0 || !(p.revents & POLLOUT))
            continue;
        if (rate)
            wait_a_packet(rate);
        pattern_fill(WITNESS_SEED, sent, buf, chunk);
        n = send(fd, buf, chunk, MSG_DONTWAIT);
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

static int serve_all(const struct address *at, uint64_t rate)
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
            serve(fd, rate);
    }
    close(listener);
    return EXIT_OK;
}

static int usage(FILE *out)
{
    fprintf(out, "Usage: sp-witness source --listen ADDR[:PORT] "
                 "[--rate BYTES/S]\n\n"
                 "Serves one receiver after the other until SIGTERM.\n");
    return out == stdout ? EXIT_OK : EXIT_USAGE;
}

int source_main(int argc, char **argv)
{
    static const struct option options[] = {
        { "listen", required_argument, NULL, 'l' },
        { "rate", required_argument, NULL, 'r' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    struct address at;
    bool have = false, ok = true;
    uint64_t rate = 0;
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'h')
            return usage(stdout);
        if (c == 'l')
            ok = have = address_parse(optarg, ADDRESS_DEFAULT_PORT, &at);
        else if (c == 'r')
            ok = value_number(optarg, 1, RATE_MAX, &rate);
        else
            return usage(stderr);
        if (!ok) {
            log_say("%s: not a value for this option", optarg);
            return EXIT_USAGE;
        }
    }
    if (!have || optind < argc)
        return usage(stderr);
    return serve_all(&at, rate);
}
