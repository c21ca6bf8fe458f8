/* SPDX-License-Identifier: GPL-2.0-only */
/* The known bytes: the same from any offset, and every change found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <cmocka.h>

#include <string.h>

#include "tests/prober/pattern.h"

#define LEN 5000

static uint8_t whole[LEN];
static struct pattern_check check;
static uint64_t seed;

static int start(void **state)
{
    seed = pattern_seed(42, PATTERN_TCP_TO_GUEST);
    pattern_fill(seed, 0, whole, LEN);
    pattern_check_init(&check, seed);
    return 0;
}

/* Bytes that were once sent to another build must not change. */
static void known_bytes(void **state)
{
    static const uint8_t want[] = {
        0xa3, 0xb4, 0xd0, 0xdb, 0x4a, 0x32, 0x77, 0xdf,
        0xe0, 0x77, 0x4f, 0x77, 0x00, 0x4b, 0x59, 0x83,
        0xcf, 0x6a, 0xd0, 0x45, 0xcc, 0x60, 0x62, 0x2c,
    };

    assert_memory_equal(whole, want, sizeof(want));
}

static void any_part_is_the_same(void **state)
{
    uint8_t part[64];
    size_t from;

    for (from = 0; from < 40; from++) {
        pattern_fill(seed, from, part, 17);
        assert_memory_equal(part, whole + from, 17);
    }
}

static void intact_in_odd_pieces(void **state)
{
    size_t at = 0, piece = 1;

    while (at + piece <= LEN) {
        pattern_check_feed(&check, whole + at, piece);
        at += piece;
        piece = piece % 13 + 1;
    }
    assert_int_equal(check.offset, at);
    assert_int_equal(check.wrong, 0);
    assert_true(check.first_wrong == PATTERN_NONE_WRONG);
}

static void one_bit_is_found(void **state)
{
    whole[1234] ^= 0x10;
    pattern_check_feed(&check, whole, 1000);
    pattern_check_feed(&check, whole + 1000, LEN - 1000);
    assert_int_equal(check.wrong, 1);
    assert_int_equal(check.first_wrong, 1234);
}

static void first_wrong_byte_at_zero(void **state)
{
    whole[0] ^= 1;
    pattern_check_feed(&check, whole, LEN);
    assert_int_equal(check.wrong, 1);
    assert_int_equal(check.first_wrong, 0);
}

static void repeated_part_is_found(void **state)
{
    pattern_check_feed(&check, whole, 2048);
    pattern_check_feed(&check, whole + 1024, 1024);
    assert_true(check.wrong > 900);
    assert_true(check.first_wrong >= 2048 && check.first_wrong < 2060);
}

static void missing_byte_is_found(void **state)
{
    pattern_check_feed(&check, whole, 100);
    pattern_check_feed(&check, whole + 101, 1000);
    assert_true(check.wrong > 900);
}

static void uses_and_sessions_differ(void **state)
{
    uint64_t a = pattern_seed(42, PATTERN_TCP_TO_ENDPOINT);
    uint64_t b = pattern_seed(43, PATTERN_TCP_TO_GUEST);
    uint8_t other[64];

    assert_true(a != seed && b != seed && a != b);
    pattern_fill(a, 0, other, sizeof(other));
    assert_memory_not_equal(other, whole, sizeof(other));
}

#define T(f) cmocka_unit_test_setup(f, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(known_bytes), T(any_part_is_the_same), T(intact_in_odd_pieces),
        T(one_bit_is_found), T(first_wrong_byte_at_zero),
        T(repeated_part_is_found), T(missing_byte_is_found),
        T(uses_and_sessions_differ),
    };

    return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
