/* SPDX-License-Identifier: GPL-2.0-only */
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>

#include "clock.h"
#include "endpoint_options.h"
#include "log.h"
#include "values.h"
#include "wire.h"

enum option_kind {
    OPTION_ADDRESS,
    OPTION_DURATION,
    OPTION_RATE,
    OPTION_RATES, /* both directions */
    OPTION_NUMBER,
    OPTION_PATH,
};

struct option_row {
    const char *name;
    enum option_kind kind;
    size_t offset;
    uint64_t min, max;
    const char *arg, *help;
};

#define AT(member) offsetof(struct endpoint_options, member)
#define DAY (24 * 3600 * NS_PER_S)

static const struct option_row rows[] = {
    { "guest", OPTION_ADDRESS, AT(guest), 0, 0, "ADDR[:PORT]",
      "the guest's prober (numeric, default port 7700)" },
    { "bind", OPTION_ADDRESS, AT(bind), 0, 0, "ADDR",
      "own address to use (default: by route)" },
    { "interval", OPTION_DURATION, AT(interval_ns),
      WIRE_MIN_INTERVAL, WIRE_MAX_INTERVAL, "TIME",
      "between datagrams, each way (20ms)" },
    { "size", OPTION_NUMBER, AT(udp_size), WIRE_UDP_MIN, WIRE_UDP_MAX,
      "BYTES", "payload of a datagram (512)" },
    { "rate", OPTION_RATES, 0, 0, 0, "RATE",
      "TCP bytes/s each way: 100k, 2M, max, 0 (100k)" },
    { "rate-to-guest", OPTION_RATE, AT(rate_to_guest), 0, 0, "RATE",
      "the same, towards the guest only" },
    { "rate-to-endpoint", OPTION_RATE, AT(rate_to_endpoint), 0, 0, "RATE",
      "the same, from the guest only" },
    { "threshold", OPTION_DURATION, AT(threshold_ns), 1, WIRE_MAX_THRESHOLD,
      "TIME", "longer silences are outages (200ms)" },
    { "step", OPTION_DURATION, AT(step_ns), NS_PER_MS, 3600 * NS_PER_S,
      "TIME", "resolution of throughput over time (1s)" },
    { "duration", OPTION_DURATION, AT(duration_ns), 1, 365 * DAY, "TIME",
      "end by itself (default: at SIGTERM or SIGINT)" },
    { "json", OPTION_PATH, AT(json), 0, 0, "FILE", "write the report" },
    { "events", OPTION_PATH, AT(events), 0, 0, "FILE",
      "write events as they happen, a JSON line each" },
    { "pidfile", OPTION_PATH, AT(pidfile), 0, 0, "FILE",
      "written once traffic runs, removed at the end" },
    { "control", OPTION_PATH, AT(control), 0, 0, "SOCKET",
      "for 'sp-probe mark' and 'sp-probe status'" },
    { "connect-limit", OPTION_DURATION, AT(connect_limit_ns), 1, DAY,
      "TIME", "wait so long for the guest to answer (60s)" },
    { "finish-limit", OPTION_DURATION, AT(finish_limit_ns), 1, DAY, "TIME",
      "wait so long for its counters (180s)" },
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static void usage(FILE *out)
{
    size_t i;
    char left[40];

    fprintf(out,
            "Usage: sp-probe endpoint --guest ADDR[:PORT] [OPTION]...\n\n"
            "Exchanges numbered datagrams and a checked TCP stream with a\n"
            "guest, until a signal or --duration; then prints a summary.\n\n");
    for (i = 0; i < N_ROWS; i++) {
        snprintf(left, sizeof(left), "--%s %s", rows[i].name, rows[i].arg);
        fprintf(out, "  %-26s %s\n", left, rows[i].help);
    }
    fprintf(out, "  %-26s %s\n", "--help", "this text");
    fprintf(out,
            "\nTIME is a whole number and us, ms, s, m or h. The limits are\n"
            "multiplied by SHADOWPORT_TIME_SCALE.\n"
            "Exit codes: 0 ok, 1 something was wrong (see the verdict), "
            "2 wrong usage,\n3 could not run.\n");
}

static void *at(struct endpoint_options *o, const struct option_row *row)
{
    return (char *)o + row->offset;
}

static bool in_range(const struct option_row *row, uint64_t v)
{
    return v >= row->min && v <= row->max;
}

static bool set_option(struct endpoint_options *o,
                       const struct option_row *row, const char *text)
{
    uint64_t *number = at(o, row);

    switch (row->kind) {
    case OPTION_ADDRESS:
        return address_parse(text, ADDRESS_DEFAULT_PORT, at(o, row));
    case OPTION_DURATION:
        return value_duration(text, number) && in_range(row, *number);
    case OPTION_RATE:
        return value_rate(text, number);
    case OPTION_RATES:
        if (!value_rate(text, &o->rate_to_guest))
            return false;
        o->rate_to_endpoint = o->rate_to_guest;
        return true;
    case OPTION_NUMBER:
        return value_number(text, row->min, row->max, number);
    case OPTION_PATH:
        *(const char **)at(o, row) = text;
        return *text != '\0';
    }
    return false;
}

static void set_defaults(struct endpoint_options *o)
{
    *o = (struct endpoint_options){
        .interval_ns = 20 * NS_PER_MS,
        .udp_size = 512,
        .rate_to_guest = 100 * 1000,
        .rate_to_endpoint = 100 * 1000,
        .threshold_ns = 200 * NS_PER_MS,
        .step_ns = NS_PER_S,
        .connect_limit_ns = 60 * NS_PER_S,
        .finish_limit_ns = 180 * NS_PER_S,
    };
}

static bool check_options(struct endpoint_options *o)
{
    o->has_guest = o->guest.len;
    o->has_bind = o->bind.len;
    if (!o->has_guest) {
        log_say("--guest is required");
        return false;
    }
    if (o->has_bind && o->bind.sa.ss_family != o->guest.sa.ss_family) {
        log_say("--bind and --guest are not of the same address family");
        return false;
    }
    if (o->threshold_ns < 2 * o->interval_ns) {
        log_say("--threshold must be at least twice --interval, or the "
                "usual spacing would count as outages");
        return false;
    }
    o->connect_limit_ns = clock_scaled(o->connect_limit_ns);
    o->finish_limit_ns = clock_scaled(o->finish_limit_ns);
    return true;
}

static void make_table(struct option *table)
{
    size_t i;

    for (i = 0; i < N_ROWS; i++)
        table[i] = (struct option){ rows[i].name, required_argument, NULL,
                                    (int)i };
    table[i++] = (struct option){ "help", no_argument, NULL, N_ROWS };
    table[i] = (struct option){ 0 };
}

int endpoint_options_parse(struct endpoint_options *o, int argc, char **argv,
                           bool *help)
{
    struct option table[N_ROWS + 2];
    int c;

    set_defaults(o);
    make_table(table);
    *help = false;
    while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
        if (c == N_ROWS) {
            usage(stdout);
            *help = true;
            return EXIT_OK;
        }
        if (c == '?') {
            usage(stderr);
            return EXIT_USAGE;
        }
        if (!set_option(o, &rows[c], optarg)) {
            log_say("--%s %s: not a valid %s (see --help)", rows[c].name,
                    optarg, rows[c].arg);
            return EXIT_USAGE;
        }
    }
    if (optind < argc) {
        log_say("unexpected argument %s", argv[optind]);
        return EXIT_USAGE;
    }
    return check_options(o) ? EXIT_OK : EXIT_USAGE;
}
