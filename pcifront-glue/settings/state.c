/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <yajl/yajl_gen.h>
#include <yajl/yajl_tree.h>

#include "state.h"

#define STATE_VERSION 1
#define FILE_MAX (1024 * 1024)

/* ---- text */

static void list_parse(yajl_val object, struct list *list)
{
    const char *value;
    size_t i;

    if (!YAJL_IS_OBJECT(object))
        return;
    for (i = 0; i < YAJL_GET_OBJECT(object)->len; i++) {
        value = YAJL_GET_STRING(YAJL_GET_OBJECT(object)->values[i]);
        if (value)
            list_put(list, YAJL_GET_OBJECT(object)->keys[i], value);
    }
}

static yajl_val member(yajl_val tree, const char *name, yajl_type type)
{
    const char *path[] = { name, NULL };

    return yajl_tree_get(tree, path, type);
}

struct state *state_parse(const char *json, size_t length)
{
    char *copy = text("%.*s", (int)length, json);
    yajl_val tree = yajl_tree_parse(copy, NULL, 0), version, card;
    struct state *state = NULL;

    free(copy);
    version = tree ? member(tree, "version", yajl_t_number) : NULL;
    if (YAJL_IS_INTEGER(version) && YAJL_GET_INTEGER(version) == STATE_VERSION) {
        state = need(calloc(1, sizeof(*state)));
        card = member(tree, "card", yajl_t_number);
        if (YAJL_IS_INTEGER(card))
            state->card = YAJL_GET_INTEGER(card);
        list_parse(member(tree, "kept", yajl_t_object), &state->kept);
        list_parse(member(tree, "seen", yajl_t_object), &state->seen);
    }
    yajl_tree_free(tree);
    return state;
}

static void gen_text(yajl_gen gen, const char *s)
{
    yajl_gen_string(gen, (const unsigned char *)s, strlen(s));
}

static void gen_list(yajl_gen gen, const char *name, const struct list *list)
{
    size_t i;

    gen_text(gen, name);
    yajl_gen_map_open(gen);
    for (i = 0; i < list->count; i++) {
        gen_text(gen, list->settings[i].name);
        gen_text(gen, list->settings[i].value);
    }
    yajl_gen_map_close(gen);
}

char *state_text(const struct state *state)
{
    yajl_gen gen = need(yajl_gen_alloc(NULL));
    const unsigned char *json;
    size_t length;
    char *copy;

    yajl_gen_config(gen, yajl_gen_beautify, 1);
    yajl_gen_map_open(gen);
    gen_text(gen, "version");
    yajl_gen_integer(gen, STATE_VERSION);
    gen_text(gen, "card");
    yajl_gen_integer(gen, state->card);
    gen_list(gen, "kept", &state->kept);
    gen_list(gen, "seen", &state->seen);
    yajl_gen_map_close(gen);
    yajl_gen_get_buf(gen, &json, &length);
    copy = text("%.*s", (int)length, json);
    yajl_gen_free(gen);
    return copy;
}

void state_free(struct state *state)
{
    list_free(&state->kept);
    list_free(&state->seen);
    free(state);
}

/* ---- files */

bool state_id_is_good(const char *id)
{
    return *id && *id != '.' && !strchr(id, '/');
}

static struct state *file_read(const char *dir, const char *id)
{
    char *path = text("%s/%s.json", dir, id);
    FILE *file = fopen(path, "re");
    struct state *state = NULL;
    char *json;

    if (file) {
        json = need(malloc(FILE_MAX));
        state = state_parse(json, fread(json, 1, FILE_MAX, file));
        free(json);
        fclose(file);
        if (!state)
            fprintf(stderr, "shadowport-settings: %s is not understood\n",
                    path);
    }
    free(path);
    return state;
}

struct state *state_load(const char *id)
{
    struct state *state = file_read(STATE_RUN, id);

    if (!state)
        state = file_read(STATE_LIB, id);
    return state ? state : need(calloc(1, sizeof(*state)));
}

static int dir_make(const char *dir)
{
    char *path = text("%s", dir), *slash = path + 1;
    int r = 0;

    while (!r && slash) {
        slash = strchr(slash, '/');
        if (slash)
            *slash = '\0';
        if (mkdir(path, 0755) && errno != EEXIST)
            r = errno;
        if (slash)
            *slash++ = '/';
    }
    free(path);
    return r;
}

/* Wake-on-LAN has a password: not for everybody. */
static int file_fill(const char *path, const char *content)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), r = 0;
    size_t length = strlen(content);

    if (fd < 0)
        return errno;
    if (write(fd, content, length) != (ssize_t)length || fsync(fd))
        r = errno ? errno : EIO;
    close(fd);
    return r;
}

static int file_write(const char *dir, const char *id,
                      const struct state *state)
{
    char *path = text("%s/%s.json", dir, id), *part = text("%s.part", path);
    char *content = state_text(state);
    int r = dir_make(dir);

    if (!r)
        r = file_fill(part, content);
    if (!r && rename(part, path))
        r = errno;
    free(content);
    free(part);
    free(path);
    return r;
}

int state_store(const char *id, const struct state *state)
{
    return file_write(STATE_RUN, id, state);
}

/* The card of now says nothing about that of the next boot. */
int state_save(const char *id, const struct state *state)
{
    struct state saved = { .kept = state->kept };

    return file_write(STATE_LIB, id, &saved);
}

int state_lock(void)
{
    int r = dir_make(STATE_RUN), fd;

    if (r)
        return -r;
    fd = open(STATE_RUN "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX)) {
        r = -errno;
        close(fd);
        return r;
    }
    return fd;
}

void state_unlock(int lock)
{
    close(lock);
}
