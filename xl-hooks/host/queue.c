/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/broker.h"
#include "base/clock.h"
#include "host/queue.h"

#define LOOK_EVERY_MS 50

/* Everybody may write to the folder, and nobody else is to hold us up. */
static bool is_own(int fd)
{
    struct stat st;

    return !fstat(fd, &st) && st.st_uid == geteuid();
}

static bool is_turn(int fd, long long end)
{
    const struct timespec wait = { .tv_nsec = LOOK_EVERY_MS * 1000000L };

    while (flock(fd, LOCK_EX | LOCK_NB)) {
        if (errno != EWOULDBLOCK || clock_ms(CLOCK_MONOTONIC) >= end)
            return false;
        nanosleep(&wait, NULL);
    }
    return true;
}

int queue_enter(struct broker *b, long long end)
{
    const char *path = arena_printf(b->arena, "%s/pci-broker.queue",
                                    b->lock_dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd >= 0 && is_own(fd) && is_turn(fd, end))
        return fd;
    queue_leave(fd);
    return -1;
}

void queue_leave(int turn)
{
    if (turn >= 0)
        close(turn);
}
