/* SPDX-License-Identifier: GPL-2.0-only */
/* The report: golden example, round trip, refusals, verdict, marks, text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/prober/between.h"
#include "tests/prober/report.h"
#include "tests/prober/report_json.h"
#include "tests/prober/summary.h"
#include "tests/prober/verdict.h"

static char *golden;
static struct report r;
static char error[512];

static char *read_golden(void)
{
    const char *dir = getenv("SHADOWPORT_SRCDIR");
    char *path, *text = NULL;
    size_t size = 0;
    FILE *f;

    assert_true(asprintf(&path, "%s/tests/prober/test/golden-report.json",
                         dir ? dir : ".") > 0);
    f = fopen(path, "r");
    if (!f)
        fail_msg("can't open %s", path);
    assert_true(getdelim(&text, &size, '\0', f) > 0);
    fclose(f);
    free(path);
    return text;
}

static int load(void **state)
{
    free(golden);
    golden = read_golden();
    if (report_from_json(golden, &r, error, sizeof(error)))
        fail_msg("golden example: %s", error);
    return 0;
}

static int drop(void **state)
{
    report_free(&r);
    free(golden);
    golden = NULL;
    return 0;
}

/* ---- JSON ---- */

static void golden_is_understood(void **state)
{
    const struct report_span *span;

    assert_string_equal(r.schema, REPORT_SCHEMA);
    assert_string_equal(r.settings.guest, "10.0.0.2:7700");
    assert_int_equal(r.settings.interval_ns, 20000000);
    assert_string_equal(r.verdict, "ok");
    assert_int_equal(r.udp_to_endpoint.lost, 246);
    assert_int_equal(r.round_trip.spans.n, 2);
    span = vec_at(&r.round_trip.spans, struct report_span, 1);
    assert_int_equal(span->duration_ns, 4059981654);
    assert_int_equal(span->start_realtime_ns,
                     r.start_realtime_ns + span->start_ns);
    assert_int_equal(r.tcp_to_guest.first_wrong, -1);
    assert_int_equal(r.marks.n, 4);
    assert_true(r.connection.same_addresses);
}

/* Writer and reader agree on every member, and the example is complete. */
static void written_again_it_is_the_same(void **state)
{
    char *again = report_to_json(&r);

    assert_string_equal(again, golden);
    free(again);
}

static int read_edited(const char *from, const char *to)
{
    char *at = strstr(golden, from), *text;
    int rc;

    if (!at)
        fail_msg("the golden example has no %s", from);
    assert_true(asprintf(&text, "%.*s%s%s", (int)(at - golden), golden, to,
                         at + strlen(from)) > 0);
    report_free(&r);
    rc = report_from_json(text, &r, error, sizeof(error));
    free(text);
    if (rc)
        memset(&r, 0, sizeof(r));
    return rc;
}

static void expect_refusal(const char *from, const char *to,
                           const char *message)
{
    if (!read_edited(from, to))
        fail_msg("accepted %s instead of %s", to, from);
    if (!strstr(error, message))
        fail_msg("'%s' does not say '%s'", error, message);
}

static void unknown_members_are_ignored(void **state)
{
    assert_int_equal(read_edited("\"verdict\"", "\"later\": 1, \"verdict\""),
                     0);
}

static void bad_reports_are_refused_by_name(void **state)
{
    expect_refusal("shadowport-probe-report", "x", "is not a");
    expect_refusal("\"version\": 1", "\"version\": 2", "version");
    expect_refusal("\"round_trip\"", "\"round\"", "round_trip: is missing");
    expect_refusal("\"lost\": ", "\"lost\": -", "udp_to_guest.lost: must be");
    expect_refusal("\"interval_ns\": 20000000", "\"interval_ns\": \"1\"",
                   "settings.interval_ns: must be an integer");
    expect_refusal("\"interval_ns\": 20000000", "\"interval_ns\": 1.5",
                   "settings.interval_ns: must be an integer");
    expect_refusal("\"interval_ns\": 20000000",
                   "\"interval_ns\": 99999999999999999999",
                   "settings.interval_ns: must be an integer");
    expect_refusal("\"interval_ns\": 20000000", "\"interval_ns\": 0",
                   "must not be 0");
    expect_refusal("\"alive_at_end\": true", "\"alive_at_end\": 1",
                   "connection.alive_at_end: must be true or false");
    expect_refusal("\"pv begin\"", "\"pv\\u001b[2J\"",
                   "marks[0].text: must be printable");
    expect_refusal("\"failures\": [", "\"failures\": 5, \"x\": [",
                   "failures: must be an array");
    expect_refusal("\"verdict\": \"ok\"", "\"verdict\": \"failed\"",
                   "contradict");
    expect_refusal("\"verdict\": \"ok\"", "\"verdict\": \"maybe\"",
                   "verdict must be");
    expect_refusal("{", "[", "not JSON");
    expect_refusal("10.0.0.2:7700",
                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                   "aaaaaaaaaaaaaaaaaaaa", "settings.guest: is too long");
}

static void cut_short_anywhere_it_is_refused(void **state)
{
    size_t len = strlen(golden) - 2;

    for (; len < strlen(golden); len -= 101) {
        struct report part;
        char *text = strndup(golden, len);

        assert_int_equal(report_from_json(text, &part, error, sizeof(error)),
                         -1);
        free(text);
    }
}

/* ---- verdict ---- */

static void judge(unsigned int failures)
{
    vec_free(&r.failures);
    assert_int_equal(verdict_set(&r), 0);
    assert_int_equal(r.failures.n, failures);
    assert_string_equal(r.verdict, failures ? "failed" : "ok");
}

static void outages_alone_do_not_fail(void **state)
{
    judge(0);
}

static void wrong_bytes_fail(void **state)
{
    r.tcp_to_endpoint.wrong = 1;
    r.tcp_to_endpoint.first_wrong = 12345;
    judge(1);
    assert_non_null(strstr(
        vec_at(&r.failures, struct report_failure, 0)->text, "12345"));
}

static void each_failure_is_seen(void **state)
{
    r.udp_to_guest.corrupt = 1, judge(1), r.udp_to_guest.corrupt = 0;
    r.udp_to_endpoint.invalid = 1, judge(1), r.udp_to_endpoint.invalid = 0;
    r.tcp_to_guest.received--, judge(1), r.tcp_to_guest.received++;
    r.connection.count = 2, judge(1), r.connection.count = 1;
    r.connection.same_addresses = false, judge(1);
    r.connection.same_addresses = true;
    r.connection.alive_at_end = false, judge(1);
    r.connection.alive_at_end = true;
    r.guest.reported = false, judge(1), r.guest.reported = true;
    judge(0);
}

static void tcp_errors_fail_udp_errors_do_not(void **state)
{
    struct report_error *e = vec_add(&r.errors, sizeof(*e));

    strcpy(e->side, "guest");
    strcpy(e->where, "udp-send");
    judge(0);
    strcpy(e->where, "tcp-receive");
    judge(1);
}

/* ---- marks ---- */

static struct between between(const char *from, const char *to)
{
    const char *missing;
    struct between b;

    if (!between_find(&r, from, to, &b, &missing))
        fail_msg("no mark %s", missing);
    return b;
}

static void each_outage_belongs_to_its_marks(void **state)
{
    struct between pv = between("pv begin", "pv end");
    struct between vf = between("vf begin", "vf end");

    assert_int_equal(pv.round_trip.count, 1);
    assert_int_equal(vf.round_trip.count, 1);
    assert_int_equal(vf.round_trip.longest_ns, 4059981654);
    assert_in_range(pv.round_trip.longest_ns, 1900000000, 2200000000);
    assert_int_equal(vf.tcp_to_guest.count, 1);
    assert_int_equal(pv.lost_to_endpoint + vf.lost_to_endpoint,
                     r.udp_to_endpoint.lost);
    assert_int_equal(pv.lost_to_guest + vf.lost_to_guest,
                     r.udp_to_guest.lost);
}

/* The mark comes after the last datagram before the cut, which is where the
 * span starts, and yet the outage is its. */
static void outage_right_after_the_mark(void **state)
{
    struct report_span *span =
        vec_at(&r.round_trip.spans, struct report_span, 1);
    struct report_mark *m = vec_at(&r.marks, struct report_mark, 2);

    m->at_ns = span->start_ns + 19000000;
    assert_int_equal(between("vf begin", "vf end").round_trip.count, 1);
    m->at_ns = span->start_ns + 300000000;
    assert_int_equal(between("vf begin", "vf end").round_trip.count, 0);
}

static void length_is_not_cut_off_at_the_mark(void **state)
{
    struct report_span *span =
        vec_at(&r.round_trip.spans, struct report_span, 1);

    vec_at(&r.marks, struct report_mark, 3)->at_ns =
        span->start_ns + 500000000;
    assert_int_equal(between("vf begin", "vf end").round_trip.longest_ns,
                     4059981654);
}

static void missing_marks_are_named(void **state)
{
    const char *missing;
    struct between b;

    assert_false(between_find(&r, "no", "vf end", &b, &missing));
    assert_string_equal(missing, "no");
    assert_false(between_find(&r, "vf begin", "no", &b, &missing));
    assert_string_equal(missing, "no");
    /* There, but not after the first one. */
    assert_false(between_find(&r, "vf begin", "pv end", &b, &missing));
    assert_string_equal(missing, "pv end");
    assert_false(between_find(&r, "pv begin", "pv begin", &b, &missing));
}

/* ---- text ---- */

static char *summary_text(void)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    assert_non_null(f);
    summary_print(f, &r);
    fclose(f);
    return text;
}

static void summary_fits_one_screen(void **state)
{
    char *text = summary_text(), *line, *rest = text;
    unsigned int lines = 0;

    while ((line = strsep(&rest, "\n"))) {
        lines++;
        if (strlen(line) > 80)
            fail_msg("%zu columns: %s", strlen(line), line);
    }
    assert_in_range(lines, 10, 24);
    free(text);
}

static void own_stall_is_told_if_it_matters(void **state)
{
    struct report_span *span =
        vec_at(&r.round_trip.spans, struct report_span, 1);
    char *text;

    span->self_stall_ns = span->duration_ns / 20;
    text = summary_text();
    assert_null(strstr(text, "endpoint stalled"));
    free(text);
    span->self_stall_ns = span->duration_ns / 5;
    text = summary_text();
    assert_non_null(strstr(text, "endpoint stalled"));
    free(text);
}

static void summary_says_what_matters(void **state)
{
    char *text;

    r.tcp_to_endpoint.wrong = 3;
    r.tcp_to_endpoint.first_wrong = 4711;
    vec_free(&r.failures);
    verdict_set(&r);
    text = summary_text();
    assert_non_null(strstr(text, "Verdict: failed"));
    assert_non_null(strstr(text, "4711"));
    assert_non_null(strstr(text, "round trip"));
    assert_non_null(strstr(text, "1 of 2"));
    free(text);
}

static void ratio_of_two_migrations(void **state)
{
    struct between pv = between("pv begin", "pv end");
    struct between vf = between("vf begin", "vf end");
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    summary_print_between(f, &r, &vf, &pv);
    assert_int_equal(summary_print_between_json(f, &r, &vf, &pv), 0);
    fclose(f);
    assert_non_null(strstr(text, "1.99"));
    assert_non_null(strstr(text, "\"ratio\": 1.99"));
    free(text);
}

#define T(f) cmocka_unit_test_setup_teardown(f, load, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(golden_is_understood), T(written_again_it_is_the_same),
        T(unknown_members_are_ignored), T(bad_reports_are_refused_by_name),
        T(cut_short_anywhere_it_is_refused), T(outages_alone_do_not_fail),
        T(wrong_bytes_fail), T(each_failure_is_seen),
        T(tcp_errors_fail_udp_errors_do_not),
        T(each_outage_belongs_to_its_marks), T(outage_right_after_the_mark),
        T(length_is_not_cut_off_at_the_mark), T(missing_marks_are_named),
        T(summary_fits_one_screen), T(summary_says_what_matters),
        T(ratio_of_two_migrations), T(own_stall_is_told_if_it_matters),
    };

    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
