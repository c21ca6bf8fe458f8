/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A store with the transactions of xenstored: a transaction sees the tree as
 * it was at its start, and commits only if nothing it looked at has changed
 * since. Safe to use from threads; one transaction belongs to one thread.
 */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include <pthread.h>
#include <stdbool.h>

#include "host/store.h"

struct fake_node {
    struct fake_node *next;
    char *path, *value;         /* value NULL: a trace of what was removed */
    unsigned long generation;   /* of the value */
    unsigned long children;     /* generation of the list of its children */
};

struct fake_txn;

struct fake_store {
    struct store store;
    pthread_mutex_t lock;
    struct fake_node *nodes;
    unsigned long generation;
    struct fake_txn *txns;
    uint32_t last_txn;

    /* for tests */
    unsigned commits, conflicts, open;
    unsigned conflict_next;     /* so many commits fail with EAGAIN */
    int fail_errno;             /* the next operation fails with it */
    /* called before each operation, without the lock; may end the test's
     * process or thread to stand for a kill */
    void (*before)(struct fake_store *s, const char *operation);
    void *arg;
};

void fake_store_init(struct fake_store *s);
void fake_store_dispose(struct fake_store *s);
/* As when a client's connection ends. */
void fake_store_drop_open(struct fake_store *s);

/* Outside of any transaction, as others would. */
void fake_store_put(struct fake_store *s, const char *path,
                    const char *value);
void fake_store_remove(struct fake_store *s, const char *path);
const char *fake_store_get(struct fake_store *s, const char *path);
/* How many nodes have a value and a path that ends so. */
unsigned fake_store_count(struct fake_store *s, const char *suffix);

#endif
