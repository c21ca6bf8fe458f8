/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/errors.h"

/* One malloc each, so that the sanitizers see every overrun. */
struct chunk {
    struct chunk *next;
    max_align_t data[];
};

struct arena {
    struct chunk *chunks;
};

void arena_exhausted(void)
{
    static const char answer[] =
        "{\"version\":1,\"status\":\"error\",\"reason\":\"broker-failed\","
        "\"text\":\"out of memory\"}\n";
    ssize_t r;

    r = write(STDOUT_FILENO, answer, sizeof(answer) - 1);
    (void)r;
    _exit(RC_FAILED);
}

struct arena *arena_new(void)
{
    struct arena *arena = calloc(1, sizeof(*arena));

    if (!arena)
        arena_exhausted();
    return arena;
}

void arena_free(struct arena *arena)
{
    struct chunk *chunk, *next;

    if (!arena)
        return;
    for (chunk = arena->chunks; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct chunk *chunk;

    if (size > SIZE_MAX - sizeof(*chunk))
        arena_exhausted();
    chunk = calloc(1, sizeof(*chunk) + size);
    if (!chunk)
        arena_exhausted();
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk->data;
}

char *arena_strndup(struct arena *arena, const char *s, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);

    memcpy(copy, s, len);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *s)
{
    return arena_strndup(arena, s, strlen(s));
}

char *arena_vprintf(struct arena *arena, const char *fmt, va_list ap)
{
    va_list again;
    char *text;
    int len;

    va_copy(again, ap);
    len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (len < 0)
        arena_exhausted();
    text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, ap);
    return text;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = arena_vprintf(arena, fmt, ap);
    va_end(ap);
    return text;
}

void *arena_extend(struct arena *arena, void *array, size_t count,
                   size_t size)
{
    void *bigger;
    size_t capacity;

    if (count && (count & (count - 1)))
        return array;           /* not a power of two: not full */
    capacity = count ? 2 * count : 1;
    if (capacity > SIZE_MAX / size)
        arena_exhausted();
    bigger = arena_alloc(arena, capacity * size);
    if (count)
        memcpy(bigger, array, count * size);
    return bigger;
}
