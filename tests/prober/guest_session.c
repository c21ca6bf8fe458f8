/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "guest_session.h"
#include "log.h"
#include "pattern.h"
#include "sockets.h"

/* How long the end of the endpoint's stream may take after FINISH (TCP may
 * just have begun to wait 120 s for its next attempt), and how long datagrams
 * may come after that. */
#define STREAM_END_LIMIT (150 * NS_PER_S)
#define STRAGGLER_LIMIT  (300 * NS_PER_MS)

static uint64_t session_now(const struct guest_session *s)
{
    return clock_mono_ns() - s->start_ns;
}

void guest_session_init(struct guest_session *s)
{
    s->in_use = false;
    s->control.fd = s->data.fd = s->datagrams.fd = -1;
    s->udp_tick.watch.fd = s->tcp_tick.watch.fd = s->limit.watch.fd = -1;
}

void guest_session_close(struct guest_session *s)
{
    log_say("session %016" PRIx64 " ends", s->id);
    timer_end(&s->udp_tick);
    timer_end(&s->tcp_tick);
    timer_end(&s->limit);
    watch_end(&s->control);
    watch_end(&s->data);
    watch_end(&s->datagrams);
    msg_in_reset(&s->in);
    msg_out_free(&s->out);
    gaplog_free(&s->udp_gaps);
    gaplog_free(&s->tcp_gaps);
    guest_session_init(s);
}

/* ---- the report ---- */

static bool copy_losses(const struct seqstat *rx, struct vec *losses)
{
    struct seq_loss *loss;
    size_t i;

    for (i = 0; i < rx->n_losses; i++) {
        loss = vec_add(losses, sizeof(*loss));
        if (!loss)
            return false;
        *loss = rx->losses[i];
    }
    return true;
}

static void fill_udp(struct guest_session *s, struct wire_report *m)
{
    struct udp_flow *f = &s->udp;

    if (!seqstat_finish(&f->rx, s->finish.udp_sent))
        errlog_add(&s->errors, ERR_PROTOCOL, 0, session_now(s));
    m->udp_sent = f->sent;
    m->udp_received = f->rx.received;
    m->udp_duplicated = f->rx.duplicated;
    m->udp_reordered = f->rx.reordered;
    m->udp_stale = f->rx.stale;
    m->udp_implausible = f->rx.implausible;
    m->udp_lost = f->rx.lost;
    m->udp_invalid = f->invalid;
    m->udp_corrupt = f->corrupt;
    m->udp_send_errors = f->send_errors;
    m->udp_longest_gap_ns = s->udp_gaps.longest_ns;
    m->udp_send_intervals = dist_summarise(&f->send_intervals);
    m->losses_dropped = f->rx.losses_dropped;
    if (!copy_losses(&f->rx, &m->losses))
        m->losses_dropped += f->rx.n_losses - m->losses.n;
}

static void fill_tcp(const struct guest_session *s, struct wire_report *m)
{
    m->tcp_sent = s->tcp.sent;
    m->tcp_received = s->tcp.in.offset;
    m->tcp_wrong = s->tcp.in.wrong;
    m->tcp_first_wrong = s->tcp.in.first_wrong;
    m->tcp_longest_gap_ns = s->tcp_gaps.longest_ns;
    m->data_connections = s->data_connections;
    m->data_complete = s->tcp.eof && s->tcp.in.offset == s->finish.tcp_sent;
}

static void flush_report(struct guest_session *s)
{
    switch (msg_out_write(&s->out, s->control.fd)) {
    case MSGIO_PARTIAL:
        watch_change(&s->control, EPOLLIN | EPOLLOUT);
        break;
    case MSGIO_READY:
        watch_change(&s->control, EPOLLIN);
        break;
    default:
        guest_session_close(s); /* must be last */
    }
}

static void send_report(struct guest_session *s)
{
    struct wire_report m = { .duration_ns = session_now(s) };

    timer_end(&s->limit);
    s->reported = true;
    fill_udp(s, &m);
    fill_tcp(s, &m);
    m.errors = s->errors;
    m.udp_gaps = s->udp_gaps.spans; /* lent */
    s->out.data = wire_put_report(&m, &s->out.size);
    vec_free(&m.losses);
    if (s->out.data)
        flush_report(s); /* must be last */
    else
        guest_session_close(s);
}

/* ---- the end ---- */

static void limit_over(struct timer *t, uint64_t expirations)
{
    (void)expirations;
    send_report(container_of(t, struct guest_session, limit));
}

static bool stream_done(const struct guest_session *s)
{
    return s->tcp.eof || s->tcp.failed || s->data.fd < 0;
}

static bool datagrams_done(const struct guest_session *s)
{
    return s->udp.rx.received >= s->finish.udp_sent;
}

/* Reports at once if nothing more can come, else when the limit is over. */
static void report_when_done(struct guest_session *s)
{
    if (s->reported)
        return;
    if (stream_done(s) && datagrams_done(s)) {
        send_report(s); /* must be last */
        return;
    }
    timer_end(&s->limit);
    if (timer_start(s->loop, &s->limit,
                    clock_scaled(stream_done(s) ? STRAGGLER_LIMIT
                                                : STREAM_END_LIMIT), 0))
        send_report(s); /* must be last */
}

static void finish(struct guest_session *s)
{
    uint64_t now = session_now(s);

    s->finishing = true;
    timer_end(&s->udp_tick);
    timer_end(&s->tcp_tick);
    tcp_stream_close(&s->tcp, now);
    gaplog_finish(&s->udp_gaps, now);
    gaplog_finish(&s->tcp_gaps, now);
    report_when_done(s); /* must be last */
}

/* ---- traffic ---- */

static void datagrams_ready(struct watch *w, uint32_t events)
{
    struct guest_session *s =
        container_of(w, struct guest_session, datagrams);
    uint64_t now = session_now(s);
    enum udp_arrival got = UDP_OTHER;
    int i;

    (void)events;
    for (i = 0; i < UDP_FLOW_BATCH && got != UDP_NOTHING; i++) {
        got = udp_flow_receive(&s->udp, now);
        if (got == UDP_FRESH && !s->finishing)
            gaplog_progress(&s->udp_gaps, now);
    }
    if (s->finishing && stream_done(s) && datagrams_done(s))
        report_when_done(s); /* must be last */
}

static void data_ready(struct watch *w, uint32_t events)
{
    struct guest_session *s = container_of(w, struct guest_session, data);
    uint64_t now = session_now(s);

    (void)events;
    if (tcp_stream_receive(&s->tcp, now) && !s->finishing)
        gaplog_progress(&s->tcp_gaps, now);
    if (!s->tcp.eof && !s->tcp.failed)
        return;
    watch_ignore(w);
    if (s->finishing)
        report_when_done(s); /* must be last */
}

static void udp_tick(struct timer *t, uint64_t expirations)
{
    struct guest_session *s =
        container_of(t, struct guest_session, udp_tick);

    /* One however late we are: what a standstill swallowed isn't sent. */
    (void)expirations;
    udp_flow_send(&s->udp, session_now(s));
}

static void tcp_tick(struct timer *t, uint64_t expirations)
{
    struct guest_session *s =
        container_of(t, struct guest_session, tcp_tick);

    (void)expirations;
    tcp_stream_send(&s->tcp, session_now(s));
}

/* ---- control connection ---- */

static void take_message(struct guest_session *s)
{
    bool good = s->in.head.version == WIRE_VERSION &&
                s->in.head.type == WIRE_FINISH && !s->finishing &&
                wire_get_finish(s->in.body, s->in.head.body_len, &s->finish);

    msg_in_reset(&s->in);
    if (good) {
        finish(s); /* must be last */
        return;
    }
    log_say("session %016" PRIx64 ": unexpected control message", s->id);
    guest_session_close(s);
}

static void control_ready(struct watch *w, uint32_t events)
{
    struct guest_session *s =
        container_of(w, struct guest_session, control);

    if (events & EPOLLOUT) {
        flush_report(s); /* must be last */
        return;
    }
    switch (msg_in_read(&s->in, w->fd)) {
    case MSGIO_PARTIAL:
        return;
    case MSGIO_READY:
        take_message(s); /* must be last */
        return;
    case MSGIO_ERROR:
        log_say("session %016" PRIx64 ": control connection: %s", s->id,
                strerror(errno));
        break;
    case MSGIO_BAD:
        log_say("session %016" PRIx64 ": bad control message", s->id);
        break;
    case MSGIO_EOF:
        break;
    }
    guest_session_close(s);
}

/* ---- opening ---- */

static int open_udp(struct guest_session *s, int control)
{
    struct address local, peer;
    int fd;

    if (socket_local(control, &local) || socket_peer(control, &peer))
        return -1;
    address_set_port(&peer, s->settings.udp_port);
    fd = socket_udp(&local);
    if (fd < 0)
        return -1;
    if (socket_connect_udp(fd, &peer) ||
        watch_start(s->loop, &s->datagrams, fd, EPOLLIN)) {
        close(fd);
        return -1;
    }
    s->udp.fd = fd;
    return 0;
}

static int welcome(struct guest_session *s, int control)
{
    struct wire_welcome m = { .session = s->id };
    uint8_t out[WIRE_SMALL];
    struct address local;

    if (socket_local(s->udp.fd, &local))
        return -1;
    m.udp_port = address_port(&local);
    return msg_send_small(control, out, wire_put_welcome(out, &m));
}

static void set_up(struct guest_session *s, const struct wire_hello *hello)
{
    s->in_use = true;
    s->id = hello->session;
    s->settings = *hello;
    s->start_ns = clock_mono_ns();
    s->in.max_body = WIRE_SMALL;
    s->control.ready = control_ready;
    s->data.ready = data_ready;
    s->datagrams.ready = datagrams_ready;
    s->udp_tick.fire = udp_tick;
    s->tcp_tick.fire = tcp_tick;
    s->limit.fire = limit_over;
    s->udp.session = s->id;
    s->udp.size = hello->udp_size;
    s->udp.errors = s->tcp.errors = &s->errors;
    s->udp.seed_out = pattern_seed(s->id, PATTERN_UDP_TO_ENDPOINT);
    s->udp.seed_in = pattern_seed(s->id, PATTERN_UDP_TO_GUEST);
    seqstat_init(&s->udp.rx, 0);
    s->tcp.seed_out = pattern_seed(s->id, PATTERN_TCP_TO_ENDPOINT);
    s->tcp.rate = hello->rate_to_endpoint;
    pattern_check_init(&s->tcp.in,
                       pattern_seed(s->id, PATTERN_TCP_TO_GUEST));
}

enum wire_refusal guest_session_open(struct guest_session *s,
                                     struct loop *loop, int control,
                                     const struct wire_hello *hello)
{
    memset(s, 0, sizeof(*s));
    guest_session_init(s);
    s->loop = loop;
    set_up(s, hello);
    if (open_udp(s, control) || welcome(s, control) ||
        watch_start(loop, &s->control, control, EPOLLIN)) {
        log_say("session %016" PRIx64 ": %s", s->id, strerror(errno));
        guest_session_close(s);
        return REFUSED_RESOURCES;
    }
    return 0;
}

/* Both ticks begin together, from now on time counts. */
static int start_traffic(struct guest_session *s)
{
    uint64_t interval = s->settings.interval_ns;

    s->start_ns = clock_mono_ns();
    gaplog_start(&s->udp_gaps, s->settings.threshold_ns, 0);
    gaplog_start(&s->tcp_gaps, s->settings.threshold_ns, 0);
    if (timer_start(s->loop, &s->udp_tick, interval, interval))
        return -1;
    return timer_start(s->loop, &s->tcp_tick, TCP_STREAM_TICK_NS,
                       TCP_STREAM_TICK_NS);
}

void guest_session_join(struct guest_session *s, int data)
{
    if (s->data_connections++ || s->finishing ||
        watch_start(s->loop, &s->data, data, EPOLLIN)) {
        close(data);
        return;
    }
    s->tcp.fd = data;
    if (start_traffic(s)) {
        log_say("session %016" PRIx64 ": %s", s->id, strerror(errno));
        guest_session_close(s); /* must be last */
    }
}
