# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The emulated machines. State of host H is in $LAB_DIR/H: disk.qcow2,
# console.log (Xen and dom0), qemu.log, qmp.sock, pid, ssh.sock.

# The feature set is what was seen to work: "max" corrupts dom0's processes as
# soon as a guest runs.
MACHINE_CPU=qemu64,+svm,+npt,+x2apic
MACHINE_XEN_ARGS="console=com1 com1=115200 dom0_mem=1024M,max:1024M dom0_max_vcpus=1 dom0_vcpus_pin loglvl=all guest_loglvl=all conring_size=1M"
MACHINE_DOM0_ARGS="root=/dev/vda rw console=hvc0 quiet net.ifnames=1 systemd.show_status=0 audit=0 mitigations=off"

machine_dir() {
    echo "$LAB_DIR/$1"
}

machine_alive() {
    proc_alive "$(machine_dir "$1")/pid"
}

machine_qmp() {
    local host=$1

    shift
    qmp "$(machine_dir "$host")/qmp.sock" "$@"
}

# in_qemu_tree CMD…: with the lab's folders visible at their usual paths.
in_qemu_tree() {
    "$SP_TOP/scripts/env/tree-run" qemu --cd / --bind "$LAB_DIR:$LAB_DIR" -- "$@"
}

# machine_nic_args HOST: one argument a line. Each NIC sits alone behind a
# root port, so that the first is 01:00.0, the second 02:00.0, … Without their option
# ROMs, which cost firmware its time, unless rom=on says so.
machine_nic_args() {
    local host=$1 index model rest option options rom mac

    while read -r index model rest; do
        printf '%s\n' -device \
            "pcie-root-port,id=rp$index,bus=pcie.0,addr=0x$((index + 3)),slot=$index,chassis=$index"
        options='' rom=,romfile=
        for option in $rest; do
            case $option in
                vfs=*) ;;                    # ours, see remote/prepare
                rom=on) rom='';;
                *) options+=,$option;;
            esac
        done
        printf -v mac '52:54:00:a0:%02x:%02x' "$(host_number "$host")" "$index"
        case $model in
            nvme)
                printf '%s\n' \
                    -drive "if=none,id=nvme$index,format=raw,snapshot=on,file=$(disk_path)" \
                    -device "nvme,bus=rp$index,drive=nvme$index,serial=lab$host$index$options";;
            edu)
                printf '%s\n' -device "edu,bus=rp$index$options";;
            *)
                printf '%s\n' \
                    -netdev "tap,id=nic$index,ifname=$(tap_name "$host" "$index"),script=no,downscript=no" \
                    -device "$model,bus=rp$index,netdev=nic$index,mac=$mac$rom$options";;
        esac
    done < <(config_nics "$host")
}

# machine_args HOST: all that makes up the machine, one argument a line, less
# paths that are this instance's own. The snapshot's key is taken over this.
# Without eim QEMU takes the high destinations that Xen writes in x2APIC mode for
# processor 0.
machine_args() {
    local host=$1 n

    n=$(host_number "$host")
    printf '%s\n' -nodefaults -display none -no-reboot \
        -machine q35 -accel tcg,tb-size=512 \
        -cpu "$MACHINE_CPU" -smp "$(config_cpus)" -m "$LAB_HOST_MEM" \
        -device intel-iommu,intremap=on,eim=on,caching-mode=on
    machine_nic_args "$host"
    printf '%s\n' \
        -netdev "tap,id=mgmt,ifname=$(tap_name "$host" m),script=no,downscript=no" \
        -device "virtio-net-pci,bus=pcie.0,addr=0x12,netdev=mgmt,romfile=,mac=$(printf '52:54:00:78:00:%02x' "$n")" \
        -netdev "tap,id=uplink,ifname=$(tap_name "$host" u),script=no,downscript=no" \
        -device "virtio-net-pci,bus=pcie.0,addr=0x13,netdev=uplink,romfile=,mac=$(printf '52:54:00:77:00:%02x' "$n")" \
        -device virtio-rng-pci,bus=pcie.0,addr=0x14 \
        -device virtio-blk-pci,bus=pcie.0,addr=0x11,drive=root \
        -serial chardev:console
}

# machine_boot_args HOST: Xen as a multiboot kernel, dom0 as its modules.
machine_boot_args() {
    local boot

    if [ -n "$(config_installed)" ]; then
        installed_boot_args
        return
    fi
    boot=$(machine_boot_dir)
    printf '%s\n' -kernel "$(hypervisor_get "$1")" -append "$MACHINE_XEN_ARGS" \
        -initrd "$boot/vmlinuz $MACHINE_DOM0_ARGS,$boot/initrd.img"
}

# machine_boot_dir: kernel and initramfs of dom0, at a path that QEMU's tree
# has too.
machine_boot_dir() {
    local tree dir

    tree=$("$SP_TOP/scripts/env/tree" dom0)
    dir=$LAB_CACHE/boot/${tree##*/}
    if [ ! -d "$dir" ]; then
        mkdir -p "$dir.$BASHPID"
        cp "$tree"/boot/vmlinuz-* "$dir.$BASHPID/vmlinuz"
        cp "$tree"/boot/initrd.img-* "$dir.$BASHPID/initrd.img"
        mv -T "$dir.$BASHPID" "$dir" 2>/dev/null || rm -rf "$dir.$BASHPID"
    fi
    echo "$dir"
}

# machine_start HOST BACKING BACKING-FORMAT [EXTRA-ARGS…]: with a new disk.
machine_start() {
    local host=$1 backing=$2 format=$3 dir

    shift 3
    dir=$(machine_dir "$host")
    mkdir -p "$dir"
    rm -f "$dir/disk.qcow2"
    in_qemu_tree qemu-img create -q -f qcow2 -b "$backing" -F "$format" \
        "$dir/disk.qcow2"
    machine_run "$host" "$@"
}

# machine_run HOST [EXTRA-ARGS…]: with the disk that it has.
machine_run() {
    local host=$1 dir args extra

    shift
    dir=$(machine_dir "$host")
    rm -f "$dir/qmp.sock"
    mapfile -t args < <(machine_args "$host")
    mapfile -t extra < <(machine_boot_args "$host")
    extra+=("$@")
    # A plain command, not a function: $! is to be QEMU itself. The lab's
    # locks must not live on in it.
    ip netns exec "$LAB_NS" "$SP_TOP/scripts/env/tree-run" qemu --cd / \
        --bind "$LAB_DIR:$LAB_DIR" -- setsid qemu-system-x86_64 \
        -name "$LAB_NAME-$host" "${args[@]}" "${extra[@]}" \
        -drive "if=none,id=root,format=qcow2,cache=unsafe,file=$dir/disk.qcow2" \
        -chardev "file,id=console,path=$dir/console.log,append=on" \
        -qmp "unix:$dir/qmp.sock,server=on,wait=off" \
        </dev/null >"$dir/qemu.log" 2>&1 9>&- 8>&- &
    proc_record "$dir/pid" $! ||
        sp_die "$SP_FAILED" "host $host: QEMU did not start: $(cat "$dir/qemu.log")"
    disown
    sp_wait 60 "QEMU of host $host" machine_answers "$host" ||
        sp_die "$SP_FAILED" "host $host: QEMU does not answer: $(cat "$dir/qemu.log")"
}

# machine_expect HOST: its QEMU has not ended.
machine_expect() {
    machine_alive "$1" ||
        sp_die "$SP_FAILED" "host $1: QEMU ended: $(cat "$(machine_dir "$1")/qemu.log")"
}

machine_answers() {
    [ -S "$(machine_dir "$1")/qmp.sock" ] || { machine_expect "$1"; return 1; }
}

machine_stop() {
    proc_stop "$(machine_dir "$1")/pid"
}
