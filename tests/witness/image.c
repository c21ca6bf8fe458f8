/* SPDX-License-Identifier: GPL-2.0-only */
/* 'sp-witness image': the disk's known data. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/prober/log.h"
#include "tests/prober/pattern.h"
#include "tests/prober/values.h"

#include "witness.h"

#define CHUNK      (1 << 20)
#define MIB        (1 << 20)
#define IMAGE_MAX  (1 << 20) /* MiB */

static int fill(int fd, uint64_t mib)
{
    static uint8_t buf[CHUNK];
    uint64_t at;

    for (at = 0; at < mib * MIB; at += CHUNK) {
        pattern_fill(WITNESS_SEED, at, buf, CHUNK);
        if (pwrite(fd, buf, CHUNK, (off_t)at) != CHUNK)
            return -1;
    }
    return fsync(fd);
}

static int usage(FILE *out)
{
    fprintf(out, "Usage: sp-witness image FILE --mib SIZE\n");
    return out == stdout ? EXIT_OK : EXIT_USAGE;
}

int image_main(int argc, char **argv)
{
    static const struct option options[] = {
        { "mib", required_argument, NULL, 'm' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    uint64_t mib = 0;
    int c, fd;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'h')
            return usage(stdout);
        if (c != 'm' || !value_number(optarg, 1, IMAGE_MAX, &mib))
            return usage(stderr);
    }
    if (!mib || optind != argc - 1)
        return usage(stderr);
    fd = open(argv[optind], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || fill(fd, mib) || close(fd)) {
        log_say("%s: %s", argv[optind], strerror(errno));
        return EXIT_CANT;
    }
    return EXIT_OK;
}
