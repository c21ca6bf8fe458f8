/* SPDX-License-Identifier: GPL-2.0-only */
/* Time: silences, distributions, series, and losses turned into outages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <cmocka.h>

#include <string.h>

#include "tests/prober/clock.h"
#include "tests/prober/dist.h"
#include "tests/prober/gaplog.h"
#include "tests/prober/series.h"
#include "tests/prober/sparkline.h"
#include "tests/prober/timelog.h"

#define MS NS_PER_MS

static struct gaplog g, self;
static struct timelog times;
static struct dist d;

static int start(void **state)
{
    gaplog_start(&g, 200 * MS, 0);
    gaplog_start(&self, 50 * MS, 0);
    memset(&times, 0, sizeof(times));
    memset(&d, 0, sizeof(d));
    return 0;
}

static int end(void **state)
{
    gaplog_free(&g);
    gaplog_free(&self);
    timelog_free(&times);
    return 0;
}

static struct span *span(const struct gaplog *of, size_t i)
{
    assert_true(i < of->spans.n);
    return vec_at(&of->spans, struct span, i);
}

static void regular_progress_is_no_outage(void **state)
{
    uint64_t t;

    for (t = 20 * MS; t <= 10000 * MS; t += 20 * MS)
        assert_false(gaplog_progress(&g, t));
    gaplog_finish(&g, 10020 * MS);
    assert_int_equal(g.spans.n, 0);
    assert_int_equal(g.total_ns, 0);
    assert_int_equal(g.longest_ns, 20 * MS);
}

static void gap_above_threshold_is_a_span(void **state)
{
    gaplog_progress(&g, 100 * MS);
    assert_true(gaplog_progress(&g, 2100 * MS));
    assert_int_equal(g.spans.n, 1);
    assert_int_equal(span(&g, 0)->start_ns, 100 * MS);
    assert_int_equal(span(&g, 0)->duration_ns, 2000 * MS);
    assert_false(span(&g, 0)->open);
    assert_int_equal(g.longest_ns, 2000 * MS);
}

static void threshold_itself_is_no_outage(void **state)
{
    assert_false(gaplog_progress(&g, 200 * MS));
    assert_true(gaplog_progress(&g, 400 * MS + 1));
    assert_int_equal(g.spans.n, 1);
}

static void silence_at_the_end_is_open(void **state)
{
    gaplog_progress(&g, 100 * MS);
    gaplog_finish(&g, 900 * MS);
    assert_int_equal(g.spans.n, 1);
    assert_true(span(&g, 0)->open);
    assert_int_equal(span(&g, 0)->duration_ns, 800 * MS);
}

static void never_anything_is_one_outage(void **state)
{
    gaplog_finish(&g, 5000 * MS);
    assert_int_equal(span(&g, 0)->start_ns, 0);
    assert_int_equal(g.longest_ns, 5000 * MS);
}

static void many_spans_are_bounded(void **state)
{
    uint64_t i;

    for (i = 1; i <= GAPLOG_MAX_SPANS + 5; i++)
        gaplog_progress(&g, i * 300 * MS);
    assert_int_equal(g.spans.n, GAPLOG_MAX_SPANS);
    assert_int_equal(g.spans_dropped, 5);
    assert_int_equal(g.total_ns, (GAPLOG_MAX_SPANS + 5) * 300 * MS);
}

static void own_stall_is_blamed(void **state)
{
    gaplog_progress(&g, 1000 * MS);
    gaplog_progress(&g, 2000 * MS);
    gaplog_progress(&self, 1900 * MS); /* stood still 0..1900 */
    gaplog_progress(&self, 1940 * MS);
    gaplog_progress(&self, 5000 * MS); /* and 1940..5000 */
    gaplog_blame_self(&g, &self);
    assert_int_equal(span(&g, 1)->self_stall_ns, 960 * MS);
}

static void quantiles(void **state)
{
    struct dist_summary s;
    uint64_t i;

    for (i = 1; i <= 1000; i++)
        dist_add(&d, i * MS);
    s = dist_summarise(&d);
    assert_int_equal(s.count, 1000);
    assert_in_range(s.median_ns, 499 * MS, 501 * MS);
    assert_in_range(s.p99_ns, 989 * MS, 991 * MS);
    assert_int_equal(s.max_ns, 1000 * MS);
}

static void quantiles_of_extremes(void **state)
{
    dist_add(&d, 0);
    dist_add(&d, UINT64_MAX);
    assert_int_equal(dist_summarise(&d).median_ns, 0);
    assert_true(dist_summarise(&d).p99_ns > UINT64_MAX / 2);
    assert_true(dist_summarise(&d).max_ns == UINT64_MAX);
}

static void empty_distribution(void **state)
{
    assert_int_equal(dist_summarise(&d).count, 0);
    assert_int_equal(dist_summarise(&d).max_ns, 0);
}

static void send_every(uint64_t ms, uint64_t n)
{
    uint64_t i;

    for (i = 0; i < n; i++)
        timelog_set(&times, i, i * ms * MS);
}

static void losses_become_outages(void **state)
{
    const struct seq_loss losses[] = { { 10, 1 }, { 50, 25 }, { 99, 1 } };

    send_every(20, 100);
    timelog_outages(&times, losses, 3, 2000 * MS, &g);
    assert_int_equal(g.spans.n, 1);
    assert_int_equal(span(&g, 0)->start_ns, 49 * 20 * MS);
    assert_int_equal(span(&g, 0)->duration_ns, 26 * 20 * MS);
    assert_false(span(&g, 0)->open);
}

static void loss_at_the_end_is_open(void **state)
{
    const struct seq_loss loss = { 50, 50 };

    send_every(20, 100);
    timelog_outages(&times, &loss, 1, 2100 * MS, &g);
    assert_true(span(&g, 0)->open);
    assert_int_equal(span(&g, 0)->duration_ns, (2100 - 980) * MS);
}

static void loss_from_the_start(void **state)
{
    const struct seq_loss loss = { 0, 50 };

    send_every(20, 100);
    timelog_outages(&times, &loss, 1, 2000 * MS, &g);
    assert_int_equal(span(&g, 0)->start_ns, 0);
    assert_int_equal(span(&g, 0)->duration_ns, 1000 * MS);
}

/* A peer may claim to have lost what was never sent. */
static void loss_beyond_what_was_sent(void **state)
{
    const struct seq_loss loss = { 1000, 1 };

    send_every(20, 100);
    timelog_outages(&times, &loss, 1, 2000 * MS, &g);
    assert_int_equal(span(&g, 0)->duration_ns, 2000 * MS);
    assert_true(span(&g, 0)->open);
}

static void series_sums_per_step(void **state)
{
    struct series s;

    series_init(&s, 1000 * MS);
    series_add(&s, 0, 5);
    series_add(&s, 999 * MS, 6);
    series_add(&s, 3000 * MS, 7);
    series_add(&s, UINT64_MAX, 8); /* beyond all limits */
    assert_int_equal(s.steps.n, 4);
    assert_int_equal(*vec_at(&s.steps, uint64_t, 0), 11);
    assert_int_equal(*vec_at(&s.steps, uint64_t, 1), 0);
    assert_int_equal(*vec_at(&s.steps, uint64_t, 3), 7);
    vec_free(&s.steps);
}

static void graph(void **state)
{
    const uint64_t values[] = { 0, 1, 50, 100, 100, 0 };
    char out[7], two[3];

    assert_true(sparkline(values, 6, out, 6) == 100);
    assert_string_equal(out, " .+@@ ");
    sparkline(values, 6, two, 2);
    assert_string_equal(two, ":#");
    assert_true(sparkline(values, 0, out, 6) == 0);
    assert_string_equal(out, "");
}

#define T(f) cmocka_unit_test_setup_teardown(f, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(regular_progress_is_no_outage), T(gap_above_threshold_is_a_span),
        T(threshold_itself_is_no_outage), T(silence_at_the_end_is_open),
        T(never_anything_is_one_outage), T(many_spans_are_bounded),
        T(own_stall_is_blamed), T(quantiles), T(quantiles_of_extremes),
        T(empty_distribution), T(losses_become_outages),
        T(loss_at_the_end_is_open), T(loss_from_the_start),
        T(loss_beyond_what_was_sent), T(series_sums_per_step), T(graph),
    };

    return cmocka_run_group_tests_name("silence", tests, NULL, NULL);
}
