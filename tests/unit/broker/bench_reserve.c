/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time of `reserve` from the start of the process to its answer, for 16
 * wishes among more and more devices. The tree lies in TMPDIR: use a tmpfs.
 *
 *   bench_reserve [DEVICES…]     default: 256 1024 4096
 *
 * Prints one line per size: devices, median and worst of 20 runs in ms.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "world.h"

#define RUNS 20
#define WISHES 16

static double now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static char *request(struct arena *arena)
{
    char *text = arena_printf(
        arena, "{\"version\":1,\"owner\":{\"pid\":1},\"record\":"
        "{\"version\":1,\"migration\":\"3f0e5c9e-8d3b-4d7c-9a55-0d7c6a1b2c3d"
        "\",\"dry_run\":false,\"domain\":{\"uuid\":\"7b1f2c44-5a0e-4f57-8b3e-"
        "2f6f0d4f9e11\",\"name\":\"g0\",\"type\":\"pv\"},\"devices\":[");
    int i;

    for (i = 0; i < WISHES; i++)
        text = arena_printf(
            arena, "%s%s{\"wish\":{\"id\":\"n%d\",\"pool\":\"lan\","
            "\"handover\":\"shadow\",\"standby\":null,\"mac\":null,"
            "\"if_missing\":\"fail\"},\"bdf\":null,\"slot\":null,\"host\":"
            "{\"vendor\":\"8086\",\"device\":\"10ca\",\"class\":\"020000\","
            "\"driver\":\"igbvf\",\"vf\":null}}", text, i ? "," : "", i);
    return arena_printf(arena, "%s]}}", text);
}

/* The measured process: a broker on the tree in `dir`. */
static int serve(char *dir)
{
    struct arena *arena = arena_new();
    char *answer, *error;
    struct world w;
    int rc;

    world_open(&w, dir);
    rc = world_run(&w, verb_reserve, request(arena), NULL, false, &answer,
                   &error);
    if (rc || fake_store_count(&w.store, "/lease") != WISHES) {
        fprintf(stderr, "rc %d: %s %s\n", rc, answer, error);
        _exit(1);
    }
    _exit(0);
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Loading the list of names is part of the price. */
static void use_real_ids(struct world *w)
{
    if (access("/usr/share/misc/pci.ids", R_OK) || unlink(w->ids_path) ||
        symlink("/usr/share/misc/pci.ids", w->ids_path))
        fprintf(stderr, "bench_reserve: without pci.ids\n");
}

static void measure(const char *self, unsigned devices)
{
    double times[RUNS], start;
    char bdf[16];
    struct world w;
    unsigned i;
    int status;
    pid_t pid;

    world_init(&w);
    world_add_process(&w, 1, 1);
    world_pools(&w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":"
                    "[{\"vendor\":\"8086\",\"device\":\"10ca\"}]}}}");
    for (i = 0; i < devices; i++) {
        snprintf(bdf, sizeof(bdf), "%04x:%02x:%02x.%x", i >> 16,
                 i >> 8 & 0xff, i >> 3 & 0x1f, i & 7);
        world_add_device(&w, bdf, 0x8086, 0x10ca, 0x020000, "pciback",
                         CAP_MSIX);
    }
    use_real_ids(&w);
    for (i = 0; i < RUNS; i++) {
        start = now_ms();
        pid = fork();
        if (!pid) {
            execl(self, self, "--serve", w.dir, (char *)NULL);
            _exit(127);
        }
        waitpid(pid, &status, 0);
        times[i] = now_ms() - start;
        if (status) {
            fprintf(stderr, "bench_reserve: a run failed\n");
            exit(1);
        }
    }
    world_dispose(&w);
    qsort(times, RUNS, sizeof(*times), compare);
    printf("%u devices: median %.1f ms, worst %.1f ms\n", devices,
           (times[RUNS / 2 - 1] + times[RUNS / 2]) / 2, times[RUNS - 1]);
}

int main(int argc, char **argv)
{
    static const unsigned sizes[] = { 256, 1024, 4096 };
    unsigned i;

    if (argc == 3 && !strcmp(argv[1], "--serve"))
        return serve(argv[2]);
    if (argc > 1) {
        for (i = 1; i < (unsigned)argc; i++)
            measure("/proc/self/exe", (unsigned)strtoul(argv[i], NULL, 10));
        return 0;
    }
    for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
        measure("/proc/self/exe", sizes[i]);
    return 0;
}
