/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time of `reserve` from the start of the process to its answer, for 16
 * wishes among more and more devices. The tree lies in TMPDIR: use a tmpfs.
 *
 *   bench_reserve [DEVICES…]     default: 256 1024 4096 worst
 *
 * All devices are on pciback and known to the store, as `xl
 * pci-assignable-add` leaves them. The store is a function here; each request
 * to it takes SHADOWPORT_BENCH_STORE_US microseconds (default 20) of waiting
 * for a daemon that is not there, and each question to Xen
 * SHADOWPORT_BENCH_XEN_US (default 3). Measured with all devices free, and with
 * the first half of them given to guests. Names of models come from a short list:
 * udev's hwdb, which a host has, answers at once; SHADOWPORT_BENCH_IDS names a
 * pci.ids to be loaded as without that.
 *
 * "worst" is the largest request: 64 wishes, each for another model than any here,
 * 1,024 devices that can only be reset with their bus, and a pool that keeps 1,000
 * of them for guests of the host; all are refused.
 *
 * One line per size and case: devices, taken ones ("worst"), median and longest time of 20
 * runs in ms, median of the CPU time (other programs do not count there, the
 * waiting for store and Xen does), requests to the store, questions to Xen.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "world.h"

#define RUNS 20
#define WISHES 16
#define WORST_WISHES 64
#define WORST_DEVICES 1024
#define WORST_KEPT "1000"

static double now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static double cpu_ms(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e3 +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e3;
}

static char *request(struct arena *arena, int wishes, bool alike)
{
    char *text = arena_printf(
        arena, "{\"version\":1,\"owner\":{\"lock\":\"" WORLD_LOCK "\"},"
        "\"record\":"
        "{\"version\":1,\"migration\":\"3f0e5c9e-8d3b-4d7c-9a55-0d7c6a1b2c3d"
        "\",\"dry_run\":false,\"domain\":{\"uuid\":\"7b1f2c44-5a0e-4f57-8b3e-"
        "2f6f0d4f9e11\",\"name\":\"g0\",\"type\":\"pv\"},\"devices\":[");
    int i;

    for (i = 0; i < wishes; i++)
        text = arena_printf(
            arena, "%s%s{\"wish\":{\"id\":\"n%d\",\"pool\":\"lan\","
            "\"handover\":\"shadow\",\"standby\":null,\"mac\":null,"
            "\"if_missing\":\"fail\"},\"bdf\":null,\"slot\":null,\"host\":"
            "{\"vendor\":\"8086\",\"device\":\"%04x\",\"class\":\"020000\","
            "\"driver\":\"%s\",\"vf\":null}}", text, i ? "," : "", i,
            alike ? 0x10ca : i, alike ? "igbvf" : "none");
    return arena_printf(arena, "%s]}}", text);
}

static unsigned store_us, store_requests, store_devices, store_taken;
static unsigned xen_us, xen_questions, leases_written;

static void take_time(unsigned us)
{
    double end = now_ms() + us / 1e3;

    while (now_ms() < end)
        ;
}

static void request_takes_time(void)
{
    store_requests++;
    take_time(store_us);
}

static int bench_begin(struct store *s, uint32_t *txn)
{
    (void)s;
    request_takes_time();
    *txn = 1;
    return 0;
}

static int bench_end(struct store *s, uint32_t txn, bool abort)
{
    (void)s, (void)txn, (void)abort;
    request_takes_time();
    return 0;
}

static char *store_name(struct arena *arena, unsigned i)
{
    return arena_printf(arena, "%04x-%02x-%02x-%x", i >> 16, i >> 8 & 0xff,
                        i >> 3 & 0x1f, i & 7);
}

/* The number of the device, from its path; taken ones come first. */
static bool is_taken(const char *path)
{
    unsigned domain, bus, dev, func;

    return sscanf(path, "/libxl/pci/%4x-%2x-%2x-%1x", &domain, &bus, &dev,
                  &func) == 4 &&
           (domain << 16 | bus << 8 | dev << 3 | func) < store_taken;
}

static int bench_read(struct store *s, uint32_t txn, struct arena *arena,
                      const char *path, char **value, size_t *len)
{
    const char *last = strrchr(path, '/') + 1;

    (void)s, (void)txn;
    request_takes_time();
    *value = NULL;
    if (!strcmp(last, "driver_path"))
        *value = arena_strdup(arena, "/sys/bus/pci/drivers/igbvf");
    else if (!strcmp(last, "domid") && is_taken(path))
        *value = arena_strdup(arena, "3");
    *len = *value ? strlen(*value) : 0;
    return 0;
}

static int bench_write(struct store *s, uint32_t txn, const char *path,
                       const char *value)
{
    (void)s, (void)txn, (void)value;
    request_takes_time();
    if (!strcmp(strrchr(path, '/'), "/lease"))
        leases_written++;
    return 0;
}

static int bench_remove(struct store *s, uint32_t txn, const char *path)
{
    (void)s, (void)txn, (void)path;
    request_takes_time();
    return 0;
}

static int bench_list(struct store *s, uint32_t txn, struct arena *arena,
                      const char *path, char ***names, size_t *count)
{
    unsigned i;

    (void)s, (void)txn;
    request_takes_time();
    if (strcmp(path, "/libxl/pci")) {
        *names = arena_alloc(arena, 2 * sizeof(**names));
        (*names)[0] = arena_strdup(arena, "driver_path");
        (*names)[1] = arena_strdup(arena, "domid");
        *count = is_taken(path) ? 2 : 1;
        return 0;
    }
    *names = arena_alloc(arena, (store_devices + 1) * sizeof(**names));
    for (i = 0; i < store_devices; i++)
        (*names)[i] = store_name(arena, i);
    *count = store_devices;
    return 0;
}

static const struct store_ops bench_ops = {
    .begin = bench_begin, .end = bench_end, .read = bench_read,
    .write = bench_write, .remove = bench_remove, .list = bench_list,
};

static int bench_test_assign(struct xen *x, const struct bdf *bdf)
{
    (void)x;
    xen_questions++;
    take_time(xen_us);
    return bdf_encode(bdf) < store_taken ? EINVAL : 0;
}

/* The measured process: a broker on the tree in `dir`. It tells the numbers of
 * requests and questions in `dir`, too. */
static int serve(char **argv)
{
    const bool worst = !strcmp(argv[1], "worst");
    struct arena *arena = arena_new();
    struct xen_ops xen_ops;
    char *answer, *error;
    struct world w;
    int rc;

    store_devices = worst ? WORST_DEVICES
                          : (unsigned)strtoul(argv[1], NULL, 10);
    store_taken = (unsigned)strtoul(argv[2], NULL, 10);
    store_us = (unsigned)strtoul(argv[3], NULL, 10);
    xen_us = (unsigned)strtoul(argv[4], NULL, 10);
    world_open(&w, argv[0]);
    w.store.store.ops = &bench_ops;
    xen_ops = *w.xen.ops;
    xen_ops.test_assign = bench_test_assign;
    w.xen.ops = &xen_ops;
    rc = world_run(&w, verb_reserve,
                   worst ? request(arena, WORST_WISHES, false)
                         : request(arena, WISHES, true),
                   NULL, false, &answer, &error);
    if (rc != (worst ? 1 : 0) || leases_written != (worst ? 0 : WISHES)) {
        fprintf(stderr, "rc %d: %s %s\n", rc, answer, error);
        _exit(1);
    }
    world_file(&w, "requests", arena_printf(arena, "%u %u\n", store_requests,
                                            xen_questions));
    _exit(0);
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* A host with udev's hwdb does not load the list of names. */
static void use_real_ids(struct world *w)
{
    const char *ids = getenv("SHADOWPORT_BENCH_IDS");

    if (ids && (access(ids, R_OK) || unlink(w->ids_path) ||
                symlink(ids, w->ids_path))) {
        perror(ids);
        exit(1);
    }
}

static void make_host(struct world *w, unsigned devices, bool worst)
{
    char bdf[16];
    unsigned i;

    world_init(w);
    world_begin_migration(w);
    world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":"
                   "[{\"vendor\":\"8086\",\"device\":\"10ca\"}]}}}");
    if (worst)
        world_pools(w, "{\"version\":1,\"pools\":{\"lan\":{\"match\":"
                       "[{\"vendor\":\"8086\",\"device\":\"10ca\"}],"
                       "\"reserve\":" WORST_KEPT "}}}");
    world_file(w, "modprobe.d/alias.conf",
               "alias pci:v00008086d000010CAsv*sd*bc*sc*i* igbvf\n");
    for (i = 0; i < devices; i++) {
        snprintf(bdf, sizeof(bdf), "%04x:%02x:%02x.%x", i >> 16,
                 i >> 8 & 0xff, i >> 3 & 0x1f, i & 7);
        world_add_device(w, bdf, 0x8086, 0x10ca, 0x020000, "pciback",
                         CAP_MSIX);
        world_device_file(w, bdf, "numa_node", i & 0x800 ? "1\n" : "0\n");
        world_device_file(w, bdf, "reset_method",
                          worst ? "bus\n" : "flr bus\n");
    }
    use_real_ids(w);
}

static void read_requests(struct world *w, unsigned *requests,
                          unsigned *questions)
{
    FILE *f = fopen(arena_printf(w->arena, "%s/requests", w->dir), "r");

    if (!f || fscanf(f, "%u %u", requests, questions) != 2)
        *requests = *questions = 0;
    if (f)
        fclose(f);
}

static void measure(struct world *w, const char *devices,
                    const char *taken)
{
    const char *us = getenv("SHADOWPORT_BENCH_STORE_US");
    const char *xen = getenv("SHADOWPORT_BENCH_XEN_US");
    double times[RUNS], cpu[RUNS], start;
    struct rusage usage;
    unsigned i, requests, questions;
    int status;
    pid_t pid;

    for (i = 0; i < RUNS; i++) {
        start = now_ms();
        pid = fork();
        if (!pid) {
            execl("/proc/self/exe", "bench_reserve", "--serve", w->dir,
                  devices, taken, us ? us : "20", xen ? xen : "3",
                  (char *)NULL);
            _exit(127);
        }
        wait4(pid, &status, 0, &usage);
        times[i] = now_ms() - start;
        cpu[i] = cpu_ms(&usage);
        if (status) {
            fprintf(stderr, "bench_reserve: a run failed\n");
            exit(1);
        }
    }
    read_requests(w, &requests, &questions);
    qsort(times, RUNS, sizeof(*times), compare);
    qsort(cpu, RUNS, sizeof(*cpu), compare);
    printf("%s %s %.1f %.1f %.1f %u %u\n", devices, taken,
           (times[RUNS / 2 - 1] + times[RUNS / 2]) / 2, times[RUNS - 1],
           (cpu[RUNS / 2 - 1] + cpu[RUNS / 2]) / 2, requests, questions);
    fflush(stdout);
}

static void measure_size(const char *size)
{
    unsigned devices = (unsigned)strtoul(size, NULL, 10);
    struct world w;

    make_host(&w, devices, false);
    measure(&w, size, "0");
    measure(&w, size, arena_printf(w.arena, "%u", devices / 2));
    world_dispose(&w);
}

static void measure_worst(void)
{
    struct world w;

    make_host(&w, WORST_DEVICES, true);
    measure(&w, "worst", "0");
    world_dispose(&w);
}

int main(int argc, char **argv)
{
    static char *defaults[] = { NULL, "256", "1024", "4096", "worst", NULL };
    char **size;

    if (argc == 7 && !strcmp(argv[1], "--serve"))
        return serve(argv + 2);
    for (size = (argc > 1 ? argv : defaults) + 1; *size; size++) {
        if (!strcmp(*size, "worst"))
            measure_worst();
        else
            measure_size(*size);
    }
    return 0;
}
