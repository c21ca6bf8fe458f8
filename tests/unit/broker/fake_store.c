/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fake_store.h"

enum access_kind { ACCESS_VALUE, ACCESS_CHILDREN };

struct access {
    struct access *next;
    char *path;
    enum access_kind kind;
    unsigned long generation;
};

struct change {
    struct change *next;
    char *path, *value;         /* value NULL: remove */
};

struct fake_txn {
    struct fake_txn *next;
    uint32_t id;
    unsigned long start;
    struct fake_node *snapshot;
    struct access *accesses;
    struct change *changes, **last_change;
};

static struct fake_store *impl(struct store *s)
{
    return (struct fake_store *)s;
}

static void *must(void *p)
{
    if (!p)
        abort();
    return p;
}

static struct fake_node *find(struct fake_node *list, const char *path)
{
    for (; list; list = list->next)
        if (!strcmp(list->path, path))
            return list;
    return NULL;
}

static struct fake_node *find_or_add(struct fake_node **list,
                                     const char *path)
{
    struct fake_node *node = find(*list, path);

    if (!node) {
        node = must(calloc(1, sizeof(*node)));
        node->path = must(strdup(path));
        node->next = *list;
        *list = node;
    }
    return node;
}

static void free_nodes(struct fake_node *list)
{
    struct fake_node *next;

    for (; list; list = next) {
        next = list->next;
        free(list->path);
        free(list->value);
        free(list);
    }
}

static struct fake_node *copy_nodes(const struct fake_node *list)
{
    struct fake_node *copy = NULL, **last = &copy, *node;

    for (; list; list = list->next) {
        node = must(calloc(1, sizeof(*node)));
        *node = *list;
        node->next = NULL;
        node->path = must(strdup(list->path));
        node->value = list->value ? must(strdup(list->value)) : NULL;
        *last = node;
        last = &node->next;
    }
    return copy;
}

/* A value appears, changes or goes; missing parents appear too. */
static void set(struct fake_node **list, const char *path, const char *value,
                unsigned long generation)
{
    struct fake_node *node = find_or_add(list, path);
    char *parent, *slash;
    bool created = !node->value && value;

    free(node->value);
    node->value = value ? must(strdup(value)) : NULL;
    node->generation = generation;
    if (!created && value)
        return;
    parent = must(strdup(path));
    slash = strrchr(parent, '/');
    if (slash && slash != parent) {
        *slash = '\0';
        node = find_or_add(list, parent);
        node->children = generation;
        if (!node->value)
            set(list, parent, "", generation);
    }
    free(parent);
}

static void remove_tree(struct fake_node **list, const char *path,
                        unsigned long generation)
{
    size_t len = strlen(path);
    struct fake_node *node;

    for (node = *list; node; node = node->next)
        if (node->value && !strncmp(node->path, path, len) &&
            node->path[len] == '/') {
            free(node->value);
            node->value = NULL;
            node->generation = node->children = generation;
        }
    set(list, path, NULL, generation);
}

static void apply(struct fake_node **list, const char *path,
                  const char *value, unsigned long generation)
{
    if (value)
        set(list, path, value, generation);
    else
        remove_tree(list, path, generation);
}

static struct fake_txn *txn_find(struct fake_store *s, uint32_t id)
{
    struct fake_txn *txn;

    for (txn = s->txns; txn; txn = txn->next)
        if (txn->id == id)
            return txn;
    abort();                    /* the broker mixed up its transactions */
}

static int enter(struct fake_store *s, const char *operation)
{
    int r;

    if (s->before)
        s->before(s, operation);
    pthread_mutex_lock(&s->lock);
    r = s->fail_errno;
    s->fail_errno = 0;
    if (r)
        pthread_mutex_unlock(&s->lock);
    return r;
}

static int fake_begin(struct store *store, uint32_t *id)
{
    struct fake_store *s = impl(store);
    struct fake_txn *txn;
    int r;

    r = enter(s, "begin");
    if (r)
        return r;
    txn = must(calloc(1, sizeof(*txn)));
    txn->id = *id = ++s->last_txn;
    txn->start = s->generation;
    txn->snapshot = copy_nodes(s->nodes);
    txn->last_change = &txn->changes;
    txn->next = s->txns;
    s->txns = txn;
    s->open++;
    pthread_mutex_unlock(&s->lock);
    return 0;
}

static void note(struct fake_txn *txn, const char *path,
                 enum access_kind kind)
{
    struct access *access = must(calloc(1, sizeof(*access)));

    access->path = must(strdup(path));
    access->kind = kind;
    access->next = txn->accesses;
    txn->accesses = access;
}

static bool has_changed(struct fake_store *s, const struct fake_txn *txn)
{
    const struct access *access;
    struct fake_node *node;

    for (access = txn->accesses; access; access = access->next) {
        node = find(s->nodes, access->path);
        if (!node)
            continue;
        if (access->kind == ACCESS_VALUE && node->generation > txn->start)
            return true;
        if (access->kind == ACCESS_CHILDREN && node->children > txn->start)
            return true;
    }
    return false;
}

static void free_txn(struct fake_store *s, struct fake_txn *txn)
{
    struct fake_txn **at;
    struct access *access;
    struct change *change;

    for (at = &s->txns; *at != txn; at = &(*at)->next)
        ;
    *at = txn->next;
    free_nodes(txn->snapshot);
    while ((access = txn->accesses)) {
        txn->accesses = access->next;
        free(access->path);
        free(access);
    }
    while ((change = txn->changes)) {
        txn->changes = change->next;
        free(change->path);
        free(change->value);
        free(change);
    }
    free(txn);
    s->open--;
}

static int fake_end(struct store *store, uint32_t id, bool cancel)
{
    struct fake_store *s = impl(store);
    struct fake_txn *txn;
    struct change *change;
    int r;

    r = enter(s, cancel ? "abort" : "commit");
    if (r)
        return r;
    txn = txn_find(s, id);
    if (!cancel && (s->conflict_next || has_changed(s, txn))) {
        if (s->conflict_next)
            s->conflict_next--;
        s->conflicts++;
        r = EAGAIN;
    } else if (!cancel) {
        s->commits++;
        if (txn->changes)
            s->generation++;
        for (change = txn->changes; change; change = change->next)
            apply(&s->nodes, change->path, change->value, s->generation);
    }
    free_txn(s, txn);
    pthread_mutex_unlock(&s->lock);
    return r;
}

static int fake_read(struct store *store, uint32_t id, struct arena *arena,
                     const char *path, char **value, size_t *len)
{
    struct fake_store *s = impl(store);
    struct fake_node *node;
    struct fake_txn *txn;
    int r;

    *value = NULL;
    r = enter(s, "read");
    if (r)
        return r;
    txn = txn_find(s, id);
    note(txn, path, ACCESS_VALUE);
    node = find(txn->snapshot, path);
    if (node && node->value) {
        *value = arena_strdup(arena, node->value);
        *len = strlen(node->value);
    }
    pthread_mutex_unlock(&s->lock);
    return 0;
}

static int change(struct fake_store *s, uint32_t id, const char *operation,
                  const char *path, const char *value)
{
    struct fake_txn *txn;
    struct change *change;
    int r;

    r = enter(s, operation);
    if (r)
        return r;
    txn = txn_find(s, id);
    note(txn, path, ACCESS_VALUE);
    change = must(calloc(1, sizeof(*change)));
    change->path = must(strdup(path));
    change->value = value ? must(strdup(value)) : NULL;
    *txn->last_change = change;
    txn->last_change = &change->next;
    apply(&txn->snapshot, path, value, txn->start);
    pthread_mutex_unlock(&s->lock);
    return 0;
}

static int fake_write(struct store *store, uint32_t id, const char *path,
                      const char *value)
{
    return change(impl(store), id, "write", path, value);
}

static int fake_remove(struct store *store, uint32_t id, const char *path)
{
    return change(impl(store), id, "remove", path, NULL);
}

static int fake_list(struct store *store, uint32_t id, struct arena *arena,
                     const char *path, char ***names, size_t *count)
{
    struct fake_store *s = impl(store);
    size_t len = strlen(path);
    struct fake_node *node;
    struct fake_txn *txn;
    int r;

    *names = NULL;
    *count = 0;
    r = enter(s, "list");
    if (r)
        return r;
    txn = txn_find(s, id);
    note(txn, path, ACCESS_CHILDREN);
    for (node = txn->snapshot; node; node = node->next) {
        if (!node->value || strncmp(node->path, path, len) ||
            node->path[len] != '/' || strchr(node->path + len + 1, '/'))
            continue;
        *names = arena_extend(arena, *names, *count, sizeof(**names));
        (*names)[(*count)++] = arena_strdup(arena, node->path + len + 1);
    }
    pthread_mutex_unlock(&s->lock);
    return 0;
}

static const struct store_ops fake_ops = {
    .begin = fake_begin,
    .end = fake_end,
    .read = fake_read,
    .write = fake_write,
    .remove = fake_remove,
    .list = fake_list,
};

void fake_store_init(struct fake_store *s)
{
    memset(s, 0, sizeof(*s));
    s->store.ops = &fake_ops;
    pthread_mutex_init(&s->lock, NULL);
}

void fake_store_drop_open(struct fake_store *s)
{
    while (s->txns)
        free_txn(s, s->txns);
}

void fake_store_dispose(struct fake_store *s)
{
    fake_store_drop_open(s);
    free_nodes(s->nodes);
    s->nodes = NULL;
    pthread_mutex_destroy(&s->lock);
}

void fake_store_put(struct fake_store *s, const char *path,
                    const char *value)
{
    pthread_mutex_lock(&s->lock);
    set(&s->nodes, path, value, ++s->generation);
    pthread_mutex_unlock(&s->lock);
}

void fake_store_remove(struct fake_store *s, const char *path)
{
    pthread_mutex_lock(&s->lock);
    remove_tree(&s->nodes, path, ++s->generation);
    pthread_mutex_unlock(&s->lock);
}

const char *fake_store_get(struct fake_store *s, const char *path)
{
    struct fake_node *node = find(s->nodes, path);

    return node ? node->value : NULL;
}

unsigned fake_store_count(struct fake_store *s, const char *suffix)
{
    size_t len = strlen(suffix), n;
    struct fake_node *node;
    unsigned count = 0;

    for (node = s->nodes; node; node = node->next) {
        n = strlen(node->path);
        if (node->value && n >= len && !strcmp(node->path + n - len, suffix))
            count++;
    }
    return count;
}
