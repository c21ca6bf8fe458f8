/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON documents: strict reading by yajl, with the place of every value. */
#ifndef BROKER_JSON_H
#define BROKER_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <yajl/yajl_gen.h>

#define JSON_MAX_SIZE (1024 * 1024)
#define JSON_MAX_DEPTH 16

struct arena;

enum json_type {
    JSON_NULL, JSON_BOOL, JSON_INTEGER, JSON_REAL, JSON_STRING, JSON_ARRAY,
    JSON_OBJECT
};

struct json {
    enum json_type type;
    size_t offset;              /* of its first byte */
    bool boolean;
    long long integer;
    const char *string;         /* no NUL inside; real: as it was written */
    struct json **values;       /* array and object */
    const char **keys;          /* object */
    size_t count;
};

struct json_error {
    const char *text;
    unsigned line, column;      /* from 1; 0: no place */
};

enum json_flags { JSON_PLAIN = 0, JSON_COMMENTS = 1 };

/* One object, nothing after it, no duplicate keys. NULL: see error. */
struct json *json_parse(struct arena *arena, const char *text, size_t len,
                        enum json_flags flags, struct json_error *error);

/* Of the character at `s`, of which `len` bytes are there; 0: it is none, or
 * written in a way that UTF-8 forbids. */
size_t json_utf8_length(const char *s, size_t len);

const struct json *json_get(const struct json *object, const char *key);
const char *json_type_name(enum json_type type);
void json_place(const char *text, size_t offset, unsigned *line,
                unsigned *column);

/* A document to be written; json_end returns its text and frees the rest. */
yajl_gen json_begin(void);
char *json_end(struct arena *arena, yajl_gen gen);

/* Write a document again. Strings may hold anything (names of domains, models):
 * bytes that are not UTF-8 become '?'. */
void json_emit(yajl_gen gen, const struct json *value);
void json_emit_key(yajl_gen gen, const char *key);
void json_emit_string(yajl_gen gen, const char *key, const char *value);
void json_emit_number(yajl_gen gen, const char *key, long long number);
void json_emit_bool(yajl_gen gen, const char *key, bool value);

#endif
