# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced by lab cases. A case states what it expects with expect_*; the first
# expectation that does not hold ends it with 1. A lab command that cannot do
# its part ends it with 99: an error of the lab is not a failure of ours.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/env/paths.sh"

lab_program=$SP_TOP/scripts/lab/lab
case_dir=$(mktemp -d "${TMPDIR:-/tmp}/shadowport-case.XXXXXX")
trap 'rm -rf "$case_dir"' EXIT

# What the cases hand to guests; scripts/lab/README.md says why these.
VF='01:10.0,name=lan0,migratable=1,pool=lan'
SHADOW=shadow0

say() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*"; exit 1; }
error() { printf 'ERROR: %s\n' "$*"; exit 99; }

# lab VERB…: the lab must do it, or the case has no verdict.
lab() {
    "$lab_program" "$@" || error "'lab $*' returned $?"
}

# try CMD…: run CMD, keep its output in $out and its status in $status.
try() {
    status=0
    "$@" >"$case_dir/out" 2>&1 || status=$?
    out=$(cat "$case_dir/out")
    printf '%s\n' "$out"
}

# try_migrate FROM TO NAME [xl options]
try_migrate() {
    say "migrate $3 from $1 to $2"
    try "$lab_program" migrate "$@"
    [ "$status" != 3 ] && [ "$status" != 4 ] || error "the lab cannot migrate"
}

expect_status() {
    [ "$status" = "$1" ] || fail "expected exit status $1, got $status: $2"
}

expect_failure() {
    [ "$status" != 0 ] || fail "expected it to fail: $1"
}

expect_output() {
    grep -qE -- "$1" <<<"$out" || fail "expected '$1' in the output"
}

expect_equal() {
    [ "$1" = "$2" ] || fail "$3: expected '$1', got '$2'"
}

# net_state HOST NAME: everything of the shadow device that must survive.
net_state() {
    lab guest "$1" "$2" "
        ip -o link show dev $SHADOW | sed 's/ state [A-Z]*//; s/qlen [0-9]*//'
        ip -o addr show dev $SHADOW
        ip route show dev $SHADOW
        ip -6 route show dev $SHADOW
        ip maddr show dev $SHADOW"
}

# lower_driver HOST NAME: driver of the device below the shadow device.
lower_driver() {
    lab guest "$1" "$2" "
        for lower in /sys/class/net/$SHADOW/lower_*; do
            basename \$(readlink -f \$lower/device/driver)
        done"
}

# lower_irqs HOST NAME: interrupts so far of the lower device. An MSI-X NIC
# names its vectors after the netdev.
lower_irqs() {
    lab guest "$1" "$2" "
        for lower in /sys/class/net/$SHADOW/lower_*; do
            grep -F \${lower##*lower_} /proc/interrupts
        done" |
        awk '{ for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) n += $i }
             END { print n + 0 }'
}

# expect_traffic HOST NAME DRIVER: the lower device has this driver, and its
# interrupts rise.
expect_traffic() {
    local before

    expect_equal "$3" "$(lower_driver "$1" "$2")" "driver of $2 on host $1"
    before=$(lower_irqs "$1" "$2")
    sp_wait 20 "interrupts of $3 in $2" irqs_above "$1" "$2" "$before" ||
        fail "$3 in $2 has had no interrupt since ($before)"
}

irqs_above() {
    [ "$(lower_irqs "$1" "$2")" -gt "$3" ]
}

# expect_alive HOST NAME: the guest runs there and nowhere else.
expect_alive() {
    local other=A

    [ "$1" = B ] || other=B
    lab guest "$1" "$2" true
    if "$lab_program" ssh "$other" "xl domid $2" >/dev/null 2>&1; then
        fail "$2 is on host $other as well"
    fi
}

# expect_probe FILE: the stream of the prober's report is whole and one
# connection.
expect_probe() {
    local file=$1

    expect_equal 0 "$(jq '[.tcp[].wrong_bytes] | add' "$file")" "wrong bytes"
    expect_equal 1 "$(jq '.connections' "$file")" "TCP connections"
    expect_equal 0 "$(jq '.errors | length' "$file")" "errors of the prober"
}

# finish: the kernel logs must be clean; then the case has passed.
finish() {
    "$lab_program" logs >/dev/null
    "$lab_program" scan || fail "the kernel logs have bad news"
    say "passed"
}
