/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plugin for QEMU's emulator: writes a line "touch 0xADDRESS" into QEMU's log, of
 * the guest's memory, whenever a processor executes `lock orb $0,MEMORY': what
 * marking does, and nothing else in the kernel. The devices' trace events go to the
 * same log, so its order is that in which all of it happened.
 *
 * Not all devices have such events. Preloaded, too, this is where QEMU's memmove()
 * goes, by which PCI devices write to the guest's memory (virtio's write by other
 * means): it writes "move 0xADDRESS SIZE".
 *
 * QEMU's packages come without the header: declared here is what is used of
 * version 3 of the interface (QEMU 9.1 and later).
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define API_VERSION 3
#define INSN_MAX 15
#define RAM_NAME "/memfd:memory-backend-memfd"

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
enum { CB_NO_REGS };
enum { MEM_R = 1, MEM_W };

void qemu_plugin_register_vcpu_tb_trans_cb(
    uint64_t id, void (*cb)(uint64_t id, struct qemu_plugin_tb *tb));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(
    const struct qemu_plugin_tb *tb, size_t i);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *dest,
                             size_t len);
void qemu_plugin_register_vcpu_mem_cb(
    struct qemu_plugin_insn *insn,
    void (*cb)(unsigned cpu, uint32_t info, uint64_t addr, void *data),
    int flags, int rw, void *data);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(uint32_t info,
                                                  uint64_t addr);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *addr);
void qemu_plugin_outs(const char *text);

EXPORT int qemu_plugin_version = API_VERSION;
EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc,
                               char **argv);
EXPORT void *memmove(void *to, const void *from, size_t n);

/* Where QEMU has the guest's memory. It is below the first hole: its addresses
 * are the guest's. */
static uintptr_t ram, ram_end;

/* Not yet there when plugins are loaded. */
static void find_ram(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];

    while (maps && !ram && fgets(line, sizeof(line), maps))
        if (strstr(line, RAM_NAME) &&
            sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &ram, &ram_end) != 2)
            ram = 0;
    if (maps)
        fclose(maps);
}

static void say_moved(uintptr_t to, size_t n)
{
    char line[60];

    snprintf(line, sizeof(line), "move 0x%" PRIxPTR " %zu\n", to - ram, n);
    qemu_plugin_outs(line);
}

void *memmove(void *to, const void *from, size_t n)
{
    uintptr_t at = (uintptr_t)to;
    void *last_to = (char *)to + n - 1;
    const void *last_from = (const char *)from + n - 1;
    void *first = to;

    if (ram && at >= ram && at < ram_end)
        say_moved(at, n);
    /* The compiler would make a call of memmove() of a loop. */
    if (at - (uintptr_t)from >= n)
        __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n)
                         : : "memory");
    else
        __asm__ volatile("std; rep movsb; cld"
                         : "+D"(last_to), "+S"(last_from), "+c"(n)
                         : : "memory");
    return first;
}

/* LOCK, perhaps REX, OR r/m8 with imm8, which is 0. */
static bool is_touch(const unsigned char *code, size_t n)
{
    size_t i = 1;

    if (n < 4 || code[0] != 0xf0)
        return false;
    if ((code[i] & 0xf0) == 0x40)
        i++;
    return code[i] == 0x80 && (code[i + 1] & 0x38) == 0x08 && code[n - 1] == 0;
}

static void touched(unsigned cpu, uint32_t info, uint64_t addr, void *data)
{
    struct qemu_plugin_hwaddr *hw = qemu_plugin_get_hwaddr(info, addr);
    char line[40];

    (void)cpu;
    (void)data;
    if (!hw)
        return;
    snprintf(line, sizeof(line), "touch 0x%" PRIx64 "\n",
             qemu_plugin_hwaddr_phys_addr(hw));
    qemu_plugin_outs(line);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
    size_t i, n = qemu_plugin_tb_n_insns(tb);

    (void)id;
    if (!ram)
        find_ram();
    for (i = 0; i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        unsigned char code[INSN_MAX];
        size_t len = qemu_plugin_insn_data(insn, code, sizeof(code));

        if (is_touch(code, len))
            qemu_plugin_register_vcpu_mem_cb(insn, touched, CB_NO_REGS, MEM_W,
                                             NULL);
    }
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    (void)argc;
    (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
