# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# lab up, lab down, lab status.

help_up() {
    cat <<'END'
lab up [A=NIC[:KEY=VALUE]…[,NIC…]] [B=…] [C=…] [--uplink separate|pf] [--cpus N]
       [--stock HOST] [--unpatched-xen HOST] [--debian-xen HOST]
       [--packages|--bare]

Start both hosts (default: A=igb:vfs=2 B=e1000e), and a third one if C= says what it
has. NIC is a QEMU NIC model,
nvme, a disk with known data (tests/witness) whose writes are forgotten, or
edu, a device that no driver knows;
vfs=N makes N virtual functions, rom=on has the NIC's option ROM there; other keys are
QEMU device properties.
The first NIC of a host is 0000:01:00.0, the second 0000:02:00.0, …; the VFs of
an igb at 01:00.0 are 01:10.0, 01:10.2, 01:10.4, …. VFs, and NICs without VFs,
are made assignable.

  --uplink pf   dom0's PV bridge hangs on the PF whose VFs are passed through
                (default: separate, a NIC of its own)
  --cpus N      processors of each host (default: 1). With more, dom0 has the
                first to itself and guests the others, as on real hosts; needs
                as many cores here, and only --cpus 1 is what the tests use
  --stock HOST  Debian's own hypervisor and tools on HOST; may be given twice
  --unpatched-xen HOST
                our tools on a hypervisor without our patches, that can
                migrate PV guests
  --debian-xen HOST
                our tools on Debian's own hypervisor
  --packages    the hosts are installed from our packages, as users do it, and
                boot what GRUB's menu says; no tools are pushed
  --bare        the same before anything of ours is there: Debian's Xen, and
                nobody has touched the NICs. The packages are for who is to
                install them: 'lab packages' prints the folder

A host that was booted before with the same parts continues from a snapshot.
If the lab is up in this configuration already, only newer tools are pushed; if
it is up in another one, it is taken down first.
END
}

help_down() {
    cat <<'END'
lab down

Stop the hosts and remove the namespace and all runtime state. Logs that
`lab logs` collected, and snapshots, are kept. Harmless if nothing runs.
END
}

help_status() {
    cat <<'END'
lab status

Print the configuration, the hosts and their guests. Exit 0 if all hosts run and
answer, 4 if the lab is down or damaged.
END
}

# up_lock: one `lab up` or `lab down` at a time for each lab.
up_lock() {
    mkdir -p "$SP_RUN"
    exec 9> "$SP_RUN/$LAB_NAME.lock"
    flock -w $((900 * SP_TIME_SCALE)) 9 ||
        sp_die "$SP_STATE" "another 'lab up' or 'lab down' of '$LAB_NAME' does not end"
}

up_needs() {
    sp_need_root
    sp_need ip iproute2
    sp_need ssh openssh-client
    sp_need rsync rsync
    sp_need socat socat
    sp_need jq jq
    [ -c /dev/net/tun ] ||
        sp_die "$SP_MISSING" "/dev/net/tun is missing: load the tun module"
}

verb_up() {
    local started=$EPOCHREALTIME wanted

    wanted=$(config_parse "$@")
    up_needs
    up_lock
    case $wanted in
        *"installed "*) packages_build;;
    esac
    if up_is_current "$wanted"; then
        push_all
        echo "lab '$LAB_NAME' is already up"
        return 0
    fi
    down_quietly
    config_use "$wanted"
    up_cold_parts
    mkdir -p "$LAB_DIR"
    echo "$LAB_CONFIG" > "$LAB_DIR/config"
    net_up
    up_each_host up_host
    printf "lab '%s' is up (%d s)\n" "$LAB_NAME" $((EPOCHSECONDS - ${started%.*}))
}

# up_is_current WANTED: the lab runs in this very configuration, with the
# hypervisor that would be booted now.
up_is_current() {
    local host

    [ -e "$LAB_DIR/config" ] && [ "$(< "$LAB_DIR/config")" = "$1" ] || return 1
    config_use "$1"
    for host in "${LAB_HOSTS[@]}"; do
        machine_alive "$host" || return 1
        [ -e "$LAB_DIR/$host/up" ] || return 1
        [ "$(< "$LAB_DIR/$host/up")" = "$(up_host_key "$host")" ] || return 1
    done
}

# The trees that a lab is made of, at the same time.
trees_get() {
    local name pids=() pid names=(qemu build dom0)

    [ -z "$(config_installed)" ] || names+=(host package install)
    for name in "${names[@]}"; do
        "$SP_TOP/scripts/env/tree" "$name" >/dev/null & pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid"
    done
}

# What the hosts share is made before they start, once.
up_cold_parts() {
    local host

    trees_get
    up_image >/dev/null
    [ -n "$(config_installed)" ] || machine_boot_dir >/dev/null
    push_products
    ! config_has_disk || disk_get
    for host in "${LAB_HOSTS[@]}"; do
        hypervisor_get "$host" >/dev/null
    done
}

# up_each_host FUNCTION: for all hosts at once; fails if one fails.
up_each_host() {
    local host pids=() pid rc=0

    for host in "${LAB_HOSTS[@]}"; do
        ("$1" "$host") & pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || rc=$?
    done
    [ $rc = 0 ] || exit $rc
}

up_image() {
    if [ -n "$(config_installed)" ]; then installed_image_get; else image_get; fi
}

up_host_key() {
    snapshot_key "$1" "$(up_image)"
}

up_host() {
    local host=$1 key kept

    key=$(up_host_key "$host")
    kept=$LAB_CACHE/snapshots/$host-$key
    net_host_up "$host"
    mkdir -p "$LAB_DIR/$host" "${kept%/*}"
    (
        flock 8
        [ -d "$kept" ] || up_host_first_time "$host" "$kept"
    ) 8> "$kept.lock"
    if ! machine_alive "$host"; then
        touch "$kept"
        snapshot_start "$host" "$kept"
    fi
    ssh_ready "$host" 120 ||
        sp_die "$SP_FAILED" "host $host runs but ssh does not answer: see $LAB_DIR/$host/console.log"
    host_run "$host" "date -u -s @$EPOCHREALTIME >/dev/null"
    push_host "$host"
    echo "$key" > "$LAB_DIR/$host/up"
    sp_say "host $host is ready"
}

# up_host_first_time HOST DIR: boot, prepare, keep. Leaves the machine running
# only if it could not be kept.
up_host_first_time() {
    local host=$1 kept=$2

    sp_say "host $host: first boot in this configuration (some minutes)"
    machine_start "$host" "$(up_image)" raw
    ssh_ready "$host" 600 ||
        sp_die "$SP_FAILED" "host $host did not boot: see $LAB_DIR/$host/console.log"
    sp_say "host $host: booted, preparing its devices"
    if [ -n "$(config_installed)" ]; then
        installed_prepare "$host"
    else
        up_prepare "$host"
    fi
    push_host "$host"
    host_run "$host" sync
    ssh_close "$host"
    sp_say "host $host: keeping a snapshot"
    snapshot_save "$host" "$kept" ||
        sp_say "host $host: a device cannot be saved, so the next start boots again"
}

up_prepare() {
    local host=$1 _ rest nics=()

    while read -r _ rest; do
        nics+=("${rest// /:}")
    done < <(config_nics "$host")
    host_script "$host" prepare "$(config_uplink)" "${nics[@]}" ||
        sp_die "$SP_FAILED" "host $host: its devices cannot be prepared: see above"
}

down_quietly() {
    local host

    [ -d "$LAB_DIR" ] || return 0
    [ ! -s "$LAB_DIR/config" ] || config_load
    probe_stop_all
    witness_stop_sources
    for host in "${LAB_HOSTS[@]}"; do
        ssh_close "$host"
        machine_stop "$host"
    done
    net_down
    rm -rf --one-file-system "$LAB_DIR"
}

verb_down() {
    [ $# = 0 ] || sp_die "$SP_USAGE" "lab down takes no arguments"
    sp_need_root
    up_lock
    down_quietly
    echo "lab '$LAB_NAME' is down"
}

# status_of HOST: what runs there. A host that boots, or hangs, is not waited for.
status_of() {
    local rc=0

    timeout -k 2 $((${STATUS_LIMIT:-15} * SP_TIME_SCALE)) \
        "$SP_TOP/scripts/lab/lab" ssh "$1" 'xl list; xl pci-assignable-list' \
        2>&1 </dev/null | sed 's/^/  /' || rc=$?
    case $rc in
        124|137)
            echo "  does not answer: see $LAB_DIR/$1/console.log"
            return "$SP_STATE";;
        *) return "$rc";;
    esac
}

verb_status() {
    local host rc=0

    config_load
    echo "lab $LAB_NAME, state in $LAB_DIR"
    sed 's/^/  /' "$LAB_DIR/config"
    for host in "${LAB_HOSTS[@]}"; do
        if machine_alive "$host" && [ -e "$LAB_DIR/$host/up" ]; then
            echo "host $host: running, qemu pid $(proc_pid "$LAB_DIR/$host/pid")"
            status_of "$host" || rc=$?
        else
            echo "host $host: not running"
            rc=$SP_STATE
        fi
    done
    return "$rc"
}
