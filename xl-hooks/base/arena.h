/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that lives as long as one request and is freed in one go. */
#ifndef BROKER_ARENA_H
#define BROKER_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* None of these returns NULL: without memory the process ends as
 * HOOK-PROTOCOL.md asks (exit status 3, broker-failed). */
struct arena *arena_new(void);
/* That end, for those who got no memory from somebody else. */
void arena_exhausted(void) __attribute__((noreturn));
void arena_free(struct arena *arena);

void *arena_alloc(struct arena *arena, size_t size);    /* zeroed */
char *arena_strndup(struct arena *arena, const char *s, size_t len);
char *arena_strdup(struct arena *arena, const char *s);
char *arena_vprintf(struct arena *arena, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0), nonnull));
char *arena_printf(struct arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Room for one more element: returns the array, moved if it was full.
 * Capacities are powers of two, so only the count has to be kept. */
void *arena_extend(struct arena *arena, void *array, size_t count,
                   size_t size);

#endif
