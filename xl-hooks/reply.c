/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "arena.h"
#include "broker.h"
#include "json.h"
#include "lease.h"
#include "reply.h"
#include "request.h"
#include "vf_json.h"

static yajl_gen begin_answer(const char *status)
{
    yajl_gen gen = json_begin();

    yajl_gen_map_open(gen);
    json_emit_key(gen, "version");
    yajl_gen_integer(gen, 1);
    if (status)
        json_emit_string(gen, "status", status);
    return gen;
}

static char *end_answer(struct broker *b, yajl_gen gen)
{
    yajl_gen_map_close(gen);
    return json_end(b->arena, gen);
}

static void emit_hex(struct broker *b, yajl_gen gen, const char *key,
                     int digits, unsigned value)
{
    json_emit_string(gen, key, arena_printf(b->arena, "%0*x", digits,
                                            value));
}

static void emit_refusal(yajl_gen gen, enum reason reason, const char *text)
{
    json_emit_string(gen, "reason", reason_word(reason));
    json_emit_string(gen, "text", text);
}

char *reply_error(struct broker *b, int rc)
{
    yajl_gen gen = begin_answer("error");

    emit_refusal(gen, b->error_reason != REASON_NONE ? b->error_reason
                 : rc == RC_BAD_REQUEST ? REASON_BAD_REQUEST
                                        : REASON_BROKER_FAILED,
                 b->error ? b->error : "no text");
    return end_answer(b, gen);
}

static void emit_vf(struct broker *b, yajl_gen gen,
                    const struct described *d)
{
    json_emit_key(gen, "vf");
    if (!d->vf) {
        yajl_gen_null(gen);
        return;
    }
    yajl_gen_map_open(gen);
    json_emit_string(gen, "pf", bdf_text(b->arena, &d->pf));
    json_emit_key(gen, "index");
    yajl_gen_integer(gen, d->index);
    vf_json_emit(b->arena, gen, &d->settings);
    yajl_gen_map_close(gen);
}

static void emit_host(struct broker *b, yajl_gen gen,
                      const struct described *d)
{
    json_emit_key(gen, "host");
    if (!d->present) {
        yajl_gen_null(gen);
        return;
    }
    yajl_gen_map_open(gen);
    emit_hex(b, gen, "vendor", 4, d->vendor);
    emit_hex(b, gen, "device", 4, d->device);
    emit_hex(b, gen, "class", 6, d->class);
    json_emit_string(gen, "driver", d->driver);
    emit_vf(b, gen, d);
    yajl_gen_map_close(gen);
}

/* The request as it came, also what this version does not know. */
static void emit_device(struct broker *b, yajl_gen gen,
                        const struct json *device,
                        const struct described *d)
{
    size_t i;

    yajl_gen_map_open(gen);
    for (i = 0; i < device->count; i++) {
        if (!strcmp(device->keys[i], "host"))
            continue;
        json_emit_key(gen, device->keys[i]);
        json_emit(gen, device->values[i]);
    }
    emit_host(b, gen, d);
    yajl_gen_map_close(gen);
}

char *reply_record(struct broker *b, const struct record *record,
                   const struct described *described)
{
    const struct json *top = record->json;
    yajl_gen gen = json_begin();
    size_t i, j;

    yajl_gen_map_open(gen);
    for (i = 0; i < top->count; i++) {
        json_emit_key(gen, top->keys[i]);
        if (strcmp(top->keys[i], "devices")) {
            json_emit(gen, top->values[i]);
            continue;
        }
        yajl_gen_array_open(gen);
        for (j = 0; j < record->count; j++)
            emit_device(b, gen, top->values[i]->values[j], &described[j]);
        yajl_gen_array_close(gen);
    }
    return end_answer(b, gen);
}

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

static void emit_ids(struct broker *b, yajl_gen gen, uint16_t vendor,
                     uint16_t device, uint32_t class)
{
    emit_hex(b, gen, "vendor", 4, vendor);
    emit_hex(b, gen, "device", 4, device);
    emit_hex(b, gen, "class", 6, class);
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
        emit_ids(b, gen, p->vendor, p->device, p->class);
    } else {
        emit_refusal(gen, p->reason, p->text);
    }
    emit_candidates(b, gen, p);
    yajl_gen_map_close(gen);
}

char *reply_plan(struct broker *b, const char *migration, bool refused,
                 const struct planned *planned, size_t count)
{
    yajl_gen gen = begin_answer(refused ? "refused" : "plan");
    size_t i;

    json_emit_string(gen, "migration", migration);
    json_emit_key(gen, "devices");
    yajl_gen_array_open(gen);
    for (i = 0; i < count; i++)
        emit_planned(b, gen, &planned[i]);
    yajl_gen_array_close(gen);
    return end_answer(b, gen);
}

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
        emit_refusal(gen, d->reason, d->text);
    }
    yajl_gen_map_close(gen);
}

char *reply_done(struct broker *b, const char *migration, bool refused,
                 const struct done *done, size_t count)
{
    yajl_gen gen = begin_answer(refused ? "refused" : "done");
    size_t i;

    json_emit_string(gen, "migration", migration);
    json_emit_key(gen, "devices");
    yajl_gen_array_open(gen);
    for (i = 0; i < count; i++)
        emit_done(b, gen, &done[i]);
    yajl_gen_array_close(gen);
    return end_answer(b, gen);
}

static void emit_holding(struct broker *b, yajl_gen gen,
                         const struct holding *h, const struct done *done)
{
    struct holding_remark remark;

    yajl_gen_map_open(gen);
    json_emit_string(gen, "bdf", bdf_text(b->arena, &h->bdf));
    if (h->lease)
        lease_emit(gen, h->lease);
    if (done && done->reason != REASON_NONE) {
        emit_refusal(gen, done->reason, done->text);
    } else if (h->lease) {
        json_emit_key(gen, "alive");
        yajl_gen_bool(gen, h->alive);
    } else {
        remark = holding_remark(h);
        emit_refusal(gen, remark.reason, remark.text);
    }
    yajl_gen_map_close(gen);
}

char *reply_list(struct broker *b, const struct holding *holdings,
                 const struct done *done, size_t count)
{
    yajl_gen gen = begin_answer("list");
    size_t i;

    json_emit_key(gen, "leases");
    yajl_gen_array_open(gen);
    for (i = 0; i < count; i++)
        emit_holding(b, gen, &holdings[i], done ? &done[i] : NULL);
    yajl_gen_array_close(gen);
    return end_answer(b, gen);
}

static void emit_lease(yajl_gen gen, const struct holding *h)
{
    json_emit_key(gen, "lease");
    if (!h || !h->lease) {
        yajl_gen_null(gen);
        return;
    }
    yajl_gen_map_open(gen);
    lease_emit(gen, h->lease);
    json_emit_key(gen, "alive");
    yajl_gen_bool(gen, h->alive);
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
    emit_ids(b, gen, a->vendor, a->device, a->class);
    json_emit_key(gen, "pools");
    yajl_gen_array_open(gen);
    for (i = 0; i < a->pool_count; i++)
        yajl_gen_string(gen, (const unsigned char *)a->pools[i],
                        strlen(a->pools[i]));
    yajl_gen_array_close(gen);
    emit_lease(gen, a->holding);
    json_emit_string(gen, "status", a->why_not.tier == TIER_UNFIT ? "unfit"
                                                                  : "free");
    if (a->why_not.tier == TIER_UNFIT)
        emit_refusal(gen, a->why_not.reason, a->why_not.text);
    yajl_gen_map_close(gen);
}

char *reply_assignable(struct broker *b, const struct assignable *list,
                       size_t count)
{
    yajl_gen gen = begin_answer("assignable");
    size_t i;

    json_emit_key(gen, "devices");
    yajl_gen_array_open(gen);
    for (i = 0; i < count; i++)
        emit_assignable(b, gen, &list[i]);
    yajl_gen_array_close(gen);
    return end_answer(b, gen);
}
