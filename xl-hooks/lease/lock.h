/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks of migrations: a migration lives as long as some process holds its
 * flock(2). Processes that work for it inherit the descriptor, so that it ends
 * with the last of them, whoever that is.
 */
#ifndef BROKER_LOCK_H
#define BROKER_LOCK_H

#include <stdbool.h>

struct broker;

/* One that this process took. */
struct lock {
    const char *name, *path;
    int fd;
};

/* Path of its file. */
char *lock_path(struct broker *b, const char *name);

/* Does somebody hold it? What cannot be found out counts as yes, with a
 * warning that names the file. */
bool lock_is_held(struct broker *b, const char *name);

/* Does this process hold it: did it inherit, or take, a descriptor that has
 * the lock? */
bool lock_is_ours(struct broker *b, const char *name);

/* Take a lock that nobody else knows of, for work that belongs to no migration
 * or to a dead one. RC_OK or RC_FAILED. To be ended with lock_end; what a
 * killed process leaves is a file for lock_sweep. */
int lock_take_own(struct broker *b, struct lock *lock);
void lock_end(struct lock *lock);

/* Remove the files of locks that nobody holds. RC_OK or RC_FAILED. */
int lock_sweep(struct broker *b);

#endif
