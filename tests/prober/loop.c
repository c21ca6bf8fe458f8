/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "loop.h"

int loop_init(struct loop *l)
{
    l->stop = false;
    l->epfd = epoll_create1(EPOLL_CLOEXEC);
    return l->epfd < 0 ? -1 : 0;
}

int loop_run(struct loop *l)
{
    struct epoll_event ev;
    struct watch *w;
    int n;

    while (!l->stop) {
        n = epoll_wait(l->epfd, &ev, 1, -1);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n == 1) {
            w = ev.data.ptr;
            w->ready(w, ev.events);
        }
    }
    return 0;
}

void loop_free(struct loop *l)
{
    if (l->epfd >= 0)
        close(l->epfd);
    l->epfd = -1;
}

int watch_start(struct loop *l, struct watch *w, int fd, uint32_t events)
{
    struct epoll_event ev = { .events = events, .data.ptr = w };

    if (epoll_ctl(l->epfd, EPOLL_CTL_ADD, fd, &ev))
        return -1;
    w->fd = fd;
    w->loop = l;
    return 0;
}

int watch_change(struct watch *w, uint32_t events)
{
    struct epoll_event ev = { .events = events, .data.ptr = w };

    return epoll_ctl(w->loop->epfd, EPOLL_CTL_MOD, w->fd, &ev);
}

void watch_ignore(struct watch *w)
{
    /* Not left to close(): the file may live on under another number. */
    epoll_ctl(w->loop->epfd, EPOLL_CTL_DEL, w->fd, NULL);
}

void watch_end(struct watch *w)
{
    if (w->fd < 0)
        return;
    watch_ignore(w);
    close(w->fd);
    w->fd = -1;
}

static void timer_ready(struct watch *w, uint32_t events)
{
    struct timer *t = container_of(w, struct timer, watch);
    uint64_t expirations;

    (void)events;
    if (read(w->fd, &expirations, sizeof(expirations)) ==
        sizeof(expirations))
        t->fire(t, expirations);
}

static struct timespec to_timespec(uint64_t ns)
{
    return (struct timespec){
        .tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S),
    };
}

int timer_start(struct loop *l, struct timer *t, uint64_t first_ns,
                uint64_t interval_ns)
{
    struct itimerspec when = {
        .it_value = to_timespec(first_ns ? first_ns : 1),
        .it_interval = to_timespec(interval_ns),
    };
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

    if (fd < 0)
        return -1;
    t->watch.ready = timer_ready;
    if (timerfd_settime(fd, 0, &when, NULL) ||
        watch_start(l, &t->watch, fd, EPOLLIN)) {
        close(fd);
        return -1;
    }
    return 0;
}

void timer_end(struct timer *t)
{
    watch_end(&t->watch);
}
