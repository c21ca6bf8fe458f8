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

#include "answer/answer.h"
#include "base/arena.h"
#include "base/broker.h"
#include "fuzz.h"
#include "json/json.h"
#include "lease/done.h"
#include "lease/lease.h"
#include "lease/store_device.h"
#include "lease/vf_node.h"
#include "plan/plan.h"

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
                       struct store_device *sd)
{
    struct lease again;
    const char *why;
    char *written;

    sd->lease = arena_alloc(b->arena, sizeof(*sd->lease));
    if (lease_parse(b, text, len, sd->lease, &why)) {
        if (b->error || !why)
            abort();
        sd->lease = NULL;
        sd->broken = why;
        return;
    }
    written = lease_text(b, sd->lease);
    if (lease_parse(b, written, strlen(written), &again, &why) ||
        strcmp(written, lease_text(b, &again)))
        abort();
}

/* A note that cannot be read counts as one, so every text has a meaning. */
static void fuzz_vf_note(struct broker *b, const char *text, size_t len,
                         struct store_device *sd)
{
    struct vf_node again;
    char *written;

    sd->vf = arena_alloc(b->arena, sizeof(*sd->vf));
    vf_node_parse(b, text, len, sd->vf);
    written = vf_node_text(b, sd->vf);
    vf_node_parse(b, written, strlen(written), &again);
    if (b->error || strcmp(written, vf_node_text(b, &again)))
        abort();
}

/* Texts and models come from files, domains' names and guests' drivers. */
static void fuzz_answers(struct broker *b, const char *text,
                         struct store_device *sd)
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
        .name = text,
        .model = text,
        .pools = pools,
        .pool_count = 1,
        .sd = sd,
        .why_not = { TIER_UNFIT, REASON_IN_USE, text },
    };

    check_answer(b, answer_plan(b, text, true, planned, 2));
    check_answer(b, answer_done(b, text, true, &done, 1));
    check_answer(b, answer_list(b, sd, &done, 1));
    check_answer(b, answer_list(b, sd, NULL, 1));
    check_answer(b, answer_assignable(b, &assignable, 1));
    b->error = text;
    check_answer(b, answer_error(b, RC_FAILED));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct broker b = { .arena = arena_new() };
    struct store_device sd;
    char *text = arena_strndup(b.arena, (const char *)data, size);

    memset(&sd, 0, sizeof(sd));
    fuzz_lease(&b, text, size, &sd);
    fuzz_vf_note(&b, text, size, &sd);
    driver_of_path(text);
    fuzz_answers(&b, text, &sd);
    arena_free(b.arena);
    return 0;
}
