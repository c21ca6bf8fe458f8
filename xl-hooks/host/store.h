/* SPDX-License-Identifier: GPL-2.0-only */
/* A transactional tree of strings: xenstore, or a test's fake. */
#ifndef BROKER_STORE_H
#define BROKER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct broker;
struct store;

/* All return 0 or an errno. */
struct store_ops {
    int (*begin)(struct store *s, uint32_t *txn);
    /* EAGAIN: somebody else changed what was read; do it all again */
    int (*end)(struct store *s, uint32_t txn, bool abort);
    /* *value is NULL if there is no such node */
    int (*read)(struct store *s, uint32_t txn, struct arena *arena,
                const char *path, char **value, size_t *len);
    int (*write)(struct store *s, uint32_t txn, const char *path,
                 const char *value);
    /* no such node: 0 */
    int (*remove)(struct store *s, uint32_t txn, const char *path);
    /* no such node: 0 names */
    int (*list)(struct store *s, uint32_t txn, struct arena *arena,
                const char *path, char ***names, size_t *count);
};

struct store {
    const struct store_ops *ops;
};

/* Runs `body` until it commits. The body sees one state of the tree, may run
 * several times, and returns an rc: only RC_OK commits. */
typedef int store_body(struct broker *b, uint32_t txn, void *arg);
int store_transaction(struct broker *b, store_body *body, void *arg);

/* With text in b->error, return an rc. */
int store_read(struct broker *b, uint32_t txn, const char *path,
               char **value, size_t *len);
int store_write(struct broker *b, uint32_t txn, const char *path,
                const char *value);
int store_remove(struct broker *b, uint32_t txn, const char *path);
int store_list(struct broker *b, uint32_t txn, const char *path,
               char ***names, size_t *count);

#endif
