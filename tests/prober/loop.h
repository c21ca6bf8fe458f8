/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting: file descriptors (epoll) and periodic or single timers (timerfd).
 * One event is taken at a time, so a callback may end any watch, its own
 * included.
 */
#ifndef SP_LOOP_H
#define SP_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

struct loop {
    int epfd;
    bool stop;
};

/* fd is -1 while the watch is not in use. */
struct watch {
    int fd;
    struct loop *loop;
    void (*ready)(struct watch *w, uint32_t events);
};

struct timer {
    struct watch watch;
    /* How often it expired since the last call: 1 unless we were late. */
    void (*fire)(struct timer *t, uint64_t expirations);
};

#define WATCH_UNUSED { .fd = -1 }
#define TIMER_UNUSED { .watch = WATCH_UNUSED }

#define container_of(ptr, type, member) \
    ((type *)((char *)(ptr) - offsetof(type, member)))

int loop_init(struct loop *l);
int loop_run(struct loop *l); /* until l->stop */
void loop_free(struct loop *l);

/* On success the watch owns fd. */
int watch_start(struct loop *l, struct watch *w, int fd, uint32_t events);
int watch_change(struct watch *w, uint32_t events);
void watch_ignore(struct watch *w); /* no more events, fd stays open */
void watch_end(struct watch *w); /* closes fd; harmless if not in use */

int timer_start(struct loop *l, struct timer *t, uint64_t first_ns,
                uint64_t interval_ns); /* interval 0: once */
void timer_end(struct timer *t);

#endif
