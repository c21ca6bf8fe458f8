/* SPDX-License-Identifier: GPL-2.0-only */
/* A growing array of equal elements. */
#ifndef SP_VEC_H
#define SP_VEC_H

#include <stddef.h>

struct vec {
    void *items;
    size_t n, cap;
};

/* A new zeroed element at the end, or NULL when memory is short. */
void *vec_add(struct vec *v, size_t size);
void vec_free(struct vec *v);

#define vec_at(v, type, i) (&((type *)(v)->items)[i])

#endif
