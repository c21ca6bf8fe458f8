# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # lab-case.sh sets lab_program
#
# Sourced by cases in which a guest reboots by itself; it was created with --set
# 'on_reboot="restart"'. Whoever sources this has sourced lab-case.sh.

# boot_id HOST NAME
boot_id() {
    "$lab_program" guest "$1" "$2" cat /proc/sys/kernel/random/boot_id 2>/dev/null
}

# has_rebooted HOST NAME OLD-ID: and its network is configured.
has_rebooted() {
    local id

    id=$(boot_id "$1" "$2") && [ -n "$id" ] && [ "$id" != "$3" ] &&
        "$lab_program" guest "$1" "$2" test -e /run/network.ready
}

# reboot HOST NAME: by force; returns when it is back.
reboot() {
    local old

    say "$2 reboots on host $1"
    old=$(boot_id "$1" "$2")
    # The console goes before the answer comes.
    "$lab_program" guest "$1" "$2" --limit 5 \
        '(sleep 1; reboot -f) >/dev/null 2>&1 &' >/dev/null 2>&1 || true
    sp_wait 300 "$2 to be back on host $1" has_rebooted "$1" "$2" "$old" ||
        fail "$2 is not back on host $1"
}
