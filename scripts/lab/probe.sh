# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Traffic between guests and the third endpoint: one sp-probe for each guest,
# with its files in $LAB_DIR/probe/NAME (pid, pidfile, control, report.json,
# events.json, log).

help_probe() {
    cat <<'END'
lab probe start NAME [OPTION…]   start sp-probe-guest in the guest and sp-probe
                                 at the third endpoint; returns when traffic
                                 runs. OPTIONs are those of 'sp-probe endpoint'
lab probe stop NAME              end the run and print its report (JSON)
lab probe mark NAME TEXT         stamp a phase
lab probe status NAME            what moves right now (JSON)
lab probe summary NAME [OPTION…] one screen on the last report; OPTIONs are
                                 those of 'sp-probe summary'

The guest may migrate meanwhile. What the report says does not change the exit
status of stop: read its member "verdict". See tests/prober/README.md.
END
}

verb_probe() {
    local what=${1:-} name=${2:-}

    [ $# -ge 2 ] || sp_die "$SP_USAGE" "lab probe start|stop|mark|status|summary NAME"
    shift 2
    guest_check_name "$name"
    config_load
    case $what in
        start) probe_start "$name" "$@";;
        stop) probe_stop "$name";;
        mark) probe_command "$name" mark "$*";;
        status) probe_command "$name" status;;
        summary) probe_exec summary "$LAB_DIR/probe/$name/report.json" "$@";;
        *) sp_die "$SP_USAGE" "lab probe '$what': see lab probe --help";;
    esac
}

# probe_exec VERB…: sp-probe at the endpoint.
probe_exec() {
    products_build
    net_exec "$SP_TOP/scripts/env/tree-run" build --cd / \
        --bind "$LAB_DIR:$LAB_DIR" -- "$LAB_PRODUCTS/sp-probe" "$@"
}

probe_command() {
    local name=$1 verb=$2

    shift 2
    proc_alive "$LAB_DIR/probe/$name/pid" ||
        sp_die "$SP_STATE" "no probe of guest $name runs: lab probe start $name"
    probe_exec "$verb" --control "$LAB_DIR/probe/$name/control" "$@"
}

# probe_find_guest NAME: the host it runs on.
probe_find_guest() {
    local host

    for host in "${LAB_HOSTS[@]}"; do
        if host_run "$host" "xl domid $1" >/dev/null 2>&1; then
            echo "$host"
            return 0
        fi
    done
    sp_die "$SP_STATE" "no guest $1 on any host: lab create HOST $1"
}

probe_start() {
    local name=$1 dir=$LAB_DIR/probe/$1 address host

    shift
    proc_dead "$dir/pid" ||
        sp_die "$SP_STATE" "a probe of guest $name runs already: lab probe stop $name"
    address=$(guest_address "$name")
    host=$(probe_find_guest "$name")
    guest_run "$host" "$name" $((60 * SP_TIME_SCALE)) \
        "pidof sp-probe-guest >/dev/null || { sp-probe-guest --listen $address > /run/sp-probe.log 2>&1 & }" ||
        sp_die "$SP_FAILED" "guest $name: sp-probe-guest does not start"
    products_build
    rm -rf "$dir"
    mkdir -p "$dir"
    ip netns exec "$LAB_NS" "$SP_TOP/scripts/env/tree-run" build --cd / \
        --bind "$LAB_DIR:$LAB_DIR" -- setsid "$LAB_PRODUCTS/sp-probe" endpoint \
        --guest "$address" --json "$dir/report.json" \
        --events "$dir/events.json" --pidfile "$dir/pidfile" \
        --control "$dir/control" "$@" </dev/null >"$dir/log" 2>&1 &
    proc_record "$dir/pid" $! ||
        sp_die "$SP_FAILED" "sp-probe did not start: $(cat "$dir/log")"
    disown
    SP_WAIT_STEP=0.1 sp_wait 60 "the prober's traffic with $name" \
        probe_started_or_dead "$dir" || true
    if [ ! -e "$dir/pidfile" ]; then
        proc_stop "$dir/pid" KILL
        sp_die "$SP_FAILED" "no traffic with guest $name at $address: $(cat "$dir/log")"
    fi
}

probe_started_or_dead() {
    [ -e "$1/pidfile" ] || proc_dead "$1/pid"
}

probe_stop() {
    local dir=$LAB_DIR/probe/$1 pid

    pid=$(proc_pid "$dir/pid") ||
        sp_die "$SP_STATE" "no probe of guest $1 runs: $(tail -n 3 "$dir/log" 2>/dev/null || echo 'lab probe start')"
    kill -TERM "$pid"
    SP_WAIT_STEP=0.1 sp_wait 200 "the prober's report" proc_dead "$dir/pid" ||
        proc_stop "$dir/pid" KILL
    [ -s "$dir/report.json" ] ||
        sp_die "$SP_FAILED" "the prober wrote no report: $(tail -n 3 "$dir/log")"
    cat "$dir/report.json"
}

probe_stop_all() {
    local pid

    for pid in "$LAB_DIR"/probe/*/pid; do
        [ ! -e "$pid" ] || proc_stop "$pid" KILL
    done
}
