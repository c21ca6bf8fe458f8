/* SPDX-License-Identifier: GPL-2.0-only */
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

char *golden_read(const char *name)
{
    const char *fixtures = getenv("SHADOWPORT_FIXTURES");
    char path[512], *text;
    size_t len;
    FILE *f;

    /* `make check` sets it; by hand it is run from the top */
    snprintf(path, sizeof(path), "%s/protocol/%s",
             fixtures ? fixtures : "tests/fixtures", name);
    f = fopen(path, "r");
    if (!f)
        fail_msg("%s cannot be read", path);
    text = calloc(1, 65536);
    len = fread(text, 1, 65535, f);
    fclose(f);
    assert_true(len > 0 && len < 65535);
    return text;
}

static char *compact(struct broker *b, const char *text)
{
    struct json_error error;
    struct json *json;
    yajl_gen gen;

    json = json_parse(b->arena, text, strlen(text), JSON_PLAIN, &error);
    if (!json)
        fail_msg("not JSON: %s: %s", error.text, text);
    gen = json_begin();
    json_emit(gen, json);
    return json_end(b->arena, gen);
}

void golden_same(const char *text, const char *golden)
{
    struct broker b = { .arena = arena_new() };

    assert_non_null(text);
    assert_string_equal(compact(&b, text), compact(&b, golden));
    arena_free(b.arena);
}
