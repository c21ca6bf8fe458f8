/* SPDX-License-Identifier: GPL-2.0-only */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/broker.h"
#include "base/words.h"
#include "lease/lock.h"

#define PREFIX "pci-migrate-"

char *lock_path(struct broker *b, const char *name)
{
    return arena_printf(b->arena, "%s/" PREFIX "%s", b->lock_dir, name);
}

bool lock_is_held(struct broker *b, const char *name)
{
    const char *path = lock_path(b, name);
    bool held = true;
    int fd;

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return false;
    if (fd >= 0 && !flock(fd, LOCK_SH | LOCK_NB))
        held = false;
    else if (fd < 0 || errno != EWOULDBLOCK)
        broker_warn(b, "%s: %s: taken for a lock that is held", path,
                    strerror(errno));
    if (fd >= 0)
        close(fd);
    return held;
}

static bool is_file(int fd, const struct stat *file)
{
    struct stat st;

    return !fstat(fd, &st) && st.st_dev == file->st_dev &&
           st.st_ino == file->st_ino;
}

/* A descriptor of the file says little: the lock belongs to what was opened
 * once, and asking for it again there is granted at once. */
bool lock_is_ours(struct broker *b, const char *name)
{
    struct dirent *entry;
    bool ours = false;
    struct stat file;
    DIR *dir;
    int fd;

    if (stat(lock_path(b, name), &file))
        return false;
    dir = opendir("/proc/self/fd");
    if (!dir) {
        broker_warn(b, "/proc/self/fd: %s", strerror(errno));
        return false;
    }
    while (!ours && (entry = readdir(dir))) {
        fd = atoi(entry->d_name);
        ours = *entry->d_name != '.' && is_file(fd, &file) &&
               !flock(fd, LOCK_EX | LOCK_NB);
    }
    closedir(dir);
    return ours;
}

static char *random_name(struct broker *b)
{
    unsigned char r[16];

    if (getrandom(r, sizeof(r), 0) != sizeof(r))
        return NULL;
    return arena_printf(b->arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-"
                        "%02x%02x-%02x%02x%02x%02x%02x%02x.destination",
                        r[0], r[1], r[2], r[3], r[4], r[5],
                        0x40 | (r[6] & 0xf), r[7], 0x80 | (r[8] & 0x3f), r[9],
                        r[10], r[11], r[12], r[13], r[14], r[15]);
}

/* Waits for lookers, who have it for an instant. A sweeper may have removed
 * the file before it was locked. */
static bool try_own(struct lock *lock)
{
    struct stat file;

    lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                    0600);
    if (lock->fd < 0)
        return false;
    if (!flock(lock->fd, LOCK_EX) && !stat(lock->path, &file) &&
        is_file(lock->fd, &file))
        return true;
    close(lock->fd);
    lock->fd = -1;
    errno = EAGAIN;
    return false;
}

int lock_take_own(struct broker *b, struct lock *lock)
{
    lock->fd = -1;
    lock->name = random_name(b);
    if (!lock->name)
        return broker_fail(b, RC_FAILED, "no random numbers: %s",
                           strerror(errno));
    lock->path = lock_path(b, lock->name);
    while (!try_own(lock))
        if (errno != EAGAIN)
            return broker_fail(b, RC_FAILED, "%s: %s", lock->path,
                               strerror(errno));
    return RC_OK;
}

void lock_end(struct lock *lock)
{
    if (lock->fd < 0)
        return;
    unlink(lock->path);
    close(lock->fd);
    lock->fd = -1;
}

static void sweep_one(struct broker *b, const char *name)
{
    const char *path = lock_path(b, name);
    struct stat file;
    int fd;

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    if (!flock(fd, LOCK_EX | LOCK_NB) && !stat(path, &file) &&
        is_file(fd, &file) && unlink(path))
        broker_warn(b, "%s: %s", path, strerror(errno));
    close(fd);
}

int lock_sweep(struct broker *b)
{
    struct dirent *entry;
    DIR *dir = opendir(b->lock_dir);

    if (!dir)
        return broker_fail(b, RC_FAILED, "%s: %s", b->lock_dir,
                           strerror(errno));
    while ((entry = readdir(dir)))
        if (!strncmp(entry->d_name, PREFIX, strlen(PREFIX)) &&
            word_is_lock(entry->d_name + strlen(PREFIX)))
            sweep_one(b, entry->d_name + strlen(PREFIX));
    closedir(dir);
    return RC_OK;
}
