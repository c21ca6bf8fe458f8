/* SPDX-License-Identifier: GPL-2.0-only */
/* shadowport-plan: see shadowport-plan(8). */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "doctor/gather.h"
#include "fleet/fleet_facts.h"
#include "fleet/fleet_report.h"
#include "host/this_host.h"
#include "json/json.h"
#include "plan/pools_read.h"

#define PARALLEL 4
#define PARALLEL_MOST 64

struct options {
    const char **from;          /* hosts to empty */
    const char **moves;         /* GUEST=HOST */
    const char **swaps;         /* GUEST,GUEST */
    size_t from_count, move_count, swap_count;
    size_t parallel;
    const char *pools;
    bool facts, json, help, version;
};

static const struct option long_options[] = {
    { "facts", no_argument, NULL, 'f' },
    { "from", required_argument, NULL, 'F' },
    { "move", required_argument, NULL, 'm' },
    { "swap", required_argument, NULL, 's' },
    { "parallel", required_argument, NULL, 'n' },
    { "pools", required_argument, NULL, 'p' },
    { "json", no_argument, NULL, 'j' },
    { "version", no_argument, NULL, 'v' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

static void print_help(void)
{
    puts("Usage: shadowport-plan --facts\n"
         "       shadowport-plan [OPTION]… FILE…\n"
         "Which guests with PCI devices can go where, in which order. Each "
         "FILE has what\n\"shadowport-plan --facts\" wrote on one host. "
         "Nothing is changed.\n\n"
         "  --facts             tell what a plan has to know of this host\n"
         "  --from HOST         all guests of that host shall leave it\n"
         "  --move GUEST=HOST   this one shall go there\n"
         "  --swap GUEST,GUEST  these change places, or both stay\n"
         "  --parallel NUMBER   at most so many at a time (4)\n"
         "  --pools FILE        with --facts: instead of " POOLS_PATH "\n"
         "  --json              an answer for programs\n"
         "  --version           print the version\n\n"
         "Exit status: 0 all of them can go, 1 some cannot, 2 wrong command "
         "line or file,\n3 the machine failed it. See shadowport-plan(8).");
}

static void append(struct broker *b, const char ***list, size_t *count,
                   const char *text)
{
    *list = arena_extend(b->arena, *list, *count, sizeof(**list));
    (*list)[(*count)++] = text;
}

static int parse_parallel(struct broker *b, const char *text, size_t *out)
{
    char *end;
    long number = strtol(text, &end, 10);

    if (!*text || *end || number < 1 || number > PARALLEL_MOST)
        return broker_fail(b, RC_BAD_REQUEST, "--parallel: \"%s\" is not 1 "
                           "to %d", text, PARALLEL_MOST);
    *out = (size_t)number;
    return RC_OK;
}

static int parse_options(struct broker *b, int argc, char **argv,
                         struct options *o)
{
    int c, rc = RC_OK;

    opterr = 0;
    o->parallel = PARALLEL;
    while (!rc && (c = getopt_long(argc, argv, "h", long_options,
                                   NULL)) != -1) {
        switch (c) {
        case 'f':
            o->facts = true;
            break;
        case 'F':
            append(b, &o->from, &o->from_count, optarg);
            break;
        case 'm':
            append(b, &o->moves, &o->move_count, optarg);
            break;
        case 's':
            append(b, &o->swaps, &o->swap_count, optarg);
            break;
        case 'n':
            rc = parse_parallel(b, optarg, &o->parallel);
            break;
        case 'p':
            o->pools = optarg;
            break;
        case 'j':
            o->json = true;
            break;
        case 'v':
            o->version = true;
            return RC_OK;
        case 'h':
            o->help = true;
            return RC_OK;
        default:
            rc = broker_fail(b, RC_BAD_REQUEST,
                             "unknown or incomplete option \"%s\"",
                             argv[optind - 1]);
        }
    }
    if (rc)
        return rc;
    if (o->facts ? optind < argc : optind == argc)
        return broker_fail(b, RC_BAD_REQUEST, o->facts
                           ? "--facts takes no files" : "which files? See "
                           "--help");
    if (!o->facts && !o->from_count && !o->move_count && !o->swap_count)
        return broker_fail(b, RC_BAD_REQUEST, "who shall go? --from, --move "
                           "or --swap");
    return RC_OK;
}

/* ---- who shall go ---- */

static int find_host(struct broker *b, const struct fleet *fleet,
                     const char *name, size_t *host)
{
    for (*host = 0; *host < fleet->host_count; (*host)++)
        if (!strcmp(fleet->hosts[*host].name, name))
            return RC_OK;
    return broker_fail(b, RC_BAD_REQUEST, "no file tells of host %s",
                       printable(b->arena, name));
}

static int find_guest(struct broker *b, const struct fleet *fleet,
                      const char *name, size_t *guest)
{
    size_t i, found = 0;

    for (i = 0; i < fleet->guest_count; i++)
        if (!strcmp(fleet->guests[i].record->domain_name, name)) {
            *guest = i;
            found++;
        }
    if (found == 1)
        return RC_OK;
    return broker_fail(b, RC_BAD_REQUEST, found ? "several hosts have a guest "
                       "%s" : "no host has a guest %s",
                       printable(b->arena, name));
}

static int let_go(struct broker *b, struct fleet *fleet, const char *name,
                  size_t to, long group)
{
    struct moves_guest *guest;
    size_t number;
    int rc = find_guest(b, fleet, name, &number);

    if (rc)
        return rc;
    guest = &fleet->guests[number];
    if (guest->host == to)
        return broker_fail(b, RC_BAD_REQUEST, "guest %s is on host %s already",
                           printable(b->arena, name), fleet->hosts[to].name);
    if (guest->to != MOVES_NONE)
        return broker_fail(b, RC_BAD_REQUEST, "guest %s is named twice",
                           printable(b->arena, name));
    guest->goes = true;
    guest->to = (long)to;
    guest->group = group;
    return RC_OK;
}

static int take_from(struct broker *b, struct fleet *fleet, const char *name)
{
    size_t host, i;
    int rc = find_host(b, fleet, name, &host);

    if (rc)
        return rc;
    fleet->hosts[host].closed = true;
    for (i = 0; i < fleet->guest_count; i++)
        if (fleet->guests[i].host == host)
            fleet->guests[i].goes = true;
    return RC_OK;
}

static int take_move(struct broker *b, struct fleet *fleet, const char *text)
{
    const char *equals = strrchr(text, '=');
    size_t host;
    int rc;

    if (!equals)
        return broker_fail(b, RC_BAD_REQUEST, "--move: \"%s\" is not "
                           "GUEST=HOST", text);
    rc = find_host(b, fleet, equals + 1, &host);
    return rc ? rc : let_go(b, fleet,
                            arena_strndup(b->arena, text,
                                          (size_t)(equals - text)),
                            host, MOVES_NONE);
}

static int take_swap(struct broker *b, struct fleet *fleet, const char *text,
                     size_t number)
{
    const char *comma = strchr(text, ',');
    const char *one, *two;
    size_t a, c;
    int rc;

    if (!comma)
        return broker_fail(b, RC_BAD_REQUEST, "--swap: \"%s\" is not "
                           "GUEST,GUEST", text);
    one = arena_strndup(b->arena, text, (size_t)(comma - text));
    two = comma + 1;
    rc = find_guest(b, fleet, one, &a);
    if (!rc)
        rc = find_guest(b, fleet, two, &c);
    if (!rc)
        rc = let_go(b, fleet, one, fleet->guests[c].host, (long)number);
    if (!rc)
        rc = let_go(b, fleet, two, fleet->guests[a].host, (long)number);
    return rc;
}

static int take_wishes(struct broker *b, struct fleet *fleet,
                       const struct options *o)
{
    size_t i;
    int rc = RC_OK;

    for (i = 0; !rc && i < o->from_count; i++)
        rc = take_from(b, fleet, o->from[i]);
    for (i = 0; !rc && i < o->move_count; i++)
        rc = take_move(b, fleet, o->moves[i]);
    for (i = 0; !rc && i < o->swap_count; i++)
        rc = take_swap(b, fleet, o->swaps[i], i);
    return rc;
}

/* ---- */

/* One byte more than allowed, for the parser to complain of. */
static int read_file(struct broker *b, const char *path, struct fleet *fleet)
{
    FILE *in = fopen(path, "re");
    char *text = arena_alloc(b->arena, JSON_MAX_SIZE + 1);
    size_t len = in ? fread(text, 1, JSON_MAX_SIZE + 1, in) : 0;
    bool ok = in && !ferror(in);
    int rc = RC_OK;

    if (!ok)
        rc = broker_fail(b, RC_FAILED, "%s: %s", path, strerror(errno));
    if (in)
        fclose(in);
    return rc ? rc : fleet_facts_read(b, path, text, len, fleet);
}

static int make_plan(struct broker *b, const struct options *o, char **files,
                     char **answer)
{
    struct fleet fleet = { .hosts = NULL };
    struct moves_plan plan;
    struct moves moves;
    int rc = RC_OK;

    for (; !rc && *files; files++)
        rc = read_file(b, *files, &fleet);
    if (!rc)
        rc = take_wishes(b, &fleet, o);
    if (rc)
        return rc;
    moves = (struct moves){
        .hosts = fleet.hosts, .host_count = fleet.host_count,
        .guests = fleet.guests, .guest_count = fleet.guest_count,
        .parallel = o->parallel,
    };
    moves_make(b->arena, &moves, &plan);
    *answer = o->json ? fleet_report_json(b, &moves, &plan)
                      : fleet_report_table(b, &moves, &plan);
    return plan.stay_count ? RC_REFUSED : RC_OK;
}

static int run(struct broker *b, const struct options *o, char **files,
               char **answer)
{
    struct doctor d = { .b = b, .ops = &doctor_real_ops, .root = "" };

    if (!o->facts)
        return make_plan(b, o, files, answer);
    if (o->pools)
        b->pools_path = o->pools;
    b->pools_named = o->pools;
    *answer = fleet_facts_here(&d);
    return *answer ? RC_OK : RC_FAILED;
}

int main(int argc, char **argv)
{
    struct options options = { .from = NULL };
    struct this_host host;
    struct broker *b = &host.broker;
    char *answer = NULL;
    int rc;

    this_host_init(&host, POOLS_PATH);
    b->messages = stderr;
    rc = parse_options(b, argc, argv, &options);
    if (!rc && options.help)
        print_help();
    else if (!rc && options.version)
        puts("shadowport-plan " PACKAGE_VERSION);
    else if (!rc)
        rc = run(b, &options, argv + optind, &answer);
    if (answer)
        puts(answer);
    if (b->error)
        fprintf(stderr, "shadowport-plan: %s\n", b->error);
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "shadowport-plan: stdout: %s\n", strerror(errno));
        rc = RC_FAILED;
    }
    this_host_dispose(&host);
    return rc;
}
