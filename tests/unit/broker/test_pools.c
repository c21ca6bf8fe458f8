/* SPDX-License-Identifier: GPL-2.0-only */
/* The pools file: what it says, and where its errors are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/broker.h"
#include "choice/pools.h"
#include "plan/pools_read.h"
#include "world.h"

#define STRANGER "0b7d1f64-2f0c-4a4e-9a08-3a6de0b1c2d3"

static int load(struct arena *arena, const char *text, struct pools *pools,
                const char **error)
{
    struct broker b = { .arena = arena };
    char path[] = "/tmp/broker-pools.XXXXXX";
    int fd = mkstemp(path), rc;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    rc = pools_load(&b, path, true, pools);
    unlink(path);
    /* without the name of the file */
    *error = b.error ? b.error + strlen(path) : NULL;
    return rc;
}

static const char good[] =
    "// ours\n"
    "{\"version\":1, /* the only one */\n"
    " \"pools\":{\n"
    "   \"lan\":{\"match\":[{\"bdf\":\"0000:01:10.*\"},\n"
    "                   {\"vendor\":\"8086\",\"device\":\"10d3\"}],\n"
    "          \"bind\":true},\n"
    "   \"vf\":{\"match\":[{\"pf\":\"0000:02:00.0\",\"driver\":\"igbvf\"}]},\n"
    "   \"nic\":{\"match\":[{\"class\":\"0200\"}]},\n"
    "   \"near\":{\"match\":[{\"numa\":1,\"link_speed\":10000,\n"
    "                     \"networks\":[\"xenbr0\",\"bond0\"]}],\n"
    "           \"reserve\":2,\n"
    "           \"allow\":{\"names\":[\"web*\"],\"uuids\":\n"
    "             [\"7b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11\"]}},\n"
    "   \"none\":{\"match\":[{\"driver\":\"x\"}]}}}\n";

static void test_good(void **state)
{
    struct arena *arena = arena_new();
    const struct pool *pool;
    struct pools pools;
    const char *error;

    (void)state;
    assert_int_equal(load(arena, good, &pools, &error), RC_OK);
    assert_int_equal(pools.count, 5);
    pool = pools_find(&pools, "lan");
    assert_true(pool->bind);
    assert_int_equal(pool->count, 2);
    assert_string_equal(pool->matches[0].bdf, "0000:01:10.*");
    assert_false(pools_find(&pools, "vf")->bind);
    assert_null(pools_find(&pools, "wan"));
    assert_int_equal(pools_find(&pools, "lan")->reserve, 0);
    pool = pools_find(&pools, "near");
    assert_int_equal(pool->reserve, 2);
    assert_int_equal(pool->matches[0].numa, 1);
    assert_int_equal(pool->matches[0].link_speed, 10000);
    assert_int_equal(pool->matches[0].network_count, 2);
    assert_string_equal(pool->matches[0].networks[1], "bond0");
    arena_free(arena);
}

static void test_no_file(void **state)
{
    struct broker b = { .arena = arena_new() };
    struct pools pools;

    (void)state;
    assert_int_equal(pools_load(&b, "/nonexistent/p", false, &pools), RC_OK);
    assert_int_equal(pools.count, 0);
    assert_int_equal(pools_load(&b, "/nonexistent/p", true, &pools),
                     RC_BAD_REQUEST);
    assert_string_equal(b.error, "/nonexistent/p: No such file or directory");
    arena_free(b.arena);
}

struct bad {
    const char *from, *to, *error;
};

static const struct bad bads[] = {
    { "\"version\":1,", "\"version\":3,", ":2:12: version is 3" },
    { "\"bind\":true", "\"bnid\":true", ":6:18: pools.lan.bnid is not "
      "known" },
    { "\"bind\":true", "\"bind\":1", ":6:18: pools.lan.bind is a whole "
      "number, not true or false" },
    { "\"bind\":true", "\"bind\":true,\"bind\":true", ":6:30: duplicate key "
      "\"bind\"" },
    { "\"0000:01:10.*\"", "\"0000:01:1?.*\"", ":4:27: pools.lan.match[0].bdf "
      "is not a PCI" },
    { "\"8086\"", "\"0x8086\"", ":5:30: pools.lan.match[1].vendor is not" },
    { "\"10d3\"", "\"10D3\"", ":5:46: pools.lan.match[1].device is not" },
    { "{\"bdf\":\"0000:01:10.*\"}", "{}", ":4:20: pools.lan.match[0] is "
      "empty" },
    { "\"0200\"", "\"\"", "pools.nic.match[0].class is not 1 to 6" },
    { "\"0000:02:00.0\"", "\"0000:02:00.*\"", "pools.vf.match[0].pf is "
      "not" },
    { "\"igbvf\"", "\"../igbvf\"", "pools.vf.match[0].driver is not" },
    { "\"lan\"", "\"l n\"", ":4:10: pool name \"l n\" is not" },
    { "\"match\":[{\"driver\":\"x\"}]", "\"bind\":false", ":14:11: "
      "pools.none.match is "
      "missing" },
    { "\"match\":[{\"driver\":\"x\"}]", "\"match\":{}", ":14:20: "
      "pools.none.match is an object, "
      "not an array" },
    { "[{\"class\"", "[3,{\"class\"", "pools.nic.match[0] is a whole "
      "number" },
    { "\"pools\":{", "\"pools\":{{", ":3:" },
    { "/* the only one */", "/* the only one", ":" },
    { "\"numa\":1", "\"numa\":-1", ":9:29: pools.near.match[0].numa is not "
      "from 0 to 1023" },
    { "\"link_speed\":10000", "\"link_speed\":\"10G\"", ":9:44: pools.near."
      "match[0].link_speed is a string, not a whole number" },
    { "\"link_speed\":10000", "\"link_speed\":0", "link_speed is not from "
      "1" },
    { "\"xenbr0\"", "\"xen/br0\"", ":10:34: pools.near.match[0].networks[0] "
      "is not an interface's name" },
    { "\"xenbr0\"", "7", "networks[0] is not an interface's name" },
    { "\"reserve\":2", "\"reserve\":-2", ":11:22: pools.near.reserve is not "
      "from 0 to 65536" },
    { "\"allow\":{", "\"allow\":{}, \"x\":{", "pools.near.x is not known" },
    { "\"names\":[\"web*\"]", "\"names\":[\"\"]", ":12:30: pools.near.allow."
      "names[0] is not a domain's name" },
    { "\"names\":", "\"name\":", "pools.near.allow.name is not known" },
    { "\"match\":[{\"driver\":\"x\"}]", "\"match\":[]", "pools.none.match "
      "is empty" },
    { "\"0000:01:10.*\"", "\"01:10.*\"", "no device has one like that" },
    { "\"0000:01:10.*\"", "\"0000:1f:20.9\"", "no device has one" },
    { "\"0000:01:10.*\"", "\"0000:01:10.0*1\"", "no device has one" },
    { "\"0000:01:10.*\"", "\"*.8\"", "no device has one like that" },
    { "\"networks\":[\"xenbr0\",\"bond0\"]", "\"networks\":[]",
      "networks is empty" },
    { "\"names\":[\"web*\"]", "\"names\":[]", "names is empty" },
    { "\"7b1f2c44", "\"7B1f2c44", "pools.near.allow.uuids[0] is not a UUID" },
};

static void test_bad(void **state)
{
    struct pools pools;
    struct arena *arena;
    const char *error, *at;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bads) / sizeof(*bads); i++) {
        arena = arena_new();
        at = strstr(good, bads[i].from);
        assert_non_null(at);
        assert_int_equal(load(arena, arena_printf(
            arena, "%.*s%s%s", (int)(at - good), good, bads[i].to,
            at + strlen(bads[i].from)), &pools, &error), RC_BAD_REQUEST);
        if (!strstr(error, bads[i].error))
            fail_msg("%s: %s", bads[i].to, error);
        arena_free(arena);
    }
}

struct fit {
    struct pool_match match;
    bool fits;
};

#define ANY .vendor = POOL_ANY, .device = POOL_ANY, .class = POOL_ANY, \
            .numa = POOL_ANY, .link_speed = POOL_ANY

static const struct fit fits[] = {
    { { ANY, .bdf = "0000:01:10.*" }, true },
    { { ANY, .bdf = "0000:01:*" }, true },
    { { ANY, .bdf = "*" }, true },
    { { ANY, .bdf = "0000:01:10.1" }, false },
    { { ANY, .bdf = "0000:01:10" }, false },
    { { .vendor = 0x8086, .device = POOL_ANY, .class = POOL_ANY,
        .class_digits = 0 }, true },
    { { .vendor = 0x8086, .device = 0x10ca, .class = POOL_ANY,
        .class_digits = 0 }, true },
    { { .vendor = 0x8086, .device = 0x10cb, .class = POOL_ANY,
        .class_digits = 0 }, false },
    { { .vendor = 0x8087, .device = 0x10ca, .class = POOL_ANY,
        .class_digits = 0 }, false },
    { { .vendor = POOL_ANY, .device = POOL_ANY, .class = 0x02,
        .class_digits = 2 }, true },
    { { .vendor = POOL_ANY, .device = POOL_ANY, .class = 0x0,
        .class_digits = 1 }, true },
    { { .vendor = POOL_ANY, .device = POOL_ANY, .class = 0x020000,
        .class_digits = 6 }, true },
    { { .vendor = POOL_ANY, .device = POOL_ANY, .class = 0x0201,
        .class_digits = 4 }, false },
    { { .bdf = "0000:01:10.*", .vendor = POOL_ANY, .device = POOL_ANY,
        .class = 0x01, .class_digits = 2 }, false },
};

static void test_fits(void **state)
{
    const struct pool_subject subject = { "0000:01:10.0", 0x8086, 0x10ca,
                                          0x020000 };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(fits) / sizeof(*fits); i++)
        if (pool_match_fits(&fits[i].match, &subject) != fits[i].fits)
            fail_msg("match %zu", i);
}

#define NET(...) (const char *[]){ __VA_ARGS__ }

static void test_fits_detail(void **state)
{
    static char *networks[] = { "eth1", "bond0", "xenbr0", NULL };
    const struct pool_detail vf = {
        .pf = "0000:01:00.0", .driver = "igbvf", .numa = 1,
        .link_speed = 1000, .networks = networks,
    };
    const struct pool_detail unknown = { .numa = -1, .link_speed = -1 };
    const struct {
        struct pool_match match;
        bool fits;
    } table[] = {
        { { ANY }, true },
        { { ANY, .pf = "0000:01:00.0", .driver = "igbvf" }, true },
        { { ANY, .pf = "0000:01:00.1" }, false },
        { { ANY, .driver = "igb" }, false },
        { { .numa = 1, .link_speed = POOL_ANY }, true },
        { { .numa = 0, .link_speed = POOL_ANY }, false },
        { { .numa = POOL_ANY, .link_speed = 1000 }, true },
        { { .numa = POOL_ANY, .link_speed = 1001 }, false },
        { { ANY, .networks = NET("xenbr1", "xenbr0"), .network_count = 2 },
          true },
        { { ANY, .networks = NET("xenbr1"), .network_count = 1 }, false },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
        if (pool_match_fits_detail(&table[i].match, &vf) != table[i].fits)
            fail_msg("match %zu", i);
        /* what is unknown fits no key */
        assert_int_equal(pool_match_fits_detail(&table[i].match, &unknown),
                         i == 0);
    }
}

static void test_allows(void **state)
{
    struct arena *arena = arena_new();
    const struct pool *near;
    struct pools pools;
    const char *error;

    (void)state;
    assert_int_equal(load(arena, good, &pools, &error), RC_OK);
    near = pools_find(&pools, "near");
    assert_true(pool_allows(near, "web7", STRANGER));
    assert_true(pool_allows(near, "db",
                            "7b1f2c44-5a0e-4f57-8b3e-2f6f0d4f9e11"));
    assert_false(pool_allows(near, "db", STRANGER));
    assert_false(pool_allows(near, "myweb7", STRANGER));
    assert_true(pool_allows(pools_find(&pools, "lan"), "db", STRANGER));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_fits_detail),
        cmocka_unit_test(test_allows),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("pools", tests, NULL, NULL);
}
