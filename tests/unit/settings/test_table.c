/* SPDX-License-Identifier: GPL-2.0-only */
/* The table makes sense, and what is kept survives being written down. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "state.h"
#include "table.h"

static size_t for_rows(void (*check)(const struct group *group,
                                     const struct row *row))
{
    size_t i, j, n = 0;

    for (i = 0; i < table_groups; i++)
        for (j = 0; j < table[i].count; j++, n++)
            check(&table[i], &table[i].rows[j]);
    return n;
}

/* As the module has them, and as the host reads them. */
static void check_name(const struct group *group, const struct row *row)
{
    const struct group *its;
    const char *s;

    assert_true(strlen(row->name) < NAME_MAX_LENGTH);
    for (s = row->name; *s; s++)
        assert_true(islower((unsigned char)*s) ||
                    isdigit((unsigned char)*s) || *s == '-' ||
                    (*s == '*' && !s[1]));
    assert_ptr_equal(table_row(row->name, &its), row);
    assert_ptr_equal(its, group);
}

static void test_names(void **state)
{
    assert_true(for_rows(check_name) >= 25);
    assert_null(table_row("flag-", NULL));
    assert_null(table_row("ring", NULL));
    assert_null(table_row("ring-rx-more", NULL));
    assert_string_equal(table_row("flag-legacy-rx", NULL)->name, "flag-*");
    assert_string_equal(row_bit(table_row("flag-a-b", NULL), "flag-a-b"),
                        "a-b");
}

static void check_wire(const struct group *group, const struct row *row)
{
    const struct row *other;

    assert_int_equal(row->wire != WIRE_OTHER, group->means == MEANS_NETLINK);
    assert_int_equal(row->attr != 0, group->means == MEANS_NETLINK);
    assert_int_equal(group->get != 0, group->means == MEANS_NETLINK);
    assert_true(group->quiet == !group->told);
    if (row->kind == KIND_SET || row_is_many(row))
        assert_true(row->wire == WIRE_BITS || row->wire == WIRE_OTHER);
    if (row->state_if) {
        /* Read before it. */
        other = table_row(row->state_if, NULL);
        assert_true(other && other < row);
    }
}

static void test_wire(void **state)
{
    for_rows(check_wire);
}

static void test_quiet(void **state)
{
    size_t i;

    assert_true(groups_quiet() && groups_quiet() != GROUPS_ALL);
    for (i = 0; i < table_groups; i++)
        assert_int_equal(table[i].quiet, groups_quiet() >> i & 1);
}

static void test_state(void **unused)
{
    struct state *state, *again;
    char *json;

    state = calloc(1, sizeof(*state));
    state->card = 7;
    list_put(&state->kept, "ring-rx", "2048");
    list_put(&state->kept, "flag-\"odd\"", "on");
    list_put(&state->seen, "wol-modes", "");
    json = state_text(state);
    again = state_parse(json, strlen(json));
    assert_non_null(again);
    assert_int_equal(again->card, 7);
    assert_int_equal(again->kept.count, 2);
    assert_string_equal(list_find(&again->kept, "ring-rx")->value, "2048");
    assert_string_equal(list_find(&again->kept, "flag-\"odd\"")->value, "on");
    assert_string_equal(list_find(&again->seen, "wol-modes")->value, "");
    free(json);
    state_free(again);
    state_free(state);
}

static void test_state_bad(void **unused)
{
    static const char *bad[] = {
        "", "{", "[]", "{}", "{\"version\":2}", "{\"version\":\"1\"}",
        "{\"version\":1} x",
    };
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_null(state_parse(bad[i], strlen(bad[i])));
    assert_false(state_id_is_good(""));
    assert_false(state_id_is_good("../x"));
    assert_false(state_id_is_good("."));
    assert_true(state_id_is_good("lan0"));
}

static void test_words(void **unused)
{
    char *common = words_common("a,bc,d", "bc,b,a");

    assert_string_equal(common, "a,bc");
    assert_int_equal(words_count(common), 2);
    free(common);
    common = words_without("a,bc,d", "b,d");
    assert_string_equal(common, "a,bc");
    assert_int_equal(words_count(""), 0);
    assert_false(words_have("abc,de", "ab"));
    assert_true(words_have("abc,de", "de"));
    free(common);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_wire),
        cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_state_bad),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
