/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 'sp-witness net': received data stays in the socket's queue, that is, in
 * the very pages the NIC wrote, until more than HOLD bytes wait there. Each
 * byte is looked at once, when it leaves the queue.
 */
#include <errno.h>
#include <getopt.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/prober/address.h"
#include "tests/prober/clock.h"
#include "tests/prober/log.h"
#include "tests/prober/pattern.h"
#include "tests/prober/values.h"

#include "report.h"
#include "witness.h"

#define CHUNK         (64 * 1024)
#define HOLD_MAX (256u << 20)

struct net_witness {
    int fd;
    uint64_t hold;
    bool keep; /* take nothing before the end */
    bool eof;
    struct pattern_check check;
    struct witness_report report;
};

static uint64_t queued(const struct net_witness *w)
{
    int n = 0;

    return ioctl(w->fd, SIOCINQ, &n) || n < 0 ? 0 : (uint64_t)n;
}

static void publish(struct net_witness *w, enum witness_state state)
{
    w->report.state = state;
    w->report.held = queued(w);
    w->report.checked = w->check.offset;
    w->report.arrived = w->check.offset + w->report.held;
    w->report.wrong = w->check.wrong;
    w->report.first_wrong = w->check.first_wrong;
    if (witness_report_write(&w->report))
        log_say("%s: %s", w->report.path, strerror(errno));
}

/* Takes one chunk off the queue; false when nothing can be read any more. */
static bool take(struct net_witness *w)
{
    uint8_t buf[CHUNK];
    ssize_t n = recv(w->fd, buf, sizeof(buf), MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    w->eof = n == 0;
    pattern_check_feed(&w->check, buf, (size_t)n);
    return n > 0;
}

/* Until SIGTERM; false if the connection ended before. */
static bool hold(struct net_witness *w)
{
    uint64_t told = 0, now;
    bool full, reached = false;

    while (!witness_ends) {
        full = queued(w) >= w->hold;
        reached = reached || full;
        if (full && !w->keep && !take(w))
            return false;
        now = clock_mono_ns();
        if (now - told > WITNESS_REPORT_EVERY_NS) {
            publish(w, reached ? WITNESS_HOLDING : WITNESS_FILLING);
            told = now;
        }
        /* Readable is no news here: the queue is never empty. */
        if (!full || w->keep)
            poll(NULL, 0, 5);
    }
    return true;
}

/* Tells the source that it is enough, and checks all that is left. */
static bool drain(struct net_witness *w)
{
    struct pollfd p = { .fd = w->fd, .events = POLLIN };
    uint64_t end = clock_mono_ns() + clock_scaled(300 * NS_PER_S);

    publish(w, WITNESS_DRAINING);
    shutdown(w->fd, SHUT_WR);
    while (!w->eof && clock_mono_ns() < end) {
        if (poll(&p, 1, 1000) > 0 && !take(w))
            break;
    }
    return w->eof;
}

/* The kernel counts each packet's overhead against the buffer. */
static uint64_t buffer_for(const struct net_witness *w)
{
    return w->keep ? HOLD_MAX : 4 * w->hold;
}

/*
 * The window's scale is settled when the connection begins: the buffer must
 * have its size before.
 */
static int open_stream(struct net_witness *w, const struct address *peer)
{
    int bytes = (int)buffer_for(w);

    w->fd = socket(peer->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (w->fd < 0 ||
        setsockopt(w->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
        return -1;
    return connect(w->fd, (const struct sockaddr *)&peer->sa, peer->len);
}

static int run(struct net_witness *w, const struct address *peer)
{
    bool whole;

    if (open_stream(w, peer)) {
        log_say("cannot connect: %s", strerror(errno));
        return EXIT_CANT;
    }
    pattern_check_init(&w->check, WITNESS_SEED);
    whole = hold(w) && drain(w);
    publish(w, whole ? WITNESS_DONE : WITNESS_LOST);
    close(w->fd);
    return whole && !w->check.wrong ? EXIT_OK : EXIT_FAILED;
}

static int usage(FILE *out)
{
    fprintf(out,
            "Usage: sp-witness net --peer ADDR[:PORT] --hold BYTES "
            "[--keep] --report FILE\n\n"
            "Receives from 'sp-witness source' and leaves BYTES in the "
            "socket, or with --keep\nall there will be. SIGTERM: check them "
            "and end.\n");
    return out == stdout ? EXIT_OK : EXIT_USAGE;
}

int net_main(int argc, char **argv)
{
    static const struct option options[] = {
        { "peer", required_argument, NULL, 'p' },
        { "hold", required_argument, NULL, 'o' },
        { "keep", no_argument, NULL, 'k' },
        { "report", required_argument, NULL, 'r' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    struct net_witness w = { .fd = -1 };
    struct address peer;
    bool have = false, ok = true;
    int c;

    while (ok && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'h')
            return usage(stdout);
        if (c == 'p')
            ok = have = address_parse(optarg, ADDRESS_DEFAULT_PORT, &peer);
        else if (c == 'o')
            ok = value_number(optarg, 1, HOLD_MAX, &w.hold);
        else if (c == 'k')
            w.keep = true;
        else if (c == 'r')
            w.report.path = optarg;
        else
            return usage(stderr);
        if (!ok)
            log_say("%s: not a value for this option", optarg);
    }
    if (!ok || !have || !w.hold || !w.report.path || optind < argc)
        return usage(stderr);
    return run(&w, &peer);
}
