/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "report_file.h"
#include "report_json.h"

#define MAX_SIZE (64u * 1024 * 1024)

static int write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "we");
    int r;

    if (!f)
        return -1;
    r = fputs(text, f);
    if (fclose(f) || r < 0)
        return -1;
    return 0;
}

int report_file_write(const char *path, const struct report *r)
{
    char *temporary = NULL, *text = report_to_json(r);
    int rc = -1;

    if (!text || asprintf(&temporary, "%s.new", path) < 0) {
        log_say("%s: no memory", path);
        goto out;
    }
    if (write_text(temporary, text) || rename(temporary, path)) {
        log_say("%s: %s", path, strerror(errno));
        unlink(temporary);
        goto out;
    }
    rc = 0;
out:
    free(temporary);
    free(text);
    return rc;
}

static char *read_text(FILE *f, const char *path)
{
    char *text = NULL;
    size_t size = 0, len = 0;

    while (!feof(f) && !ferror(f) && len <= MAX_SIZE) {
        char *more = realloc(text, size += 65536);

        if (!more)
            break;
        text = more;
        len += fread(text + len, 1, size - len - 1, f);
        text[len] = '\0';
    }
    if (text && feof(f) && strlen(text) == len)
        return text;
    log_say("%s: %s", path, ferror(f) ? strerror(errno)
                            : len > MAX_SIZE ? "too large for a report"
                                             : "not a report");
    free(text);
    return NULL;
}

int report_file_read(const char *path, struct report *r)
{
    char error[REPORT_LINE_MAX + 64], *text = NULL;
    FILE *f = fopen(path, "re");
    int rc = -1;

    if (!f) {
        log_say("%s: %s", path, strerror(errno));
        return -1;
    }
    text = read_text(f, path);
    if (text)
        rc = report_from_json(text, r, error, sizeof(error));
    if (text && rc)
        log_say("%s: %s", path, error);
    free(text);
    fclose(f);
    return rc;
}
