# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# sp-witness in guests: known data that a device keeps writing into memory
# while the guest migrates (tests/witness/README.md). Its other end for the
# network runs at the third endpoint, with its files in $LAB_DIR/witness.

# One source sends as fast as it can, one so slowly that a packet waits for
# seconds in the NIC's ring before it comes.
WITNESS_PORT=7800
WITNESS_DRIP_PORT=7801
WITNESS_DRIP_RATE=15000

help_witness() {
    cat <<'END'
lab witness start NAME net [--hold BYTES]  receive a known stream at full rate
lab witness start NAME drip                receive some packets a second
lab witness start NAME disk [--mib SIZE]   read the newest NVMe disk
lab witness report NAME KIND               what it has seen so far
lab witness stop NAME KIND                 compare everything, print the report

start returns when as much is held as was asked for (default 16 MiB). The guest
may migrate meanwhile. Wrong bytes do not change the exit status of stop: read
"wrong". See tests/witness/README.md.
END
}

verb_witness() {
    local what=${1:-} name=${2:-} kind=${3:-} host

    [ $# -ge 3 ] || sp_die "$SP_USAGE" "lab witness start|report|stop NAME net|drip|disk"
    shift 3
    guest_check_name "$name"
    case $kind in
        net|drip|disk) ;;
        *) sp_die "$SP_USAGE" "lab witness: '$kind' is not net, drip or disk";;
    esac
    case $what in
        start|report|stop) ;;
        *) sp_die "$SP_USAGE" "lab witness '$what': see lab witness --help";;
    esac
    config_load
    host=$(probe_find_guest "$name")
    case $what in
        start) "witness_start_$kind" "$host" "$name" "$@";;
        report) witness_report "$host" "$name" "$kind";;
        stop) witness_stop "$host" "$name" "$kind";;
    esac
}

# witness_option WANTED DEFAULT [OPTION VALUE]
witness_option() {
    local wanted=$1 value=$2

    shift 2
    if [ $# = 2 ] && [ "$1" = "$wanted" ]; then
        value=$2
    elif [ $# != 0 ]; then
        sp_die "$SP_USAGE" "lab witness start: unexpected '$*'"
    fi
    [[ $value =~ ^[0-9]+$ ]] ||
        sp_die "$SP_USAGE" "$wanted '$value': not a number"
    echo "$value"
}

# witness_source PORT [OPTION…]: start it unless it runs.
witness_source() {
    local port=$1 dir=$LAB_DIR/witness/$1

    shift
    mkdir -p "$dir"
    proc_dead "$dir/pid" || return 0
    products_build
    ip netns exec "$LAB_NS" setsid "$LAB_PRODUCTS/sp-witness" source \
        --listen "$LAB_ENDPOINT:$port" "$@" </dev/null >"$dir/log" 2>&1 &
    proc_record "$dir/pid" $! ||
        sp_die "$SP_FAILED" "sp-witness did not start: $(cat "$dir/log")"
    disown
    SP_WAIT_STEP=0.1 sp_wait 20 "the witness's source" \
        grep -q ready "$dir/log" ||
        sp_die "$SP_FAILED" "sp-witness does not listen: $(cat "$dir/log")"
}

witness_stop_sources() {
    local pid

    for pid in "$LAB_DIR"/witness/*/pid; do
        [ ! -e "$pid" ] || proc_stop "$pid" KILL
    done
}

witness_start_net() {
    local host=$1 name=$2 hold

    shift 2
    hold=$(witness_option --hold $((16 << 20)) "$@")
    witness_source "$WITNESS_PORT"
    # A small guest's TCP would not keep so much: memory for it, in pages.
    guest_run "$host" "$name" 60 \
        "echo 16384 16384 16384 > /proc/sys/net/ipv4/tcp_mem" ||
        sp_die "$SP_FAILED" "guest $name does not take its TCP limits"
    witness_start "$host" "$name" net \
        "net --peer $LAB_ENDPOINT:$WITNESS_PORT --hold $hold"
}

witness_start_drip() {
    local host=$1 name=$2

    shift 2
    [ $# = 0 ] || sp_die "$SP_USAGE" "lab witness start: unexpected '$*'"
    witness_source "$WITNESS_DRIP_PORT" --rate "$WITNESS_DRIP_RATE"
    # The processor writes to the buffers of most drivers after the NIC has,
    # which marks them by chance; igb leaves them alone if it is told to.
    # shellcheck disable=SC2016 # expanded in the guest
    guest_run "$host" "$name" 60 '
        for nic in /sys/class/net/*/device/driver/module/drivers/pci:igb; do
            [ ! -e "$nic" ] || {
                nic=${nic#/sys/class/net/}
                ethtool --set-priv-flags "${nic%%/*}" legacy-rx on
            }
        done' ||
        sp_die "$SP_FAILED" "guest $name: igb does not take legacy-rx: see above"
    witness_start "$host" "$name" drip \
        "net --peer $LAB_ENDPOINT:$WITNESS_DRIP_PORT --hold 1 --keep"
}

witness_start_disk() {
    local host=$1 name=$2 mib

    shift 2
    mib=$(witness_option --mib 16 "$@")
    # shellcheck disable=SC2016 # expanded in the guest
    witness_start "$host" "$name" disk \
        'disk --device $(ls -t /dev/nvme*n1 | head -n 1)'" --mib $mib"
}

# witness_start HOST NAME KIND ARGUMENTS
witness_start() {
    local host=$1 name=$2 kind=$3 limit=$((120 * SP_TIME_SCALE))
    local report=/run/witness.$kind

    guest_run "$host" "$name" $((limit + 30)) "
        rm -f $report
        sp-witness $4 --report $report >$report.log 2>&1 &
        echo \$! >$report.pid
        n=0
        while ! grep -qs 'state holding' $report; do
            kill -0 \$(cat $report.pid) && [ \$n -lt $((limit * 5)) ] || {
                cat $report.log $report; exit 1; }
            usleep 200000; n=\$((n + 1))
        done" ||
        sp_die "$SP_FAILED" "guest $name: the witness ($kind) does not hold what it should: see above"
}

# witness_report HOST NAME KIND
witness_report() {
    guest_run "$1" "$2" 60 "cat /run/witness.$3"
}

# witness_stop HOST NAME KIND
witness_stop() {
    local report=/run/witness.$3 limit=$((400 * SP_TIME_SCALE))

    guest_run "$1" "$2" $((limit + 30)) "
        pid=\$(cat $report.pid); n=0
        kill \$pid
        while kill -0 \$pid 2>/dev/null && [ \$n -lt $((limit * 5)) ]; do
            usleep 200000; n=\$((n + 1))
        done
        cat $report" ||
        sp_die "$SP_FAILED" "guest $2 has no witness ($3): lab witness start $2 $3"
}
