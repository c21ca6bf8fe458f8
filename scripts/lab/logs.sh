# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Logs of hosts and guests, and the search for kernel faults in them.

# shellcheck source=scripts/env/kernel-faults.sh
. "$SP_TOP/scripts/env/kernel-faults.sh"

SCAN_KEPT_RUNS=30

help_logs() {
    cat <<'END'
lab logs [--new|--mark]

Collect the logs of all hosts into a folder and print it: console.log (Xen and
dom0 as they came on the serial line), qemu.log, kernel.txt, xl-dmesg.txt, xl/,
guest/ (consoles with the guests' whole kernel logs), xl-list.txt,
xenstore.txt; for each host, and probe/.

  --new    of logs that grow, only what was added since the last --new or --mark
  --mark   collect nothing, but let the next --new start here
END
}

help_scan() {
    cat <<'END'
lab scan [--new|FOLDER]

Search logs for kernel faults (BUG:, WARNING:, Oops, general protection, Call
Trace, KASAN, …): those of the folder, else collected now as `lab logs [--new]`
does. Prints the lines with their files and exits 1 if there are any, and also
if a log could not be read: then nobody knows.
END
}

verb_logs() {
    local mode=all dir

    case ${1:-} in
        '') ;;
        --new) mode=new;;
        --mark) mode=mark;;
        *) sp_die "$SP_USAGE" "lab logs: unknown argument '$1'";;
    esac
    config_load
    dir=$(logs_collect "$mode")
    [ "$mode" = mark ] || echo "$dir"
}

logs_collect() {
    local mode=$1 dir host

    dir=$LAB_LOGS/$(date +%Y%m%d-%H%M%S.%3N)
    mkdir -p "$dir"
    for host in "${LAB_HOSTS[@]}"; do
        mkdir "$dir/$host"
        logs_console "$host" "$mode" > "$dir/$host/console.log"
        cp "$LAB_DIR/$host/qemu.log" "$dir/$host/"
        logs_of_host "$host" "$mode" "$dir" ||
            echo "host $host: its logs could not be read" >> "$dir/unread"
    done
    [ ! -e "$dir/unread" ] || cat "$dir/unread" >&2
    [ ! -d "$LAB_DIR/probe" ] || cp -r "$LAB_DIR/probe" "$dir/"
    logs_prune
    if [ "$mode" = mark ]; then
        [ ! -e "$dir/unread" ] ||
            sp_die "$SP_FAILED" "it is not known where the logs begin"
        rm -rf "$dir"
    fi
    echo "$dir"
}

# logs_of_host HOST MODE DIR: those that the host itself has. False if its QEMU
# has ended, too.
logs_of_host() {
    local tar=$3/$1.tar status=0

    machine_alive "$1" || return
    host_exec "$1" "$PUSH_LIB/collect" "$2" > "$tar" || status=1
    [ ! -s "$tar" ] || tar -xf "$tar" -C "$3/$1" || status=1
    [ -s "$tar" ] || [ "$2" = mark ] || status=1
    rm -f "$tar"
    return "$status"
}

# logs_console HOST MODE: the serial log, or what is new in it.
logs_console() {
    local log=$LAB_DIR/$1/console.log seen=$LAB_DIR/$1/console.seen from=0

    if [ "$2" != all ]; then
        from=$(cat "$seen" 2>/dev/null || echo 0)
        stat -c %s "$log" > "$seen"
    fi
    tail -c "+$((from + 1))" "$log"
}

logs_prune() {
    local old

    find "$LAB_LOGS" -mindepth 1 -maxdepth 1 -type d | LC_ALL=C sort -r |
        tail -n "+$((SCAN_KEPT_RUNS + 1))" |
        while read -r old; do
            rm -rf --one-file-system "$old"
        done
}

verb_scan() {
    local dir logs found status=0

    case ${1:-} in
        ''|--new)
            config_load
            dir=$(logs_collect "$([ $# = 0 ] && echo all || echo new)");;
        -*) sp_die "$SP_USAGE" "lab scan: unknown argument '$1'";;
        *) dir=$1;;
    esac
    [ -d "$dir" ] || sp_die "$SP_USAGE" "lab scan: no folder $dir"
    mapfile -d '' logs < <(find "$dir" -path '*/xl/*' -prune -o -type f \
        \( -name '*.log' -o -name kernel.txt -o -name xl-dmesg.txt \) -print0)
    [ ${#logs[@]} -gt 0 ] || sp_die "$SP_FAILED" "there are no logs in $dir"
    found=$(kernel_faults "${logs[@]}") || status=$?
    if [ "$status" = 0 ]; then
        printf '%s\n' "$found"
        sp_say "kernel faults in the logs of $dir"
        return 1
    fi
    if [ "$status" != 1 ] || [ -e "$dir/unread" ]; then
        sp_say "not all logs in $dir could be read"
        return 1
    fi
    sp_say "no kernel faults in $dir"
}
