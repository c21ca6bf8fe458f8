/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer target for everything that pci-broker parses. The first byte
 * selects the parser. What is taken must survive being written and read
 * again. To build it:
 *
 *   clang -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined \
 *     -Ixl-hooks tests/unit/broker/fuzz_parsers.c \
 *     $(find xl-hooks -name '*.c' | grep -v main.c) $(pkg-config --cflags --libs \
 *     xencontrol xenstore libpci yajl libnl-route-3.0)
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arena.h"
#include "broker.h"
#include "lease.h"
#include "pools.h"
#include "reply.h"
#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_describe(struct broker *b, const char *text, size_t len)
{
    struct described *described;
    struct record record;
    char *answer;

    memset(&record, 0, sizeof(record));
    if (request_describe(b, text, len, &record))
        return;
    described = arena_alloc(b->arena, record.count * sizeof(*described));
    described[0].present = true;
    answer = reply_record(b, &record, described);
    answer = arena_printf(b->arena, "{\"version\":1,\"record\":%s,"
                          "\"owner\":{\"pid\":1}}", answer);
    if (strlen(answer) < 512 * 1024) {
        struct reserve_request reserve;

        memset(&reserve, 0, sizeof(reserve));
        if (request_reserve(b, answer, strlen(answer), &reserve))
            abort();
    }
}

static void fuzz_reserve(struct broker *b, const char *text, size_t len)
{
    struct reserve_request request;

    memset(&request, 0, sizeof(request));
    request_reserve(b, text, len, &request);
}

static void fuzz_lease(struct broker *b, const char *text, size_t len)
{
    struct lease lease, again;
    const char *why;
    char *written;

    if (lease_parse(b, text, len, &lease, &why))
        return;
    written = lease_text(b, &lease);
    if (lease_parse(b, written, strlen(written), &again, &why) ||
        strcmp(written, lease_text(b, &again)))
        abort();
}

static void fuzz_pools(struct broker *b, const char *text, size_t len)
{
    struct pools pools;
    char path[64];
    int fd = memfd_create("pools", 0);

    if (fd < 0 || write(fd, text, len) != (ssize_t)len)
        abort();
    lseek(fd, 0, SEEK_SET);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    pools_load(b, path, true, &pools);
    close(fd);
}

static void fuzz_lease_request(struct broker *b, const char *text,
                               size_t len)
{
    struct lease_request request;

    memset(&request, 0, sizeof(request));
    request_lease(b, text, len, len & 1, &request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(struct broker *, const char *, size_t) = {
        fuzz_describe, fuzz_reserve, fuzz_lease, fuzz_pools,
        fuzz_lease_request,
    };
    struct broker b = { .arena = arena_new() };

    if (size)
        targets[data[0] % 5](&b, (const char *)data + 1, size - 1);
    arena_free(b.arena);
    return 0;
}
