/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

void *need(void *memory)
{
    if (!memory) {
        fputs("shadowport-settings: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

char *text(const char *fmt, ...)
{
    char *s;
    va_list args;

    va_start(args, fmt);
    if (vasprintf(&s, fmt, args) < 0)
        s = NULL;
    va_end(args);
    return need(s);
}

struct setting *list_find(const struct list *list, const char *name)
{
    size_t i;

    for (i = 0; i < list->count; i++)
        if (!strcmp(list->settings[i].name, name))
            return &list->settings[i];
    return NULL;
}

static struct setting *list_append(struct list *list, const char *name)
{
    struct setting *setting;

    list->settings = need(realloc(list->settings, (list->count + 1) *
                                                  sizeof(*list->settings)));
    setting = &list->settings[list->count++];
    memset(setting, 0, sizeof(*setting));
    setting->name = text("%s", name);
    return setting;
}

/* Valid until the next one is put. */
struct setting *list_put(struct list *list, const char *name,
                         const char *value)
{
    struct setting *setting = list_find(list, name);
    char *copy = text("%s", value);

    if (!setting)
        setting = list_append(list, name);
    free(setting->value);
    setting->value = copy;
    return setting;
}

void setting_may(struct setting *setting, char *may)
{
    free(setting->may);
    setting->may = may;
}

static void setting_free(struct setting *setting)
{
    free(setting->name);
    free(setting->value);
    free(setting->may);
    free(setting->active);
}

void list_drop(struct list *list, const char *name)
{
    struct setting *setting = list_find(list, name);
    size_t i;

    if (!setting)
        return;
    i = setting - list->settings;
    setting_free(setting);
    list->count--;
    memmove(setting, setting + 1, (list->count - i) * sizeof(*setting));
}

void list_free(struct list *list)
{
    size_t i;

    for (i = 0; i < list->count; i++)
        setting_free(&list->settings[i]);
    free(list->settings);
    list->settings = NULL;
    list->count = 0;
}

/* The word at *at, which is moved to the next; NULL: there are no more. */
static const char *words_next(const char **at, size_t *length)
{
    const char *word = *at;

    if (!*word)
        return NULL;
    *length = strcspn(word, ",");
    *at = word + *length + (word[*length] == ',');
    return word;
}

static int words_have_n(const char *words, const char *word, size_t n)
{
    const char *each;
    size_t length;

    while ((each = words_next(&words, &length)))
        if (length == n && !memcmp(each, word, n))
            return 1;
    return 0;
}

int words_have(const char *words, const char *word)
{
    return words_have_n(words, word, strlen(word));
}

char *words_add(char *words, const char *word)
{
    char *longer = text("%s%s%s", words, *words ? "," : "", word);

    free(words);
    return longer;
}

static char *words_chosen(const char *words, const char *others, int in)
{
    char *common = text("%s", ""), *word;
    const char *each;
    size_t length;

    while ((each = words_next(&words, &length))) {
        if (words_have_n(others, each, length) != in)
            continue;
        word = text("%.*s", (int)length, each);
        common = words_add(common, word);
        free(word);
    }
    return common;
}

char *words_common(const char *words, const char *others)
{
    return words_chosen(words, others, 1);
}

char *words_without(const char *words, const char *others)
{
    return words_chosen(words, others, 0);
}

size_t words_count(const char *words)
{
    size_t count = 0, length;

    while (words_next(&words, &length))
        count++;
    return count;
}
