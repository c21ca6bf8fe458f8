/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main() for a fuzz target without libFuzzer: every file of the folder that
 * the program is named after (fuzz_NAME: corpus/NAME) must come to its end.
 * Output is TAP.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define LARGEST (2 * 1024 * 1024)

static void replay(const char *path)
{
    FILE *f = fopen(path, "r");
    uint8_t *buffer = malloc(LARGEST), *data;
    size_t size;

    if (!f || !buffer) {
        printf("Bail out! %s cannot be read\n", path);
        exit(99);
    }
    size = fread(buffer, 1, LARGEST, f);
    fclose(f);
    /* exactly as large, so that a sanitizer sees a byte read too many */
    data = malloc(size ? size : 1);
    memcpy(data, buffer, size);
    free(buffer);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

int main(int argc, char **argv)
{
    const char *top = getenv("SHADOWPORT_SRCDIR");
    const char *name = strrchr(argv[0], '_');
    char folder[512], path[1024];
    unsigned count = 0;
    struct dirent *entry;
    DIR *dir;

    /* `make check` sets it; by hand it is run from the top */
    snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s",
             top ? top : ".", argc > 1 ? argv[1] : name ? name + 1 : "");
    dir = opendir(folder);
    if (!dir) {
        printf("Bail out! %s cannot be read\n", folder);
        return 99;
    }
    printf("1..1\n");
    while ((entry = readdir(dir))) {
        if (*entry->d_name == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        replay(path);
        count++;
    }
    closedir(dir);
    printf("%sok 1 - %u inputs of %s\n", count ? "" : "not ", count, folder);
    return !count;
}
