# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Commands on the hosts. One ssh connection for each host is kept open;
# commands ride on it. ssh's own failure (255) is told from a failure of the
# command: the first is answered by a new connection, or by exit 4.

ssh_options() {
    printf '%s\n' -F none -i "$(image_ssh_key)" -l root \
        -o "ControlPath=$(machine_dir "$1")/ssh.sock" \
        -o BatchMode=yes -o LogLevel=ERROR \
        -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        -o KexAlgorithms=curve25519-sha256 \
        -o Ciphers=aes128-ctr,chacha20-poly1305@openssh.com \
        -o ConnectTimeout=$((10 * SP_TIME_SCALE)) \
        -o ServerAliveInterval=15 -o ServerAliveCountMax=20
}

ssh_master_ok() {
    local options

    mapfile -t options < <(ssh_options "$1")
    ssh "${options[@]}" -O check "$(host_address "$1")" 2>/dev/null
}

# ssh_open HOST: one attempt to open the shared connection.
ssh_open() {
    local host=$1 options

    ssh_master_ok "$host" && return 0
    machine_alive "$host" ||
        sp_die "$SP_STATE" "host $host is not running: see $(machine_dir "$host")/console.log, then run 'lab up'"
    rm -f "$(machine_dir "$host")/ssh.sock"
    mapfile -t options < <(ssh_options "$host")
    net_exec ssh "${options[@]}" -M -N -f -o ControlPersist=yes \
        "$(host_address "$host")" </dev/null >/dev/null 2>&1 8>&- 9>&-
}

# ssh_ready HOST [LIMIT]: wait until commands can be run.
ssh_ready() {
    ssh_master_ok "$1" && return 0
    SP_WAIT_STEP=0.5 sp_wait "${2:-60}" "ssh to host $1" ssh_open "$1"
}

ssh_close() {
    local options

    [ -S "$(machine_dir "$1")/ssh.sock" ] || return 0
    mapfile -t options < <(ssh_options "$1")
    ssh "${options[@]}" -O exit "$(host_address "$1")" 2>/dev/null || true
    rm -f "$(machine_dir "$1")/ssh.sock"
}

# host_run HOST CMD…: like ssh: the words are joined and read by the shell of
# the host. A command's own 255 arrives as 254, so 255 is ssh's alone.
host_run() {
    local host=$1 options rc=0

    shift
    ssh_ready "$host" ||
        sp_die "$SP_STATE" "no ssh to host $host: see $(machine_dir "$host")/console.log"
    mapfile -t options < <(ssh_options "$host")
    # shellcheck disable=SC2029 # it is meant to be expanded here
    ssh "${options[@]}" "$(host_address "$host")" \
        "( $*
 ); rc=\$?; [ \$rc != 255 ] || rc=254; exit \$rc" || rc=$?
    if [ "$rc" = 255 ]; then
        sp_die "$SP_STATE" "the connection to host $host broke while '$*' ran: it may or may not have run"
    fi
    return "$rc"
}

# host_exec HOST WORD…: one command, its words kept as they are.
host_exec() {
    local host=$1

    shift
    host_run "$host" "${*@Q}"
}

# host_script HOST NAME ARGS…: run scripts/lab/remote/NAME on the host.
host_script() {
    local host=$1 name=$2

    shift 2
    host_run "$host" "bash -s -- ${*@Q}" < "$SP_TOP/scripts/lab/remote/$name"
}

help_ssh() {
    cat <<'END'
lab ssh HOST CMD…

Run CMD on host A or B as ssh does: the words are joined and read by the host's
shell. Returns the command's status; 4 if the host cannot be reached.
END
}

verb_ssh() {
    [ $# -ge 2 ] || sp_die "$SP_USAGE" "lab ssh HOST CMD…: see lab ssh --help"
    config_load
    host_run "$@"
}
