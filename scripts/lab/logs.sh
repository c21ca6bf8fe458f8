# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Logs of hosts and guests, and the search for kernel faults in them.

# What a kernel, dom0's, a guest's or Xen itself, prints when it is broken.
SCAN_PATTERN='BUG:|BUG at|WARNING:|Oops|general protection|Call Trace|KASAN|UBSAN|Kernel panic|Unable to handle|Assertion .* failed|Xen call trace|segfault at'
SCAN_KEPT_RUNS=30

help_logs() {
    cat <<'END'
lab logs [--new|--mark]

Collect the logs of both hosts into a folder and print it: console.log (Xen and
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
does. Prints the lines with their files and exits 1 if there are any.
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
        if machine_alive "$host"; then
            host_exec "$host" "$PUSH_LIB/collect" "$mode" > "$dir/$host.tar" ||
                sp_say "host $host: its logs could not be read"
            [ ! -s "$dir/$host.tar" ] || tar -xf "$dir/$host.tar" -C "$dir/$host"
            rm -f "$dir/$host.tar"
        fi
    done
    [ ! -d "$LAB_DIR/probe" ] || cp -r "$LAB_DIR/probe" "$dir/"
    [ "$mode" != mark ] || rm -rf "$dir"
    logs_prune
    echo "$dir"
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
    local dir found

    case ${1:-} in
        ''|--new)
            config_load
            dir=$(logs_collect "$([ $# = 0 ] && echo all || echo new)");;
        -*) sp_die "$SP_USAGE" "lab scan: unknown argument '$1'";;
        *) dir=$1;;
    esac
    [ -d "$dir" ] || sp_die "$SP_USAGE" "lab scan: no folder $dir"
    found=$(cd "$dir" || exit; find . -path '*/xl/*' -prune -o -type f \
        \( -name '*.log' -o -name kernel.txt -o -name xl-dmesg.txt \) -print0 |
        xargs -0 grep -a -n -E "$SCAN_PATTERN" || true)
    if [ -n "$found" ]; then
        printf '%s\n' "$found"
        sp_say "kernel faults in the logs of $dir"
        return 1
    fi
    sp_say "no kernel faults in $dir"
}
