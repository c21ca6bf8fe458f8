/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "json/json.h"
#include "json/reader.h"
#include "timeline/story.h"

#define MOST_MS 0x7fffffffLL

/* An event of the report. One of the times is -1. */
struct event {
    const char *who, *what;
    long long at, took;
};

struct events {
    struct event *list;
    size_t count;
};

static bool is_word(const char *text)
{
    return *text && strlen(text) <= 64;
}

static int read_event(const struct reader *r, const struct place *at,
                      struct event *out)
{
    int rc;

    out->at = out->took = -1;
    rc = reader_text(r, at, "who", MANDATORY, is_word, "a word", &out->who);
    if (!rc)
        rc = reader_text(r, at, "what", MANDATORY, is_word, "a word",
                         &out->what);
    if (!rc)
        rc = reader_integer(r, at, "at_ms", OPTIONAL, 0, MOST_MS, &out->at);
    if (!rc)
        rc = reader_integer(r, at, "took_ms", OPTIONAL, 0, MOST_MS,
                            &out->took);
    if (!rc && (out->at < 0) == (out->took < 0))
        rc = reader_fail(r, at->json, "%s has not one of at_ms and took_ms",
                         at->path);
    return rc;
}

static int read_events(const struct reader *r, const struct place *at,
                       const char *key, struct events *out)
{
    struct place list, element;
    size_t i;
    int rc;

    rc = reader_array(r, at, key, &list);
    if (rc)
        return rc;
    out->list = arena_alloc(r->b->arena, (list.json->count + 1) *
                            sizeof(*out->list));
    out->count = list.json->count;
    for (i = 0; !rc && i < out->count; i++) {
        rc = reader_element(r, &list, i, &element);
        if (!rc)
            rc = read_event(r, &element, &out->list[i]);
    }
    return rc;
}

/* -1: there is none. */
static long long took(const struct events *events, const char *what)
{
    size_t i;

    for (i = 0; i < events->count; i++)
        if (!strcmp(events->list[i].what, what) && events->list[i].took >= 0)
            return events->list[i].took;
    return -1;
}

static long long happened_at(const struct events *events, const char *what)
{
    size_t i;

    for (i = 0; i < events->count; i++)
        if (!strcmp(events->list[i].what, what) && events->list[i].at >= 0)
            return events->list[i].at;
    return -1;
}

static void add_bar(struct broker *b, struct story *story, enum lane lane,
                    const char *what, long long from, long long to,
                    bool after_go)
{
    story->bars = arena_extend(b->arena, story->bars, story->bar_count,
                               sizeof(*story->bars));
    story->bars[story->bar_count++] = (struct bar){
        .lane = lane, .what = what, .from = from, .to = to,
        .after_go = after_go };
}

/* What is a step of sending the guest. `reserve` comes before, `sent` is all
 * of it. */
static bool is_step(const struct event *e)
{
    return e->took >= 0 && strcmp(e->what, "reserve") &&
           strcmp(e->what, "sent") && strcmp(e->what, "reattach");
}

/* Steps follow each other; what is left of `sent` after them is the memory
 * that went over the wire while the guest stood still. */
static void tell_source(struct broker *b, struct story *story,
                        const struct events *events)
{
    long long all = took(events, "sent"), sum = 0, at;
    size_t i;

    for (i = 0; i < events->count; i++)
        if (is_step(&events->list[i]))
            sum += events->list[i].took;
    story->sent = all >= 0;
    at = -(all > sum ? all : sum);
    if (took(events, "reserve") >= 0)
        add_bar(b, story, LANE_SOURCE, "reserve", at - took(events,
                                                            "reserve"), at,
                false);
    for (i = 0; i < events->count; i++) {
        const struct event *e = &events->list[i];

        if (!is_step(e))
            continue;
        if (!strcmp(e->what, "suspend"))
            story->still_from = at;
        if (!strcmp(e->what, "quiesce"))
            story->away_from = at;
        add_bar(b, story, LANE_SOURCE, e->what, at, at + e->took, false);
        at += e->took;
    }
    if (at < 0 && story->still_from < 1)
        add_bar(b, story, LANE_WIRE, "last memory", at, 0, false);
}

static void tell_between(struct broker *b, struct story *story,
                         enum lane lane, const char *what, long long from,
                         long long to)
{
    if (from >= 0 && to >= from)
        add_bar(b, story, lane, what, from, to, true);
}

/* The guest says how long, and not when; it says it when it is done. */
static void tell_guest_step(struct broker *b, struct story *story,
                            const struct events *events, const char *what,
                            const char *end)
{
    long long at = happened_at(events, end), ms = took(events, what);

    if (at < 0 || ms < 0)
        return;
    add_bar(b, story, LANE_GUEST, what, ms > at ? 0 : at - ms, at, true);
    story->bars[story->bar_count - 1].part = true;
}

static void tell_destination(struct broker *b, struct story *story,
                             const struct events *events)
{
    long long go = happened_at(events, "go");
    long long resumed = happened_at(events, "guest-resumed");
    long long connected = happened_at(events, "device-connected");
    size_t i;

    story->runs_at = happened_at(events, "unpaused");
    story->back_at = happened_at(events, "guest-recovered");
    tell_between(b, story, LANE_DESTINATION, "unpause", go, story->runs_at);
    tell_between(b, story, LANE_GUEST, "resume", story->runs_at, resumed);
    tell_between(b, story, LANE_DESTINATION, "connect device", resumed,
                 connected);
    tell_between(b, story, LANE_GUEST, "take device", connected,
                 story->back_at);
    tell_guest_step(b, story, events, "repair", "guest-resumed");
    tell_guest_step(b, story, events, "join", "guest-recovered");
    for (i = 0; i < events->count; i++) {
        if (events->list[i].at < 0)
            continue;
        story->marks = arena_extend(b->arena, story->marks, story->mark_count,
                                    sizeof(*story->marks));
        story->marks[story->mark_count++] = (struct mark){
            events->list[i].what, events->list[i].at };
    }
}

static const char *text_in(const struct json *object, const char *key)
{
    const struct json *value = object->type == JSON_OBJECT
        ? json_get(object, key) : NULL;

    return value && value->type == JSON_STRING ? value->string : NULL;
}

static const char *name_devices(struct broker *b, const struct json *timeline)
{
    const struct json *list = json_get(timeline, "devices"), *d;
    const char *text = "", *id, *state, *driver, *bdf;
    size_t i;

    for (i = 0; list && list->type == JSON_ARRAY && i < list->count; i++) {
        d = list->values[i];
        id = text_in(d, "id");
        state = text_in(d, "state");
        bdf = text_in(d, "bdf");
        driver = text_in(d, "driver");
        text = arena_printf(b->arena, "%s%s%s: %s%s%s%s%s", text,
                            *text ? ", " : "", id ? id : "?",
                            state ? state : "?", bdf ? " " : "",
                            bdf ? bdf : "", driver ? " " : "",
                            driver ? driver : "");
    }
    return text;
}

int story_read(struct broker *b, const char *source, const char *text,
               size_t len, struct story *story)
{
    struct reader r = { .b = b, .source = source, .text = text };
    struct place top = { .path = "" }, timeline;
    struct events at_source, later;
    struct json_error error;
    int rc;

    *story = (struct story){ .devices = "", .still_from = 1, .away_from = 1,
                             .runs_at = -1, .back_at = -1 };
    top.json = json_parse(b->arena, text, len, JSON_PLAIN, &error);
    if (!top.json)
        return broker_fail(b, RC_BAD_REQUEST, "%s: %s", source, error.text);
    rc = reader_version(&r, &top);
    if (!rc)
        rc = reader_text(&r, &top, "outcome", MANDATORY, is_word, "a word",
                         &story->outcome);
    if (!rc)
        rc = reader_text(&r, &top, "reason", OPTIONAL, is_word, "a word",
                         &story->reason);
    if (!rc)
        rc = read_events(&r, &top, "source", &at_source);
    if (rc)
        return rc;
    tell_source(b, story, &at_source);
    if (!json_get(top.json, "timeline"))
        return RC_OK;
    rc = reader_object(&r, &top, "timeline", MANDATORY, &timeline);
    if (!rc)
        rc = read_events(&r, &timeline, "events", &later);
    if (rc)
        return rc;
    tell_destination(b, story, &later);
    story->devices = name_devices(b, timeline.json);
    return RC_OK;
}
