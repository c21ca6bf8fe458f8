/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What another host's doctor says or asks, and reports of xl: whatever is in
 * them, the findings are JSON of one line that this reader accepts, what is
 * told to people does not draw on a terminal, and facts that were accepted are
 * the same after being written and read again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "checks/check.h"
#include "doctor/facts_json.h"
#include "doctor/gather.h"
#include "doctor/report.h"
#include "fuzz.h"
#include "json/json.h"
#include "timeline/story.h"
#include "timeline/svg.h"

static void check_json(struct broker *b, const char *text)
{
    struct json_error error;
    size_t len = strlen(text);

    if (strchr(text, '\n') ||
        (len <= JSON_MAX_SIZE &&
         !json_parse(b->arena, text, len, JSON_PLAIN, &error)))
        abort();
}

static void check_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 && *text != '\n')
            abort();
}

/* Each host may be the one that says it. */
static void fuzz_findings(struct broker *b, const struct host_facts *facts)
{
    const struct contact contact = { .host = "b" };
    struct host_facts other;
    struct diagnosis d;

    memset(&other, 0, sizeof(other));
    other.host = "a";
    check_all(b->arena, &other, facts, &contact, &d);
    check_json(b, report_json(b, &d, &other, facts, &contact));
    check_plain(report_table(b, &d, &other, facts, &contact, true));
    check_all(b->arena, facts, facts, &contact, &d);
    check_json(b, report_json(b, &d, facts, facts, &contact));
    check_plain(report_table(b, &d, facts, facts, &contact, false));
}

static void fuzz_facts(struct broker *b, const char *text, size_t len)
{
    struct host_facts facts, again;
    char *written;

    if (facts_read(b, text, len, &facts))
        return;
    fuzz_findings(b, &facts);
    facts.guest_count = 0;
    written = report_facts(b, &facts);
    check_json(b, written);
    if (strlen(written) > JSON_MAX_SIZE)
        return;
    if (facts_read(b, written, strlen(written), &again))
        abort();
    again.guest_count = 0;
    if (strcmp(written, report_facts(b, &again)))
        abort();
}

static void fuzz_question(struct broker *b, const char *text, size_t len)
{
    struct doctor d = { .b = b, .root = "" };

    question_read(&d, text, len);
}

static void fuzz_report(struct broker *b, const char *text, size_t len)
{
    struct story story;

    if (!story_read(b, "report", text, len, &story))
        check_plain(svg_draw(b, &story));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct broker b = { .arena = arena_new() };
    char *text = arena_strndup(b.arena, (const char *)data, size);

    fuzz_facts(&b, text, size);
    fuzz_question(&b, text, size);
    fuzz_report(&b, text, size);
    arena_free(b.arena);
    return 0;
}
