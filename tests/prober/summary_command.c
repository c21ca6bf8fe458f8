/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "report_file.h"
#include "summary.h"
#include "summary_command.h"

struct request {
    const char *file;
    const char *from, *to;           /* --between */
    const char *base_from, *base_to; /* --base */
    bool json;
};

static int usage(FILE *out)
{
    fprintf(out,
            "Usage: sp-probe summary FILE [--between MARK1 MARK2 "
            "[--base MARK3 MARK4] [--json]]\n\n"
            "Prints the summary of a report, or of what began between two\n"
            "marks of it; with --base also as a multiple of what began "
            "between\nthose.\n\n"
            "Exit codes: 0 ok, 1 the report's verdict is 'failed' or a mark\n"
            "is missing, 2 wrong usage, 3 no valid report.\n");
    return out == stdout ? EXIT_OK : EXIT_USAGE;
}

/* An option's first value is optarg; the second is the next argument. */
static bool take_pair(int argc, char **argv, const char **first,
                      const char **second)
{
    if (optind >= argc)
        return false;
    *first = optarg;
    *second = argv[optind++];
    return true;
}

/* -1: go on; else the exit code. */
static int parse(struct request *q, int argc, char **argv)
{
    static const struct option options[] = {
        { "between", required_argument, NULL, 'b' },
        { "base", required_argument, NULL, 'B' },
        { "json", no_argument, NULL, 'j' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    bool ok = true;
    int c;

    /* '-': in order, or getopt would move FILE past the second value. */
    while (ok && (c = getopt_long(argc, argv, "-", options, NULL)) != -1) {
        if (c == 'h')
            return usage(stdout);
        if (c == 'b')
            ok = take_pair(argc, argv, &q->from, &q->to);
        else if (c == 'B')
            ok = take_pair(argc, argv, &q->base_from, &q->base_to);
        else if (c == 'j')
            q->json = true;
        else if (c == 1 && !q->file)
            q->file = optarg;
        else
            ok = false;
    }
    if (!ok || !q->file || ((q->json || q->base_from) && !q->from))
        return usage(stderr);
    return -1;
}

static bool find(const struct report *r, const char *from, const char *to,
                 struct between *b)
{
    const char *missing;

    if (between_find(r, from, to, b, &missing))
        return true;
    log_say("the report has no mark '%s'%s%s%s", missing,
            missing == to ? " after '" : "", missing == to ? from : "",
            missing == to ? "'" : "");
    return false;
}

static int print_between(const struct request *q, const struct report *r)
{
    struct between b, base, *base_or_null = NULL;

    if (!find(r, q->from, q->to, &b))
        return EXIT_FAILED;
    if (q->base_from) {
        if (!find(r, q->base_from, q->base_to, &base))
            return EXIT_FAILED;
        base_or_null = &base;
    }
    if (!q->json)
        summary_print_between(stdout, r, &b, base_or_null);
    else if (summary_print_between_json(stdout, r, &b, base_or_null))
        return EXIT_CANT;
    return EXIT_OK;
}

int summary_main(int argc, char **argv)
{
    struct request q = { 0 };
    struct report r;
    int rc = parse(&q, argc, argv);

    if (rc >= 0)
        return rc;
    if (report_file_read(q.file, &r))
        return EXIT_CANT;
    if (q.from) {
        rc = print_between(&q, &r);
    } else {
        summary_print(stdout, &r);
        rc = r.failures.n ? EXIT_FAILED : EXIT_OK;
    }
    report_free(&r);
    return rc;
}
