/* SPDX-License-Identifier: GPL-2.0-only */
/* Documents and requests as an enemy would write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/broker.h"
#include "golden.h"
#include "json/json.h"
#include "proto/request.h"

struct bad {
    const char *text, *error;
    unsigned line, column;      /* 0: not checked */
};

static const struct bad bads[] = {
    { "", "premature EOF", 0, 0 },
    { "   ", "premature EOF", 0, 0 },
    { "null", "not an object", 1, 1 },
    { "[]", "not an object", 1, 1 },
    { "\"x\"", "not an object", 1, 1 },
    { "3", "not an object", 1, 1 },
    { "{", "premature EOF", 0, 0 },
    { "{}x", NULL, 1, 0 },
    { "{}{}", NULL, 1, 0 },
    { "{} []", NULL, 1, 0 },
    { "{\"a\":1,}", NULL, 1, 0 },
    { "{\"a\":1 \"b\":2}", NULL, 1, 0 },
    { "{a:1}", NULL, 1, 0 },
    { "{\"a\":01}", NULL, 0, 0 },
    { "{\"a\":+1}", NULL, 0, 0 },
    { "{\"a\":NaN}", NULL, 0, 0 },
    { "{\"a\":1,\n \"a\":2}", "duplicate key \"a\"", 2, 6 },
    { "{\"b\":{\"x\":1,\"y\":2,\"x\":3}}", "duplicate key \"x\"", 1, 23 },
    { "{\"\\u0061\":1,\"a\":2}", "duplicate key \"a\"", 0, 0 },
    { "{\"a\":\n  99999999999999999999}", "number out of range", 2, 3 },
    { "{\"a\":-9223372036854775809}", "number out of range", 1, 6 },
    { "{\"a\":\"x\\u0000y\"}", "NUL in a string", 1, 6 },
    { "{\"a\\u0000\":1}", "NUL in a key", 1, 2 },
    { "{\"k\\\\\\\"\\u0000\":1}", "NUL in a key", 1, 2 },
    { "{\"a\":\"\xff\"}", "not UTF-8", 1, 7 },
    { "{\"a\":\"\xc0\x80\"}", "not UTF-8", 1, 7 },
    { "{\"a\":\"\xed\xa0\x80\"}", "not UTF-8", 1, 7 },
    { "{\"a\":\"\xe2\x82\"}", "not UTF-8", 1, 7 },
    { "{\"a\":\"\xf4\x90\x80\x80\"}", "not UTF-8", 1, 7 },
    { "{\"a\":\"\xfc\xab\xbb\xbe\xbe\xbe\"}", "not UTF-8", 1, 7 },
    { "{\"a\":\"\n\"}", NULL, 1, 0 },
    { "\xef\xbb\xbf{}", NULL, 1, 0 },
    { "{/* no */}", NULL, 1, 0 },
};

static struct json *parse(struct arena *arena, const char *text,
                          struct json_error *error)
{
    return json_parse(arena, text, strlen(text), JSON_PLAIN, error);
}

static void test_bad_documents(void **state)
{
    struct json_error error;
    struct arena *arena;
    const struct bad *b;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bads) / sizeof(*bads); i++) {
        b = &bads[i];
        arena = arena_new();
        if (parse(arena, b->text, &error))
            fail_msg("taken: %s", b->text);
        assert_non_null(error.text);
        if (b->error && !strstr(error.text, b->error))
            fail_msg("%s: %s", b->text, error.text);
        if ((b->line && error.line != b->line) ||
            (b->column && error.column != b->column))
            fail_msg("%s: %u:%u", b->text, error.line, error.column);
        arena_free(arena);
    }
}

static char *nest(unsigned depth)
{
    char *text = calloc(depth * 6 + 16, 1);
    unsigned i;

    for (i = 0; i < depth; i++)
        strcat(text, i ? "[" : "{\"a\":");
    strcat(text, "1");
    while (i--)
        strcat(text, i ? "]" : "}");
    return text;
}

static void test_depth(void **state)
{
    struct arena *arena = arena_new();
    struct json_error error;
    char *text;

    (void)state;
    text = nest(JSON_MAX_DEPTH);
    assert_non_null(parse(arena, text, &error));
    free(text);
    text = nest(JSON_MAX_DEPTH + 1);
    assert_null(parse(arena, text, &error));
    assert_string_equal(error.text, "nested too deeply");
    free(text);
    text = nest(20000);
    assert_null(parse(arena, text, &error));
    free(text);
    arena_free(arena);
}

/* A megabyte of keys must be refused or taken in no time. */
static void test_size(void **state)
{
    struct arena *arena = arena_new();
    char *text = malloc(JSON_MAX_SIZE + 2);
    struct json_error error;
    size_t len = 1, n = 0;

    (void)state;
    text[0] = '{';
    while (len < JSON_MAX_SIZE - 32)
        len += (size_t)sprintf(text + len, "\"%zx\":0,", n++);
    len += (size_t)sprintf(text + len, "\"z\":0}");
    memset(text + len, ' ', JSON_MAX_SIZE + 1 - len);
    assert_non_null(json_parse(arena, text, JSON_MAX_SIZE, JSON_PLAIN,
                               &error));
    assert_null(json_parse(arena, text, JSON_MAX_SIZE + 1, JSON_PLAIN,
                           &error));
    assert_string_equal(error.text, "more than 1 MiB");
    arena_free(arena);
    free(text);
}

/* Every beginning of a good document is a bad one. */
static void test_truncations(void **state)
{
    char *golden = golden_read("record.json");
    size_t len = strlen(golden), i;
    struct json_error error;
    struct arena *arena;

    (void)state;
    while (len && golden[len - 1] != '}')
        len--;
    for (i = 0; i < len; i++) {
        arena = arena_new();
        assert_null(json_parse(arena, golden, i, JSON_PLAIN, &error));
        assert_non_null(error.text);
        arena_free(arena);
    }
    free(golden);
}

static int describe(const char *text, char **error)
{
    struct broker b = { .arena = arena_new() };
    struct record record;
    int rc;

    memset(&record, 0, sizeof(record));
    rc = request_describe(&b, text, strlen(text), &record);
    *error = b.error ? strdup(b.error) : NULL;
    arena_free(b.arena);
    return rc;
}

static char *replace(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    char *changed;

    if (!at)
        fail_msg("nothing like %s in the golden request", from);
    changed = calloc(strlen(text) + strlen(to) + 1, 1);
    sprintf(changed, "%.*s%s%s", (int)(at - text), text, to,
            at + strlen(from));
    return changed;
}

struct change {
    const char *from, *to, *error;
};

static const struct change changes[] = {
    { "\"version\":1", "\"version\":2", "version is 2" },
    { "\"version\":1, ", "", "version is missing" },
    { "\"version\":1", "\"version\":\"1\"", "version is a string, not a "
      "whole number" },
    { "\"version\":1", "\"version\":1.0", "version is a real number" },
    { "\"3f0e5c9e-8d3b", "\"3F0E5C9E-8D3B", "migration is not a UUID" },
    { "\"dry_run\":false", "\"dry_run\":0", "dry_run is a whole number, not "
      "true or false" },
    { "\"dry_run\":false,", "", "dry_run is missing" },
    { "\"name\":\"g0\"", "\"name\":\"\"", "domain.name is not" },
    { "\"name\":\"g0\"", "\"name\":\"a/b\"", "domain.name is not" },
    { "\"type\":\"pv\"", "\"type\":\"pvh\"", "domain.type is not one of "
      "\"pv\", \"hvm\"" },
    { "\"type\":\"pv\"", "\"type\":null", "domain.type is null, not a "
      "string" },
    { "\"id\":\"lan0\"", "\"id\":\"../lan0\"", "devices[0].wish.id is not" },
    { "\"id\":\"lan0\"", "\"id\":\"-lan0\"", "devices[0].wish.id is not" },
    { "\"id\":\"lan0\"", "\"id\":\"a23456789012345678901234567890ab\"",
      "devices[0].wish.id is not" },
    { "\"pool\":\"lan\"", "\"pool\":7", "devices[0].wish.pool is a whole "
      "number, not a string or null" },
    { "\"pool\":\"lan\", ", "", "devices[0].wish.pool is missing" },
    { "\"shadow\"", "\"none\"", "devices[0].wish.handover is not one of" },
    { "\"standby\":null", "\"standby\":-1", "devices[0].wish.standby is not "
      "from 0" },
    { "00:16:3e:12:34:56", "00:16:3E:12:34:56", "devices[0].wish.mac is "
      "not" },
    { "\"if_missing\":\"fail\"", "\"if_missing\":\"\"",
      "devices[0].wish.if_missing is not one of" },
    { "0000:01:10.0", "01:10.0", "devices[0].bdf is not" },
    { "0000:01:10.0", "0000:01:20.0", "devices[0].bdf is not" },
    { "0000:01:10.0", "0000:01:10.8", "devices[0].bdf is not" },
    { "0000:01:10.0", "0000:01:1g.0", "devices[0].bdf is not" },
    { "\"slot\":\"0000:00:00.0\"", "\"slot\":false", "devices[0].slot is" },
    { "[{", "[[],{", "devices[0] is an array, not an object" },
    { "\"domain\":{", "\"domain\":[], \"x\":{", "domain is an array" },
};

static void test_bad_requests(void **state)
{
    char *golden = golden_read("describe-request.json"), *text, *error;
    size_t i;

    (void)state;
    assert_int_equal(describe(golden, &error), RC_OK);
    assert_null(error);
    for (i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        text = replace(golden, changes[i].from, changes[i].to);
        assert_int_equal(describe(text, &error), RC_BAD_REQUEST);
        if (!error || !strstr(error, changes[i].error))
            fail_msg("%s -> %s: %s", changes[i].from, changes[i].to, error);
        free(error);
        free(text);
    }
    free(golden);
}

static void test_unknown_keys_are_ignored(void **state)
{
    char *golden = golden_read("describe-request.json"), *text, *error;

    (void)state;
    text = replace(golden, "\"id\":", "\"later\":[{}], \"id\":");
    assert_int_equal(describe(text, &error), RC_OK);
    free(text);
    free(golden);
}

/* The golden request with `count` devices, all of one name or each its own. */
static char *with_devices(struct arena *arena, size_t count, bool distinct)
{
    char *golden = golden_read("describe-request.json"), *text, *device;
    char *first = strstr(golden, "[{") + 1, *end = strrchr(golden, ']');
    size_t i;

    text = arena_printf(arena, "%.*s", (int)(first - golden), golden);
    for (i = 0; i < count; i++) {
        device = arena_printf(arena, "%.*s", (int)(end - first), first);
        if (distinct)
            memcpy(strstr(device, "lan0"), arena_printf(arena, "n%03zu", i),
                   4);
        text = arena_printf(arena, "%s%s%s", text, i ? "," : "", device);
    }
    free(golden);
    return arena_printf(arena, "%s]}", text);
}

static void expect(size_t count, bool distinct, const char *expected)
{
    struct arena *arena = arena_new();
    char *error;
    int rc;

    rc = describe(with_devices(arena, count, distinct), &error);
    if (expected) {
        assert_int_equal(rc, RC_BAD_REQUEST);
        if (!strstr(error, expected))
            fail_msg("%zu devices: %s", count, error);
    } else {
        assert_int_equal(rc, RC_OK);
    }
    free(error);
    arena_free(arena);
}

static void test_counts(void **state)
{
    (void)state;
    expect(0, true, "devices has 0 entries");
    expect(2, false, "devices[1].wish.id is \"lan0\" as in devices[0]");
    expect(REQUEST_MAX_DEVICES, true, NULL);
    expect(REQUEST_MAX_DEVICES + 1, true, "65 entries");
}

/* Names from outside must not break an answer. */
static void test_repaired(void **state)
{
    static const char *const texts[][2] = {
        { "plain", "\"plain\"" },
        { "\xc3\xa4\xe2\x82\xac", "\"\xc3\xa4\xe2\x82\xac\"" },
        { "a\xff" "b", "\"a?b\"" },
        { "\xc1\x9d", "\"??\"" },         /* overlong */
        { "\xed\xa0\x80", "\"???\"" },   /* half of a surrogate pair */
        { "a\xe2\x82", "\"a??\"" },       /* cut off */
        { "\xf4\x90\x80\x80", "\"????\"" },     /* beyond Unicode */
        { "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"" },
    };
    const unsigned char *buffer;
    yajl_gen gen;
    size_t i, len;

    (void)state;
    for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        gen = yajl_gen_alloc(NULL);
        json_emit_string(gen, NULL, texts[i][0]);
        yajl_gen_get_buf(gen, &buffer, &len);
        assert_string_equal((const char *)buffer, texts[i][1]);
        yajl_gen_free(gen);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_documents),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_truncations),
        cmocka_unit_test(test_bad_requests),
        cmocka_unit_test(test_unknown_keys_are_ignored),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_repaired),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
