# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A booted and prepared host is kept as a disk layer and a state file, keyed
# by everything that went in; later starts continue from there. The state is
# written by QEMU's migration to a file rather than by savevm, so that all
# labs can run from one read-only copy.

snapshot_key() {
    local host=$1 image=$2 hypervisor qemu

    hypervisor=$(hypervisor_get "$host")
    qemu=$("$SP_TOP/scripts/env/tree" qemu)
    sp_key "${image##*/}" "$hypervisor" "${qemu##*/}" \
        "$(machine_args "$host")" "$MACHINE_XEN_ARGS $MACHINE_DOM0_ARGS" \
        "$(config_nics "$host")" "$(config_uplink)" \
        "$(config_is_stock "$host" && echo stock)" \
        "$SP_TOP/scripts/lab/remote/prepare" \
        "$SP_TOP/scripts/lab/snapshot.sh"
}

# snapshot_save HOST DIR: stop the machine and keep it. Fails (and lets the
# machine go on) if it has a device that cannot be saved.
snapshot_save() {
    local host=$1 dir=$2 tmp=$2.$$

    # QEMU would forget its state without a word.
    ! config_nics "$host" | grep -q '^[0-9]* edu' || return 1
    mkdir -p "$tmp"
    machine_qmp "$host" stop >/dev/null
    if ! snapshot_write "$host" "$tmp/state"; then
        rm -rf "$tmp"
        machine_qmp "$host" cont >/dev/null
        return 1
    fi
    machine_qmp "$host" quit >/dev/null || true
    sp_wait 60 "QEMU of host $host to end" \
        proc_dead "$(machine_dir "$host")/pid" || machine_stop "$host"
    mv "$(machine_dir "$host")/disk.qcow2" "$tmp/disk.qcow2"
    rm -rf "$dir"
    mv -T "$tmp" "$dir"
}

snapshot_write() {
    local host=$1 file=$2

    machine_qmp "$host" migrate-set-parameters \
        '{"max-bandwidth": 10000000000}' >/dev/null
    machine_qmp "$host" migrate \
        "$(jq -cn --arg uri "file:$file" '{uri: $uri}')" >/dev/null || return 1
    sp_wait 300 "the state of host $host to be written" \
        snapshot_migration_over "$host" || return 1
    [ "$(snapshot_migration_status "$host")" = completed ]
}

snapshot_migration_status() {
    machine_qmp "$1" query-migrate | jq -r .status
}

snapshot_migration_over() {
    machine_expect "$1"
    case $(snapshot_migration_status "$1") in
        completed|failed|cancelled) ;;
        *) return 1;;
    esac
}

# snapshot_start HOST DIR: continue from a kept machine.
snapshot_start() {
    local host=$1 dir=$2

    machine_start "$host" "$dir/disk.qcow2" qcow2 -incoming "file:$dir/state"
    sp_wait 120 "host $host to continue from its snapshot" \
        snapshot_arrived "$host" ||
        sp_die "$SP_FAILED" "host $host did not continue from $dir: remove that folder and run 'lab up' again"
    machine_qmp "$host" cont >/dev/null
}

# The state was written by a stopped machine, so it arrives stopped.
snapshot_arrived() {
    machine_expect "$1"
    [ "$(machine_qmp "$1" query-status | jq -r .status)" = paused ]
}
