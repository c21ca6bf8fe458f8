/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/arena.h"
#include "choice/supply.h"

static int compare(const struct supply_line *a, const struct supply_line *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->vendor != b->vendor)
        return a->vendor < b->vendor ? -1 : 1;
    return a->device < b->device ? -1 : a->device > b->device;
}

/* The line that is like `key`, made if there is none. A host has few models. */
static struct supply_line *line_of(struct arena *arena,
                                   struct supply_line **lines, size_t *count,
                                   const struct supply_line *key)
{
    size_t i, last;

    for (i = 0; i < *count && compare(&(*lines)[i], key) < 0; i++)
        ;
    if (i < *count && !compare(&(*lines)[i], key))
        return &(*lines)[i];
    *lines = arena_extend(arena, *lines, *count, sizeof(**lines));
    for (last = (*count)++; last > i; last--)
        (*lines)[last] = (*lines)[last - 1];
    (*lines)[i] = *key;
    return &(*lines)[i];
}

static void add(struct supply_line *line, const struct supply_device *device)
{
    line->devices++;
    line->free += device->free;
}

static void count_arrivals(struct supply *s, size_t reserve)
{
    struct supply_line *model, *class;
    size_t i, j;

    for (i = 0; i < s->class_count; i++) {
        class = &s->classes[i];
        class->arrivals = class->free > reserve ? class->free - reserve : 0;
        s->all.arrivals += class->arrivals;
        for (j = 0; j < s->model_count; j++) {
            model = &s->models[j];
            if (model->kind == class->kind)
                model->arrivals = model->free < class->arrivals
                                      ? model->free : class->arrivals;
        }
    }
}

void supply_count(struct arena *arena, const struct supply_device *devices,
                  size_t count, size_t reserve, struct supply *out)
{
    struct supply_line key;
    size_t i;

    *out = (struct supply){ .classes = NULL };
    for (i = 0; i < count; i++) {
        key = (struct supply_line){ .kind = devices[i].class >> 8 };
        add(line_of(arena, &out->classes, &out->class_count, &key),
            &devices[i]);
        key.vendor = devices[i].vendor;
        key.device = devices[i].device;
        add(line_of(arena, &out->models, &out->model_count, &key),
            &devices[i]);
        add(&out->all, &devices[i]);
    }
    count_arrivals(out, reserve);
}
