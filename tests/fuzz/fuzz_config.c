/* SPDX-License-Identifier: GPL-2.0-only */
/* The pools file: errors have a place, accepted pools can be asked. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "choice/pools.h"
#include "fuzz.h"
#include "plan/pools_read.h"

static void ask(const struct pools *pools)
{
    const struct pool_subject subject = {
        .bdf = "0000:01:10.0", .vendor = 0x8086, .device = 0x10ca,
        .class = 0x020000,
    };
    char *networks[] = { "eth1", "xenbr0", NULL };
    const struct pool_detail detail = {
        .pf = "0000:01:00.0", .driver = "igbvf", .link_speed = 1000,
        .networks = networks,
    };
    const struct pool *pool;
    size_t i, j;

    for (i = 0; i < pools->count; i++) {
        pool = &pools->pools[i];
        if (pools_find(pools, pool->name) != pool)
            abort();
        pool_allows(pool, "g0", "7b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11");
        for (j = 0; j < pool->count; j++) {
            pool_match_fits(&pool->matches[j], &subject);
            pool_match_fits_detail(&pool->matches[j], &detail);
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
