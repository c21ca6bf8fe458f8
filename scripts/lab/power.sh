# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Hosts of a lab that is up go down, and those that are installed come up again with
# the disk they have. The others cannot: their xen-init-dom0 is Debian's, for another
# libxl than the one that was pushed.

help_boot() {
    cat <<'END'
lab boot HOST

Wait until HOST, of a lab that is up with --packages or --bare, has gone down (it was
told to reboot, or 'lab cut' it off), then boot it again from its own disk, as its
boot menu says.
END
}

help_cut() {
    cat <<'END'
lab cut HOST

Take HOST's power away, as a fencing device does: nothing on it is told. 'lab boot'
starts it again, 'lab up' begins anew.
END
}

verb_boot() {
    local host=$1

    [ $# = 1 ] || sp_die "$SP_USAGE" "lab boot HOST: see lab boot --help"
    host_number "$host" >/dev/null
    config_load
    [ -n "$(config_installed)" ] ||
        sp_die "$SP_USAGE" "the hosts of this lab do not boot from their disks: see lab up --packages"
    sp_wait 180 "host $host to go down" proc_dead "$(machine_dir "$host")/pid" ||
        sp_die "$SP_STATE" "host $host is running: let it 'reboot' first"
    ssh_close "$host"
    machine_run "$host"
    ssh_ready "$host" 600 ||
        sp_die "$SP_FAILED" "host $host did not boot: see $LAB_DIR/$host/console.log"
    host_run "$host" "date -u -s @$EPOCHREALTIME >/dev/null"
    sp_say "host $host has booted"
}

verb_cut() {
    [ $# = 1 ] || sp_die "$SP_USAGE" "lab cut HOST: see lab cut --help"
    host_number "$1" >/dev/null
    config_load
    proc_stop "$(machine_dir "$1")/pid" KILL
    ssh_close "$1"
    sp_say "host $1 has no power"
}
