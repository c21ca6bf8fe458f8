/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The witness holds known data where a device has put it, untouched by any
 * CPU, while the guest migrates, and compares it afterwards. A page that was
 * written by DMA and not sent again shows up as wrong bytes.
 */
#ifndef SP_WITNESS_H
#define SP_WITNESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* All agree on this one: the stream begins as the disk does. */
#define WITNESS_SEED UINT64_C(0x736861646f775f57)

#define WITNESS_REPORT_EVERY_NS (500 * UINT64_C(1000000))

/* Set by SIGTERM and SIGINT: end, and check what is held. */
extern volatile sig_atomic_t witness_ends;

/* argv[0] is the name of the command; all return an exit code. */
int net_main(int argc, char **argv);
int disk_main(int argc, char **argv);
int source_main(int argc, char **argv);
int image_main(int argc, char **argv);

#endif
