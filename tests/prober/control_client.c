/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "clock.h"
#include "control_client.h"
#include "control_server.h"
#include "control_socket.h"
#include "log.h"
#include "report.h"

#define ANSWER_LIMIT (10 * NS_PER_S)

struct request {
    const char *control, *text;
};

static int exchange(int fd, const char *line, char *out, size_t size)
{
    size_t have = 0;
    ssize_t r;

    if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
        return -1;
    while (have < size - 1 && (r = recv(fd, out + have, size - 1 - have, 0)))
    {
        if (r < 0)
            return -1;
        have += (size_t)r;
    }
    out[have] = '\0';
    out[strcspn(out, "\n")] = '\0';
    return 0;
}

static int ask(const char *path, const char *line, char *out, size_t size)
{
    uint64_t limit = clock_scaled(ANSWER_LIMIT);
    struct timeval tv = { .tv_sec = (time_t)(limit / NS_PER_S) };
    struct sockaddr_un at;
    int fd = control_socket_open(path, &at, 0), rc = -1;

    if (fd < 0)
        return -1;
    if (!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) &&
        !connect(fd, (struct sockaddr *)&at, sizeof(at)))
        rc = exchange(fd, line, out, size);
    if (rc)
        log_say("--control %s: %s; is 'sp-probe endpoint' running?", path,
                strerror(errno));
    close(fd);
    return rc;
}

static int send_request(const struct request *q, const char *line)
{
    char out[CONTROL_LINE_MAX + 1];

    if (ask(q->control, line, out, sizeof(out)))
        return EXIT_CANT;
    if (strncmp(out, "OK", 2)) {
        log_say("%s", out[0] ? out : "the endpoint gave no answer");
        return EXIT_FAILED;
    }
    if (out[2])
        puts(out + 3);
    return EXIT_OK;
}

static int usage(FILE *out, const char *name, bool text)
{
    fprintf(out, "Usage: sp-probe %s --control SOCKET%s\n", name,
            text ? " TEXT" : "");
    if (text)
        fprintf(out, "Writes an event with the present time into the report "
                     "of a running endpoint.\n");
    else
        fprintf(out, "Prints the state of a running endpoint as JSON.\n");
    fprintf(out, "Exit codes: 0 ok, 1 refused, 2 wrong usage, 3 no endpoint "
                 "is there.\n");
    return out == stdout ? EXIT_OK : EXIT_USAGE;
}

/* -1: go on; else the exit code. */
static int parse(struct request *q, int argc, char **argv, bool text)
{
    static const struct option options[] = {
        { "control", required_argument, NULL, 'c' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'h')
            return usage(stdout, argv[0], text);
        if (c != 'c')
            return usage(stderr, argv[0], text);
        q->control = optarg;
    }
    if (text && optind < argc)
        q->text = argv[optind++];
    if (!q->control || (text && !q->text) || optind < argc)
        return usage(stderr, argv[0], text);
    return -1;
}

int mark_main(int argc, char **argv)
{
    struct request q = { 0 };
    char line[CONTROL_LINE_MAX];
    int rc = parse(&q, argc, argv, true);

    if (rc >= 0)
        return rc;
    if (!*q.text || strlen(q.text) >= REPORT_TEXT_MAX ||
        !report_text_ok(q.text)) {
        log_say("the text of a mark is 1 to %d printable ASCII characters",
                REPORT_TEXT_MAX - 1);
        return EXIT_USAGE;
    }
    snprintf(line, sizeof(line), "MARK %s\n", q.text);
    return send_request(&q, line);
}

int status_main(int argc, char **argv)
{
    struct request q = { 0 };
    int rc = parse(&q, argc, argv, false);

    return rc >= 0 ? rc : send_request(&q, "STATUS\n");
}
