# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Processes of the lab: a pid file holds "PID START", START being field 22 of
# /proc/PID/stat, so that a pid that was given out again is never taken for
# (or killed as) a process of the lab.

# proc_start PID: its start time in clock ticks; fails if there is no such
# process.
proc_start() {
    local stat

    { stat=$(< "/proc/$1/stat"); } 2>/dev/null || return 1
    # The name in parentheses may hold blanks: fields are counted after it.
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    echo "${20}"
}

# proc_record FILE PID
proc_record() {
    local start

    start=$(proc_start "$2") || return 1
    printf '%s %s\n' "$2" "$start" > "$1"
}

# proc_pid FILE: print the pid if that very process lives (a zombie does not).
proc_pid() {
    local pid start

    [ -s "$1" ] || return 1
    read -r pid start < "$1"
    [ "$(proc_start "$pid")" = "$start" ] || return 1
    ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status" 2>/dev/null ||
        return 1
    echo "$pid"
}

proc_alive() {
    proc_pid "$1" >/dev/null
}

proc_dead() {
    ! proc_pid "$1" >/dev/null
}

# proc_stop FILE [SIGNAL]: end the process of FILE and wait until it is gone.
proc_stop() {
    local file=$1 signal=${2:-TERM} pid

    if pid=$(proc_pid "$file"); then
        kill -s "$signal" "$pid" 2>/dev/null || true
        if ! SP_WAIT_STEP=0.05 sp_wait 10 "process $pid to end" \
            proc_dead "$file"; then
            kill -s KILL "$pid" 2>/dev/null || true
            sp_wait 10 "process $pid to be killed" proc_dead "$file"
        fi
    fi
    rm -f "$file"
}
