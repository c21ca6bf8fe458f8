/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What comes in on stdin: the same bytes as a describe-request, a
 * reserve-request, a lease-request and a filter-request. A record that was made
 * from an accepted describe-request must be accepted in a reserve-request.
 */
#include <stdlib.h>
#include <string.h>

#include "answer/answer.h"
#include "base/arena.h"
#include "base/broker.h"
#include "fuzz.h"
#include "plan/source_device.h"
#include "proto/request.h"

/* A refusal has a text, and only a refusal has. */
static void check_text(const struct broker *b, int rc)
{
    if ((rc != RC_OK) != (b->error != NULL) ||
        (rc != RC_OK && rc != RC_BAD_REQUEST))
        abort();
}

static void fuzz_describe(struct broker *b, const char *text, size_t len)
{
    struct described *described;
    struct reserve_request reserve;
    struct record record;
    char *answer;
    int rc;

    memset(&record, 0, sizeof(record));
    rc = request_describe(b, text, len, &record);
    check_text(b, rc);
    if (rc)
        return;
    described = arena_alloc(b->arena, record.count * sizeof(*described));
    described[0].present = true;
    answer = arena_printf(b->arena,
                          "{\"version\":1,\"record\":%s,"
                          "\"owner\":{\"lock\":\"3f0e5c9e-8d3b-4d7c-9a55-"
                          "0d7c6a1b2c3d.source\"}}",
                          answer_record(b, &record, described));
    /* the envelope may take it over the limits of size and depth */
    if (strlen(answer) > 512 * 1024)
        return;
    memset(&reserve, 0, sizeof(reserve));
    if (request_reserve(b, answer, strlen(answer), &reserve) &&
        !strstr(b->error, "nest"))
        abort();
}

static void fuzz_reserve(struct broker *b, const char *text, size_t len)
{
    struct reserve_request request;

    memset(&request, 0, sizeof(request));
    check_text(b, request_reserve(b, text, len, &request));
}

static void fuzz_lease_request(struct broker *b, const char *text,
                               size_t len)
{
    struct lease_request request;

    memset(&request, 0, sizeof(request));
    check_text(b, request_lease(b, text, len, &request));
}

static void fuzz_filter(struct broker *b, const char *text, size_t len)
{
    struct filter_request request;

    memset(&request, 0, sizeof(request));
    check_text(b, request_filter(b, text, len, &request));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const parsers[])(struct broker *, const char *, size_t) = {
        fuzz_describe, fuzz_reserve, fuzz_lease_request, fuzz_filter,
    };
    struct broker b;
    size_t i;

    for (i = 0; i < sizeof(parsers) / sizeof(*parsers); i++) {
        memset(&b, 0, sizeof(b));
        b.arena = arena_new();
        parsers[i](&b, (const char *)data, size);
        arena_free(b.arena);
    }
    return 0;
}
