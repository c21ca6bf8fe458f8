/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * yajl gives events; this file makes a tree of them and refuses what yajl
 * lets pass: duplicate keys, deep nesting, NUL inside strings, overlong
 * UTF-8, a top level that is no object.
 */
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/arena.h"
#include "json/json.h"

struct parser {
    struct arena *arena;
    yajl_handle yajl;
    const char *text;
    struct json *root;
    struct json *stack[JSON_MAX_DEPTH];
    unsigned depth;
    const char *error;
    size_t error_offset;
};

static int stop(struct parser *p, size_t offset, const char *text)
{
    p->error = text;
    p->error_offset = offset;
    return 0;
}

/* yajl knows where a token ends; `len` is what it has before that. */
static size_t token_start(struct parser *p, size_t len)
{
    size_t end = yajl_get_bytes_consumed(p->yajl);

    return end >= len ? end - len : 0;
}

/* A string's length in the text is not its length in memory: go back to the
 * quote that opens it, the first one with an even number of backslashes. */
static size_t string_start(struct parser *p)
{
    size_t i = token_start(p, 1), j;

    while (i > 0) {
        i--;
        if (p->text[i] != '"')
            continue;
        for (j = i; j > 0 && p->text[j - 1] == '\\'; j--)
            ;
        if ((i - j) % 2 == 0)
            break;
    }
    return i;
}

static struct json *add(struct parser *p, enum json_type type, size_t offset)
{
    struct json *value = arena_alloc(p->arena, sizeof(*value)), *parent;

    value->type = type;
    value->offset = offset;
    if (!p->depth) {
        p->root = value;
        return value;
    }
    parent = p->stack[p->depth - 1];
    if (parent->type == JSON_OBJECT) {
        /* its key came before, and made room */
        parent->values[parent->count++] = value;
    } else {
        parent->values = arena_extend(p->arena, parent->values,
                                      parent->count,
                                      sizeof(*parent->values));
        parent->values[parent->count++] = value;
    }
    return value;
}

static int open_container(struct parser *p, enum json_type type)
{
    size_t offset = token_start(p, 1);
    struct json *value;

    if (p->depth == JSON_MAX_DEPTH)
        return stop(p, offset, "nested too deeply");
    value = add(p, type, offset);
    p->stack[p->depth++] = value;
    return 1;
}

static int scalar(struct parser *p, struct json *value)
{
    if (!p->depth)
        return stop(p, value->offset, "not an object");
    return 1;
}

static int on_null(void *ctx)
{
    struct parser *p = ctx;

    return scalar(p, add(p, JSON_NULL, token_start(p, 4)));
}

static int on_boolean(void *ctx, int boolean)
{
    struct parser *p = ctx;
    struct json *value = add(p, JSON_BOOL, token_start(p, boolean ? 4 : 5));

    value->boolean = boolean;
    return scalar(p, value);
}

static int on_number(void *ctx, const char *digits, size_t len)
{
    struct parser *p = ctx;
    struct json *value = add(p, JSON_INTEGER, token_start(p, len));
    char *end;

    value->string = arena_strndup(p->arena, digits, len);
    if (strpbrk(value->string, ".eE")) {
        value->type = JSON_REAL;
        return scalar(p, value);
    }
    errno = 0;
    value->integer = strtoll(value->string, &end, 10);
    if (errno || *end)
        return stop(p, value->offset, "number out of range");
    return scalar(p, value);
}

static int on_string(void *ctx, const unsigned char *s, size_t len)
{
    struct parser *p = ctx;
    struct json *value = add(p, JSON_STRING, string_start(p));

    if (memchr(s, 0, len))
        return stop(p, value->offset, "NUL in a string");
    value->string = arena_strndup(p->arena, (const char *)s, len);
    return scalar(p, value);
}

static int on_key(void *ctx, const unsigned char *s, size_t len)
{
    struct parser *p = ctx;
    struct json *object = p->stack[p->depth - 1];

    if (memchr(s, 0, len))
        return stop(p, string_start(p), "NUL in a key");
    object->keys = arena_extend(p->arena, object->keys, object->count,
                                sizeof(*object->keys));
    object->values = arena_extend(p->arena, object->values, object->count,
                                  sizeof(*object->values));
    object->keys[object->count] = arena_strndup(p->arena, (const char *)s,
                                                len);
    return 1;
}

static int on_start_map(void *ctx)
{
    return open_container(ctx, JSON_OBJECT);
}

static int on_start_array(void *ctx)
{
    struct parser *p = ctx;

    if (!p->depth)
        return stop(p, token_start(p, 1), "not an object");
    return open_container(p, JSON_ARRAY);
}

static int on_end_array(void *ctx)
{
    struct parser *p = ctx;

    p->depth--;
    return 1;
}

struct member {
    const char *key;
    size_t offset;
};

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int r = strcmp(x->key, y->key);

    if (r)
        return r;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Sorted, because a hostile megabyte holds a hundred thousand keys. */
static int on_end_map(void *ctx)
{
    struct parser *p = ctx;
    struct json *object = p->stack[p->depth - 1];
    struct member *members;
    size_t i;

    p->depth--;
    if (object->count < 2)
        return 1;
    members = arena_alloc(p->arena, object->count * sizeof(*members));
    for (i = 0; i < object->count; i++) {
        members[i].key = object->keys[i];
        members[i].offset = object->values[i]->offset;
    }
    qsort(members, object->count, sizeof(*members), compare_members);
    for (i = 1; i < object->count; i++)
        if (!strcmp(members[i - 1].key, members[i].key))
            return stop(p, members[i].offset,
                        arena_printf(p->arena, "duplicate key \"%s\"",
                                     members[i].key));
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_map_key = on_key,
    .yajl_start_map = on_start_map,
    .yajl_end_map = on_end_map,
    .yajl_start_array = on_start_array,
    .yajl_end_array = on_end_array,
};

/* "parse error: xyz\n" of yajl, without the prefix and the line end. */
static const char *yajl_words(struct parser *p)
{
    unsigned char *raw = yajl_get_error(p->yajl, 0, NULL, 0);
    const char *words;
    char *text;

    if (!raw)
        return "not JSON";
    words = strstr((char *)raw, ": ");
    words = words ? words + 2 : (char *)raw;
    text = arena_strndup(p->arena, words, strcspn(words, "\n"));
    yajl_free_error(p->yajl, raw);
    return text;
}

void json_place(const char *text, size_t offset, unsigned *line,
                unsigned *column)
{
    size_t i;

    *line = *column = 1;
    for (i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            (*line)++;
            *column = 1;
        } else {
            (*column)++;
        }
    }
}

/* yajl takes overlong forms, so the C library is asked. Returns how many
 * bytes are good. */
size_t json_utf8_length(const char *text, size_t len)
{
    iconv_t cd = iconv_open("UTF-16LE", "UTF-8");
    char *in = (char *)text, *out, wide[4096];
    size_t left = len, room, r;

    if (cd == (iconv_t)-1)
        return 0;
    do {
        out = wide;
        room = sizeof(wide);
        r = iconv(cd, &in, &left, &out, &room);
    } while (r == (size_t)-1 && errno == E2BIG);
    iconv_close(cd);
    return len - left;
}

/* All went well if error->text stays NULL. */
static void run_yajl(struct parser *p, size_t len, struct json_error *error)
{
    yajl_status status;
    size_t offset;

    status = yajl_parse(p->yajl, (const unsigned char *)p->text, len);
    offset = yajl_get_bytes_consumed(p->yajl);
    if (status == yajl_status_ok) {
        /* the end of the text is the end of what it can complain of */
        status = yajl_complete_parse(p->yajl);
        offset = len;
    }
    if (status == yajl_status_ok && !p->error)
        return;
    if (p->error)
        offset = p->error_offset;
    error->text = p->error ? p->error : yajl_words(p);
    json_place(p->text, offset < len ? offset : len, &error->line,
               &error->column);
}

struct json *json_parse(struct arena *arena, const char *text, size_t len,
                        enum json_flags flags, struct json_error *error)
{
    struct parser p = { .arena = arena, .text = text };
    size_t good;

    memset(error, 0, sizeof(*error));
    if (len > JSON_MAX_SIZE) {
        error->text = "more than 1 MiB";
        return NULL;
    }
    good = json_utf8_length(text, len);
    if (good < len) {
        error->text = "not UTF-8";
        json_place(text, good, &error->line, &error->column);
        return NULL;
    }
    p.yajl = yajl_alloc(&callbacks, NULL, &p);
    if (!p.yajl) {
        error->text = "no memory for yajl";
        return NULL;
    }
    if (flags & JSON_COMMENTS)
        yajl_config(p.yajl, yajl_allow_comments, 1);
    run_yajl(&p, len, error);
    yajl_free(p.yajl);
    return error->text ? NULL : p.root;
}

const struct json *json_get(const struct json *object, const char *key)
{
    size_t i;

    for (i = 0; i < object->count; i++)
        if (!strcmp(object->keys[i], key))
            return object->values[i];
    return NULL;
}

const char *json_type_name(enum json_type type)
{
    static const char *const names[] = {
        [JSON_NULL] = "null", [JSON_BOOL] = "true or false",
        [JSON_INTEGER] = "a whole number", [JSON_REAL] = "a real number",
        [JSON_STRING] = "a string", [JSON_ARRAY] = "an array",
        [JSON_OBJECT] = "an object",
    };

    return names[type];
}
