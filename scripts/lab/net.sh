# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The lab's network: one namespace with two bridges and the hosts' taps.
#
#     mgmt  10.78.0.1   virtio NIC of each host: ssh and migration streams
#     lan   10.77.0.1   the third endpoint; every passthrough NIC, and the
#                       virtio NIC under each host's PV bridge

net_exec() {
    ip netns exec "$LAB_NS" "$@"
}

net_exists() {
    [ -e "/run/netns/$LAB_NS" ]
}

# net_is_ours: the namespace of that name was made by this lab (which may be
# dead by now), not by one with the same name and another SHADOWPORT_RUN.
net_is_ours() {
    [ -e "$LAB_DIR/namespace" ] &&
        [ "$(< "$LAB_DIR/namespace")" = "$(stat -L -c %i "/run/netns/$LAB_NS")" ]
}

net_up() {
    local bridge address

    ! net_exists ||
        sp_die "$SP_STATE" "namespace $LAB_NS belongs to another lab of this name, with another SHADOWPORT_RUN: take that down, or choose another SHADOWPORT_LAB"
    ip netns add "$LAB_NS"
    stat -L -c %i "/run/netns/$LAB_NS" > "$LAB_DIR/namespace"
    for bridge in mgmt lan; do
        net_exec ip link add "$bridge" type bridge forward_delay 0 \
            mcast_snooping 0
        net_exec ip link set "$bridge" up
    done
    for address in "mgmt $LAB_MGMT_NET.1/24" "lan $LAB_ENDPOINT/24" \
        "lan $LAB_ENDPOINT6/64"; do
        # shellcheck disable=SC2086
        set -- $address
        net_exec ip addr add "$2" dev "$1" nodad 2>/dev/null ||
            net_exec ip addr add "$2" dev "$1"
    done
    net_exec ip link set lo up
}

# net_down: with whatever still runs inside it.
net_down() {
    net_exists && net_is_ours || return 0
    if ! net_is_empty; then
        net_signal TERM
        SP_WAIT_STEP=0.05 sp_wait 10 "processes in $LAB_NS to end" net_is_empty ||
            net_signal KILL
    fi
    ip netns del "$LAB_NS"
}

net_is_empty() {
    [ -z "$(ip netns pids "$LAB_NS")" ]
}

net_signal() {
    local pid

    for pid in $(ip netns pids "$LAB_NS"); do
        kill -s "$1" "$pid" 2>/dev/null || true
    done
}

# net_tap TAP BRIDGE
net_tap() {
    net_exec ip tuntap add dev "$1" mode tap
    net_exec ip link set "$1" master "$2"
    net_exec ip link set "$1" up
}

# tap_name HOST m|u|NIC-INDEX
tap_name() {
    echo "tap$1$2"
}

net_host_up() {
    local host=$1 index _

    net_tap "$(tap_name "$host" m)" mgmt
    net_tap "$(tap_name "$host" u)" lan
    while read -r index _; do
        net_tap "$(tap_name "$host" "$index")" lan
    done < <(config_nics "$host")
}

net_host_down() {
    local tap

    net_exists || return 0
    while read -r tap; do
        net_exec ip link del "$tap"
    done < <(net_exec ip -o link show |
             sed -n "s/^[0-9]*: \(tap$1[mu0-9]*\):.*/\1/p")
}

help_endpoint() {
    cat <<'END'
lab endpoint CMD…

Run CMD at the third endpoint (10.77.0.1, fd77::1): in the lab's network
namespace, with this machine's files. The words are kept as they are.
END
}

verb_endpoint() {
    [ $# -ge 1 ] || sp_die "$SP_USAGE" "lab endpoint CMD…: see lab endpoint --help"
    config_load
    net_exec "$@"
}
