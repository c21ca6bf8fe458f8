/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of a setting on another card, and what counts as changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decide.h"

/* One setting of a card, or none with `name` NULL. */
static struct list card_with(const char *name, const char *value,
                             const char *may)
{
    struct list card = { 0 };

    if (!name)
        return card;
    list_put(&card, name, value);
    if (may)
        setting_may(list_find(&card, name), text("%s", may));
    return card;
}

static void expect(const char *name, const char *kept, struct list card,
                   enum verdict verdict, const char *want)
{
    struct list list = { 0 };
    struct decision decision;

    decision = decide(table_row(name, NULL), list_put(&list, name, kept),
                      &card);
    assert_int_equal(decision.verdict, verdict);
    if (want)
        assert_string_equal(decision.want, want);
    else
        assert_null(decision.want);
    assert_true(!decision.why == (verdict == VERDICT_SAME ||
                                  verdict == VERDICT_CARRY));
    assert_true(decision.tell || verdict == VERDICT_SAME ||
                verdict == VERDICT_REFUSE || verdict == VERDICT_LOWER);
    decision_free(&decision);
    list_free(&list);
    list_free(&card);
}

static void test_numbers(void **state)
{
    expect("ring-rx", "2048", card_with("ring-rx", "512", "4096"),
           VERDICT_CARRY, "2048");
    expect("ring-rx", "2048", card_with("ring-rx", "2048", "4096"),
           VERDICT_SAME, "2048");
    expect("ring-rx", "2048", card_with("ring-rx", "512", "1024"),
           VERDICT_LOWER, "1024");
    /* As far as it goes already: named all the same. */
    expect("ring-rx", "2048", card_with("ring-rx", "1024", "1024"),
           VERDICT_LOWER, "1024");
    expect("ring-rx", "2048", card_with("ring-rx", "0", "0"),
           VERDICT_REFUSE, NULL);
    expect("coalesce-rx-usecs", "4000000000",
           card_with("coalesce-rx-usecs", "3", NULL), VERDICT_CARRY,
           "4000000000");
}

static void test_missing(void **state)
{
    expect("channels-combined", "4", card_with(NULL, NULL, NULL),
           VERDICT_REFUSE, NULL);
    expect("channels-rx", "0", card_with(NULL, NULL, NULL),
           VERDICT_SAME, "0");
    expect("wol-modes", "", card_with(NULL, NULL, NULL), VERDICT_SAME, "");
    expect("eee-enabled", "off", card_with(NULL, NULL, NULL),
           VERDICT_SAME, "off");
    expect("feature-rx-gro-hw", "off", card_with(NULL, NULL, NULL),
           VERDICT_SAME, "off");
    /* Nobody knows what a card without that flag does. */
    expect("flag-legacy-rx", "off", card_with(NULL, NULL, NULL),
           VERDICT_REFUSE, NULL);
    expect("flag-legacy-rx", "on", card_with("flag-other", "on", NULL),
           VERDICT_REFUSE, NULL);
}

static void test_sets(void **state)
{
    expect("wol-modes", "magic,ucast",
           card_with("wol-modes", "", "phy,magic,ucast"), VERDICT_CARRY,
           "magic,ucast");
    expect("wol-modes", "magic,ucast", card_with("wol-modes", "", "magic"),
           VERDICT_LOWER, "magic");
    expect("wol-modes", "ucast", card_with("wol-modes", "", "magic"),
           VERDICT_REFUSE, NULL);
    /* A part of a word is another word. */
    expect("link-modes", "1000baseT/Full",
           card_with("link-modes", "", "1000baseT/Half,100baseT/Full"),
           VERDICT_REFUSE, NULL);
    /* It does not say what it could do: ask it. */
    expect("fec-modes", "RS", card_with("fec-modes", "Off", NULL),
           VERDICT_CARRY, "RS");
}

static void test_bytes(void **state)
{
    expect("rss-key", "00ff", card_with("rss-key", "1111", "4"),
           VERDICT_CARRY, "00ff");
    expect("rss-key", "00ff", card_with("rss-key", "111111", "6"),
           VERDICT_REFUSE, NULL);
}

static void test_spread(void **state)
{
    expect("rss-indirection", "1,1", card_with("rss-indirection", "0,1,0,1",
           "2"), VERDICT_CARRY, "1,1,1,1");
    expect("rss-indirection", "1,0,1,0",
           card_with("rss-indirection", "0,0", "2"), VERDICT_CARRY, "1,0");
    expect("rss-indirection", "1,0,0,1",
           card_with("rss-indirection", "0,0", "2"), VERDICT_REFUSE, NULL);
    expect("rss-indirection", "1,0,1",
           card_with("rss-indirection", "0,0", "2"), VERDICT_REFUSE, NULL);
    expect("rss-indirection", "3,0", card_with("rss-indirection", "0,0",
           "2"), VERDICT_REFUSE, NULL);
    expect("rss-indirection", "1,0", card_with("rss-indirection", "1,0",
           "2"), VERDICT_SAME, "1,0");
}

static void test_rules(void **state)
{
    expect("rule-15", "1 00", card_with("rule-*", "", "4"), VERDICT_CARRY,
           "1 00");
    expect("rule-15", "4 00", card_with("rule-*", "", "4"), VERDICT_REFUSE,
           NULL);
    /* To throw away takes no queue. */
    expect("rule-15", "18446744073709551615 00",
           card_with("rule-*", "", "4"), VERDICT_CARRY,
           "18446744073709551615 00");
    expect("rule-15", "1 00", card_with("rule-15", "1 00", "4"),
           VERDICT_SAME, "1 00");
    expect("rule-15", "1 00", card_with(NULL, NULL, NULL), VERDICT_REFUSE,
           NULL);
}

/* ---- what was changed */

static void records(const char *group_of, struct list *kept,
                    struct list seen, struct list now, bool changed)
{
    const struct group *group;

    table_row(group_of, &group);
    assert_int_equal(record_changes(kept, group, &seen, &now), changed);
    list_free(&seen);
    list_free(&now);
}

static struct list with(struct list list, const char *name, const char *value)
{
    list_put(&list, name, value);
    return list;
}

static const char *kept_value(const struct list *kept, const char *name)
{
    struct setting *setting = list_find(kept, name);

    return setting ? setting->value : "";
}

static void test_record(void **state)
{
    struct list kept = { 0 }, none = { 0 };

    records("ring-rx", &kept, with(with(none, "ring-rx", "256"), "ring-tx", "256"),
            with(with(none, "ring-rx", "512"), "ring-tx", "256"), true);
    assert_string_equal(kept_value(&kept, "ring-rx"), "512");
    assert_null(list_find(&kept, "ring-tx"));
    records("ring-rx", &kept, with(none, "ring-rx", "512"),
            with(none, "ring-rx", "512"), false);
    /* It was not asked before: that is no change. */
    records("ring-rx", &kept, none, with(none, "ring-tx", "64"), false);
    assert_null(list_find(&kept, "ring-tx"));
    /* What does not answer has not changed. */
    records("ring-rx", &kept, with(none, "ring-rx", "512"), none, false);
    assert_string_equal(kept_value(&kept, "ring-rx"), "512");
    list_free(&kept);
}

static void test_record_whole(void **state)
{
    struct list kept = { 0 }, none = { 0 };

    records("pause-rx", &kept,
            with(with(none, "pause-autoneg", "on"), "pause-rx", "on"),
            with(with(none, "pause-autoneg", "off"), "pause-rx", "on"), true);
    assert_string_equal(kept_value(&kept, "pause-autoneg"), "off");
    assert_string_equal(kept_value(&kept, "pause-rx"), "on");
    list_free(&kept);
}

static struct list link_of(const char *autoneg, const char *speed)
{
    struct list none = { 0 }, list = with(none, "link-autoneg", autoneg);

    return speed ? with(list, "link-speed", speed) : list;
}

static void test_record_speed(void **state)
{
    struct list kept = { 0 };

    /* A card that never negotiates, and whose link came up: nobody did that. */
    records("link-speed", &kept, link_of("off", NULL),
            link_of("off", "10000"), false);
    records("link-speed", &kept, link_of("off", "1000"),
            link_of("off", "10000"), false);
    assert_int_equal(kept.count, 0);
    records("link-speed", &kept, link_of("on", NULL), link_of("off", "100"),
            true);
    assert_string_equal(kept_value(&kept, "link-speed"), "100");
    records("link-speed", &kept, link_of("off", "100"),
            link_of("off", NULL), false);
    assert_string_equal(kept_value(&kept, "link-speed"), "100");
    records("link-speed", &kept, link_of("off", "100"), link_of("on", NULL),
            true);
    assert_null(list_find(&kept, "link-speed"));
    assert_string_equal(kept_value(&kept, "link-autoneg"), "on");
    list_free(&kept);
}

static void test_record_spread(void **state)
{
    struct list kept = { 0 }, none = { 0 }, now;

    records("rss-key", &kept, with(none, "rss-indirection", "0,1,0,1"),
            with(none, "rss-indirection", "1,1,1,1"), true);
    assert_string_equal(kept_value(&kept, "rss-indirection"), "1,1,1,1");
    /* As the kernel does it: nothing to carry. */
    now = with(none, "rss-indirection", "0,1,0,1");
    setting_may(list_find(&now, "rss-indirection"), text("2"));
    records("rss-key", &kept, with(none, "rss-indirection", "1,1,1,1"), now,
            true);
    assert_int_equal(kept.count, 0);
    list_free(&kept);
}

static void test_record_rules(void **state)
{
    struct list kept = { 0 }, none = { 0 };

    records("rule-1", &kept, with(none, "rule-*", ""),
            with(with(none, "rule-*", ""), "rule-1", "1 00"), true);
    assert_int_equal(kept.count, 1);
    records("rule-1", &kept, with(with(none, "rule-*", ""), "rule-1", "1 00"),
            with(none, "rule-*", ""), true);
    assert_int_equal(kept.count, 0);
    list_free(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_record),
        cmocka_unit_test(test_record_whole),
        cmocka_unit_test(test_record_speed),
        cmocka_unit_test(test_record_spread),
        cmocka_unit_test(test_record_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
