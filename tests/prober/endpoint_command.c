/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "endpoint.h"
#include "endpoint_command.h"
#include "log.h"
#include "report_file.h"
#include "summary.h"

static int report(struct endpoint *e)
{
    const char *path = e->options->json;
    struct report r;
    int rc;

    if (endpoint_report(e, &r)) {
        log_say("no memory for the report");
        return EXIT_CANT;
    }
    summary_print(stdout, &r);
    rc = r.failures.n ? EXIT_FAILED : EXIT_OK;
    if (path && report_file_write(path, &r))
        rc = EXIT_CANT;
    event_log_write(e->events, "end", endpoint_now(e), r.verdict, 0);
    report_free(&r);
    return rc;
}

static int open_events(struct event_log *events, const char *path)
{
    if (!path || !event_log_open(events, path))
        return EXIT_OK;
    log_say("--events %s: %s", path, strerror(errno));
    return EXIT_CANT;
}

int endpoint_main(int argc, char **argv)
{
    static struct endpoint e; /* large: the window of numbers */
    struct event_log events = { 0 };
    struct endpoint_options options;
    struct endpoint_link link;
    bool help;
    int rc = endpoint_options_parse(&options, argc, argv, &help);

    if (rc || help)
        return rc;
    signal(SIGPIPE, SIG_IGN);
    rc = open_events(&events, options.events);
    if (!rc)
        rc = endpoint_link_open(&link, &options);
    if (rc)
        goto out;
    e.options = &options;
    e.link = &link;
    e.events = &events;
    rc = endpoint_run(&e) ? EXIT_CANT : report(&e);
    endpoint_free(&e);
    endpoint_link_close(&link);
out:
    event_log_close(&events);
    return rc;
}
