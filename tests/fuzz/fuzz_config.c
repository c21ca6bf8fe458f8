/* SPDX-License-Identifier: GPL-2.0-only */
/* The pools file: errors have a place, accepted pools can be asked. */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "broker.h"
#include "fuzz.h"
#include "pools.h"

static void ask(const struct pools *pools)
{
    const struct pool_subject subject = {
        .bdf = "0000:01:10.0", .vendor = 0x8086, .device = 0x10ca,
        .class = 0x020000,
    };
    const struct pool *pool;
    size_t i, j;

    for (i = 0; i < pools->count; i++) {
        pool = &pools->pools[i];
        if (pools_find(pools, pool->name) != pool)
            abort();
        for (j = 0; j < pool->count; j++) {
            pool_match_fits(&pool->matches[j], &subject);
            pool_match_fits_detail(&pool->matches[j], "0000:01:00.0",
                                   "igbvf");
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct broker b = { .arena = arena_new() };
    struct pools pools;
    int rc;

    rc = pools_parse(&b, "FILE", (const char *)data, size, &pools);
    if (rc == RC_OK)
        ask(&pools);
    else if (rc != RC_BAD_REQUEST || strncmp(b.error, "FILE:", 5))
        abort();
    arena_free(b.arena);
    return 0;
}
