/* SPDX-License-Identifier: GPL-2.0-only */
/* shadowport-doctor: see shadowport-doctor(8). */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "checks/check.h"
#include "doctor/facts_json.h"
#include "doctor/gather.h"
#include "doctor/peer.h"
#include "doctor/report.h"
#include "host/this_host.h"
#include "json/json.h"
#include "plan/pools_read.h"

#define PEER_LIMIT_S 60

/* What the exit status says. */
enum { EXIT_GOOD = 0, EXIT_FAULTS = 1, EXIT_USAGE = 2, EXIT_UNKNOWN = 3 };

struct options {
    const char *host, *ssh, *pools;
    bool all, json, metrics, list, peer, probe, help, version;
};

static const struct option long_options[] = {
    { "ssh", required_argument, NULL, 's' },
    { "all", no_argument, NULL, 'a' },
    { "pools", required_argument, NULL, 'p' },
    { "json", no_argument, NULL, 'j' },
    { "metrics", no_argument, NULL, 'm' },
    { "list", no_argument, NULL, 'l' },
    { "peer", no_argument, NULL, 'e' },
    { "probe", no_argument, NULL, 'b' },
    { "version", no_argument, NULL, 'v' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

static void print_help(void)
{
    puts("Usage: shadowport-doctor [OPTION]… [HOST]\n"
         "What guests need to be migrated with their devices, from this host "
         "to HOST.\n\n"
         "  -s, --ssh COMMAND  in place of \"" PEER_SSH "\";\n"
         "                     empty: HOST is all of the command\n"
         "  --pools FILE       instead of " POOLS_PATH "\n"
         "  --all              also what is as it should be\n"
         "  --probe            make an empty domain to ask the hypervisor "
         "what it can\n"
         "  --json             an answer for programs\n"
         "  --metrics          a file for Prometheus, of this host\n"
         "  --list             all checks, and nothing is checked\n"
         "  --peer             tell the doctor of another host, by JSON\n"
         "  --version          print the version\n\n"
         "Exit status: 0 nothing is wrong, 1 something is, 2 wrong command "
         "line,\n3 nothing is, as far as it could be found out. See "
         "shadowport-doctor(8).");
}

static bool parse_options(int argc, char **argv, struct options *options)
{
    int c;

    *options = (struct options){ .ssh = PEER_SSH };
    while ((c = getopt_long(argc, argv, "hs:", long_options, NULL)) != -1) {
        switch (c) {
        case 's':
            options->ssh = optarg;
            break;
        case 'a':
            options->all = true;
            break;
        case 'p':
            options->pools = optarg;
            break;
        case 'j':
            options->json = true;
            break;
        case 'm':
            options->metrics = true;
            break;
        case 'l':
            options->list = true;
            break;
        case 'e':
            options->peer = true;
            break;
        case 'b':
            options->probe = true;
            break;
        case 'v':
            options->version = true;
            break;
        case 'h':
            options->help = true;
            break;
        default:
            return false;
        }
    }
    if (optind < argc)
        options->host = argv[optind++];
    if (optind < argc || (options->host && *options->host == '-') ||
        ((options->peer || options->metrics) && options->host)) {
        fputs("shadowport-doctor: one HOST at most, and none with --peer or "
              "--metrics\n", stderr);
        return false;
    }
    if (options->json && options->metrics) {
        fputs("shadowport-doctor: --json or --metrics, not both\n", stderr);
        return false;
    }
    return true;
}

/* All of it, before anything is looked at: the other one waits with it. */
static int read_question(struct doctor *d)
{
    const char *text;
    size_t len;
    int rc = this_host_read_stdin(d->b, JSON_MAX_SIZE, &text, &len);

    return rc ? rc : question_read(d, text, len);
}

static int status_of(const struct diagnosis *d)
{
    if (d->states[STATE_FAIL])
        return EXIT_FAULTS;
    return d->states[STATE_UNKNOWN] ? EXIT_UNKNOWN : EXIT_GOOD;
}

static int answer_peer(struct doctor *d, char **answer)
{
    struct host_facts here;
    int rc = read_question(d);

    if (rc) {
        fprintf(stderr, "shadowport-doctor: stdin: %s\n",
                d->b->error ? d->b->error : strerror(errno));
        return EXIT_USAGE;
    }
    gather_all(d, &here);
    *answer = report_facts(d->b, &here);
    return EXIT_GOOD;
}

static int examine(struct doctor *d, const struct options *options,
                   char **answer)
{
    const struct peer peer = {
        .host = options->host, .ssh = options->ssh, .probe = options->probe,
        .limit_ms = PEER_LIMIT_S * 1000,
    };
    struct host_facts here, there;
    struct contact contact = { .host = NULL };
    struct diagnosis diagnosis;
    bool answered = false;

    gather_all(d, &here);
    if (options->host)
        answered = peer_ask(d->b, &peer, &here, &there, &contact);
    check_all(d->b->arena, &here, answered ? &there : NULL, &contact,
              &diagnosis);
    if (options->metrics)
        *answer = report_metrics(d->b, &diagnosis, &here);
    else if (options->json)
        *answer = report_json(d->b, &diagnosis, &here,
                              answered ? &there : NULL, &contact);
    else
        *answer = report_table(d->b, &diagnosis, &here,
                               answered ? &there : NULL, &contact,
                               options->all);
    return status_of(&diagnosis);
}

static int run(struct broker *b, const struct options *options, char **answer)
{
    struct doctor d = {
        .b = b, .ops = &doctor_real_ops, .root = "",
        .probe = options->probe,
    };

    if (options->pools)
        b->pools_path = options->pools;
    if (options->list) {
        *answer = report_checks(b);
        return EXIT_GOOD;
    }
    return options->peer ? answer_peer(&d, answer)
                         : examine(&d, options, answer);
}

int main(int argc, char **argv)
{
    struct options options;
    struct this_host host;
    char *answer = NULL;
    int status;

    if (!parse_options(argc, argv, &options))
        return EXIT_USAGE;
    if (options.help || options.version) {
        if (options.help)
            print_help();
        else
            puts("shadowport-doctor " PACKAGE_VERSION);
        return EXIT_GOOD;
    }
    this_host_init(&host, POOLS_PATH);
    status = run(&host.broker, &options, &answer);
    if (answer)
        puts(answer);
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "shadowport-doctor: stdout: %s\n", strerror(errno));
        status = EXIT_UNKNOWN;
    }
    this_host_dispose(&host);
    return status;
}
