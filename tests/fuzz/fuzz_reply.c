/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the broker reads back from xenstore, where a lease may have been
 * written by anybody in dom0, and what it answers: whatever the texts in them,
 * answers are JSON of one line that this reader accepts, and a lease that was
 * accepted is the same after being written and read again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "broker.h"
#include "fuzz.h"
#include "json.h"
#include "lease.h"
#include "reply.h"
#include "vf_note.h"

static void check_answer(struct broker *b, const char *answer)
{
    struct json_error error;
    size_t len = strlen(answer);

    if (strchr(answer, '\n'))
        abort();
    if (len <= JSON_MAX_SIZE &&
        !json_parse(b->arena, answer, len, JSON_PLAIN, &error)) {
        fprintf(stderr, "%u: %s: %s\n", error.column, error.text, answer);
        abort();
    }
}

static void fuzz_lease(struct broker *b, const char *text, size_t len,
                       struct holding *holding)
{
    struct lease again;
    const char *why;
    char *written;

    holding->lease = arena_alloc(b->arena, sizeof(*holding->lease));
    if (lease_parse(b, text, len, holding->lease, &why)) {
        if (b->error || !why)
            abort();
        holding->lease = NULL;
        holding->broken = why;
        return;
    }
    written = lease_text(b, holding->lease);
    if (lease_parse(b, written, strlen(written), &again, &why) ||
        strcmp(written, lease_text(b, &again)))
        abort();
}

/* A note that cannot be read counts as one, so every text has a meaning. */
static void fuzz_vf_note(struct broker *b, const char *text, size_t len,
                         struct holding *holding)
{
    struct vf_note again;
    char *written;

    holding->vf = arena_alloc(b->arena, sizeof(*holding->vf));
    vf_note_parse(b, text, len, holding->vf);
    written = vf_note_text(b, holding->vf);
    vf_note_parse(b, written, strlen(written), &again);
    if (b->error || strcmp(written, vf_note_text(b, &again)))
        abort();
}

/* Texts and models come from files, domains' names and guests' drivers. */
static void fuzz_answers(struct broker *b, const char *text,
                         struct holding *holding)
{
    struct planned planned[] = {
        { .id = text, .status = PLANNED_DEVICE, .model = text,
          .modalias = text },
        { .id = "n1", .status = PLANNED_REFUSED,
          .reason = REASON_NO_FREE_DEVICE, .text = text },
    };
    struct done done = { .id = "n0", .reason = REASON_IN_USE, .text = text };
    const char *pools[] = { "lan" };
    struct assignable assignable = {
        .name = text, .model = text, .pools = pools, .pool_count = 1,
        .holding = holding, .why_not = { TIER_UNFIT, REASON_IN_USE, text },
    };

    check_answer(b, reply_plan(b, text, true, planned, 2));
    check_answer(b, reply_done(b, text, true, &done, 1));
    check_answer(b, reply_list(b, holding, &done, 1));
    check_answer(b, reply_list(b, holding, NULL, 1));
    check_answer(b, reply_assignable(b, &assignable, 1));
    b->error = text;
    check_answer(b, reply_error(b, RC_FAILED));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct broker b = { .arena = arena_new() };
    struct holding holding;
    char *text = arena_strndup(b.arena, (const char *)data, size);

    memset(&holding, 0, sizeof(holding));
    fuzz_lease(&b, text, size, &holding);
    fuzz_vf_note(&b, text, size, &holding);
    driver_of_path(text);
    fuzz_answers(&b, text, &holding);
    arena_free(b.arena);
    return 0;
}
