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
at_end_list=()

# at_end CMD…: when the case ends, however it does; what came last is done first.
at_end() {
    at_end_list=("$*" "${at_end_list[@]}")
}

end_case() {
    local status=$? cmd

    for cmd in "${at_end_list[@]}"; do
        eval "$cmd" || true
    done
    rm -rf "$case_dir"
    exit "$status"
}
trap end_case EXIT

# What the cases hand to guests; scripts/lab/README.md says why these.
# shellcheck disable=SC2034 # for the cases
VF='01:10.0,name=lan0,migratable=1,pool=lan'

# Where a host has pci-broker.
BROKER=/usr/lib/xen-4.20/bin/pci-broker

# shellcheck source=tests/lib/guest-state.sh
. "$SP_TOP/tests/lib/guest-state.sh"

# say WORDS: with the seconds since the case began.
say() { printf '== [%4d s] %s\n' "$SECONDS" "$*"; }

# give_up STATUS WHAT: the lab ends after the case, so its logs are kept.
give_up() {
    printf '%s\n' "$2" >&2
    printf 'logs of the lab: %s\n' \
        "$("$lab_program" logs 2>/dev/null || echo none)" >&2
    exit "$1"
}

fail() { give_up 1 "FAILED: $*"; }
error() { give_up 99 "ERROR: $*"; }

# lab VERB…: the lab must do it, or the case has no verdict.
lab() {
    if [ "$1" = create ] && [ "${SHADOWPORT_GUEST:-pv}" = hvm ]; then
        as_hvm "$@"
        set -- "${hvm_words[@]}"
    fi
    "$lab_program" "$@" || error "'lab $*' returned $?"
}

# as_hvm create HOST NAME [OPTIONS]: in $hvm_words the same for an HVM guest, which
# needs 192 MiB for the kernel that a PV guest runs in 128.
as_hvm() {
    local word last=

    hvm_words=()
    for word in "$@" --hvm; do
        [ "$last" != --mem ] || [ "$word" -ge 192 ] || word=192
        hvm_words+=("$word")
        last=$word
    done
}

# lab_hosts: those of the lab that is up.
lab_hosts() {
    echo A B
    ! grep -qs '^C ' "$SP_RUN/$SP_LAB/config" || echo C
}

# left_on HOST: the guests there; leases of nobody end.
left_on() {
    lab ssh "$1" "[ ! -e $BROKER ] || $BROKER gc >/dev/null; xl list" |
        awk 'NR > 2 { print $1 }'
}

# lab_up [ARGUMENTS of lab up]: without guests, probes and leases that an earlier
# case has left behind, and from here on this case's logs count.
lab_up() {
    local host guest probe

    for probe in "$SP_RUN/$SP_LAB"/probe/*/pid; do
        [ ! -e "$probe" ] || "$lab_program" probe stop \
            "$(basename "${probe%/pid}")" >/dev/null 2>&1 || true
    done
    lab up "$@"
    for host in $(lab_hosts); do
        for guest in $(left_on "$host"); do
            say "host $host: ending $guest, which is left of an earlier case"
            # It may end by itself meanwhile.
            lab ssh "$host" "xl destroy $guest || ! xl domid $guest"
        done
    done
    lab logs --mark
}

# pause SECONDS: while traffic flows that is measured; on a slow machine longer.
pause() {
    sleep $(($1 * SP_TIME_SCALE))
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

# said PATTERN: by what 'try' is running or has run.
said() {
    grep -qE -- "$1" "$case_dir/out"
}

# broker HOST VERB [REQUEST]: what xl would run.
broker() {
    try "$lab_program" ssh "$1" "$BROKER $2 <<<'${3:-}'"
}

# signal_sender HOST WHO WHEN NAME [COMMAND]: tests/lib/signal-sender on the HOST that
# NAME leaves, for what comes next may be over before another host is told; then, if
# that was done, COMMAND there.
signal_sender() {
    "$lab_program" ssh "$1" "bash -s -- $2 $3 \$(xl domid $4) $4 \
        $((120 * SP_TIME_SCALE))${5:+ && $5}" <"$SP_TOP/tests/lib/signal-sender"
}

continue_sender() {
    "$lab_program" ssh "$1" "kill -CONT -- -\$(pgrep -f '^[^ ]*xl -v migrate ')"
}

# kill_receiver PATTERN FROM HOST NAME [CMD…]: kill the xl that receives NAME on HOST
# once the sender has said PATTERN; then, whether that was done or not, CMD.
kill_receiver() {
    local pattern=$1 from=$2 host=$3 name=$4 status=0 when=''

    shift 4
    case $pattern in
    'quiesce took') when=quiesced ;;
    'detach took') when=detached ;;
    esac
    if [ -n "$when" ]; then
        { signal_sender "$from" stop "$when" "$name" &&
              "$lab_program" receiver kill "$host" "$name"; } || status=$?
        continue_sender "$from" || status=$?
    else
        { SP_WAIT_STEP=0.02 sp_wait 180 "'$pattern' from xl migrate" \
              said "$pattern" && "$lab_program" receiver kill "$host" "$name"; } ||
            status=$?
    fi
    [ $# = 0 ] || "$@"
    return "$status"
}

# try_cut_off PATTERN FROM TO NAME [CMD…]: try_migrate, and kill_receiver.
try_cut_off() {
    local pattern=$1 from=$2 to=$3 name=$4 killer

    shift 4
    say "kill the receiver of $name at '$pattern'"
    : >"$case_dir/out"
    kill_receiver "$pattern" "$from" "$to" "$name" "$@" &
    killer=$!
    try_migrate "$from" "$to" "$name"
    wait "$killer" || error "the receiver was not killed"
}

# end_received HOST NAME: what a killed receiver leaves there goes with the
# next migration of NAME; this is for when there is none.
end_received() {
    "$lab_program" ssh "$1" xl destroy "$2--incoming" || true
    lab ssh "$1" "$BROKER" gc >/dev/null
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

# expect_no PATTERN TEXT WHAT: no line of TEXT has it. Not `! … | grep -q`: under
# pipefail that holds, too, when grep leaves early and the writer is killed.
expect_no() {
    ! grep -qE -- "$1" <<<"$2" || fail "$3: $2"
}

# expect_concern HOST NAME PATTERN: xl pci-list -l says that this would keep it from
# being migrated.
expect_concern() {
    local listed

    listed=$(lab ssh "$1" xl pci-list -l "$2" 2>&1)
    grep -qE -- "$3" <<<"$listed" ||
        fail "xl pci-list -l does not say '$3': $listed"
}

# expect_row ROW TEXT: a line of TEXT begins with these columns; * is any.
expect_row() {
    awk -v want="$1" 'BEGIN { n = split(want, w, " ") }
        { for (i = 1; i <= n && (w[i] == "*" || w[i] == $i); i++);
          if (i > n) { print; found++ } } END { exit !found }' <<<"$2" ||
        fail "no line '$1' in: $2"
}

# expect_traffic HOST NAME DRIVER: the lower device has this driver, sends packets,
# and the endpoint answers them.
expect_traffic() {
    local driver

    driver=$(lower_driver "$1" "$2")
    expect_equal "$3" "$driver" "driver of $2 on host $1"
    expect_sends "$1" "$2" "$3"
}

# expect_sends HOST NAME DRIVER: of several lower devices that one does.
expect_sends() {
    local before

    before=$(lower_sent "$1" "$2" "$3")
    [ -n "$before" ] || fail "$2 has no $3 on host $1"
    sp_wait 20 "an answer to what $3 in $2 sends" try_answer_by "$1" "$2" "$3" \
        "$before" || fail "$2 gets no answer by its $3 on host $1"
}

# expect_group HOST NAME: the guest answers what the endpoint sends to the multicast
# group of its link-local address: the card below has been told to let that through.
# Not of fd77::101, which Intel's filters take for ff02::1, and that all cards hear.
expect_group() {
    local group

    group=$(lab guest "$1" "$2" "/usr/sbin/ip -6 maddr show dev $SHADOW" |
        awk '$2 ~ /^ff02::1:ff/ && $2 !~ /:ff00:/ { print $2; exit }')
    [ -n "$group" ] || error "$2 on host $1 is in no group of an IPv6 address"
    sp_wait 20 "an answer to $group" answers_group "$group" ||
        fail "$2 on host $1 does not hear what is sent to $group"
}

# answers_group GROUP: somebody does.
answers_group() {
    "$lab_program" endpoint "$SP_TOP/scripts/env/tree-run" guest -- \
        busybox ping -6 -q -c 1 -W 2 -I lan "$1" >/dev/null
}

# expect_card HOST NAME DRIVER: it has it, or gets it soon.
expect_card() {
    sp_wait 120 "$3 in $2 on host $1" card_is "$@" ||
        fail "$2 has no $3 on host $1"
}

# card_is HOST NAME DRIVER: a guest that cannot be asked has not.
card_is() (
    # shellcheck disable=SC2317 # lower_driver calls it
    lab() { "$lab_program" "$@" 2>/dev/null; }
    [ "$(lower_driver "$1" "$2")" = "$3" ]
)

# try_answer_by: here a command that fails is no error of the lab.
try_answer_by() (
    # shellcheck disable=SC2317 # lower_sent calls it
    lab() { "$lab_program" "$@"; }
    answer_by "$@"
)

# expect_alive HOST NAME: the guest runs there and nowhere else.
expect_alive() {
    local other=A

    [ "$1" = B ] || other=B
    lab guest "$1" "$2" true
    if "$lab_program" ssh "$other" "xl domid $2" >/dev/null 2>&1; then
        fail "$2 is on host $other as well"
    fi
}

# expect_probe FILE: the prober's verdict is ok: no wrong or missing byte, one
# connection, no error that an application would have seen.
expect_probe() {
    jq -r '.verdict, .failures[].text' "$1"
    expect_equal ok "$(jq -r .verdict "$1")" "verdict of the prober"
    expect_equal 1 "$(jq .connection.count "$1")" "TCP connections"
    expect_equal true "$(jq .connection.alive_at_end "$1")" "stream alive"
}

# leaks_of HOST: what a migration has left there that nobody owns: journals of
# domains that are gone, leases of dead owners, processes. Fails if the host cannot
# be asked: then nobody knows.
leaks_of() {
    local found leases

    found=$("$lab_program" ssh "$1" "
        set -e
        domains=\$(xl list)
        domains=\$(awk 'NR > 1 { print \$2 }' <<<\"\$domains\")
        for id in \$(xenstore-list /libxl); do
            xenstore-exists /libxl/\$id/pci-migrate || continue
            grep -qx \$id <<<\"\$domains\" || echo journal of domain \$id
        done
        # A session's leader is the daemon that goes on watching its domain.
        ps -eo pid=,sid=,args= | awk '\$1 != \$2' |
            grep -E 'pci-broker |xl .*migrate-receive' |
            grep -v grep || true") || return
    # A stock host has no broker, and so no leases.
    leases=$("$lab_program" ssh "$1" "[ ! -e $BROKER ] || $BROKER list --json") ||
        return
    leases=$(jq -r --arg host "$1" '.leases[] | select(.alive != true) |
        "host \($host): lease \(.)"' <<<"$leases") || return
    [ -z "$found" ] || sed "s/^/host $1: /" <<<"$found"
    [ -z "$leases" ] || printf '%s\n' "$leases"
}

leaks() {
    local host found

    for host in $(lab_hosts); do
        found=$(leaks_of "$host") || return
        [ -z "$found" ] || printf '%s\n' "$found"
    done
}

no_leaks() {
    local found

    found=$(leaks) && [ -z "$found" ]
}

# finish: nothing is left on the hosts, the kernel logs are clean; then the
# case has passed.
finish() {
    local found

    sp_wait 30 "what migrations leave on the hosts to be gone" no_leaks || {
        found=$(leaks) || error "a host cannot be asked what is left there"
        fail "something is left on the hosts: $found"
    }
    "$lab_program" scan --new || fail "the kernel logs have bad news"
    say "passed"
}
