/* SPDX-License-Identifier: GPL-2.0-only */
/* pci-broker: see HOOK-PROTOCOL.md and pci-broker(8). */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "answer/answer.h"
#include "base/arena.h"
#include "base/broker.h"
#include "base/remedy.h"
#include "choice/pools.h"
#include "host/this_host.h"
#include "json/json.h"
#include "plan/pools_read.h"
#include "verbs/verbs.h"

struct verb {
    const char *name;
    verb_function *run;
    bool input, json, argument;
    const char *help;
};

static const struct verb verbs[] = {
    { "describe", verb_describe, true, true, false,
      "complete a describe-request with what the host knows" },
    { "plan", verb_plan, true, true, false,
      "answer a reserve-request, change nothing" },
    { "reserve", verb_reserve, true, true, false,
      "take leases for all devices of a reserve-request, or none" },
    { "prepare", verb_prepare, true, true, false,
      "bind the reserved devices of a migration to pciback" },
    { "commit", verb_commit, true, true, false,
      "make the domain the owner of a migration's leases" },
    { "filter", verb_filter, true, true, false,
      "set, clear or note the MAC filter of VFs on their PF" },
    { "release", verb_release, true, true, false,
      "end the leases of a migration, return devices to their drivers" },
    { "list", verb_list, false, true, false, "all leases" },
    { "assignable", verb_assignable, false, true, false,
      "devices of pciback that no guest has" },
    { "pools", verb_pools, false, true, false,
      "how many devices guests that arrive can have" },
    { "gc", verb_gc, false, true, true,
      "end the leases of dead owners (--force BDF: this one)" },
    { "check-config", verb_check_config, false, false, true,
      "check the pools file, or FILE, and what this host has for it" },
    { NULL, NULL, false, false, false, NULL },
};

struct options {
    const struct verb *verb;
    const char *argument, *pools, *pool, *like;
    bool force, explain, help, version, json, table, attributes;
};

static const struct option long_options[] = {
    { "pools", required_argument, NULL, 'p' },
    { "pool", required_argument, NULL, 'P' },
    { "like", required_argument, NULL, 'l' },
    { "force", no_argument, NULL, 'f' },
    { "explain", no_argument, NULL, 'e' },
    { "json", no_argument, NULL, 'j' },
    { "table", no_argument, NULL, 't' },
    { "attributes", no_argument, NULL, 'a' },
    { "version", no_argument, NULL, 'v' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

static void print_help(FILE *out)
{
    const struct verb *verb;

    fprintf(
        out,
        "Usage: pci-broker [--pools FILE] VERB [ARGUMENT]\n"
        "One JSON object on stdin, one on stdout. People use list, pools, "
        "assignable\n--table, gc --table, plan --like and check-config.\n\n");
    for (verb = verbs; verb->name; verb++)
        fprintf(out, "  %-13s %s\n", verb->name, verb->help);
    fprintf(
        out,
        "\n  --pools FILE  instead of " POOLS_PATH "\n"
        "  --like BDF    with plan: for a guest whose device is like that of "
        "this host;\n                nothing is read from stdin\n"
        "  --pool NAME   with --like: of that pool\n"
        "  --force       with gc: whatever the lease says\n"
        "  --explain     with plan: a line for each device on stderr\n"
        "  --table       list, assignable, pools, plan, gc: an answer for "
        "people\n"
        "  --json        list, pools, plan --like: one for programs\n"
        "  --attributes  pools: lines name=number, for nodes of a cluster\n"
        "  --version     print the version\n\n"
        "Exit status: 0 done, 1 refused, 2 wrong request, pools file or "
        "command line,\n3 the machine failed it. See pci-broker(8).\n");
}

/* Which verbs can answer in more than one way. */
static int check_form(struct broker *b, const struct options *options)
{
    const struct verb *verb = options->verb;

    if ((options->table || options->json) && verb->run != verb_list &&
        verb->run != verb_assignable && verb->run != verb_plan &&
        verb->run != verb_gc && verb->run != verb_pools)
        return broker_fail(b, RC_BAD_REQUEST, "%s: no --table or --json "
                           "here", verb->name);
    if (options->table && options->json)
        return broker_fail(b, RC_BAD_REQUEST, "--table or --json, not both");
    if (options->attributes && verb->run != verb_pools)
        return broker_fail(b, RC_BAD_REQUEST, "%s: no --attributes here",
                           verb->name);
    if (options->attributes && (options->table || options->json))
        return broker_fail(b, RC_BAD_REQUEST, "--attributes, --table or "
                           "--json: one of them");
    return RC_OK;
}

static int parse_words(struct broker *b, int argc, char **argv,
                       struct options *options)
{
    const struct verb *verb;
    int rc;

    if (optind == argc)
        return broker_fail(b, RC_BAD_REQUEST, "which verb? See --help");
    for (verb = verbs; verb->name; verb++)
        if (!strcmp(verb->name, argv[optind]))
            break;
    if (!verb->name)
        return broker_fail(b, RC_BAD_REQUEST, "no verb \"%s\"",
                           argv[optind]);
    options->verb = verb;
    if (argc > optind + 1)
        options->argument = argv[optind + 1];
    if (argc > optind + (verb->argument ? 2 : 1))
        return broker_fail(b, RC_BAD_REQUEST, "%s: too many arguments",
                           verb->name);
    if (options->force && verb->run != verb_gc)
        return broker_fail(b, RC_BAD_REQUEST, "%s: no --force here",
                           verb->name);
    rc = check_form(b, options);
    if (rc)
        return rc;
    if ((options->like || options->pool) && verb->run != verb_plan)
        return broker_fail(b, RC_BAD_REQUEST, "%s: no --like or --pool here",
                           verb->name);
    if (options->pool && !options->like)
        return broker_fail(b, RC_BAD_REQUEST, "--pool needs --like");
    if (options->explain && verb->run != verb_plan)
        return broker_fail(b, RC_BAD_REQUEST, "%s: no --explain here",
                           verb->name);
    return RC_OK;
}

static int parse_options(struct broker *b, int argc, char **argv,
                         struct options *options)
{
    int c;

    opterr = 0;
    while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        switch (c) {
        case 'p':
            options->pools = optarg;
            break;
        case 'P':
            options->pool = optarg;
            break;
        case 'l':
            options->like = optarg;
            break;
        case 'f':
            options->force = true;
            break;
        case 'e':
            options->explain = true;
            break;
        case 'j':
            options->json = true;
            break;
        case 't':
            options->table = true;
            break;
        case 'a':
            options->attributes = true;
            break;
        case 'v':
            options->version = true;
            return RC_OK;
        case 'h':
            options->help = true;
            return RC_OK;
        default:
            return broker_fail(b, RC_BAD_REQUEST,
                               "unknown or incomplete option \"%s\"",
                               argv[optind - 1]);
        }
    }
    return parse_words(b, argc, argv, options);
}

/* The journal, and whatever else listens: no library is needed for that. */
static void log_change(struct broker *b, const char *line)
{
    syslog(LOG_NOTICE, "%s", line);
}

static bool is_table(const struct options *options)
{
    return options->table ||
           ((options->verb->run == verb_list ||
             options->verb->run == verb_pools || options->like) &&
            !options->json);
}

static int run_verb(struct broker *b, const struct options *options,
                    char **answer)
{
    struct verb_input input = {
        .argument = options->argument,
        .force = options->force,
        .like = options->like,
        .pool = options->pool,
        .attributes = options->attributes,
    };
    int rc = RC_OK;

    if (options->pools)
        b->pools_path = options->pools;
    b->pools_named = options->pools;
    b->table = is_table(options);
    if (options->explain)
        b->explain = stderr;
    if (options->verb->input && !options->like)
        rc = this_host_read_stdin(b, JSON_MAX_SIZE, &input.text, &input.len);
    if (!rc)
        rc = options->verb->run(b, &input, answer);
    return rc;
}

/* An answer that nobody could read was not given. */
static int write_answer(const char *answer, int rc)
{
    if (answer)
        puts(answer);
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "pci-broker: stdout: %s\n", strerror(errno));
        return RC_FAILED;
    }
    return rc;
}

int main(int argc, char **argv)
{
    struct options options = { .verb = NULL };
    struct this_host host;
    struct broker *b = &host.broker;
    char *answer = NULL;
    int rc;

    openlog("pci-broker", LOG_PID, LOG_DAEMON);
    this_host_init(&host, POOLS_PATH);
    b->messages = stderr;
    b->log = log_change;
    rc = parse_options(b, argc, argv, &options);
    if (!rc && options.help) {
        print_help(stdout);
        goto out;
    }
    if (!rc && options.version) {
        puts("pci-broker " PACKAGE_VERSION);
        goto out;
    }
    if (!rc)
        rc = run_verb(b, &options, &answer);
    if (rc && b->error)
        fprintf(stderr, "pci-broker: %s\n", b->error);
    if (rc)
        remedy_tell(b, b->error_reason);
    if (!answer && !(options.verb && !options.verb->json))
        answer = answer_error(b, rc);
    rc = write_answer(answer, rc);
out:
    this_host_dispose(&host);
    return rc;
}
