# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced by whoever reads a kernel's log: what a kernel, or Xen, prints when it
# is broken. One list for all.

# No stalls and hung tasks: under emulation they say that this machine is busy.

KERNEL_FAULTS='(^|[^A-Z_])BUG[: ]|WARNING:|Oops|general protection|Call Trace|KASAN|UBSAN|KCSAN|Kernel panic|Panic on CPU|Unable to handle|Bad page|possible circular|inconsistent lock state|suspicious RCU usage|unreferenced object|leaked|refcount|Assertion .* failed|Xen call trace|segfault at'
# Lines that name such a word without being one.
KERNEL_NO_FAULTS='[Cc]ommand line:|panic_on_warn'

# kernel_faults FILE…: the lines, with their places. 0: there are some; 1: none;
# 2: a file cannot be read. Whoever shows only the first ones takes them from a
# variable: under pipefail `| head` would make many faults look like none.
kernel_faults() {
    local found status=0

    found=$(grep -anHE "$KERNEL_FAULTS" "$@") || status=$?
    [ "$status" -le 1 ] || return 2
    found=$(grep -vE "$KERNEL_NO_FAULTS" <<<"$found") || true
    [ -n "$found" ] || return 1
    printf '%s\n' "$found"
}
