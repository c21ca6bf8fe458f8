# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # variables are for the other files
#
# What a lab consists of. A configuration is a text of lines
#     HOST MODEL [KEY=VALUE…]      one line for each NIC, in slot order
#     uplink separate|pf
#     cpus N                       of each host, if more than one
#     stock HOST…
#     unpatched HOST…
#     debian HOST…
#     installed packages|bare
# kept in $LAB_DIR/config while the lab is up.

LAB_NAME=$SP_LAB
LAB_HOSTS=(A B)              # and C, if the configuration has one
LAB_DIR=$SP_RUN/$LAB_NAME
LAB_NS=sp-$LAB_NAME
LAB_CACHE=$SP_CACHE/lab
LAB_LOGS=$SP_CACHE/logs/$LAB_NAME
LAB_HOST_MEM=${SHADOWPORT_LAB_MEM:-2560}

# Networks: every lab has its own namespace, so all use the same addresses.
LAB_MGMT_NET=10.78.0
LAB_LAN_NET=10.77.0
LAB_ENDPOINT=$LAB_LAN_NET.1
LAB_ENDPOINT6=fd77::1

# host_number HOST: last byte of MAC and management address.
host_number() {
    case $1 in
        A) echo 10;;
        B) echo 11;;
        C) echo 12;;
        *) sp_die "$SP_USAGE" "no host '$1': use A, B, or C if there are three";;
    esac
}

host_address() {
    echo "$LAB_MGMT_NET.$(host_number "$1")"
}

config_check_name() {
    [[ $LAB_NAME =~ ^[a-z][a-z0-9-]{0,10}$ ]] ||
        sp_die "$SP_USAGE" "SHADOWPORT_LAB='$LAB_NAME': use up to 11 characters of a-z, 0-9 and -"
}

# config_host_lines HOST SPEC: SPEC is NIC[:KEY=VALUE]…[,NIC…].
config_host_lines() {
    local host=$1 nics nic fields field

    IFS=, read -ra nics <<< "$2"
    for nic in "${nics[@]}"; do
        IFS=: read -ra fields <<< "$nic"
        [[ ${fields[0]} =~ ^[A-Za-z0-9._-]+$ ]] ||
            sp_die "$SP_USAGE" "host $host: '${fields[0]}' is no NIC model"
        for field in "${fields[@]:1}"; do
            [[ $field =~ ^[A-Za-z0-9._-]+=[A-Za-z0-9._-]+$ ]] ||
                sp_die "$SP_USAGE" "host $host, NIC $nic: '$field' is not KEY=VALUE"
        done
        echo "$host ${fields[*]}"
    done
}

# config_parse ARGS…: print the configuration that `lab up ARGS` asks for.
config_parse() {
    local spec_A=igb:vfs=2 spec_B=e1000e spec_C='' uplink=separate cpus=1
    local flag flags=()
    local installed=''

    while [ $# -gt 0 ]; do
        case $1 in
            A=*) spec_A=${1#A=};;
            B=*) spec_B=${1#B=};;
            C=*) spec_C=${1#C=};;
            --uplink) uplink=${2:-}; shift;;
            --uplink=*) uplink=${1#*=};;
            --cpus) cpus=${2:-}; shift;;
            --cpus=*) cpus=${1#*=};;
            --stock) flags+=("stock ${2:-}"); shift;;
            --stock=*) flags+=("stock ${1#*=}");;
            --unpatched-xen) flags+=("unpatched ${2:-}"); shift;;
            --unpatched-xen=*) flags+=("unpatched ${1#*=}");;
            --debian-xen) flags+=("debian ${2:-}"); shift;;
            --debian-xen=*) flags+=("debian ${1#*=}");;
            --packages|--bare) installed=${1#--};;
            *) sp_die "$SP_USAGE" "lab up: unknown argument '$1': see lab up --help";;
        esac
        shift || sp_die "$SP_USAGE" "lab up: the last option lacks its value"
    done
    case $uplink in
        separate|pf) ;;
        *) sp_die "$SP_USAGE" "--uplink '$uplink': use separate or pf";;
    esac
    [ -z "$installed" ] || [ ${#flags[@]} = 0 ] ||
        sp_die "$SP_USAGE" "lab up --$installed: which hypervisor such hosts boot is their own business"
    [[ $cpus =~ ^[1-8]$ ]] ||
        sp_die "$SP_USAGE" "--cpus '$cpus': use a number from 1 to 8"
    config_host_lines A "$spec_A"
    config_host_lines B "$spec_B"
    [ -z "$spec_C" ] || config_host_lines C "$spec_C"
    echo "uplink $uplink"
    [ "$cpus" = 1 ] || echo "cpus $cpus"
    for flag in "${flags[@]}"; do
        host_number "${flag#* }" >/dev/null
        echo "$flag"
    done
    [ -z "$installed" ] || echo "installed $installed"
}

# config_use TEXT: from here on this is the configuration.
config_use() {
    LAB_CONFIG=$1
    LAB_HOSTS=(A B)
    ! grep -q '^C ' <<< "$LAB_CONFIG" || LAB_HOSTS+=(C)
}

# The following read a configuration from $LAB_CONFIG (a text).

# config_nics HOST: lines "INDEX MODEL [KEY=VALUE…]", INDEX from 1.
config_nics() {
    awk -v host="$1" '$1 == host { $1 = ++n; print }' <<< "$LAB_CONFIG"
}

config_has_disk() {
    awk '$2 == "nvme" { n++ } END { exit !n }' <<< "$LAB_CONFIG"
}

config_uplink() {
    awk '$1 == "uplink" { print $2 }' <<< "$LAB_CONFIG"
}

config_cpus() {
    awk '$1 == "cpus" { n = $2 } END { print n ? n : 1 }' <<< "$LAB_CONFIG"
}

# config_is_unpatched HOST: its hypervisor is, its tools are ours.
config_is_unpatched() {
    grep -qx "unpatched $1" <<< "$LAB_CONFIG"
}

# config_is_debian HOST: its hypervisor is Debian's own, its tools are ours.
config_is_debian() {
    grep -qx "debian $1" <<< "$LAB_CONFIG"
}

# config_installed: packages or bare, if the hosts are installed like users' hosts.
config_installed() {
    awk '$1 == "installed" { print $2 }' <<< "$LAB_CONFIG"
}

config_is_stock() {
    grep -qx "stock $1" <<< "$LAB_CONFIG"
}

# config_load: the configuration of the lab that is up; exit 4 if none is.
config_load() {
    [ -s "$LAB_DIR/config" ] ||
        sp_die "$SP_STATE" "lab '$LAB_NAME' is not up: run 'lab up'"
    config_use "$(< "$LAB_DIR/config")"
}
