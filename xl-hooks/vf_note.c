/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "arena.h"
#include "bdf.h"
#include "broker.h"
#include "json.h"
#include "pools.h"
#include "reader.h"
#include "request.h"
#include "vf_json.h"
#include "vf_note.h"

void vf_note_parse(struct broker *b, const char *text, size_t len,
                   struct vf_note *note)
{
    /* A broken note is no failure of this run. */
    struct broker side = *b;
    struct reader r = { .b = &side };
    struct place top = { .path = "" };
    struct place before;
    struct json_error error;

    side.error = NULL;
    *note = (struct vf_note){ .before = vf_defaults() };
    top.json = json_parse(b->arena, text, len, JSON_PLAIN, &error);
    if (!top.json || reader_version(&r, &top) ||
        reader_bool(&r, &top, "made", MANDATORY, &note->made) ||
        reader_text(&r, &top, "found_by", OPTIONAL, word_is_uuid, "a UUID",
                    &note->found_by) ||
        vf_json_read(&r, &top, &note->settings) ||
        reader_object(&r, &top, "before", OPTIONAL, &before) ||
        (before.json && vf_json_read(&r, &before, &note->before)))
        *note = (struct vf_note){
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

char *vf_note_text(struct broker *b, const struct vf_note *note)
{
    yajl_gen gen = json_begin();

    yajl_gen_map_open(gen);
    json_emit_key(gen, "version");
    yajl_gen_integer(gen, 1);
    json_emit_key(gen, "made");
    yajl_gen_bool(gen, note->made);
    if (note->found_by)
        json_emit_string(gen, "found_by", note->found_by);
    emit_all(b, gen, &note->settings);
    if (note->made) {
        json_emit_key(gen, "before");
        yajl_gen_map_open(gen);
        emit_all(b, gen, &note->before);
        yajl_gen_map_close(gen);
    }
    yajl_gen_map_close(gen);
    return json_end(b->arena, gen);
}

struct vf_settings vf_note_wanted(const struct wanted *wanted,
                                  const struct vf_settings *host,
                                  const struct pool *pool)
{
    struct vf_settings settings = *host;
    int what;

    memset(settings.mac, 0, sizeof(settings.mac));

    if (wanted->host && wanted->host->vf)
        settings = *wanted->host->vf;
    for (what = 0; pool && what < VF_SETTINGS; what++)
        if (VF_KNOWS(&pool->vf, what))
            vf_copy(&settings, &pool->vf, what);
    /* A shadow device has a MAC of its own, whatever is below it. */
    if (wanted->wish.handover == HANDOVER_SHADOW && wanted->wish.mac)
        vf_mac_parse(wanted->wish.mac, settings.mac);
    return settings;
}
