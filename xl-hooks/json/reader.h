/* SPDX-License-Identifier: GPL-2.0-only */
/* Typed reading of JSON objects; every error names its key by path. */
#ifndef BROKER_READER_H
#define BROKER_READER_H

#include <stdbool.h>
#include <stddef.h>

struct broker;
struct json;

struct reader {
    struct broker *b;
    const char *source;         /* file name, or NULL: the request */
    const char *text;           /* for places; NULL: no places wanted */
};

/* An object and how to call it. */
struct place {
    const struct json *json;
    const char *path;           /* "" at the top */
};

enum presence { MANDATORY, NULLABLE, OPTIONAL };

typedef bool word_check(const char *word);

struct reader_word {
    const char *word;
    int value;
};

int reader_fail(const struct reader *r, const struct json *at,
                const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const char *reader_path(const struct reader *r, const struct place *at,
                        const char *key);

/* RC_OK: *out is set, or NULL if absent and not MANDATORY. */
int reader_text(const struct reader *r, const struct place *at,
                const char *key, enum presence presence, word_check *check,
                const char *what, const char **out);
int reader_bool(const struct reader *r, const struct place *at,
                const char *key, enum presence presence, bool *out);
int reader_integer(const struct reader *r, const struct place *at,
                   const char *key, enum presence presence, long long min,
                   long long max, long long *out);
int reader_word(const struct reader *r, const struct place *at,
                const char *key, const struct reader_word *words, int *out);
int reader_object(const struct reader *r, const struct place *at,
                  const char *key, enum presence presence,
                  struct place *out);
int reader_array(const struct reader *r, const struct place *at,
                 const char *key, struct place *out);
int reader_element(const struct reader *r, const struct place *array,
                   size_t index, struct place *out);
int reader_version(const struct reader *r, const struct place *at);

#endif
