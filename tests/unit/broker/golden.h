/* SPDX-License-Identifier: GPL-2.0-only */
/* The examples in tests/fixtures/protocol. */
#ifndef GOLDEN_H
#define GOLDEN_H

/* The text, to be freed. */
char *golden_read(const char *name);
/* Fails the test unless both are the same JSON, whatever its white space. */
void golden_same(const char *text, const char *golden);

#endif
