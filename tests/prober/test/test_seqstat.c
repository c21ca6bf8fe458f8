/* SPDX-License-Identifier: GPL-2.0-only */
/* Sequence accounting: loss, duplicates, order, windows, nonsense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <cmocka.h>

#include "tests/prober/seqstat.h"

static struct seqstat s;

static int start(void **state)
{
    seqstat_init(&s, 0);
    return 0;
}

static void accept_range(uint64_t from, uint64_t to)
{
    for (; from < to; from++)
        assert_int_equal(seqstat_accept(&s, from), SEQ_NEW);
}

static void complete_run_loses_nothing(void **state)
{
    accept_range(0, 1000);
    assert_true(seqstat_finish(&s, 1000));
    assert_int_equal(s.received, 1000);
    assert_int_equal(s.lost, 0);
    assert_int_equal(s.n_losses, 0);
}

static void gap_is_one_range(void **state)
{
    accept_range(0, 100);
    accept_range(150, 200);
    assert_true(seqstat_finish(&s, 200));
    assert_int_equal(s.lost, 50);
    assert_int_equal(s.n_losses, 1);
    assert_int_equal(s.losses[0].first, 100);
    assert_int_equal(s.losses[0].count, 50);
}

static void loss_at_both_ends_counts(void **state)
{
    accept_range(3, 10);
    assert_true(seqstat_finish(&s, 12));
    assert_int_equal(s.lost, 5);
    assert_int_equal(s.n_losses, 2);
    assert_int_equal(s.losses[0].first, 0);
    assert_int_equal(s.losses[1].first, 10);
    assert_int_equal(s.losses[1].count, 2);
}

static void nothing_received_is_all_lost(void **state)
{
    assert_true(seqstat_finish(&s, 7));
    assert_int_equal(s.lost, 7);
    assert_int_equal(s.losses[0].count, 7);
}

static void duplicates_count_apart(void **state)
{
    accept_range(0, 10);
    assert_int_equal(seqstat_accept(&s, 9), SEQ_DUPLICATE);
    assert_int_equal(seqstat_accept(&s, 0), SEQ_DUPLICATE);
    assert_true(seqstat_finish(&s, 10));
    assert_int_equal(s.received, 10);
    assert_int_equal(s.duplicated, 2);
    assert_int_equal(s.lost, 0);
}

static void late_ones_are_reordered_not_lost(void **state)
{
    accept_range(0, 5);
    accept_range(7, 9);
    assert_int_equal(seqstat_accept(&s, 6), SEQ_REORDERED);
    assert_int_equal(seqstat_accept(&s, 5), SEQ_REORDERED);
    assert_int_equal(seqstat_accept(&s, 5), SEQ_DUPLICATE);
    assert_true(seqstat_finish(&s, 9));
    assert_int_equal(s.reordered, 2);
    assert_int_equal(s.lost, 0);
}

/* The bitmap is a ring: several rounds must not see bits of former ones. */
static void window_goes_round(void **state)
{
    uint64_t seq, end = 3 * (uint64_t)SEQSTAT_WINDOW + 17, lost = 0;

    for (seq = 0; seq < end; seq++) {
        if (seq % 1000 == 999)
            lost++;
        else
            assert_int_equal(seqstat_accept(&s, seq), SEQ_NEW);
    }
    assert_true(seqstat_finish(&s, end));
    assert_int_equal(s.lost, lost);
    assert_int_equal(s.n_losses, lost);
    assert_int_equal(s.losses[5].first, 5999);
    assert_int_equal(s.received, end - lost);
}

static void edge_of_window(void **state)
{
    accept_range(0, 1);
    accept_range(SEQSTAT_WINDOW, SEQSTAT_WINDOW + 1);
    /* 1 is the oldest that is still open, 0 was settled. */
    assert_int_equal(seqstat_accept(&s, 0), SEQ_STALE);
    assert_int_equal(seqstat_accept(&s, 1), SEQ_REORDERED);
    assert_int_equal(s.stale, 1);
}

static void stale_stays_lost(void **state)
{
    accept_range(0, 1);
    accept_range(2, 3);
    accept_range(2 * SEQSTAT_WINDOW, 2 * SEQSTAT_WINDOW + 1);
    assert_int_equal(seqstat_accept(&s, 1), SEQ_STALE);
    assert_true(seqstat_finish(&s, 2 * SEQSTAT_WINDOW + 1));
    assert_int_equal(s.lost, 2 * SEQSTAT_WINDOW + 1 - 3);
    assert_int_equal(s.n_losses, 2);
}

static void numbers_beyond_32_bits(void **state)
{
    uint64_t first = (UINT64_C(1) << 32) - 100;

    seqstat_init(&s, first);
    accept_range(first, first + 50);
    accept_range(first + 60, first + 300);
    assert_int_equal(seqstat_accept(&s, first + 55), SEQ_REORDERED);
    assert_true(seqstat_finish(&s, first + 300));
    assert_int_equal(s.lost, 9);
}

static void wrap_of_64_bits_is_refused(void **state)
{
    seqstat_init(&s, UINT64_MAX - 2);
    accept_range(UINT64_MAX - 2, UINT64_MAX);
    assert_int_equal(seqstat_accept(&s, UINT64_MAX), SEQ_IMPLAUSIBLE);
    assert_int_equal(seqstat_accept(&s, 0), SEQ_STALE);
}

/* A jump to nowhere must neither take long nor spoil what is known. */
static void nonsense_is_refused(void **state)
{
    accept_range(0, 10);
    assert_int_equal(seqstat_accept(&s, UINT64_MAX), SEQ_IMPLAUSIBLE);
    assert_int_equal(seqstat_accept(&s, UINT64_C(1) << 40), SEQ_IMPLAUSIBLE);
    assert_int_equal(s.implausible, 2);
    accept_range(10, 20);
    assert_true(seqstat_finish(&s, 20));
    assert_int_equal(s.lost, 0);
}

static void longest_plausible_jump(void **state)
{
    accept_range(0, 1);
    assert_int_equal(seqstat_accept(&s, SEQSTAT_MAX_AHEAD), SEQ_NEW);
    assert_true(seqstat_finish(&s, SEQSTAT_MAX_AHEAD + 1));
    assert_int_equal(s.lost, SEQSTAT_MAX_AHEAD - 1);
    assert_int_equal(s.n_losses, 1);
}

static void restart_shows_as_duplicates(void **state)
{
    accept_range(0, 100);
    assert_int_equal(seqstat_accept(&s, 0), SEQ_DUPLICATE);
    assert_int_equal(seqstat_accept(&s, 1), SEQ_DUPLICATE);
    assert_int_equal(s.next, 100);
}

static void restart_after_long_run_is_stale(void **state)
{
    accept_range(0, 3 * SEQSTAT_WINDOW);
    assert_int_equal(seqstat_accept(&s, 0), SEQ_STALE);
    assert_int_equal(s.received, 3 * SEQSTAT_WINDOW);
}

static void contradicting_end_is_told(void **state)
{
    accept_range(0, 100);
    assert_false(seqstat_finish(&s, 50));
    assert_int_equal(s.received, 100);
    assert_int_equal(s.lost, 0);
}

static void too_many_ranges_still_count(void **state)
{
    uint64_t seq, n = 2 * SEQSTAT_MAX_LOSSES + 10;

    for (seq = 0; seq < 2 * n; seq += 2)
        seqstat_accept(&s, seq);
    assert_true(seqstat_finish(&s, 2 * n));
    assert_int_equal(s.lost, n);
    assert_int_equal(s.n_losses, SEQSTAT_MAX_LOSSES);
    assert_int_equal(s.losses_dropped, n - SEQSTAT_MAX_LOSSES);
}

#define T(f) cmocka_unit_test_setup(f, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(complete_run_loses_nothing), T(gap_is_one_range),
        T(loss_at_both_ends_counts), T(nothing_received_is_all_lost),
        T(duplicates_count_apart), T(late_ones_are_reordered_not_lost),
        T(window_goes_round), T(edge_of_window), T(stale_stays_lost),
        T(numbers_beyond_32_bits), T(wrap_of_64_bits_is_refused),
        T(nonsense_is_refused), T(longest_plausible_jump),
        T(restart_shows_as_duplicates), T(restart_after_long_run_is_stale),
        T(contradicting_end_is_told), T(too_many_ranges_still_count),
    };

    return cmocka_run_group_tests_name("seqstat", tests, NULL, NULL);
}
