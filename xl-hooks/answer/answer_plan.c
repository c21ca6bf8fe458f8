/* SPDX-License-Identifier: GPL-2.0-only */
#include "answer/answer.h"
#include "answer/answer_parts.h"
#include "base/broker.h"
#include "json/json.h"
#include "plan/plan.h"

static void emit_candidate(struct broker *b, yajl_gen gen,
                           const struct planned_candidate *c)
{
    static const char *const resets[] = { "function", "bus", "none" };

    yajl_gen_map_open(gen);
    json_emit_string(gen, "bdf", bdf_text(b->arena, &c->bdf));
    json_emit_string(gen, "status", c->taken ? "taken" : c->rank ? "fits"
                                                                 : "unfit");
    if (c->rank) {
        json_emit_string(gen, "rank", c->rank);
        json_emit_key(gen, "load");
        yajl_gen_integer(gen, c->load);
        json_emit_string(gen, "reset", resets[c->reset]);
    }
    if (!c->taken && c->reason != REASON_NONE)
        json_emit_string(gen, "reason", reason_word(c->reason));
    if (!c->taken)
        json_emit_string(gen, "text", c->text);
    yajl_gen_map_close(gen);
}

static void emit_candidates(struct broker *b, yajl_gen gen,
                            const struct planned *p)
{
    size_t i, count = p->candidate_count, left_out;

    if (!p->candidates)
        return;
    if (count > PLANNED_CANDIDATES_MAX)
        count = PLANNED_CANDIDATES_MAX;
    left_out = p->candidates_left_out + p->candidate_count - count;
    json_emit_key(gen, "candidates");
    yajl_gen_array_open(gen);
    for (i = 0; i < count; i++)
        emit_candidate(b, gen, &p->candidates[i]);
    yajl_gen_array_close(gen);
    if (left_out) {
        json_emit_key(gen, "candidates_left_out");
        yajl_gen_integer(gen, (long long)left_out);
    }
}

static void emit_planned(struct broker *b, yajl_gen gen,
                         const struct planned *p)
{
    static const char *const words[] = { "device", "standby", "refused" };

    yajl_gen_map_open(gen);
    json_emit_string(gen, "id", p->id);
    json_emit_string(gen, "status", words[p->status]);
    if (p->status == PLANNED_DEVICE) {
        json_emit_string(gen, "bdf", bdf_text(b->arena, &p->bdf));
        json_emit_string(gen, "model", p->model);
        json_emit_string(gen, "modalias", p->modalias);
        answer_emit_ids(b, gen, p->vendor, p->device, p->class);
    } else {
        answer_emit_refusal(gen, p->reason, p->text);
    }
    emit_candidates(b, gen, p);
    yajl_gen_map_close(gen);
}

char *answer_plan(struct broker *b, const char *migration, bool refused,
                  const struct planned *planned, size_t count)
{
    yajl_gen gen = answer_begin(refused ? "refused" : "plan");
    size_t i;

    json_emit_string(gen, "migration", migration);
    json_emit_key(gen, "devices");
    yajl_gen_array_open(gen);
    for (i = 0; i < count; i++)
        emit_planned(b, gen, &planned[i]);
    yajl_gen_array_close(gen);
    return answer_end(b, gen);
}
