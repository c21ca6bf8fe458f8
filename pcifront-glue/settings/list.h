/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Settings by name: what a card has, or what is kept for the next one. Values
 * are text: a number, on or off, names or numbers with commas, bytes in hex.
 */
#ifndef SETTINGS_LIST_H
#define SETTINGS_LIST_H

#include <stddef.h>

struct setting {
    char *name;
    char *value;
    char *may;              /* how far this card goes; NULL: it does not say */
    char *active;           /* what it does of it; NULL: the value */
};

struct list {
    struct setting *settings;
    size_t count;
};

/* Memory is small and short-lived here: without any, the program ends. */
void *need(void *memory);
char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

struct setting *list_find(const struct list *list, const char *name);
struct setting *list_put(struct list *list, const char *name,
                         const char *value);
void setting_may(struct setting *setting, char *may);
void list_drop(struct list *list, const char *name);
void list_free(struct list *list);

/* "a,b": is the word in it? */
int words_have(const char *words, const char *word);
/* Those of `words` that are in `others`, to be freed. */
char *words_common(const char *words, const char *others);
/* Those that are not. */
char *words_without(const char *words, const char *others);
/* Adds a word, and frees what was there. */
char *words_add(char *words, const char *word);
size_t words_count(const char *words);

#endif
