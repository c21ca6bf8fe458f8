/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "endpoint.h"
#include "log.h"
#include "pattern.h"
#include "sockets.h"

/* How long datagrams may still come after the guest has sent its report. */
#define STRAGGLER_LIMIT (300 * NS_PER_MS)

uint64_t endpoint_now(const struct endpoint *e)
{
    return clock_mono_ns() - e->start_ns;
}

/* ---- silences ---- */

static void progress(struct endpoint *e, struct endpoint_silence *s,
                     uint64_t now)
{
    const struct span *last;

    if (!gaplog_progress(&s->gaps, now))
        return;
    s->announced = false;
    if (!s->gaps.spans.n)
        return;
    last = vec_at(&s->gaps.spans, struct span, s->gaps.spans.n - 1);
    event_log_write(e->events, "outage-end", now, s->name,
                    last->duration_ns);
}

static void announce(struct endpoint *e, struct endpoint_silence *s,
                     uint64_t now)
{
    if (s->announced || !gaplog_silent(&s->gaps, now))
        return;
    s->announced = true;
    event_log_write(e->events, "outage", now, s->name, 0);
}

static void note_error(struct endpoint *e, enum err_where where, int err)
{
    uint64_t now = endpoint_now(e);

    if (errlog_add(&e->errors, where, err, now))
        event_log_write(e->events, "error", now, err_where_name(where), 0);
}

/* ---- the end ---- */

static void over(struct endpoint *e)
{
    e->phase = ENDPOINT_OVER;
    e->loop.stop = true;
}

static void limit_over(struct timer *t, uint64_t expirations)
{
    (void)expirations;
    over(container_of(t, struct endpoint, limit));
}

static void start_limit(struct endpoint *e, uint64_t limit_ns)
{
    timer_end(&e->limit);
    if (timer_start(&e->loop, &e->limit, limit_ns, 0))
        over(e);
}

static bool stream_done(const struct endpoint *e)
{
    return e->tcp.eof || e->tcp.failed;
}

static void check_done(struct endpoint *e)
{
    if (e->phase != ENDPOINT_FINISHING || !stream_done(e))
        return;
    if (e->control_lost)
        over(e);
    else if (e->has_guest_report &&
             e->udp.rx.received >= e->guest.udp_sent)
        over(e);
}

/* Before anything is closed: how is the connection now? */
static void look_at_connection(struct endpoint *e)
{
    struct report_connection *c = &e->connection;
    char local[ADDRESS_TEXT_MAX], remote[ADDRESS_TEXT_MAX];
    struct address a;

    c->alive_at_end = !e->tcp.failed && !e->tcp.eof;
    socket_retransmits(e->tcp.fd, &c->retransmits);
    if (socket_local(e->tcp.fd, &a))
        return;
    address_format(&a, local);
    if (socket_peer(e->tcp.fd, &a))
        return;
    address_format(&a, remote);
    c->same_addresses = !strcmp(local, c->local) &&
                        !strcmp(remote, c->remote);
}

static void ask_for_report(struct endpoint *e)
{
    struct wire_finish m = { e->udp.sent, e->tcp.sent };
    uint8_t out[WIRE_SMALL];

    if (e->control_lost)
        return;
    if (msg_send_small(e->control.fd, out, wire_put_finish(out, &m))) {
        note_error(e, ERR_CONTROL, errno);
        e->control_lost = true;
    }
}

static void close_silences(struct endpoint *e)
{
    gaplog_finish(&e->arrivals.gaps, e->end_ns);
    gaplog_finish(&e->round_trip.gaps, e->end_ns);
    gaplog_finish(&e->stream_in.gaps, e->end_ns);
    gaplog_finish(&e->stream_out.gaps, e->end_ns);
    gaplog_finish(&e->self, e->end_ns);
}

/* To the end of the run, also where nothing came any more. */
static void close_series(struct endpoint *e)
{
    series_add(&e->udp_in, e->end_ns, 0);
    series_add(&e->stream_in_bytes, e->end_ns, 0);
    series_add(&e->stream_out_bytes, e->end_ns, 0);
}

static void finish(struct endpoint *e, const char *why)
{
    if (e->phase != ENDPOINT_RUNNING) {
        over(e);
        return;
    }
    e->phase = ENDPOINT_FINISHING;
    e->end_ns = endpoint_now(e);
    e->end_realtime_ns = clock_real_ns();
    timer_end(&e->udp_tick);
    timer_end(&e->tcp_tick);
    timer_end(&e->duration);
    close_silences(e);
    close_series(e);
    event_log_write(e->events, "finish", e->end_ns, why, 0);
    look_at_connection(e);
    ask_for_report(e);
    tcp_stream_close(&e->tcp, e->end_ns);
    start_limit(e, e->options->finish_limit_ns);
    check_done(e);
}

static void signals_ready(struct watch *w, uint32_t events)
{
    struct endpoint *e = container_of(w, struct endpoint, signals);
    struct signalfd_siginfo info;

    (void)events;
    if (read(w->fd, &info, sizeof(info)) == sizeof(info))
        finish(e, "signal");
}

static void duration_over(struct timer *t, uint64_t expirations)
{
    (void)expirations;
    finish(container_of(t, struct endpoint, duration), "duration");
}

/* ---- control connection ---- */

static void take_report(struct endpoint *e)
{
    bool good = e->in.head.version == WIRE_VERSION &&
                e->in.head.type == WIRE_REPORT && !e->has_guest_report &&
                e->phase == ENDPOINT_FINISHING &&
                wire_get_report(e->in.body, e->in.head.body_len, &e->guest);

    msg_in_reset(&e->in);
    if (!good) {
        if (!e->has_guest_report)
            wire_report_free(&e->guest);
        note_error(e, ERR_PROTOCOL, 0);
        return;
    }
    e->has_guest_report = true;
    /* What is in flight now comes soon or never. */
    if (stream_done(e))
        start_limit(e, clock_scaled(STRAGGLER_LIMIT));
    check_done(e);
}

static void control_gone(struct endpoint *e, int err)
{
    watch_ignore(&e->control);
    if (e->has_guest_report)
        return;
    e->control_lost = true;
    note_error(e, ERR_CONTROL, err);
    check_done(e);
}

static void control_ready(struct watch *w, uint32_t events)
{
    struct endpoint *e = container_of(w, struct endpoint, control);

    (void)events;
    switch (msg_in_read(&e->in, w->fd)) {
    case MSGIO_PARTIAL:
        break;
    case MSGIO_READY:
        take_report(e);
        break;
    case MSGIO_EOF:
        control_gone(e, 0);
        break;
    case MSGIO_BAD:
        note_error(e, ERR_PROTOCOL, 0);
        control_gone(e, 0);
        break;
    case MSGIO_ERROR:
        control_gone(e, errno);
        break;
    }
}

/* ---- traffic ---- */

static void fresh_datagram(struct endpoint *e, uint64_t now,
                           uint64_t peer_next_before)
{
    timelog_set(&e->received_at, e->udp.last_seq, now);
    if (e->phase != ENDPOINT_RUNNING)
        return;
    series_add(&e->udp_in, now, 1);
    progress(e, &e->arrivals, now);
    if (e->udp.peer_next > peer_next_before)
        progress(e, &e->round_trip, now);
}

static void datagrams_ready(struct watch *w, uint32_t events)
{
    struct endpoint *e = container_of(w, struct endpoint, datagrams);
    uint64_t now = endpoint_now(e), before;
    enum udp_arrival got = UDP_OTHER;
    int i;

    (void)events;
    for (i = 0; i < UDP_FLOW_BATCH && got != UDP_NOTHING; i++) {
        before = e->udp.peer_next;
        got = udp_flow_receive(&e->udp, now);
        if (got == UDP_FRESH)
            fresh_datagram(e, now, before);
    }
    check_done(e);
}

static void stream_ended(struct endpoint *e)
{
    watch_ignore(&e->data);
    if (e->phase == ENDPOINT_RUNNING)
        event_log_write(e->events, "stream-lost", endpoint_now(e), NULL, 0);
    if (e->phase == ENDPOINT_RUNNING && e->tcp.eof)
        note_error(e, ERR_TCP_CLOSED, 0);
    if (e->phase == ENDPOINT_FINISHING && e->has_guest_report)
        start_limit(e, clock_scaled(STRAGGLER_LIMIT));
    check_done(e);
}

static void data_ready(struct watch *w, uint32_t events)
{
    struct endpoint *e = container_of(w, struct endpoint, data);
    uint64_t now = endpoint_now(e);
    uint64_t bytes = tcp_stream_receive(&e->tcp, now);

    (void)events;
    if (bytes && e->phase == ENDPOINT_RUNNING) {
        series_add(&e->stream_in_bytes, now, bytes);
        progress(e, &e->stream_in, now);
    }
    if (stream_done(e))
        stream_ended(e);
}

static void udp_tick(struct timer *t, uint64_t expirations)
{
    struct endpoint *e = container_of(t, struct endpoint, udp_tick);
    uint64_t now = endpoint_now(e);

    /* One however late we are: catching up would be a burst. */
    (void)expirations;
    gaplog_progress(&e->self, now);
    timelog_set(&e->sent_at, e->udp.sent, now);
    udp_flow_send(&e->udp, now);
    announce(e, &e->arrivals, now);
    announce(e, &e->round_trip, now);
    if (e->options->rate_to_endpoint)
        announce(e, &e->stream_in, now);
    if (e->options->rate_to_guest)
        announce(e, &e->stream_out, now);
}

static void note_acked(struct endpoint *e, uint64_t now)
{
    uint64_t unacked, acked;

    if (!socket_unacked(e->tcp.fd, &unacked) || unacked > e->tcp.sent)
        return;
    acked = e->tcp.sent - unacked;
    if (acked <= e->acked)
        return;
    series_add(&e->stream_out_bytes, now, acked - e->acked);
    progress(e, &e->stream_out, now);
    e->acked = acked;
}

static void tcp_tick(struct timer *t, uint64_t expirations)
{
    struct endpoint *e = container_of(t, struct endpoint, tcp_tick);
    uint64_t now = endpoint_now(e);

    (void)expirations;
    if (e->tcp.failed)
        return;
    note_acked(e, now);
    tcp_stream_send(&e->tcp, now);
    if (e->tcp.failed)
        stream_ended(e);
}

/* ---- start ---- */

static void set_up_traffic(struct endpoint *e)
{
    uint64_t session = e->link->session;

    e->udp.fd = e->link->udp;
    e->udp.session = session;
    e->udp.size = e->options->udp_size;
    e->udp.errors = e->tcp.errors = &e->errors;
    e->udp.seed_out = pattern_seed(session, PATTERN_UDP_TO_GUEST);
    e->udp.seed_in = pattern_seed(session, PATTERN_UDP_TO_ENDPOINT);
    seqstat_init(&e->udp.rx, 0);
    e->tcp.fd = e->link->data;
    e->tcp.seed_out = pattern_seed(session, PATTERN_TCP_TO_GUEST);
    e->tcp.rate = e->options->rate_to_guest;
    pattern_check_init(&e->tcp.in,
                       pattern_seed(session, PATTERN_TCP_TO_ENDPOINT));
}

static void set_up_silence(struct endpoint *e, struct endpoint_silence *s,
                           const char *name)
{
    s->name = name;
    gaplog_start(&s->gaps, e->options->threshold_ns, 0);
}

static void set_up_measuring(struct endpoint *e)
{
    const struct endpoint_options *o = e->options;

    e->start_ns = clock_mono_ns();
    e->start_realtime_ns = clock_real_ns();
    e->events->start_realtime_ns = e->start_realtime_ns;
    set_up_silence(e, &e->arrivals, "udp-to-endpoint");
    set_up_silence(e, &e->round_trip, "round-trip");
    set_up_silence(e, &e->stream_in, "tcp-to-endpoint");
    set_up_silence(e, &e->stream_out, "tcp-to-guest");
    gaplog_start(&e->self, o->interval_ns + o->threshold_ns / 4, 0);
    series_init(&e->udp_in, o->step_ns);
    series_init(&e->stream_in_bytes, o->step_ns);
    series_init(&e->stream_out_bytes, o->step_ns);
}

static void set_up_callbacks(struct endpoint *e)
{
    e->control.ready = control_ready;
    e->data.ready = data_ready;
    e->datagrams.ready = datagrams_ready;
    e->signals.ready = signals_ready;
    e->udp_tick.fire = udp_tick;
    e->tcp_tick.fire = tcp_tick;
    e->duration.fire = duration_over;
    e->limit.fire = limit_over;
    e->server.answer = endpoint_answer;
    e->in.max_body = WIRE_MAX_BODY;
}

static int start_signals(struct endpoint *e)
{
    sigset_t set;
    int fd;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (sigprocmask(SIG_BLOCK, &set, NULL))
        return -1;
    fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return -1;
    if (watch_start(&e->loop, &e->signals, fd, EPOLLIN)) {
        close(fd);
        return -1;
    }
    return 0;
}

/* From here on the watches own the descriptors. */
static int take_link(struct endpoint *e)
{
    struct endpoint_link *l = e->link;

    if (watch_start(&e->loop, &e->control, l->control, EPOLLIN))
        return -1;
    l->control = -1;
    if (watch_start(&e->loop, &e->data, l->data, EPOLLIN))
        return -1;
    l->data = -1;
    if (watch_start(&e->loop, &e->datagrams, l->udp, EPOLLIN))
        return -1;
    l->udp = -1;
    return 0;
}

static int start_ticks(struct endpoint *e)
{
    const struct endpoint_options *o = e->options;

    if (timer_start(&e->loop, &e->udp_tick, o->interval_ns,
                    o->interval_ns) ||
        timer_start(&e->loop, &e->tcp_tick, TCP_STREAM_TICK_NS,
                    TCP_STREAM_TICK_NS))
        return -1;
    if (!o->duration_ns)
        return 0;
    return timer_start(&e->loop, &e->duration, o->duration_ns, 0);
}

static int start_server(struct endpoint *e)
{
    const char *path = e->options->control;

    if (!path || !control_server_start(&e->server, &e->loop, path))
        return 0;
    log_say("--control %s: %s", path, strerror(errno));
    return -1;
}

static int start_pidfile(const struct endpoint *e)
{
    const char *path = e->options->pidfile;
    FILE *f;

    if (!path)
        return 0;
    f = fopen(path, "we");
    if (f && fprintf(f, "%ld\n", (long)getpid()) > 0 && !fclose(f))
        return 0;
    log_say("--pidfile %s: %s", path, strerror(errno));
    return -1;
}

static int remember_connection(struct endpoint *e)
{
    struct address a;

    e->connection.count = 1;
    if (socket_local(e->tcp.fd, &a))
        return -1;
    address_format(&a, e->connection.local);
    if (socket_peer(e->tcp.fd, &a))
        return -1;
    address_format(&a, e->connection.remote);
    return 0;
}

static void mark_unused(struct endpoint *e)
{
    e->loop.epfd = -1;
    e->control.fd = e->data.fd = e->datagrams.fd = e->signals.fd = -1;
    e->udp_tick.watch.fd = e->tcp_tick.watch.fd = -1;
    e->duration.watch.fd = e->limit.watch.fd = -1;
}

static int start(struct endpoint *e)
{
    set_up_callbacks(e);
    set_up_traffic(e);
    if (loop_init(&e->loop) || start_signals(e) || remember_connection(e) ||
        take_link(e)) {
        log_say("can't start: %s", strerror(errno));
        return -1;
    }
    if (start_server(e))
        return -1;
    set_up_measuring(e);
    if (start_ticks(e)) {
        log_say("timers: %s", strerror(errno));
        return -1;
    }
    event_log_write(e->events, "start", 0, e->connection.remote, 0);
    return start_pidfile(e);
}

int endpoint_run(struct endpoint *e)
{
    mark_unused(e);
    if (start(e))
        return -1;
    if (loop_run(&e->loop)) {
        log_say("epoll: %s", strerror(errno));
        return -1;
    }
    if (e->options->pidfile)
        unlink(e->options->pidfile);
    return 0;
}

static void free_silence(struct endpoint_silence *s)
{
    gaplog_free(&s->gaps);
}

void endpoint_free(struct endpoint *e)
{
    control_server_end(&e->server);
    timer_end(&e->udp_tick);
    timer_end(&e->tcp_tick);
    timer_end(&e->duration);
    timer_end(&e->limit);
    watch_end(&e->control);
    watch_end(&e->data);
    watch_end(&e->datagrams);
    watch_end(&e->signals);
    loop_free(&e->loop);
    msg_in_reset(&e->in);
    free_silence(&e->arrivals);
    free_silence(&e->round_trip);
    free_silence(&e->stream_in);
    free_silence(&e->stream_out);
    gaplog_free(&e->self);
    timelog_free(&e->sent_at);
    timelog_free(&e->received_at);
    vec_free(&e->udp_in.steps);
    vec_free(&e->stream_in_bytes.steps);
    vec_free(&e->stream_out_bytes.steps);
    vec_free(&e->marks);
    wire_report_free(&e->guest);
}
