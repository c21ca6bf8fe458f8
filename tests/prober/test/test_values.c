/* SPDX-License-Identifier: GPL-2.0-only */
/* What people write: durations, rates, addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <cmocka.h>

#include <stdlib.h>

#include "tests/prober/address.h"
#include "tests/prober/clock.h"
#include "tests/prober/values.h"

static void durations(void **state)
{
    uint64_t ns;

    assert_true(value_duration("20ms", &ns));
    assert_int_equal(ns, 20 * NS_PER_MS);
    assert_true(value_duration("500us", &ns));
    assert_int_equal(ns, 500 * NS_PER_US);
    assert_true(value_duration("2m", &ns));
    assert_int_equal(ns, 120 * NS_PER_S);
    assert_true(value_duration("1h", &ns));
    assert_int_equal(ns, 3600 * NS_PER_S);
}

static void bad_durations(void **state)
{
    static const char *const bad[] = {
        "", "20", "ms", "-1s", " 1s", "1 s", "1.5s", "1sx", "0x10s", "+1s",
        "99999999999999999999s", "18446744073709551615s",
    };
    uint64_t ns;
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (value_duration(bad[i], &ns))
            fail_msg("'%s' was accepted", bad[i]);
}

static void rates(void **state)
{
    uint64_t rate;

    assert_true(value_rate("100k", &rate));
    assert_int_equal(rate, 100000);
    assert_true(value_rate("0", &rate));
    assert_int_equal(rate, 0);
    assert_true(value_rate("2M", &rate));
    assert_int_equal(rate, 2000000);
    assert_true(value_rate("max", &rate));
    assert_false(value_rate("1G", &rate));
    assert_false(value_rate("99999999M", &rate));
    assert_false(value_rate("", &rate));
}

static void addresses(void **state)
{
    char text[ADDRESS_TEXT_MAX];
    struct address a;

    assert_true(address_parse("10.0.0.1", 7700, &a));
    address_format(&a, text);
    assert_string_equal(text, "10.0.0.1:7700");
    assert_true(address_parse("10.0.0.1:99", 7700, &a));
    assert_int_equal(address_port(&a), 99);
    assert_true(address_parse("fd00::1", 7700, &a));
    address_format(&a, text);
    assert_string_equal(text, "[fd00::1]:7700");
    assert_true(address_parse("[fd00::1]:99", 7700, &a));
    assert_int_equal(address_port(&a), 99);
    assert_true(address_parse("[fd00::1]", 7700, &a));
    assert_int_equal(address_port(&a), 7700);
}

static void bad_addresses(void **state)
{
    static const char *const bad[] = {
        "", "localhost", "10.0.0", "10.0.0.1:", "10.0.0.1:0",
        "10.0.0.1:65536", "10.0.0.1:-1", "10.0.0.1:1x", "[fd00::1",
        "[fd00::1]x", "[]:1", ":7700", "fd00::1::2",
        "1111111111111111111111111111111111111111111111111111111111111111",
    };
    struct address a;
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (address_parse(bad[i], 7700, &a))
            fail_msg("'%s' was accepted", bad[i]);
}

static void time_scale(void **state)
{
    unsetenv("SHADOWPORT_TIME_SCALE");
    assert_int_equal(clock_scaled(10), 10);
    setenv("SHADOWPORT_TIME_SCALE", "3", 1);
    assert_int_equal(clock_scaled(10), 30);
    setenv("SHADOWPORT_TIME_SCALE", "nonsense", 1);
    assert_int_equal(clock_scaled(10), 10);
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(durations), T(bad_durations), T(rates), T(addresses),
        T(bad_addresses), T(time_scale),
    };

    return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
