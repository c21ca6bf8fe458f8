/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/broker.h"
#include "base/words.h"
#include "json/json.h"
#include "json/reader.h"
#include "lease/vf_node.h"
#include "proto/vf_json.h"

void vf_node_parse(struct broker *b, const char *text, size_t len,
                   struct vf_node *node)
{
    /* A broken node is no failure of this run. */
    struct broker side = *b;
    struct reader r = { .b = &side };
    struct place top = { .path = "" };
    struct place before;
    struct json_error error;

    side.error = NULL;
    *node = (struct vf_node){ .before = vf_defaults() };
    top.json = json_parse(b->arena, text, len, JSON_PLAIN, &error);
    if (!top.json || reader_version(&r, &top) ||
        reader_bool(&r, &top, "made", MANDATORY, &node->made) ||
        reader_text(&r, &top, "found_by", OPTIONAL, word_is_uuid, "a UUID",
                    &node->found_by) ||
        vf_json_read(&r, &top, &node->settings) ||
        reader_object(&r, &top, "before", OPTIONAL, &before) ||
        (before.json && vf_json_read(&r, &before, &node->before)))
        *node = (struct vf_node){
            .made = true, .settings = vf_defaults(), .before = vf_defaults(),
        };
}

static void emit_all(struct broker *b, yajl_gen gen,
                     const struct vf_settings *settings)
{
    struct vf_settings all = *settings;

    all.known = (1u << VF_SETTINGS) - 1;
    vf_json_emit(b->arena, gen, &all);
}

char *vf_node_text(struct broker *b, const struct vf_node *node)
{
    yajl_gen gen = json_begin();

    yajl_gen_map_open(gen);
    json_emit_key(gen, "version");
    yajl_gen_integer(gen, 1);
    json_emit_key(gen, "made");
    yajl_gen_bool(gen, node->made);
    if (node->found_by)
        json_emit_string(gen, "found_by", node->found_by);
    emit_all(b, gen, &node->settings);
    if (node->made) {
        json_emit_key(gen, "before");
        yajl_gen_map_open(gen);
        emit_all(b, gen, &node->before);
        yajl_gen_map_close(gen);
    }
    yajl_gen_map_close(gen);
    return json_end(b->arena, gen);
}
