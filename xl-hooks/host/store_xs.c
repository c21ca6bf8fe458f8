/* SPDX-License-Identifier: GPL-2.0-only */
/* The store of a real host, through libxenstore. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xenstore.h>

#include "base/arena.h"
#include "host/store_xs.h"

static struct store_xs *impl(struct store *s)
{
    return (struct store_xs *)s;
}

static int xs_begin(struct store *s, uint32_t *txn)
{
    struct store_xs *xs = impl(s);

    if (!xs->xsh)
        xs->xsh = xs_open(0);
    if (!xs->xsh)
        return errno;
    *txn = xs_transaction_start(xs->xsh);
    return *txn == XBT_NULL ? errno : 0;
}

static int xs_end(struct store *s, uint32_t txn, bool abort)
{
    return xs_transaction_end(impl(s)->xsh, txn, abort) ? 0 : errno;
}

static int xs_get(struct store *s, uint32_t txn, struct arena *arena,
                  const char *path, char **value, size_t *len)
{
    unsigned int size;
    char *raw;

    *value = NULL;
    raw = xs_read(impl(s)->xsh, txn, path, &size);
    if (!raw)
        return errno == ENOENT ? 0 : errno;
    *value = arena_strndup(arena, raw, size);
    *len = size;
    free(raw);
    return 0;
}

static int xs_put(struct store *s, uint32_t txn, const char *path,
                  const char *value)
{
    return xs_write(impl(s)->xsh, txn, path, value,
                    (unsigned int)strlen(value)) ? 0 : errno;
}

static int xs_remove(struct store *s, uint32_t txn, const char *path)
{
    if (xs_rm(impl(s)->xsh, txn, path) || errno == ENOENT)
        return 0;
    return errno;
}

static int xs_list(struct store *s, uint32_t txn, struct arena *arena,
                   const char *path, char ***names, size_t *count)
{
    unsigned int i, n;
    char **raw;

    *names = NULL;
    *count = 0;
    raw = xs_directory(impl(s)->xsh, txn, path, &n);
    if (!raw)
        return errno == ENOENT ? 0 : errno;
    *names = arena_alloc(arena, (n + 1) * sizeof(**names));
    for (i = 0; i < n; i++)
        (*names)[i] = arena_strdup(arena, raw[i]);
    *count = n;
    free(raw);
    return 0;
}

static const struct store_ops xs_ops = {
    .begin = xs_begin,
    .end = xs_end,
    .read = xs_get,
    .write = xs_put,
    .remove = xs_remove,
    .list = xs_list,
};

void store_xs_init(struct store_xs *xs)
{
    xs->store.ops = &xs_ops;
    xs->xsh = NULL;
}

void store_xs_dispose(struct store_xs *xs)
{
    if (xs->xsh)
        xs_close(xs->xsh);
}
