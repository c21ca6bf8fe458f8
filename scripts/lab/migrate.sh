# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# xl migrate between the lab's hosts, over TCP on the management network.

help_migrate() {
    cat <<'END'
lab migrate FROM TO NAME [-N] [--plain] [xl options]

Run 'xl -v [-N] migrate [xl options] NAME' on host FROM towards host TO (which may
be the same); --plain: without -v. The output of both sides' xl appears as it
comes; the status is that of the sending xl. 'lab receiver' acts on the receiving
side meanwhile.
END
}

help_receiver() {
    cat <<'END'
lab receiver kill|cut|pid HOST NAME

Act on the receiving side of a migration of NAME towards HOST that is under
way: kill its xl (SIGKILL, with its children), cut the connection, or print the
pid of its xl. Waits for the receiver to appear; exit 4 if it does not.
END
}

# Where socat listens is different for every guest, so that several can move
# at once.
migrate_port() {
    echo $((8000 + $(guest_number "$1")))
}

verb_migrate() {
    local from to name port rc=0 receiver xl='xl -v' options option there=''

    [ $# -ge 3 ] || sp_die "$SP_USAGE" "lab migrate FROM TO NAME …: see lab migrate --help"
    from=$1 to=$2 name=$3
    shift 3
    if [ "${1:-}" = -N ]; then
        xl+=' -N'
        shift
    fi
    if [ "${1:-}" = --plain ]; then
        xl=${xl/ -v/}
        shift
    fi
    options=${*@Q}
    # With a command for the connection xl does not tell the other side.
    for option in "$@"; do
        case $option in
            -p|-e) there+=" $option" ;;
            --debug) there+=' -d' ;;
        esac
    done
    host_number "$from" >/dev/null
    guest_check_name "$name"
    config_load
    port=$(migrate_port "$name")
    { ssh_ready "$from" && ssh_ready "$to"; } ||
        sp_die "$SP_STATE" "no ssh to the hosts: see lab status"
    # The limits of socat are for half-closed connections only: xl's last
    # words still pass.
    host_run "$to" "exec $PUSH_LIB/receive $port $name$there" &
    receiver=$!
    # A job of its own, as it would be at a terminal: signals may be sent to it.
    # Ssh leaves signals alone that are ignored; socat does not.
    host_run "$from" "setsid -w $xl migrate $options -s '' $name 'setsid -w socat -b 262144 -t 2 - TCP:$(host_address "$to"):$port,retry=100,interval=0.2'" ||
        rc=$?
    migrate_end_receiver "$receiver" "$to" "$name"
    return "$rc"
}

# migrate_end_receiver PID HOST NAME: it ends by itself once the sender has;
# one that was never connected to is still listening.
migrate_end_receiver() {
    local pid=$1

    if ! SP_WAIT_STEP=0.1 sp_wait 20 "the receiver on host $2 to end" \
        migrate_is_over "$pid" 2>/dev/null; then
        host_run "$2" "$PUSH_LIB/receiver cut $3 0" >/dev/null 2>&1 || true
    fi
    wait "$pid" || true
}

migrate_is_over() {
    ! kill -0 "$1" 2>/dev/null
}

verb_receiver() {
    [ $# = 3 ] || sp_die "$SP_USAGE" "lab receiver kill|cut|pid HOST NAME"
    case $1 in
        kill|cut|pid) ;;
        *) sp_die "$SP_USAGE" "lab receiver $1: use kill, cut or pid";;
    esac
    guest_check_name "$3"
    config_load
    host_exec "$2" "$PUSH_LIB/receiver" "$1" "$3" $((60 * SP_TIME_SCALE)) ||
        sp_die "$SP_STATE" "no migration of $3 towards host $2 is under way"
}
