/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of HOOK-PROTOCOL.md, but for PCI addresses (bdf.h). */
#ifndef BROKER_WORDS_H
#define BROKER_WORDS_H

#include <stdbool.h>

/* Patterns: x is a lower-case hex digit, anything else is itself. */
bool word_fits(const char *s, const char *pattern);

bool word_is_uuid(const char *s);
bool word_is_id(const char *s);
bool word_is_mac(const char *s);
bool word_is_hex4(const char *s);
bool word_is_hex6(const char *s);
bool word_is_domain_name(const char *s);
bool word_is_driver(const char *s);
/* "<UUID>.source" or "<UUID>.destination" */
bool word_is_lock(const char *s);

#endif
