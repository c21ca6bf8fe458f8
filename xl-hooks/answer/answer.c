/* SPDX-License-Identifier: GPL-2.0-only */
#include "answer/answer.h"
#include "answer/answer_parts.h"
#include "base/arena.h"
#include "base/broker.h"
#include "json/json.h"

yajl_gen answer_begin(const char *status)
{
    yajl_gen gen = json_begin();

    yajl_gen_map_open(gen);
    json_emit_key(gen, "version");
    yajl_gen_integer(gen, 1);
    if (status)
        json_emit_string(gen, "status", status);
    return gen;
}

char *answer_end(struct broker *b, yajl_gen gen)
{
    yajl_gen_map_close(gen);
    return json_end(b->arena, gen);
}

void answer_emit_hex(struct broker *b, yajl_gen gen, const char *key,
                     int digits, unsigned value)
{
    json_emit_string(gen, key, arena_printf(b->arena, "%0*x", digits,
                                            value));
}

void answer_emit_refusal(yajl_gen gen, enum reason reason, const char *text)
{
    json_emit_string(gen, "reason", reason_word(reason));
    json_emit_string(gen, "text", text);
}

char *answer_error(struct broker *b, int rc)
{
    yajl_gen gen = answer_begin("error");

    answer_emit_refusal(gen,
                        b->error_reason != REASON_NONE ? b->error_reason
                        : rc == RC_BAD_REQUEST         ? REASON_BAD_REQUEST
                                                       : REASON_BROKER_FAILED,
                        b->error ? b->error : "no text");
    return answer_end(b, gen);
}

void answer_emit_ids(struct broker *b, yajl_gen gen, uint16_t vendor,
                     uint16_t device, uint32_t class)
{
    answer_emit_hex(b, gen, "vendor", 4, vendor);
    answer_emit_hex(b, gen, "device", 4, device);
    answer_emit_hex(b, gen, "class", 6, class);
}
