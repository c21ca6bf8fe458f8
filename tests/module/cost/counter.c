/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plugin for QEMU's emulator: counts the instructions that each virtual CPU
 * executes, and writes the counts as one line into the file that is its
 * argument whenever the guest executes MARK (see traffic.c). A CPU that halts
 * executes nothing. A repeated string instruction counts once, as it does on
 * real CPUs; the emulator executes it once for each byte or word that it moves.
 *
 * QEMU's packages come without the header: declared here is what is used of
 * version 3 of the interface (QEMU 9.1 and later).
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "mark.h"

#define EXPORT __attribute__((visibility("default")))
#define API_VERSION 3
#define CPUS 2

struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { CB_NO_REGS };

void qemu_plugin_register_vcpu_tb_trans_cb(
    uint64_t id, void (*cb)(uint64_t id, struct qemu_plugin_tb *tb));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(
    const struct qemu_plugin_tb *tb, size_t i);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *dest,
                             size_t len);
void qemu_plugin_register_vcpu_insn_exec_cb(
    struct qemu_plugin_insn *insn, void (*cb)(unsigned cpu, void *data),
    int flags, void *data);

EXPORT int qemu_plugin_version = API_VERSION;
EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc,
                               char **argv);

static const unsigned char mark[] = { MARK_BYTES };
static uint64_t count[CPUS];
static FILE *out;

static bool repeating[CPUS];        /* the last was a repeated one */

/* The CPUs take turns in one thread. */
static void executed(unsigned cpu, void *data)
{
    (void)data;
    if (cpu >= CPUS)
        return;
    count[cpu]++;
    repeating[cpu] = false;
}

/* Nothing but itself can come between two rounds; an interrupt counts twice. */
static void repeated(unsigned cpu, void *data)
{
    (void)data;
    if (cpu >= CPUS)
        return;
    if (!repeating[cpu])
        count[cpu]++;
    repeating[cpu] = true;
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
    fprintf(out, "%" PRIu64 " %" PRIu64 "\n", count[0], count[1]);
    fflush(out);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
    size_t i, n = qemu_plugin_tb_n_insns(tb);

    (void)id;
    for (i = 0; i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        unsigned char code[sizeof(mark)];
        size_t len = qemu_plugin_insn_data(insn, code, sizeof(code));

        qemu_plugin_register_vcpu_insn_exec_cb(
            insn, is_repeated(code, len) ? repeated : executed, CB_NO_REGS,
            NULL);
        if (len == sizeof(code) && !memcmp(code, mark, sizeof(mark)))
            qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, CB_NO_REGS,
                                                   NULL);
    }
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    if (argc != 1 || strncmp(argv[0], "out=", 4))
        return -1;
    out = fopen(argv[0] + 4, "w");
    if (!out)
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
