/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "answer/answer.h"
#include "answer/answer_parts.h"
#include "base/arena.h"
#include "base/broker.h"
#include "choice/supply.h"
#include "json/json.h"

static void emit_counts(yajl_gen gen, const struct supply_line *line)
{
    json_emit_number(gen, "devices", (long long)line->devices);
    json_emit_number(gen, "free", (long long)line->free);
    json_emit_number(gen, "arrivals", (long long)line->arrivals);
}

static void emit_lines(struct broker *b, yajl_gen gen, const char *key,
                       const struct supply_line *lines, size_t count)
{
    size_t i;

    json_emit_key(gen, key);
    yajl_gen_array_open(gen);
    for (i = 0; i < count; i++) {
        yajl_gen_map_open(gen);
        answer_emit_hex(b, gen, "class", 4, lines[i].kind);
        if (lines[i].vendor) {
            answer_emit_hex(b, gen, "vendor", 4, lines[i].vendor);
            answer_emit_hex(b, gen, "device", 4, lines[i].device);
        }
        emit_counts(gen, &lines[i]);
        yajl_gen_map_close(gen);
    }
    yajl_gen_array_close(gen);
}

static void emit_pool(struct broker *b, yajl_gen gen,
                      const struct pool_supply *pool)
{
    yajl_gen_map_open(gen);
    json_emit_string(gen, "name", pool->name);
    emit_counts(gen, &pool->supply.all);
    json_emit_number(gen, "makeable", (long long)pool->makeable);
    json_emit_number(gen, "reserve", (long long)pool->reserve);
    emit_lines(b, gen, "classes", pool->supply.classes,
               pool->supply.class_count);
    emit_lines(b, gen, "models", pool->supply.models,
               pool->supply.model_count);
    yajl_gen_map_close(gen);
}

char *answer_pools(struct broker *b, const struct host_supply *supply)
{
    yajl_gen gen = answer_begin("pools");
    size_t i;

    json_emit_key(gen, "pools");
    yajl_gen_array_open(gen);
    for (i = 0; i < supply->count; i++)
        emit_pool(b, gen, &supply->pools[i]);
    yajl_gen_array_close(gen);
    emit_lines(b, gen, "pciback", supply->pciback.models,
               supply->pciback.model_count);
    return answer_end(b, gen);
}

/* The name of a pool comes last: it may hold anything that stands before it
 * here. A model that comes in several classes is told of once. */
static char *add_models(struct broker *b, char *text,
                        const struct supply *supply, const char *prefix,
                        const char *pool)
{
    const struct supply_line *line, *other;
    size_t i, j, arrivals;

    for (i = 0; i < supply->model_count; i++) {
        line = &supply->models[i];
        arrivals = 0;
        for (j = 0; j < supply->model_count; j++) {
            other = &supply->models[j];
            if (other->vendor != line->vendor ||
                other->device != line->device)
                continue;
            if (j < i)
                break;
            arrivals += other->arrivals;
        }
        if (j == supply->model_count)
            text = arena_printf(b->arena, "%spci-%s-%04x-%04x%s%s=%zu\n",
                                text, prefix, line->vendor, line->device,
                                pool ? "-" : "", pool ? pool : "", arrivals);
    }
    return text;
}

char *answer_attributes(struct broker *b, const struct host_supply *supply)
{
    const struct pool_supply *pool;
    char *text = arena_strdup(b->arena, "");
    size_t i, j;

    for (i = 0; i < supply->count; i++) {
        pool = &supply->pools[i];
        text = arena_printf(b->arena, "%spci-pool-%s=%zu\n", text, pool->name,
                            pool->supply.all.arrivals + pool->makeable);
        for (j = 0; j < pool->supply.class_count; j++)
            text = arena_printf(b->arena, "%spci-class-%04x-%s=%zu\n", text,
                                pool->supply.classes[j].kind, pool->name,
                                pool->supply.classes[j].arrivals);
        text = add_models(b, text, &pool->supply, "model", pool->name);
    }
    text = add_models(b, text, &supply->pciback, "pciback", NULL);
    if (*text)                  /* who prints it adds the last newline */
        text = arena_strndup(b->arena, text, strlen(text) - 1);
    return text;
}
