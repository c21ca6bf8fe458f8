/* SPDX-License-Identifier: GPL-2.0-only */
/* shadowport-timeline: see shadowport-timeline(1). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/broker.h"
#include "json/json.h"
#include "timeline/story.h"
#include "timeline/svg.h"

static const char usage[] =
    "Usage: shadowport-timeline REPORT\n"
    "Draw where the time of a migration went, as SVG on standard output. "
    "REPORT\nis what \"xl migrate --report REPORT\" wrote; -: standard input.\n";

/* One byte more than allowed, for the parser to complain of. */
static bool read_file(struct broker *b, const char *path, char **text,
                      size_t *len)
{
    FILE *in = strcmp(path, "-") ? fopen(path, "re") : stdin;
    bool ok = in;

    *text = arena_alloc(b->arena, JSON_MAX_SIZE + 1);
    if (in) {
        *len = fread(*text, 1, JSON_MAX_SIZE + 1, in);
        ok = !ferror(in);
        if (in != stdin)
            fclose(in);
    }
    if (!ok)
        broker_fail(b, RC_FAILED, "%s: %s", path, strerror(errno));
    return ok;
}

static int draw(struct broker *b, const char *path)
{
    struct story story;
    char *text;
    size_t len;
    int rc;

    if (!read_file(b, path, &text, &len))
        return RC_FAILED;
    rc = story_read(b, path, text, len, &story);
    if (rc)
        return rc;
    puts(svg_draw(b, &story));
    if (fflush(stdout) || ferror(stdout))
        return broker_fail(b, RC_FAILED, "stdout: %s", strerror(errno));
    return RC_OK;
}

int main(int argc, char **argv)
{
    struct broker b = { .pools_path = NULL };
    int rc;

    if (argc == 2 && !strcmp(argv[1], "--help")) {
        fputs(usage, stdout);
        return 0;
    }
    if (argc == 2 && !strcmp(argv[1], "--version")) {
        puts("shadowport-timeline " PACKAGE_VERSION);
        return 0;
    }
    if (argc != 2 || (argv[1][0] == '-' && argv[1][1])) {
        fputs(usage, stderr);
        return RC_BAD_REQUEST;
    }
    b.arena = arena_new();
    rc = draw(&b, argv[1]);
    if (rc)
        fprintf(stderr, "shadowport-timeline: %s\n", b.error);
    arena_free(b.arena);
    return rc;
}
