# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced by the end-to-end tests: two network namespaces joined by a cable,
# the test in the first one (10.9.0.1, device e0), the guest's programs in the
# second (10.9.0.2, device g0). Nothing outside is touched, and all of it is
# gone when the test ends. Output is TAP.

set -euo pipefail

# Into the first namespace, as root of a user namespace if we are nobody.
if [ -z "${SP_PROBE_IN_NETNS:-}" ]; then
    enter=(unshare --net)
    [ "$(id -u)" = 0 ] || enter+=(--user --map-root-user)
    if ! "${enter[@]}" ip link add dummy-try type veth 2>/dev/null; then
        echo "1..0 # SKIP can't make network namespaces here"
        exit 0
    fi
    SP_PROBE_IN_NETNS=1 exec "${enter[@]}" "$0" "$@"
fi

if ! command -v python3 >/dev/null; then
    echo "1..0 # SKIP python3 is needed to read reports"
    exit 0
fi

probe_dir=${SP_PROBE_DIR:-tests/prober}
work=$(mktemp -d "${TMPDIR:-/tmp}/sp-probe-test.XXXXXX")
scale=${SHADOWPORT_TIME_SCALE:-1}
pids=()
cases=0
failed=0

clean_up() {
    local pid

    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    wait
    rm -rf "$work"
}
trap clean_up EXIT

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

in_guest() { nsenter -t "$guest_ns" -n "$@"; }

unshare --net sleep infinity &
guest_ns=$!
pids+=("$guest_ns")
wait_for 10 other_netns "$guest_ns"
ip link set lo up
ip link add e0 type veth peer name g0 netns "$guest_ns"
ip addr add 10.9.0.1/24 dev e0
ip link set e0 up
in_guest ip link set lo up
in_guest ip addr add 10.9.0.2/24 dev g0
in_guest ip link set g0 up

# start_guest: the guest's program, listening.
start_guest() {
    # Not by in_guest: the pid must be the program's, or it outlives the test.
    nsenter -t "$guest_ns" -n "$probe_dir/sp-probe-guest" --listen 10.9.0.2 \
        2>"$work/guest.log" &
    guest_pid=$!
    pids+=("$guest_pid")
}

# start_endpoint OPTION…: returns when traffic runs.
start_endpoint() {
    "$probe_dir/sp-probe" endpoint --json "$work/report.json" \
        --pidfile "$work/pid" --control "$work/control" "$@" \
        >"$work/summary.log" 2>"$work/endpoint.log" &
    endpoint_pid=$!
    pids+=("$endpoint_pid")
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
