/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "answer/answer.h"
#include "answer/answer_parts.h"
#include "base/broker.h"
#include "json/json.h"
#include "plan/source_device.h"
#include "proto/request.h"
#include "proto/vf_json.h"

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

void answer_emit_host(struct broker *b, yajl_gen gen,
                      const struct described *d)
{
    json_emit_key(gen, "host");
    if (!d->present) {
        yajl_gen_null(gen);
        return;
    }
    yajl_gen_map_open(gen);
    answer_emit_hex(b, gen, "vendor", 4, d->vendor);
    answer_emit_hex(b, gen, "device", 4, d->device);
    answer_emit_hex(b, gen, "class", 6, d->class);
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
    answer_emit_host(b, gen, d);
    yajl_gen_map_close(gen);
}

char *answer_record(struct broker *b, const struct record *record,
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
    return answer_end(b, gen);
}
