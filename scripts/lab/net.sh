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

# net_up: make the namespace, or make it anew if a dead run left one behind.
net_up() {
    local bridge address

    if net_exists; then
        [ -z "$(ip netns pids "$LAB_NS")" ] ||
            sp_die "$SP_STATE" "namespace $LAB_NS is used by processes $(ip netns pids "$LAB_NS" | xargs) that lab '$LAB_NAME' does not know: end them, or choose another SHADOWPORT_LAB"
        ip netns del "$LAB_NS"
    fi
    ip netns add "$LAB_NS"
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

net_down() {
    ! net_exists || ip netns del "$LAB_NS"
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
    local host=$1 index rest

    net_tap "$(tap_name "$host" m)" mgmt
    net_tap "$(tap_name "$host" u)" lan
    while read -r index rest; do
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
