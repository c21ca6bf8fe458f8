/* SPDX-License-Identifier: GPL-2.0-only */
#include "arena.h"
#include "bdf.h"
#include "broker.h"
#include "json.h"
#include "reader.h"
#include "reply.h"
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
    struct json_error error;

    side.error = NULL;
    top.json = json_parse(b->arena, text, len, JSON_PLAIN, &error);
    if (!top.json || reader_version(&r, &top) ||
        reader_bool(&r, &top, "made", MANDATORY, &note->made) ||
        reader_text(&r, &top, "found_by", OPTIONAL, word_is_uuid, "a UUID",
                    &note->found_by) ||
        vf_json_read(&r, &top, &note->settings))
        *note = (struct vf_note){
            .made = true, .settings = vf_defaults(),
        };
}

char *vf_note_text(struct broker *b, const struct vf_note *note)
{
    struct vf_settings settings = note->settings;
    yajl_gen gen = reply_begin();

    settings.known = (1u << VF_SETTINGS) - 1;
    yajl_gen_map_open(gen);
    json_emit_key(gen, "version");
    yajl_gen_integer(gen, 1);
    json_emit_key(gen, "made");
    yajl_gen_bool(gen, note->made);
    if (note->found_by)
        json_emit_string(gen, "found_by", note->found_by);
    vf_json_emit(b->arena, gen, &settings);
    yajl_gen_map_close(gen);
    return reply_end(b, gen);
}

struct vf_settings vf_note_wanted(const struct wanted *wanted)
{
    struct vf_settings settings = vf_defaults();

    if (wanted->host && wanted->host->vf)
        settings = *wanted->host->vf;
    /* A shadow device has a MAC of its own, whatever is below it. */
    if (wanted->wish.handover == HANDOVER_SHADOW && wanted->wish.mac)
        vf_mac_parse(wanted->wish.mac, settings.mac);
    return settings;
}
