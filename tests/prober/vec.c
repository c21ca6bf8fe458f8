/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "vec.h"

static int grow(struct vec *v, size_t size)
{
    size_t cap = v->cap ? v->cap * 2 : 16;
    void *items = reallocarray(v->items, cap, size);

    if (!items)
        return -1;
    v->items = items;
    v->cap = cap;
    return 0;
}

void *vec_add(struct vec *v, size_t size)
{
    void *item;

    if (v->n == v->cap && grow(v, size))
        return NULL;
    item = (char *)v->items + v->n++ * size;
    memset(item, 0, size);
    return item;
}

void vec_free(struct vec *v)
{
    free(v->items);
    memset(v, 0, sizeof(*v));
}
