/* SPDX-License-Identifier: GPL-2.0-only */
#include "answer/answer.h"
#include "answer/answer_parts.h"
#include "base/broker.h"
#include "json/json.h"
#include "lease/lease_batch.h"
#include "lease/store_device.h"
#include "proto/request.h"

static void emit_done(struct broker *b, yajl_gen gen, const struct done *d)
{
    yajl_gen_map_open(gen);
    json_emit_string(gen, "id", d->id);
    json_emit_string(gen, "bdf", bdf_text(b->arena, &d->bdf));
    if (d->reason == REASON_NONE) {
        json_emit_string(gen, "status", "done");
        json_emit_string(gen, "state", d->state);
    } else {
        json_emit_string(gen, "status", "refused");
        answer_emit_refusal(gen, d->reason, d->text);
    }
    yajl_gen_map_close(gen);
}

char *answer_done(struct broker *b, const char *migration, bool refused,
                  const struct done *done, size_t count)
{
    yajl_gen gen = answer_begin(refused ? "refused" : "done");
    size_t i;

    json_emit_string(gen, "migration", migration);
    json_emit_key(gen, "devices");
    yajl_gen_array_open(gen);
    for (i = 0; i < count; i++)
        emit_done(b, gen, &done[i]);
    yajl_gen_array_close(gen);
    return answer_end(b, gen);
}

static void emit_listed(struct broker *b, yajl_gen gen,
                        const struct store_device *sd, const struct done *done)
{
    struct store_device_remark remark;

    yajl_gen_map_open(gen);
    json_emit_string(gen, "bdf", bdf_text(b->arena, &sd->bdf));
    if (sd->lease)
        lease_emit(gen, sd->lease);
    if (done && done->reason != REASON_NONE) {
        answer_emit_refusal(gen, done->reason, done->text);
    } else if (sd->lease) {
        json_emit_key(gen, "alive");
        yajl_gen_bool(gen, sd->alive);
    } else {
        remark = store_device_remark(sd);
        answer_emit_refusal(gen, remark.reason, remark.text);
    }
    yajl_gen_map_close(gen);
}

char *answer_list(struct broker *b, const struct store_device *nodes,
                  const struct done *done, size_t count)
{
    yajl_gen gen = answer_begin("list");
    size_t i;

    json_emit_key(gen, "leases");
    yajl_gen_array_open(gen);
    for (i = 0; i < count; i++)
        emit_listed(b, gen, &nodes[i], done ? &done[i] : NULL);
    yajl_gen_array_close(gen);
    return answer_end(b, gen);
}

char *answer_batch(struct broker *b, const struct lease_request *request,
                   const struct lease_batch *batch, int rc)
{
    return answer_done(b, request->migration, rc == RC_REFUSED, batch->done,
                       batch->count);
}
