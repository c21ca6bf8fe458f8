/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "guest.h"
#include "guest_session.h"
#include "log.h"
#include "sockets.h"

#define MAX_LISTENERS 8
#define MAX_SESSIONS  8
#define MAX_CALLERS   16
/* A connection that says nothing for so long loses its place. */
#define CALLER_LIMIT  (30 * NS_PER_S)

struct guest;

/* A connection that has not yet said what it is for. */
struct caller {
    struct watch watch;
    struct msg_in in;
    struct guest *guest;
    uint64_t since_ns;
};

struct listener {
    struct watch watch;
    struct guest *guest;
};

struct guest {
    struct loop loop;
    struct listener listeners[MAX_LISTENERS];
    size_t n_listeners;
    struct caller callers[MAX_CALLERS];
    struct guest_session sessions[MAX_SESSIONS];
};

static struct guest_session *find_session(struct guest *g, uint64_t id)
{
    struct guest_session *s;

    for (s = g->sessions; s < g->sessions + MAX_SESSIONS; s++)
        if (s->in_use && s->id == id)
            return s;
    return NULL;
}

static struct guest_session *free_session(struct guest *g)
{
    struct guest_session *s;

    for (s = g->sessions; s < g->sessions + MAX_SESSIONS; s++)
        if (!s->in_use)
            return s;
    return NULL;
}

/* ---- callers ---- */

static void drop_caller(struct caller *c)
{
    msg_in_reset(&c->in);
    watch_end(&c->watch);
}

/* The descriptor lives on without the caller. */
static int release_caller(struct caller *c)
{
    int fd = c->watch.fd;

    watch_ignore(&c->watch);
    c->watch.fd = -1;
    msg_in_reset(&c->in);
    return fd;
}

static void refuse(struct caller *c, enum wire_refusal reason)
{
    uint8_t out[WIRE_SMALL];

    log_say("refused an endpoint: %s", wire_refusal_text(reason));
    /* Not sent? Then the endpoint sees the end of the connection. */
    if (msg_send_small(c->watch.fd, out, wire_put_refuse(out, reason)))
        log_say("could not tell it: %s", strerror(errno));
    drop_caller(c);
}

static void take_hello(struct caller *c)
{
    struct guest_session *s = free_session(c->guest);
    enum wire_refusal refusal;
    struct wire_hello hello;
    int fd;

    if (!wire_get_hello(c->in.body, c->in.head.body_len, &hello) ||
        find_session(c->guest, hello.session)) {
        refuse(c, REFUSED_INVALID);
        return;
    }
    if (!s) {
        refuse(c, REFUSED_BUSY);
        return;
    }
    /* The session must watch it before the caller may forget it. */
    watch_ignore(&c->watch);
    refusal = guest_session_open(s, &c->guest->loop, c->watch.fd, &hello);
    if (refusal) {
        refuse(c, refusal);
        return;
    }
    fd = c->watch.fd;
    c->watch.fd = -1;
    msg_in_reset(&c->in);
    log_say("session %016" PRIx64 " begins (descriptor %d)", s->id, fd);
}

static void take_join(struct caller *c)
{
    struct guest_session *s;
    uint64_t id;

    if (wire_get_join(c->in.body, c->in.head.body_len, &id) &&
        (s = find_session(c->guest, id))) {
        guest_session_join(s, release_caller(c));
        return;
    }
    log_say("data connection for an unknown session");
    drop_caller(c);
}

static void caller_said(struct caller *c)
{
    if (c->in.head.version != WIRE_VERSION) {
        refuse(c, REFUSED_VERSION);
    } else if (c->in.head.type == WIRE_HELLO) {
        take_hello(c);
    } else if (c->in.head.type == WIRE_JOIN) {
        take_join(c);
    } else {
        log_say("dropped a connection that began with message type %d",
                c->in.head.type);
        drop_caller(c);
    }
}

static void caller_ready(struct watch *w, uint32_t events)
{
    struct caller *c = container_of(w, struct caller, watch);

    (void)events;
    switch (msg_in_read(&c->in, w->fd)) {
    case MSGIO_PARTIAL:
        return;
    case MSGIO_READY:
        caller_said(c); /* must be last */
        return;
    case MSGIO_BAD:
        log_say("dropped a connection that speaks another protocol");
        break;
    case MSGIO_EOF:
    case MSGIO_ERROR:
        break;
    }
    drop_caller(c);
}

static struct caller *free_caller(struct guest *g)
{
    uint64_t now = clock_mono_ns();
    struct caller *c;

    for (c = g->callers; c < g->callers + MAX_CALLERS; c++) {
        if (c->watch.fd >= 0 && now - c->since_ns > CALLER_LIMIT)
            drop_caller(c);
        if (c->watch.fd < 0)
            return c;
    }
    return NULL;
}

static void listener_ready(struct watch *w, uint32_t events)
{
    struct guest *g = container_of(w, struct listener, watch)->guest;
    struct caller *c = free_caller(g);
    int fd = socket_accept(w->fd);

    (void)events;
    if (fd < 0)
        return;
    if (!c) {
        log_say("too many silent connections: dropped a new one");
        close(fd);
        return;
    }
    c->since_ns = clock_mono_ns();
    if (watch_start(&g->loop, &c->watch, fd, EPOLLIN))
        close(fd);
}

/* ---- start ---- */

static int add_listener(struct guest *g, const char *text)
{
    struct listener *l = &g->listeners[g->n_listeners];
    struct address at;
    int fd;

    if (!address_parse(text, ADDRESS_DEFAULT_PORT, &at)) {
        log_say("--listen %s: not a numeric address; write 10.0.0.1, "
                "10.0.0.1:7700 or [fd00::1]:7700", text);
        return EXIT_USAGE;
    }
    fd = socket_listen(&at);
    l->guest = g;
    l->watch.ready = listener_ready;
    if (fd < 0 || watch_start(&g->loop, &l->watch, fd, EPOLLIN)) {
        log_say("--listen %s: %s", text, strerror(errno));
        return EXIT_CANT;
    }
    g->n_listeners++;
    return EXIT_OK;
}

static void guest_init(struct guest *g)
{
    size_t i;

    for (i = 0; i < MAX_SESSIONS; i++)
        guest_session_init(&g->sessions[i]);
    for (i = 0; i < MAX_CALLERS; i++) {
        g->callers[i].watch.fd = -1;
        g->callers[i].watch.ready = caller_ready;
        g->callers[i].guest = g;
        g->callers[i].in.max_body = WIRE_SMALL;
    }
    for (i = 0; i < MAX_LISTENERS; i++)
        g->listeners[i].watch.fd = -1;
}

static void usage(FILE *out, const char *name)
{
    fprintf(out,
            "Usage: %s [--listen ADDR[:PORT]]...\n"
            "\n"
            "Serves probing endpoints until it is killed.\n"
            "\n"
            "  --listen ADDR[:PORT]  numeric address; may be given up to %d\n"
            "                        times (default 0.0.0.0:%d)\n"
            "  --help                this text\n"
            "\n"
            "Exit codes: 2 wrong usage, 3 could not run.\n",
            name, MAX_LISTENERS, ADDRESS_DEFAULT_PORT);
}

static int parse_options(struct guest *g, int argc, char **argv)
{
    static const struct option options[] = {
        { "listen", required_argument, NULL, 'l' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int c, rc = EXIT_OK;

    while (rc == EXIT_OK &&
           (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'l' && g->n_listeners < MAX_LISTENERS) {
            rc = add_listener(g, optarg);
        } else if (c == 'h') {
            usage(stdout, argv[0]);
            exit(EXIT_OK);
        } else {
            rc = EXIT_USAGE;
        }
    }
    if (rc == EXIT_OK && optind < argc)
        rc = EXIT_USAGE;
    if (rc == EXIT_USAGE)
        usage(stderr, argv[0]);
    return rc;
}

int guest_main(int argc, char **argv)
{
    static struct guest g; /* large: windows of all sessions */
    int rc;

    signal(SIGPIPE, SIG_IGN);
    guest_init(&g);
    if (loop_init(&g.loop)) {
        log_say("epoll: %s", strerror(errno));
        return EXIT_CANT;
    }
    rc = parse_options(&g, argc, argv);
    if (rc == EXIT_OK && !g.n_listeners)
        rc = add_listener(&g, "0.0.0.0");
    if (rc != EXIT_OK)
        return rc;
    log_say("waiting for endpoints");
    loop_run(&g.loop);
    log_say("epoll: %s", strerror(errno));
    return EXIT_CANT;
}
