/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages: there and back, and nothing accepted that isn't exactly right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/prober/pattern.h"
#include "tests/prober/wire.h"

static const struct wire_hello hello = {
    .session = UINT64_C(0x0123456789abcdef), .interval_ns = 20000000,
    .threshold_ns = 200000000, .rate_to_endpoint = 100000, .udp_size = 512,
    .udp_port = 40000,
};

static void header_and_hello(void **state)
{
    uint8_t out[WIRE_SMALL];
    size_t size = wire_put_hello(out, &hello);
    struct wire_header head;
    struct wire_hello back;

    assert_true(size <= WIRE_SMALL);
    assert_true(wire_get_header(out, &head));
    assert_int_equal(head.version, WIRE_VERSION);
    assert_int_equal(head.type, WIRE_HELLO);
    assert_int_equal(head.body_len, size - WIRE_HEADER_SIZE);
    assert_true(wire_get_hello(out + WIRE_HEADER_SIZE, head.body_len, &back));
    assert_int_equal(back.session, hello.session);
    assert_int_equal(back.interval_ns, hello.interval_ns);
    assert_int_equal(back.udp_size, 512);
    assert_int_equal(back.udp_port, 40000);
}

/* The bytes on the wire are fixed: another build must understand them. */
static void golden_hello(void **state)
{
    static const uint8_t want[] = {
        'S', 'P', 'R', '1', 0, 1, 0, 1, 0, 0, 0, 36,
        0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
        0, 0, 0, 0, 0x01, 0x31, 0x2d, 0x00,
        0, 0, 0, 0, 0x0b, 0xeb, 0xc2, 0x00,
        0, 0, 0, 0, 0, 0x01, 0x86, 0xa0, 0x02, 0x00, 0x9c, 0x40,
    };
    uint8_t out[WIRE_SMALL];

    assert_int_equal(wire_put_hello(out, &hello), sizeof(want));
    assert_memory_equal(out, want, sizeof(want));
}

static void bad_header(void **state)
{
    uint8_t out[WIRE_SMALL];
    struct wire_header head;

    wire_put_hello(out, &hello);
    out[0] = 'G'; /* some other protocol */
    assert_false(wire_get_header(out, &head));
    wire_put_hello(out, &hello);
    out[8] = 0xff; /* a body of 4 GiB */
    assert_false(wire_get_header(out, &head));
}

static void refuse_hello(struct wire_hello bad)
{
    uint8_t out[WIRE_SMALL];
    size_t size = wire_put_hello(out, &bad);
    struct wire_hello back;

    assert_false(wire_get_hello(out + WIRE_HEADER_SIZE,
                                size - WIRE_HEADER_SIZE, &back));
}

static void bad_hello(void **state)
{
    struct wire_hello m;

    m = hello, m.interval_ns = 0, refuse_hello(m);
    m = hello, m.interval_ns = WIRE_MAX_INTERVAL + 1, refuse_hello(m);
    m = hello, m.threshold_ns = 0, refuse_hello(m);
    m = hello, m.udp_size = WIRE_UDP_MIN - 1, refuse_hello(m);
    m = hello, m.udp_size = WIRE_UDP_MAX + 1, refuse_hello(m);
    m = hello, m.udp_port = 0, refuse_hello(m);
    m = hello, m.rate_to_endpoint = WIRE_MAX_RATE + 1, refuse_hello(m);
}

static void wrong_lengths(void **state)
{
    uint8_t out[WIRE_SMALL + 1] = { 0 };
    size_t size = wire_put_hello(out, &hello) - WIRE_HEADER_SIZE;
    struct wire_hello back;

    assert_false(wire_get_hello(out + WIRE_HEADER_SIZE, size - 1, &back));
    assert_false(wire_get_hello(out + WIRE_HEADER_SIZE, size + 1, &back));
    assert_false(wire_get_hello(out + WIRE_HEADER_SIZE, 0, &back));
}

static void small_messages(void **state)
{
    struct wire_welcome welcome = { 7, 1234 }, welcome_back;
    struct wire_finish fin = { 10, 20 }, fin_back;
    enum wire_refusal reason;
    uint8_t out[WIRE_SMALL];
    uint64_t session;
    size_t size;

    size = wire_put_welcome(out, &welcome) - WIRE_HEADER_SIZE;
    assert_true(wire_get_welcome(out + WIRE_HEADER_SIZE, size,
                                 &welcome_back));
    assert_int_equal(welcome_back.udp_port, 1234);
    size = wire_put_finish(out, &fin) - WIRE_HEADER_SIZE;
    assert_true(wire_get_finish(out + WIRE_HEADER_SIZE, size, &fin_back));
    assert_int_equal(fin_back.tcp_sent, 20);
    size = wire_put_refuse(out, REFUSED_BUSY) - WIRE_HEADER_SIZE;
    assert_true(wire_get_refuse(out + WIRE_HEADER_SIZE, size, &reason));
    assert_int_equal(reason, REFUSED_BUSY);
    size = wire_put_join(out, 99) - WIRE_HEADER_SIZE;
    assert_true(wire_get_join(out + WIRE_HEADER_SIZE, size, &session));
    assert_int_equal(session, 99);
}

/* ---- the report ---- */

static void add_loss(struct wire_report *m, uint64_t first, uint64_t count)
{
    struct seq_loss *loss = vec_add(&m->losses, sizeof(*loss));

    loss->first = first;
    loss->count = count;
}

static struct wire_report example(void)
{
    struct wire_report m = {
        .udp_sent = 100, .udp_received = 90, .udp_lost = 10,
        .udp_send_errors = 3, .tcp_sent = 5000, .tcp_received = 4000,
        .tcp_wrong = 2, .tcp_first_wrong = 77, .data_connections = 1,
        .duration_ns = 123456789, .data_complete = true,
        .udp_send_intervals = { 99, 20000000, 21000000, 30000000 },
    };
    struct span *gap = vec_add(&m.udp_gaps, sizeof(*gap));

    gap->start_ns = 5;
    gap->duration_ns = 6;
    gap->open = true;
    add_loss(&m, 3, 4);
    add_loss(&m, 10, 6);
    errlog_add(&m.errors, ERR_UDP_SEND, 101, 42);
    return m;
}

/* Encodes m, frees it, and decodes what came out. */
static bool there_and_back(struct wire_report m, struct wire_report *back)
{
    size_t size;
    uint8_t *out = wire_put_report(&m, &size);
    bool ok;

    wire_report_free(&m);
    assert_non_null(out);
    ok = wire_get_report(out + WIRE_HEADER_SIZE, size - WIRE_HEADER_SIZE,
                         back);
    free(out);
    return ok;
}

static void report_there_and_back(void **state)
{
    struct wire_report back;

    assert_true(there_and_back(example(), &back));
    assert_int_equal(back.udp_sent, 100);
    assert_int_equal(back.udp_send_errors, 3);
    assert_int_equal(back.tcp_first_wrong, 77);
    assert_int_equal(back.udp_send_intervals.p99_ns, 21000000);
    assert_int_equal(back.losses.n, 2);
    assert_int_equal(vec_at(&back.losses, struct seq_loss, 1)->count, 6);
    assert_int_equal(back.udp_gaps.n, 1);
    assert_true(vec_at(&back.udp_gaps, struct span, 0)->open);
    assert_int_equal(back.errors.entry[0].err, 101);
    assert_int_equal(back.errors.entry[0].first_ns, 42);
    assert_true(back.data_complete);
    wire_report_free(&back);
}

static void refuse_report(struct wire_report m)
{
    struct wire_report back;

    assert_false(there_and_back(m, &back));
    wire_report_free(&back);
}

static void inconsistent_reports(void **state)
{
    struct wire_report m;

    m = example(), m.tcp_wrong = 0, refuse_report(m);
    m = example(), m.tcp_first_wrong = PATTERN_NONE_WRONG, refuse_report(m);
    m = example(), m.tcp_first_wrong = 4000, refuse_report(m);
    m = example(), m.tcp_wrong = 4001, refuse_report(m);
    m = example(), m.udp_sent = UINT64_MAX, refuse_report(m);
    m = example(), m.errors.entry[0].where = ERR_WHERE_END, refuse_report(m);
    m = example(), m.errors.entry[0].where = 0, refuse_report(m);
}

static void overlapping_losses(void **state)
{
    struct wire_report m;

    m = example(), add_loss(&m, 12, 3), refuse_report(m);
    m = example(), add_loss(&m, 1, 1), refuse_report(m);
    m = example(), add_loss(&m, 20, 0), refuse_report(m);
    m = example(), add_loss(&m, 20, UINT64_MAX - 5), refuse_report(m);
}

/* Cut short anywhere, and with any byte turned round: never a crash, and
 * never more than fits. */
static void mangled_reports(void **state)
{
    struct wire_report m = example(), back;
    size_t size, i;
    uint8_t *out = wire_put_report(&m, &size);
    uint8_t *body = out + WIRE_HEADER_SIZE;

    size -= WIRE_HEADER_SIZE;
    for (i = 0; i < size; i++) {
        uint8_t *cut = malloc(i + 1); /* so that ASan sees an overrun */

        memcpy(cut, body, i);
        assert_false(wire_get_report(cut, i, &back));
        wire_report_free(&back);
        free(cut);
    }
    for (i = 0; i < size; i++) {
        body[i] ^= 0xff;
        wire_get_report(body, size, &back);
        assert_true(back.errors.n <= ERRLOG_MAX);
        wire_report_free(&back);
        body[i] ^= 0xff;
    }
    wire_report_free(&m);
    free(out);
}

/* ---- datagrams ---- */

static void datagram_there_and_back(void **state)
{
    struct wire_datagram m = { 1, 2, 3, 3, 5 }, back;
    uint8_t out[512];

    wire_put_datagram(out, sizeof(out), &m, 77);
    assert_true(wire_get_datagram(out, sizeof(out), &back));
    assert_memory_equal(&back, &m, sizeof(m));
    assert_true(wire_datagram_intact(out, sizeof(out), &back, 77));
    assert_false(wire_datagram_intact(out, sizeof(out), &back, 78));
}

static void damaged_datagram(void **state)
{
    struct wire_datagram m = { 1, 2, 3, 3, 5 }, back;
    uint8_t out[512];

    wire_put_datagram(out, sizeof(out), &m, 77);
    out[511] ^= 1;
    assert_true(wire_get_datagram(out, sizeof(out), &back));
    assert_false(wire_datagram_intact(out, sizeof(out), &back, 77));
    wire_put_datagram(out, sizeof(out), &m, 77);
    out[19] ^= 1; /* in its number: the pattern no longer belongs to it */
    assert_true(wire_get_datagram(out, sizeof(out), &back));
    assert_false(wire_datagram_intact(out, sizeof(out), &back, 77));
}

static void not_a_datagram(void **state)
{
    struct wire_datagram m = { 1, 2, 3, 3, 5 }, back;
    uint8_t out[512];

    wire_put_datagram(out, sizeof(out), &m, 77);
    assert_false(wire_get_datagram(out, WIRE_UDP_HEADER - 1, &back));
    out[0] = 'X';
    assert_false(wire_get_datagram(out, sizeof(out), &back));
    m.ack_count = 4; /* more than there can be */
    wire_put_datagram(out, sizeof(out), &m, 77);
    assert_false(wire_get_datagram(out, sizeof(out), &back));
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(header_and_hello), T(golden_hello), T(bad_header), T(bad_hello),
        T(wrong_lengths), T(small_messages), T(report_there_and_back),
        T(inconsistent_reports), T(overlapping_losses), T(mangled_reports),
        T(datagram_there_and_back), T(damaged_datagram), T(not_a_datagram),
    };

    return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
