/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 'sp-witness disk': a ring of slots in memory, filled by a disk again and
 * again with other blocks. Half of them are buffers of ours, written by the
 * device without a CPU in between (O_DIRECT); half are windows of the page
 * cache. What a slot holds is compared when it is its turn to be filled, and
 * all slots at the end. The disk may go away at any time.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tests/prober/clock.h"
#include "tests/prober/log.h"
#include "tests/prober/pattern.h"
#include "tests/prober/values.h"

#include "report.h"
#include "witness.h"

#define SLOT_BYTES (256 * 1024)
#define SLOTS_MAX  4096
#define MIB        (1 << 20)
/* Reading without a rest, the guest keeps its host from sending it. */
#define REST_NS    (20 * 1000 * 1000)

struct slot {
    bool cached;   /* a window of the page cache, else a buffer */
    bool holds;
    uint64_t at;   /* position on the disk */
    uint8_t *mem;
};

struct disk_witness {
    int fd_direct, fd_cached;
    uint64_t disk_bytes;
    size_t n_slots;
    struct slot slots[SLOTS_MAX];
    bool gone;     /* the disk failed a read */
    struct witness_report report;
};

/* Neighbouring turns get blocks far apart, and all blocks are used. */
static uint64_t place_of(const struct disk_witness *w, uint64_t turn)
{
    uint64_t places = w->disk_bytes / SLOT_BYTES;

    return turn * 7919 % places * SLOT_BYTES;
}

static void compare(struct disk_witness *w, const struct slot *s)
{
    struct pattern_check c;

    pattern_check_init(&c, WITNESS_SEED);
    c.offset = s->at;
    pattern_check_feed(&c, s->mem, SLOT_BYTES);
    w->report.checked += SLOT_BYTES;
    w->report.wrong += c.wrong;
    if (c.wrong && w->report.first_wrong == PATTERN_NONE_WRONG)
        w->report.first_wrong = c.first_wrong;
}

static void release(struct disk_witness *w, struct slot *s)
{
    if (!s->holds)
        return;
    w->report.held -= SLOT_BYTES;
    s->holds = false;
    if (!s->cached)
        return;
    munmap(s->mem, SLOT_BYTES);
    posix_fadvise(w->fd_cached, (off_t)s->at, SLOT_BYTES,
                  POSIX_FADV_DONTNEED);
}

static bool fill_buffer(struct disk_witness *w, struct slot *s)
{
    return pread(w->fd_direct, s->mem, SLOT_BYTES, (off_t)s->at) ==
           SLOT_BYTES;
}

/* Locked: the pages must be those that the device wrote, until compared. */
static bool fill_window(struct disk_witness *w, struct slot *s)
{
    s->mem = mmap(NULL, SLOT_BYTES, PROT_READ, MAP_SHARED, w->fd_cached,
                  (off_t)s->at);
    if (s->mem == MAP_FAILED)
        return false;
    if (mlock(s->mem, SLOT_BYTES) == 0)
        return true;
    munmap(s->mem, SLOT_BYTES);
    return false;
}

static void take_turn(struct disk_witness *w, uint64_t turn)
{
    struct slot *s = &w->slots[turn % w->n_slots];

    if (s->holds)
        compare(w, s);
    release(w, s);
    s->at = place_of(w, turn);
    if (!(s->cached ? fill_window(w, s) : fill_buffer(w, s))) {
        w->gone = true;
        return;
    }
    s->holds = true;
    w->report.held += SLOT_BYTES;
    w->report.arrived += SLOT_BYTES;
}

static void publish(struct disk_witness *w, enum witness_state state)
{
    w->report.state = state;
    if (witness_report_write(&w->report))
        log_say("%s: %s", w->report.path, strerror(errno));
}

static void read_until_told(struct disk_witness *w)
{
    const struct timespec rest = { .tv_nsec = REST_NS };
    uint64_t turn = 0, told = 0, now;

    while (!witness_ends) {
        if (!w->gone)
            take_turn(w, turn++);
        nanosleep(&rest, NULL);
        now = clock_mono_ns();
        if (now - told > WITNESS_REPORT_EVERY_NS) {
            publish(w, turn < w->n_slots ? WITNESS_FILLING
                                         : WITNESS_HOLDING);
            told = now;
        }
    }
}

static void check_all(struct disk_witness *w)
{
    size_t i;

    publish(w, WITNESS_DRAINING);
    for (i = 0; i < w->n_slots; i++) {
        if (w->slots[i].holds)
            compare(w, &w->slots[i]);
        release(w, &w->slots[i]);
    }
    publish(w, WITNESS_DONE);
}

static int make_slots(struct disk_witness *w)
{
    size_t i;

    for (i = 0; i < w->n_slots; i++) {
        w->slots[i].cached = i % 2;
        if (w->slots[i].cached)
            continue;
        w->slots[i].mem = mmap(NULL, SLOT_BYTES, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED,
                               -1, 0);
        if (w->slots[i].mem == MAP_FAILED)
            return -1;
    }
    return 0;
}

static int open_disk(struct disk_witness *w, const char *path)
{
    off_t end;

    w->fd_direct = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
    w->fd_cached = open(path, O_RDONLY | O_CLOEXEC);
    if (w->fd_direct < 0 || w->fd_cached < 0)
        return -1;
    /* Reading ahead would fill windows that nobody holds. */
    posix_fadvise(w->fd_cached, 0, 0, POSIX_FADV_RANDOM);
    end = lseek(w->fd_cached, 0, SEEK_END);
    if (end < SLOT_BYTES * 2) {
        errno = end < 0 ? errno : ENOSPC;
        return -1;
    }
    w->disk_bytes = (uint64_t)end;
    return 0;
}

static int usage(FILE *out)
{
    fprintf(out,
            "Usage: sp-witness disk --device PATH --mib SIZE --report FILE"
            "\n\n"
            "Reads from what 'sp-witness image' filled into SIZE MiB of "
            "memory, again and\nagain, until the disk is gone. SIGTERM: "
            "check what is there and end.\n");
    return out == stdout ? EXIT_OK : EXIT_USAGE;
}

static int parse(struct disk_witness *w, int argc, char **argv,
                 const char **path)
{
    static const struct option options[] = {
        { "device", required_argument, NULL, 'd' },
        { "mib", required_argument, NULL, 'm' },
        { "report", required_argument, NULL, 'r' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    uint64_t mib = 0;
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'h')
            exit(usage(stdout));
        if (c == 'd')
            *path = optarg;
        else if (c == 'r')
            w->report.path = optarg;
        else if (c != 'm' ||
                 !value_number(optarg, 1,
                               (uint64_t)SLOTS_MAX * SLOT_BYTES / MIB, &mib))
            return -1;
    }
    w->n_slots = mib * MIB / SLOT_BYTES;
    return mib && *path && w->report.path && optind == argc ? 0 : -1;
}

int disk_main(int argc, char **argv)
{
    static struct disk_witness w;
    const char *path = NULL;

    if (parse(&w, argc, argv, &path))
        return usage(stderr);
    w.report.first_wrong = PATTERN_NONE_WRONG;
    if (open_disk(&w, path) || make_slots(&w)) {
        log_say("%s: %s", path, strerror(errno));
        return EXIT_CANT;
    }
    read_until_told(&w);
    check_all(&w);
    return w.report.wrong ? EXIT_FAILED : EXIT_OK;
}
