# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Guests: their configuration, start and end, and commands in them. What a
# guest was given at creation is kept in $LAB_DIR/guests/NAME.

help_create() {
    cat <<'END'
lab create HOST NAME [--hvm] [--pci SPEC]… [--vif] [--mem MB] [--vcpus N]
           [--no-glue] [--glue KEY=VALUE]… [--bond own|create] [--plain]
           [--set KEY=VALUE]… [--write]

Start a guest and wait until its network is configured.

  --hvm          an HVM guest: the same kernel and initramfs, started by QEMU;
                 takes its time in software emulation. Default: PV
  --pci SPEC     an entry of pci=[…], word for word: 01:10.0,migratable=1,…
  --vif          a PV NIC on the host's bridge
  --mem MB       memory (default 256)
  --vcpus N      virtual processors (default 1)
  --no-glue      do not load shadowport.ko (nor shadowport_net.ko, which it loads)
  --glue KEY=VAL a parameter for it
  --bond own     the guest has a bond of its vif and its device; with "create"
                 shadowport-bond makes the bond
  --plain        its devices are no network cards: the vif is the main one
  --set KEY=VAL  a further line of the guest's configuration, as it stands
  --write        only write its configuration, and print where

Without --pci and --vif the guest has no network. The main device (the module's
shadow device or the bond, else the passed through NIC, else the PV NIC) gets 10.77.0.N,
fd77::N, a route each to 10.99.0.0/24 and fd99::/64 and the multicast group
239.77.0.1. The third endpoint is 10.77.0.1. Prints the address.
END
}

help_destroy() {
    cat <<'END'
lab destroy HOST NAME

End a guest at once (xl destroy). Harmless if there is none of that name.
END
}

help_guest() {
    cat <<'END'
lab guest HOST NAME [--limit S] CMD…

Run CMD in the guest through its console: no network is needed, and it works
again after the guest has migrated. The words are joined and read by the
guest's shell. Prints the output (stdout and stderr together) and returns the
status. Limit: 60 s by default. Background jobs of CMD go on. Exit 4 if there is
no such guest on that host or if it does not answer.
END
}

guest_check_name() {
    [[ $1 =~ ^[a-zA-Z][a-zA-Z0-9_-]{0,30}$ ]] ||
        sp_die "$SP_USAGE" "'$1' is no name for a guest: use letters, digits, - and _"
}

# guest_number NAME: the last byte of its addresses; the same for a name that
# was used before.
guest_number() {
    local file=$LAB_DIR/guests/$1 n

    mkdir -p "$LAB_DIR/guests"
    exec 6> "$LAB_DIR/guests.lock"
    flock 6
    if [ ! -s "$file" ]; then
        for ((n = 101; n < 250; n++)); do
            grep -qsx "$n" "$LAB_DIR"/guests/* || break
        done
        echo "$n" > "$file"
    fi
    cat "$file"
    exec 6>&-
}

guest_address() {
    echo "$LAB_LAN_NET.$(guest_number "$1")"
}

# guest_config NAME TYPE MEM VCPUS GLUE VIF LINES… -- SPEC…: GLUE are words for
# the kernel's command line.
guest_config() {
    local name=$1 type=$2 mem=$3 vcpus=$4 glue=$5 vif=$6
    local n nics=() lines=() spec vif_type=''

    shift 6
    while [ "$1" != -- ]; do
        lines+=("$1")
        shift
    done
    shift
    n=$(guest_number "$name")
    [ -z "$vif" ] || nics+=(vif)
    [ $# = 0 ] || nics+=(pci)
    # The emulated NICs do not send a buffer whose pages are scattered on the
    # host, as all of a restored HVM guest are. Without scatter-gather no buffer
    # crosses a page.
    # Its kernel looks at 65,536 addresses twice for an AGP bridge, a QEMU round
    # trip each: 150 s. Keyboard and mouse do not exist.
    [ "$type" != hvm ] ||
        glue="pci=noearly i8042.nokbd i8042.noaux lab.net=features_off=sg $glue"
    # With a PCI device a PV guest's kernel takes 32 MiB for bounce buffers, and
    # under load not enough is left of 128.
    [ "$type" = hvm ] || glue="swiotlb=8192 $glue"
    cat <<END
name = "$name"
type = "$type"
kernel = "/root/guest/vmlinuz"
ramdisk = "/root/guest/initramfs"
extra = "console=hvc0 quiet loglevel=1 lab.n=$n $glue lab.nics=$(IFS=+; echo "${nics[*]}") lab.wait=$((120 * SP_TIME_SCALE))"
memory = $mem
maxmem = $mem
vcpus = $vcpus
on_crash = "preserve"
on_reboot = "destroy"
END
    if [ "$type" = hvm ]; then
        # Nothing that takes time to emulate, and is of no use here. Ticks that
        # an emulated processor is too slow for must not pile up: until its
        # kernel has Xen's timer, a guest did nothing else, for minutes.
        printf 'vga = "none"\nvnc = 0\nsdl = 0\nhpet = 0\n'
        printf 'timer_mode = "no_missed_ticks_pending"\n'
        vif_type=,type=vif
    fi
    [ -z "$vif" ] ||
        printf 'vif = ["mac=00:16:3e:77:00:%02x,bridge=xenbr0%s"]\n' \
            "$n" "$vif_type"
    if [ $# -gt 0 ]; then
        printf 'pci = ['
        for spec in "$@"; do
            printf '"%s", ' "$spec"
        done
        printf ']\n'
        [ "$type" = hvm ] || printf 'e820_host = 1\n'
    fi
    [ ${#lines[@]} = 0 ] || printf '%s\n' "${lines[@]}"
}

# guest_set_turns TYPE: for how many microseconds who has the processor of a host
# keeps it. Each change empties the emulated TLB; but the handshakes of PV guests
# suffer if turns are too long.
guest_set_turns() {
    local host turn=5000

    [ "$1" != hvm ] || turn=20000
    for host in "${LAB_HOSTS[@]}"; do
        host_run "$host" "xl sched-credit2 -s -r $turn"
    done
}

verb_create() {
    local host name type=pv mem=256 vcpus=1 load=1 words='' vif=''
    local specs=() lines=() only_write=''

    [ $# -ge 2 ] || sp_die "$SP_USAGE" "lab create HOST NAME …: see lab create --help"
    host=$1 name=$2
    shift 2
    host_number "$host" >/dev/null
    guest_check_name "$name"
    while [ $# -gt 0 ]; do
        case $1 in
            --hvm) type=hvm;;
            --vif) vif=1;;
            --write) only_write=1;;
            --no-glue) load=0;;
            --plain) words+=" lab.plain=1";;
            --pci|--mem|--vcpus|--glue|--bond|--set)
                [ $# -ge 2 ] || sp_die "$SP_USAGE" "lab create: $1 lacks its value"
                case $1 in
                    --pci) specs+=("$2");;
                    --mem) mem=$2;;
                    --vcpus) vcpus=$2;;
                    --glue) words+=" lab.parameter=$2";;
                    --bond) words+=" lab.bond=$2";;
                    --set) lines+=("$2");;
                esac
                shift;;
            *) sp_die "$SP_USAGE" "lab create: unknown argument '$1'";;
        esac
        shift
    done
    config_load
    ! host_run "$host" "xl domid ${name@Q} >/dev/null 2>&1" ||
        sp_die "$SP_STATE" "guest $name runs on host $host already: lab destroy $host $name"
    guest_config "$name" "$type" "$mem" "$vcpus" "lab.glue=$load$words" "$vif" \
        "${lines[@]}" -- "${specs[@]}" |
        host_run "$host" "mkdir -p /root/guests; cat > /root/guests/$name.cfg"
    guest_set_turns "$type"
    if [ -n "$only_write" ]; then
        echo "/root/guests/$name.cfg"
        return
    fi
    host_run "$host" "xl create -q /root/guests/$name.cfg" ||
        sp_die "$SP_FAILED" "host $host: xl create failed for $name: see above and 'lab ssh $host cat /root/guests/$name.cfg'"
    guest_wait_network "$host" "$name" "$vif${specs[*]}"
    guest_address "$name"
}

# guest_wait_network HOST NAME NICS
guest_wait_network() {
    local host=$1 name=$2 limit=$((180 * SP_TIME_SCALE))
    # shellcheck disable=SC2016 # expanded in the guest
    local ready="limit=$limit"' n=0
        while [ ! -e /run/network.ready ] && [ $n -lt $((limit * 5)) ]; do
            usleep 200000; n=$((n + 1))
        done
        cat /run/network.ready || { cat /run/network.log; ip link; false; }'

    [ -n "$3" ] || ready=true
    guest_run "$host" "$name" $((limit + 60)) "$ready" >&2 ||
        sp_die "$SP_FAILED" "guest $name on host $host has no configured network after $limit s: see 'lab logs'"
}

verb_destroy() {
    [ $# = 2 ] || sp_die "$SP_USAGE" "lab destroy HOST NAME"
    guest_check_name "$2"
    config_load
    host_run "$1" "if xl domid $2 >/dev/null 2>&1; then xl destroy $2; fi"
}

# guest_run HOST NAME LIMIT COMMAND
guest_run() {
    local rc=0

    host_exec "$1" "$PUSH_LIB/guest-exec" "$2" "$3" "$4" || rc=$?
    case $rc in
        125|126) return "$SP_STATE";;
        *) return "$rc";;
    esac
}

verb_guest() {
    local host name limit=60

    [ $# -ge 3 ] || sp_die "$SP_USAGE" "lab guest HOST NAME CMD…: see lab guest --help"
    host=$1 name=$2
    shift 2
    if [ "$1" = --limit ]; then
        limit=$2
        shift 2
    fi
    guest_check_name "$name"
    config_load
    guest_run "$host" "$name" $((limit * SP_TIME_SCALE)) "$*"
}
