/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plugin for QEMU's emulator: counts the instructions of one virtual CPU, the one
 * that executes MARK first (see traffic.c), and those of them that are within named
 * ranges of addresses; and writes both as one line into the file "out" whenever the
 * guest executes MARK. A CPU that halts executes nothing. A repeated string
 * instruction counts once, as it does on real CPUs; the emulator executes it once
 * for each byte or word that it moves.
 *
 * Which CPU it is, QEMU says to plugins, but not when the CPUs take turns in one
 * thread: then it is the one for which the code was translated. So look where the
 * kernel has the data of its CPU (the base of GS), whenever a block is entered.
 *
 * The file "ranges" is read anew at each MARK; what follows its last line "reset"
 * counts. "START END named" is such a range; one that ends with "helper" belongs
 * to whoever has called it: thunks, and small functions that everybody calls.
 *
 * QEMU's packages come without the header: declared here is what is used of
 * version 3 of the interface (QEMU 9.1 and later).
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"

#define EXPORT __attribute__((visibility("default")))
#define API_VERSION 3

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_register;
enum { CB_NO_REGS, CB_READS_REGS };

struct reg {
    struct qemu_plugin_register *handle;
    const char *name, *feature;
};

/* GLib's GArray and GByteArray */
struct array {
    void *data;
    unsigned len;
};

struct array *g_byte_array_new(void);
struct array *g_byte_array_set_size(struct array *array, unsigned length);
struct array *qemu_plugin_get_registers(void);
int qemu_plugin_read_register(struct qemu_plugin_register *handle,
                              struct array *buf);
void qemu_plugin_register_vcpu_init_cb(
    uint64_t id, void (*cb)(uint64_t id, unsigned cpu));
void qemu_plugin_register_vcpu_tb_exec_cb(
    struct qemu_plugin_tb *tb, void (*cb)(unsigned cpu, void *data), int flags,
    void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(
    uint64_t id, void (*cb)(uint64_t id, struct qemu_plugin_tb *tb));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(
    const struct qemu_plugin_tb *tb, size_t i);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *dest,
                             size_t len);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(
    struct qemu_plugin_insn *insn, void (*cb)(unsigned cpu, void *data),
    int flags, void *data);

EXPORT int qemu_plugin_version = API_VERSION;
EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc,
                               char **argv);

static const unsigned char mark[] = { MARK_BYTES };
static uint64_t count, named;
static FILE *out;
static const char *ranges_path;

static bool repeating;              /* the last was a repeated one */
static bool inside;                 /* the last was within a range */

/* ---- which CPU */

static struct qemu_plugin_register *gs_base, *kernel_gs_base;
static uint64_t now_base, counted_base;

static uint64_t value(struct qemu_plugin_register *reg)
{
    static struct array *buf;
    uint64_t bytes = 0;

    if (!buf)
        buf = g_byte_array_new();
    g_byte_array_set_size(buf, 0);
    qemu_plugin_read_register(reg, buf);
    memcpy(&bytes, buf->data, buf->len < 8 ? buf->len : 8);
    return bytes;
}

/* User space has a base of its own; the kernel's is put aside meanwhile. */
static void entered(unsigned cpu, void *data)
{
    (void)cpu;
    (void)data;
    now_base = value(gs_base);
    if (!(now_base >> 63))
        now_base = value(kernel_gs_base);
}

static void registers_find(uint64_t id, unsigned cpu)
{
    struct array *regs = qemu_plugin_get_registers();
    struct reg *reg = regs->data;
    unsigned i;

    (void)id;
    (void)cpu;
    for (i = 0; i < regs->len; i++) {
        if (!strcmp(reg[i].name, "gs_base"))
            gs_base = reg[i].handle;
        if (!strcmp(reg[i].name, "k_gs_base"))
            kernel_gs_base = reg[i].handle;
    }
    if (!gs_base || !kernel_gs_base)
        abort();
}

/* ---- ranges */

enum kind { OTHER, NAMED, HELPER };

#define RANGES_MAX 512

static struct range {
    uint64_t start, end;
    enum kind kind;
} ranges[RANGES_MAX];
static size_t ranges_count;

/* An address that is executed. There is one for each, and it stays. */
struct spot {
    uint64_t address;
    enum kind kind;
    struct spot *next;
};

#define BUCKETS 65536

static struct spot *spots[BUCKETS];

static enum kind kind_of(uint64_t address)
{
    size_t i;

    for (i = 0; i < ranges_count; i++)
        if (address >= ranges[i].start && address < ranges[i].end)
            return ranges[i].kind;
    return OTHER;
}

static struct spot *spot_at(uint64_t address)
{
    struct spot **bucket = &spots[address % BUCKETS], *spot;

    for (spot = *bucket; spot; spot = spot->next)
        if (spot->address == address)
            return spot;
    spot = calloc(1, sizeof(*spot));
    if (!spot)
        abort();
    spot->address = address;
    spot->kind = kind_of(address);
    spot->next = *bucket;
    *bucket = spot;
    return spot;
}

static void range_read(const char *line)
{
    struct range *range = &ranges[ranges_count];
    char kind[8];

    if (!strncmp(line, "reset", 5))
        ranges_count = 0;
    if (sscanf(line, "%" SCNx64 " %" SCNx64 " %7s", &range->start,
               &range->end, kind) != 3)
        return;
    if (ranges_count == RANGES_MAX - 1)
        abort();
    range->kind = !strcmp(kind, "helper") ? HELPER : NAMED;
    ranges_count++;
}

static void ranges_read(void)
{
    FILE *file = fopen(ranges_path, "r");
    struct spot *spot;
    char line[128];
    size_t i;

    if (!file)
        return;
    while (fgets(line, sizeof(line), file))
        range_read(line);
    fclose(file);
    for (i = 0; i < BUCKETS; i++)
        for (spot = spots[i]; spot; spot = spot->next)
            spot->kind = kind_of(spot->address);
}

/* ---- counting */

static void count_named(const struct spot *spot)
{
    if (spot->kind != HELPER)
        inside = spot->kind == NAMED;
    named += inside;
}

static void executed(unsigned cpu, void *data)
{
    (void)cpu;
    if (now_base != counted_base)
        return;
    count++;
    repeating = false;
    count_named(data);
}

/* Nothing but itself can come between two rounds; an interrupt counts twice. */
static void repeated(unsigned cpu, void *data)
{
    (void)cpu;
    if (now_base != counted_base)
        return;
    if (!repeating) {
        count++;
        count_named(data);
    }
    repeating = true;
}

/* REP or REPNE, perhaps REX, then MOVS, CMPS, STOS, LODS or SCAS. */
static bool is_repeated(const unsigned char *code, size_t n)
{
    size_t i = 1;

    if (n < 2 || (code[0] != 0xf3 && code[0] != 0xf2))
        return false;
    if ((code[i] & 0xf0) == 0x40)
        i++;
    return i + 1 == n && ((code[i] >= 0xa4 && code[i] <= 0xa7) ||
                          (code[i] >= 0xaa && code[i] <= 0xaf));
}

static void marked(unsigned cpu, void *data)
{
    (void)cpu;
    (void)data;
    if (!counted_base)
        counted_base = now_base;
    fprintf(out, "%" PRIu64 " %" PRIu64 "\n", count, named);
    fflush(out);
    ranges_read();
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
    size_t i, n = qemu_plugin_tb_n_insns(tb);

    (void)id;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, entered, CB_READS_REGS, NULL);
    for (i = 0; i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        unsigned char code[sizeof(mark)];
        size_t len = qemu_plugin_insn_data(insn, code, sizeof(code));

        qemu_plugin_register_vcpu_insn_exec_cb(
            insn, is_repeated(code, len) ? repeated : executed, CB_NO_REGS,
            spot_at(qemu_plugin_insn_vaddr(insn)));
        if (len == sizeof(code) && !memcmp(code, mark, sizeof(mark)))
            qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, CB_NO_REGS,
                                                   NULL);
    }
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    if (argc != 2 || strncmp(argv[0], "out=", 4) ||
        strncmp(argv[1], "ranges=", 7))
        return -1;
    ranges_path = argv[1] + 7;
    out = fopen(argv[0] + 4, "w");
    if (!out)
        return -1;
    qemu_plugin_register_vcpu_init_cb(id, registers_find);
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
