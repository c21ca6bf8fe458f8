# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # lab-case.sh sets lab_program and case_dir
#
# Sourced by lab cases about guests with two network devices, a card and a
# vif: which of them carries the traffic, and for how long none did. Whoever
# sources this has sourced lab-case.sh.

# leases_of_guest HOST NAME: state of each lease of its device.
leases_of_guest() {
    local uuid

    uuid=$(guest_uuid "$1" "$2")
    lab ssh "$1" "$BROKER" list --json |
        jq -r --arg uuid "$uuid" '.leases[] | select(.domain == $uuid) |
            "\(.state) \(.owner.domain == $uuid)"'
}

# share FILE: longest outage since 'begin' by the time to 'end', in percent.
share() {
    jq '([.marks[] | select(.text == "begin").at_ns][0]) as $b |
        ([.marks[] | select(.text == "end").at_ns][0]) as $e |
        ([.round_trip.spans[] | select(.start_ns >= $b).duration_ns] | max
         // 0) * 100 / ($e - $b) | round' "$1"
}

# expect_heard FILE: most of the time.
expect_heard() {
    expect_probe "$1"
    say "longest outage: $(share "$1") % of the migration"
    [ "$(share "$1")" -lt 40 ] ||
        fail "the standby was deaf while the card was away"
}
