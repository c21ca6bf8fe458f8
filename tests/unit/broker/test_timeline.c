/* SPDX-License-Identifier: GPL-2.0-only */
/* Reports of migrations as bars on one clock, and those as a picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/broker.h"
#include "timeline/story.h"
#include "timeline/svg.h"

struct fixture {
    struct broker b;
    struct story story;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->b.arena = arena_new();
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    arena_free(f->b.arena);
    free(f);
    return 0;
}

static void read_report(struct fixture *f, const char *name)
{
    char text[8192], path[4096];
    const char *top = getenv("SHADOWPORT_FIXTURES");
    size_t len;
    FILE *in;

    assert_non_null(top);
    snprintf(path, sizeof(path), "%.3900s/report/%s", top, name);
    in = fopen(path, "r");
    assert_non_null(in);
    len = fread(text, 1, sizeof(text), in);
    fclose(in);
    if (story_read(&f->b, name, text, len, &f->story))
        fail_msg("%s", f->b.error);
}

static void has_bar(const struct story *s, enum lane lane, const char *what,
                    long long from, long long to, bool after_go)
{
    size_t i;

    for (i = 0; i < s->bar_count; i++) {
        if (strcmp(s->bars[i].what, what))
            continue;
        assert_int_equal(s->bars[i].lane, lane);
        assert_int_equal(s->bars[i].from, from);
        assert_int_equal(s->bars[i].to, to);
        assert_int_equal(s->bars[i].after_go, after_go);
        return;
    }
    fail_msg("there is no bar \"%s\"", what);
}

static void test_late(void **state)
{
    struct fixture *f = *state;
    const struct story *s = &f->story;

    read_report(f, "late.json");
    assert_string_equal(s->outcome, "recovered");
    assert_null(s->reason);
    has_bar(s, LANE_SOURCE, "reserve", -9610, -9300, false);
    has_bar(s, LANE_SOURCE, "prepare", -9300, -9180, false);
    has_bar(s, LANE_SOURCE, "precopy", -9180, -980, false);
    has_bar(s, LANE_SOURCE, "suspend", -230, -180, false);
    has_bar(s, LANE_WIRE, "last memory", -180, 0, false);
    has_bar(s, LANE_DESTINATION, "unpause", 0, 14, true);
    has_bar(s, LANE_GUEST, "resume", 14, 310, true);
    has_bar(s, LANE_DESTINATION, "connect device", 310, 940, true);
    has_bar(s, LANE_GUEST, "take device", 940, 1702, true);
    has_bar(s, LANE_GUEST, "join", 980, 1702, true);
    assert_int_equal(s->away_from, -980);
    assert_int_equal(s->still_from, -230);
    assert_int_equal(s->runs_at, 14);
    assert_int_equal(s->back_at, 1702);
    assert_int_equal(s->mark_count, 6);
    assert_string_equal(s->devices, "lan0: direct 0000:01:00.0 e1000e");
}

/* The device goes before memory is sent, and does not come back. */
static void test_early(void **state)
{
    struct fixture *f = *state;
    const struct story *s = &f->story;

    read_report(f, "early.json");
    assert_string_equal(s->reason, "attach-failed");
    assert_int_equal(s->away_from, -1600);
    assert_int_equal(s->still_from, -100);
    has_bar(s, LANE_SOURCE, "precopy", -1100, -100, false);
    has_bar(s, LANE_WIRE, "last memory", -50, 0, false);
    assert_int_equal(s->runs_at, 10);
    assert_int_equal(s->back_at, -1);
    assert_string_equal(s->devices, "lan0: standby");
}

static void test_refused(void **state)
{
    struct fixture *f = *state;

    read_report(f, "refused.json");
    assert_int_equal(f->story.bar_count, 1);
    assert_int_equal(f->story.still_from, 1);
    assert_int_equal(f->story.away_from, 1);
    assert_false(f->story.sent);
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void test_pictures(void **state)
{
    struct fixture *f = *state;
    char *text;

    read_report(f, "late.json");
    text = svg_draw(&f->b, &f->story);
    has(text, "<svg xmlns=");
    has(text, "migration: recovered</text>");
    has(text, "<title>precopy: 8200 ms</title>");
    has(text, ">guest stands still</text>");
    has(text, ">no device</text>");
    has(text, "the guest stood still for at least 244 ms");
    has(text, "it had no device for at least 2682 ms");
    has(text, ">not told</text>");
    has(text, "<title>guest-recovered: 1702 ms after GO</title>");
    read_report(f, "early.json");
    text = svg_draw(&f->b, &f->story);
    assert_null(strstr(text, ">no device<"));
    read_report(f, "refused.json");
    text = svg_draw(&f->b, &f->story);
    has(text, "refused, no-free-device");
    assert_null(strstr(text, "stood still"));
    assert_null(strstr(text, "not told"));
}

/* Nothing is drawn outside of the picture. */
static void test_all_is_inside(void **state)
{
    static const char *const names[] = { "late.json", "early.json",
                                         "refused.json" };
    struct fixture *f = *state;
    double x, width;
    char *text, *at;
    size_t i;

    for (i = 0; i < 3; i++) {
        read_report(f, names[i]);
        text = svg_draw(&f->b, &f->story);
        for (at = text; (at = strstr(at, "<rect x=")); at++) {
            assert_int_equal(sscanf(at, "<rect x=\"%lf\" y=\"%*d\" "
                                    "width=\"%lf\"", &x, &width), 2);
            assert_true(x >= 99 && width > 0 && x + width <= 1000);
        }
    }
}

static void test_words_of_others(void **state)
{
    struct fixture *f = *state;
    static const char report[] =
        "{\"version\":1,\"outcome\":\"<b>\\u001b&\",\"source\":[{\"who\":"
        "\"S\",\"what\":\"\\\"><x>\",\"took_ms\":5}]}";
    char *text;

    assert_int_equal(story_read(&f->b, "r", report, strlen(report),
                                &f->story), 0);
    text = svg_draw(&f->b, &f->story);
    assert_null(strstr(text, "<b>"));
    assert_null(strstr(text, "<x>"));
    assert_null(strchr(text, '\033'));
    has(text, "&quot;&gt;&lt;x&gt;: 5 ms");
}

static void test_reports_that_are_none(void **state)
{
    static const char *const reports[] = {
        "", "[]", "{}", "{\"version\":2,\"outcome\":\"x\",\"source\":[]}",
        "{\"version\":1,\"source\":[]}", "{\"version\":1,\"outcome\":\"x\"}",
        "{\"version\":1,\"outcome\":\"x\",\"source\":[{}]}",
        "{\"version\":1,\"outcome\":\"x\",\"source\":[{\"who\":\"S\","
            "\"what\":\"a\"}]}",
        "{\"version\":1,\"outcome\":\"x\",\"source\":[{\"who\":\"S\","
            "\"what\":\"a\",\"at_ms\":1,\"took_ms\":1}]}",
        "{\"version\":1,\"outcome\":\"x\",\"source\":[{\"who\":\"S\","
            "\"what\":\"a\",\"took_ms\":-1}]}",
        "{\"version\":1,\"outcome\":\"x\",\"source\":[{\"who\":\"S\","
            "\"what\":\"a\",\"took_ms\":2147483648}]}",
        "{\"version\":1,\"outcome\":\"x\",\"source\":[],\"timeline\":[]}",
        "{\"version\":1,\"outcome\":\"x\",\"source\":[],\"timeline\":{}}",
    };
    struct fixture *f = *state;
    size_t i;

    for (i = 0; i < sizeof(reports) / sizeof(*reports); i++)
        if (!story_read(&f->b, "r", reports[i], strlen(reports[i]),
                        &f->story))
            fail_msg("%s was read", reports[i]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_late), TEST(test_early), TEST(test_refused),
        TEST(test_pictures), TEST(test_all_is_inside),
        TEST(test_words_of_others), TEST(test_reports_that_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
