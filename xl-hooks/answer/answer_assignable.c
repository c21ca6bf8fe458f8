/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "answer/answer.h"
#include "answer/answer_parts.h"
#include "base/broker.h"
#include "json/json.h"
#include "lease/store_device.h"

static void emit_lease(yajl_gen gen, const struct store_device *sd)
{
    json_emit_key(gen, "lease");
    if (!sd || !sd->lease) {
        yajl_gen_null(gen);
        return;
    }
    yajl_gen_map_open(gen);
    lease_emit(gen, sd->lease);
    json_emit_key(gen, "alive");
    yajl_gen_bool(gen, sd->alive);
    yajl_gen_map_close(gen);
}

static void emit_assignable(struct broker *b, yajl_gen gen,
                            const struct assignable *a)
{
    size_t i;

    yajl_gen_map_open(gen);
    json_emit_string(gen, "bdf", bdf_text(b->arena, &a->bdf));
    json_emit_string(gen, "name", a->name);
    json_emit_string(gen, "model", a->model);
    answer_emit_ids(b, gen, a->vendor, a->device, a->class);
    json_emit_key(gen, "pools");
    yajl_gen_array_open(gen);
    for (i = 0; i < a->pool_count; i++)
        yajl_gen_string(gen, (const unsigned char *)a->pools[i],
                        strlen(a->pools[i]));
    yajl_gen_array_close(gen);
    emit_lease(gen, a->sd);
    json_emit_string(gen, "status", a->why_not.tier == TIER_UNFIT ? "unfit"
                                                                  : "free");
    if (a->why_not.tier == TIER_UNFIT)
        answer_emit_refusal(gen, a->why_not.reason, a->why_not.text);
    yajl_gen_map_close(gen);
}

char *answer_assignable(struct broker *b, const struct assignable *list,
                        size_t count)
{
    yajl_gen gen = answer_begin("assignable");
    size_t i;

    json_emit_key(gen, "devices");
    yajl_gen_array_open(gen);
    for (i = 0; i < count; i++)
        emit_assignable(b, gen, &list[i]);
    yajl_gen_array_close(gen);
    return answer_end(b, gen);
}
