# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced by the end-to-end tests: two network namespaces joined by a cable,
# the test in the first one (10.9.0.1, device e0), the guest's programs in the
# second (10.9.0.2, device g0). Nothing outside is touched, and all of it is
# gone when the test ends. Output is TAP.

set -euo pipefail

skip() {
    echo "1..0 # SKIP $1"
    exit 0
}

# The test runs again inside, as process 1 of a process namespace: whatever
# becomes of it, nothing that it has started outlives it.
enter=(unshare --net --pid --fork --kill-child --mount-proc)
[ "$(id -u)" = 0 ] || enter+=(--user --map-root-user)

if [ -z "${SP_PROBE_WORK:-}" ]; then
    for program in ip python3; do
        command -v "$program" >/dev/null || skip "there is no '$program' here"
    done
    "${enter[@]}" unshare --net ip link add try-it type veth 2>/dev/null ||
        skip "can't make network namespaces here"
    SP_PROBE_WORK=$(mktemp -d "${TMPDIR:-/tmp}/sp-probe-test.XXXXXX")
    export SP_PROBE_WORK
    trap 'rm -rf "$SP_PROBE_WORK"' EXIT
    status=0
    "${enter[@]}" "$0" "$@" || status=$?
    exit "$status"
fi

work=$SP_PROBE_WORK
probe_dir=${SP_PROBE_DIR:-tests/prober}
scale=${SHADOWPORT_TIME_SCALE:-1}
cases=0
failed=0

# ok NAME CMD…: one case, passed if CMD succeeds.
ok() {
    local name=$1

    shift
    cases=$((cases + 1))
    if "$@"; then
        echo "ok $cases - $name"
    else
        failed=$((failed + 1))
        echo "not ok $cases - $name"
        echo "# failed: $*"
    fi
}

plan() {
    echo "1..$cases"
    if [ "$failed" -gt 0 ]; then
        sed 's/^/# /' "$work"/*.log
        exit 1
    fi
}

# wait_for LIMIT CMD…: until CMD succeeds; the test is over if it doesn't.
wait_for() {
    local end=$((SECONDS + $1 * scale))

    shift
    until "$@"; do
        if [ "$SECONDS" -ge "$end" ]; then
            sed 's/^/# /' "$work"/*.log
            echo "Bail out! waited in vain for: $*"
            exit 1
        fi
        sleep 0.05
    done
}

other_netns() {
    [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# Background jobs use "${guest_exec[@]}" itself: $! is then the program, not a
# shell around it.
in_guest() { "${guest_exec[@]}" "$@"; }

unshare --net sleep infinity &
guest_ns=$!
guest_exec=(nsenter -t "$guest_ns" -n)
wait_for 10 other_netns "$guest_ns"
ip link set lo up
ip link add e0 type veth peer name g0 netns "$guest_ns"
ip addr add 10.9.0.1/24 dev e0
ip link set e0 up
in_guest ip link set lo up
in_guest ip addr add 10.9.0.2/24 dev g0
in_guest ip link set g0 up

# start_guest: the guest's program; its process is $guest_pid.
start_guest() {
    "${guest_exec[@]}" "$probe_dir/sp-probe-guest" --listen 10.9.0.2 \
        2>"$work/guest.log" &
    # shellcheck disable=SC2034 # for the tests
    guest_pid=$!
}

# start_endpoint OPTION…: returns when traffic runs.
start_endpoint() {
    rm -f "$work/events"
    "$probe_dir/sp-probe" endpoint --json "$work/report.json" \
        --events "$work/events" --pidfile "$work/pid" --control "$work/control" "$@" \
        >"$work/summary.log" 2>"$work/endpoint.log" &
    endpoint_pid=$!
    wait_for 30 test -e "$work/pid"
}

# stop_endpoint: its exit status in $status.
stop_endpoint() {
    status=0
    kill "$endpoint_pid"
    # shellcheck disable=SC2034 # for the test
    wait "$endpoint_pid" || status=$?
}

mark() { "$probe_dir/sp-probe" mark --control "$work/control" "$1"; }

# state MEMBER: a number from 'sp-probe status'.
state() {
    "$probe_dir/sp-probe" status --control "$work/control" |
        sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

at_least() { [ "$(state "$1")" -ge "$2" ]; }

# traffic_flows: datagrams go round now.
traffic_flows() { [ "$(state round_trip_silent_ns)" -lt 100000000 ]; }

# report PATH: a value of the report; python reads what yajl wrote.
report() {
    python3 -c '
import json, sys
value = json.load(open(sys.argv[1]))
for name in sys.argv[2].split("."):
    value = value[int(name) if name.isdigit() else name]
print(value)' "${report_file:-$work/report.json}" "$1"
}

is() { [ "$(report "$1")" = "$2" ] || { echo "# $1: $(report "$1")"; false; }; }

# within PATH MIN MAX
within() {
    local value

    value=$(report "$1")
    if [ "$value" -lt "$2" ] || [ "$value" -gt "$3" ]; then
        echo "# $1: $value, not in $2..$3"
        return 1
    fi
}
