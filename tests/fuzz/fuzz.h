/* SPDX-License-Identifier: GPL-2.0-only */
/* One target: what libFuzzer calls, and replay.c for every file of a corpus. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
