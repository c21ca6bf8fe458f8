/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "answer/answer.h"
#include "answer/table.h"
#include "base/arena.h"
#include "base/broker.h"
#include "lease/done.h"
#include "lease/lease.h"
#include "lease/store_device.h"
#include "plan/plan.h"

#define COLUMNS_AT_MOST 8

struct table {
    struct broker *b;
    size_t columns, rows;
    const char **cells;         /* rows * columns */
};

struct table *table_begin(struct broker *b, size_t columns)
{
    struct table *t = arena_alloc(b->arena, sizeof(*t));

    t->b = b;
    t->columns = columns;
    return t;
}

void table_add(struct table *t, const char *const *cells)
{
    size_t i;

    for (i = 0; i < t->columns; i++) {
        t->cells = arena_extend(t->b->arena, t->cells,
                                t->rows * t->columns + i, sizeof(*t->cells));
        t->cells[t->rows * t->columns + i] =
            cells[i] && *cells[i] ? printable(t->b->arena, cells[i]) : "-";
    }
    t->rows++;
}

char *table_text(struct table *t)
{
    int width[COLUMNS_AT_MOST] = { 0 };
    struct arena *arena = t->b->arena;
    char *text = arena_strdup(arena, "");
    const char *cell;
    size_t row, i;

    for (row = 0; row < t->rows; row++)
        for (i = 0; i + 1 < t->columns; i++)
            if ((int)strlen(t->cells[row * t->columns + i]) > width[i])
                width[i] = (int)strlen(t->cells[row * t->columns + i]);
    for (row = 0; row < t->rows; row++) {
        for (i = 0; i < t->columns; i++) {
            cell = t->cells[row * t->columns + i];
            text = arena_printf(arena, "%s%-*s%s", text, width[i], cell,
                                i + 1 < t->columns ? "  " : "");
        }
        if (row + 1 < t->rows)
            text = arena_printf(arena, "%s\n", text);
    }
    return text;
}

static const char *owner_text(struct broker *b, const struct store_device *sd)
{
    return arena_printf(b->arena, "%s%s",
                        sd->lease->owner.lock ? sd->lease->owner.lock
                                              : "domain",
                        sd->alive ? "" : " (dead)");
}

static const char *remark(const struct store_device *sd,
                          const struct done *done)
{
    if (done && done->reason != REASON_NONE)
        return done->text;
    if (done)
        return "released";
    return sd->lease ? NULL : store_device_remark(sd).text;
}

char *table_list(struct broker *b, const struct store_device *nodes,
                 const struct done *done, size_t count)
{
    struct table t = { .b = b, .columns = 6 };
    const struct store_device *sd;
    size_t i;

    table_add(&t, (const char *const []){ "DEVICE", "STATE", "ID", "DOMAIN",
                                        "OWNER", "REMARK" });
    for (i = 0; i < count; i++) {
        sd = &nodes[i];
        table_add(&t, (const char *const[]){
                        bdf_text(b->arena, &sd->bdf),
                        sd->lease ? lease_state_word(sd->lease->state) : NULL,
                        sd->lease ? sd->lease->id : NULL,
                        sd->lease ? sd->lease->domain : NULL,
                        sd->lease ? owner_text(b, sd) : NULL,
                        remark(sd, done ? &done[i] : NULL) });
    }
    return table_text(&t);
}

static const char *pools_text(struct broker *b, const struct assignable *a)
{
    const char *text = "";
    size_t i;

    for (i = 0; i < a->pool_count; i++)
        text = arena_printf(b->arena, "%s%s%s", text, i ? "," : "",
                            a->pools[i]);
    return text;
}

char *table_assignable(struct broker *b, const struct assignable *list,
                       size_t count)
{
    struct table t = { .b = b, .columns = 5 };
    const struct assignable *a;
    size_t i;

    table_add(&t, (const char *const []){ "DEVICE", "NAME", "POOLS", "STATUS",
                                        "MODEL, OR WHY NOT" });
    for (i = 0; i < count; i++) {
        a = &list[i];
        table_add(&t, (const char *const []){
            bdf_text(b->arena, &a->bdf), a->name, pools_text(b, a),
            a->why_not.tier == TIER_UNFIT ? reason_word(a->why_not.reason)
                                          : "free",
            a->why_not.tier == TIER_UNFIT ? a->why_not.text : a->model });
    }
    return table_text(&t);
}

static void add_supply(struct table *t, const char *pool,
                       const struct supply_line *line, size_t makeable)
{
    struct arena *arena = t->b->arena;

    table_add(t, (const char *const []){
        pool, line ? arena_printf(arena, "%04x", line->kind) : NULL,
        line ? arena_printf(arena, "%04x:%04x", line->vendor, line->device)
             : makeable ? "VFs to be made" : NULL,
        arena_printf(arena, "%zu", line ? line->devices : 0),
        arena_printf(arena, "%zu", line ? line->free : 0),
        arena_printf(arena, "%zu", line ? line->arrivals : makeable) });
}

/* A pool that has nothing gets a line, too. */
static void add_supplies(struct table *t, const char *pool,
                         const struct supply *supply, size_t makeable)
{
    size_t i;

    for (i = 0; i < supply->model_count; i++)
        add_supply(t, pool, &supply->models[i], 0);
    if (makeable || (pool && !supply->model_count))
        add_supply(t, pool, NULL, makeable);
}

char *table_pools(struct broker *b, const struct host_supply *supply)
{
    struct table t = { .b = b, .columns = 6 };
    size_t i;

    table_add(&t, (const char *const []){ "POOL", "CLASS", "MODEL", "DEVICES",
                                        "FREE", "FOR ARRIVALS" });
    for (i = 0; i < supply->count; i++)
        add_supplies(&t, supply->pools[i].name, &supply->pools[i].supply,
                     supply->pools[i].makeable);
    add_supplies(&t, NULL, &supply->pciback, 0);
    return table_text(&t);
}

char *table_plan(struct broker *b, const struct planned *planned,
                 size_t count)
{
    struct table t = { .b = b, .columns = 4 };
    const struct planned *p;
    size_t i;

    table_add(&t, (const char *const []){ "ID", "STATUS", "DEVICE",
                                        "MODEL, OR WHY NOT" });
    for (i = 0; i < count; i++) {
        p = &planned[i];
        if (p->status == PLANNED_DEVICE)
            table_add(&t, (const char *const []){
                p->id, "device", bdf_text(b->arena, &p->bdf), p->model });
        else
            table_add(&t, (const char *const []){
                p->id, p->status == PLANNED_STANDBY ? "standby" : "refused",
                reason_word(p->reason), p->text });
    }
    return table_text(&t);
}
