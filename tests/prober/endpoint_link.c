/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "clock.h"
#include "endpoint_link.h"
#include "log.h"
#include "msgio.h"
#include "sockets.h"

/* One attempt; a guest that is just booting answers the next one. */
#define ATTEMPT_LIMIT (3 * NS_PER_S)
#define RETRY_PAUSE_MS 200

struct deadline {
    uint64_t end_ns;
};

static uint64_t time_left(const struct deadline *d)
{
    uint64_t now = clock_mono_ns();

    return now < d->end_ns ? d->end_ns - now : 0;
}

static int connect_once(const struct endpoint_options *o,
                        const struct address *from, uint64_t limit)
{
    return socket_connect(&o->guest, from,
                          limit < ATTEMPT_LIMIT ? limit : ATTEMPT_LIMIT);
}

static int connect_patiently(const struct endpoint_options *o,
                             const struct address *from,
                             const struct deadline *d)
{
    char name[ADDRESS_TEXT_MAX];
    int fd = -1, err = 0;
    bool said = false;

    address_format(&o->guest, name);
    while (time_left(d)) {
        fd = connect_once(o, from, time_left(d));
        if (fd >= 0)
            return fd;
        err = errno;
        if (!said)
            log_say("waiting for %s: %s", name, strerror(err));
        said = true;
        poll(NULL, 0, RETRY_PAUSE_MS);
    }
    log_say("can't connect to %s: %s; is 'sp-probe-guest' running there?",
            name, strerror(err));
    return -1;
}

static int say_hello(const struct endpoint_link *l,
                     const struct endpoint_options *o)
{
    struct wire_hello hello = {
        .session = l->session,
        .interval_ns = o->interval_ns,
        .threshold_ns = o->threshold_ns,
        .rate_to_endpoint = o->rate_to_endpoint,
        .udp_size = (uint16_t)o->udp_size,
    };
    uint8_t out[WIRE_SMALL];
    struct address local;

    if (socket_local(l->udp, &local))
        return -1;
    hello.udp_port = address_port(&local);
    return msg_send_small(l->control, out, wire_put_hello(out, &hello));
}

/* Understands the guest's answer; says what is wrong with any but WELCOME. */
static int take_answer(const struct endpoint_link *l, const struct msg_in *in,
                       struct wire_welcome *welcome)
{
    enum wire_refusal refusal;

    if (in->head.version != WIRE_VERSION) {
        log_say("the guest speaks version %u of the protocol, this is %u",
                in->head.version, WIRE_VERSION);
        return -1;
    }
    if (in->head.type == WIRE_REFUSE &&
        wire_get_refuse(in->body, in->head.body_len, &refusal)) {
        log_say("the guest refuses: %s", wire_refusal_text(refusal));
        return -1;
    }
    if (in->head.type == WIRE_WELCOME &&
        wire_get_welcome(in->body, in->head.body_len, welcome) &&
        welcome->session == l->session)
        return 0;
    log_say("the guest's answer makes no sense");
    return -1;
}

static int read_answer(const struct endpoint_link *l, struct msg_in *in,
                       const struct deadline *d)
{
    enum msg_status status;

    while ((status = msg_in_read(in, l->control)) == MSGIO_PARTIAL) {
        if (!socket_wait_readable(l->control, time_left(d))) {
            log_say("the guest accepted but does not answer");
            return -1;
        }
    }
    if (status == MSGIO_READY)
        return 0;
    log_say("no answer from the guest: %s",
            status == MSGIO_EOF ? "it closed the connection"
            : status == MSGIO_BAD ? "that is not sp-probe-guest"
                                  : strerror(errno));
    return -1;
}

static int greet(const struct endpoint_link *l,
                 const struct endpoint_options *o, const struct deadline *d,
                 struct wire_welcome *welcome)
{
    struct msg_in in = { .max_body = WIRE_SMALL };
    int rc;

    if (say_hello(l, o)) {
        log_say("can't greet the guest: %s", strerror(errno));
        return -1;
    }
    rc = read_answer(l, &in, d);
    if (!rc)
        rc = take_answer(l, &in, welcome);
    msg_in_reset(&in);
    return rc;
}

static int open_udp(struct endpoint_link *l)
{
    struct address local;

    if (!socket_local(l->control, &local))
        l->udp = socket_udp(&local);
    if (l->udp >= 0)
        return 0;
    log_say("UDP socket: %s", strerror(errno));
    return -1;
}

static int point_udp(const struct endpoint_link *l,
                     const struct endpoint_options *o, uint16_t port)
{
    struct address peer = o->guest;

    address_set_port(&peer, port);
    if (!socket_connect_udp(l->udp, &peer))
        return 0;
    log_say("UDP socket: %s", strerror(errno));
    return -1;
}

static int join(const struct endpoint_link *l)
{
    uint8_t out[WIRE_SMALL];

    if (!msg_send_small(l->data, out, wire_put_join(out, l->session)))
        return 0;
    log_say("data connection: %s", strerror(errno));
    return -1;
}

static int new_session(uint64_t *session)
{
    if (getrandom(session, sizeof(*session), 0) == sizeof(*session))
        return 0;
    log_say("getrandom: %s", strerror(errno));
    return -1;
}

int endpoint_link_open(struct endpoint_link *l,
                       const struct endpoint_options *o)
{
    struct deadline d = { clock_mono_ns() + o->connect_limit_ns };
    struct wire_welcome welcome;
    struct address from = o->bind;
    int rc = EXIT_CANT;

    *l = (struct endpoint_link){ .control = -1, .data = -1, .udp = -1 };
    if (o->has_bind)
        address_set_port(&from, 0);
    if (new_session(&l->session))
        goto out;
    l->control = connect_patiently(o, o->has_bind ? &from : NULL, &d);
    if (l->control < 0 || open_udp(l) || greet(l, o, &d, &welcome) ||
        point_udp(l, o, welcome.udp_port))
        goto out;
    l->data = connect_patiently(o, o->has_bind ? &from : NULL, &d);
    if (l->data < 0 || join(l))
        goto out;
    rc = EXIT_OK;
out:
    if (rc)
        endpoint_link_close(l);
    return rc;
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void endpoint_link_close(struct endpoint_link *l)
{
    close_one(&l->control);
    close_one(&l->data);
    close_one(&l->udp);
}
