# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced by cases that look at VFs from their PF, the first NIC of a host. Whoever
# sources this has sourced lab-case.sh.

PF=0000:01:00.0

# pf_interface HOST
pf_interface() {
    lab ssh "$1" "ls /sys/bus/pci/devices/$PF/net"
}

# vf_lines HOST: what its kernel says of all VFs, a line each.
vf_lines() {
    lab ssh "$1" "ip -d link show dev $(pf_interface "$1")" | grep '^ *vf [0-9]'
}

# vf_line HOST N
vf_line() {
    vf_lines "$1" | grep "^ *vf $2 "
}

# vf_set HOST N SETTING…
vf_set() {
    local host=$1 n=$2

    shift 2
    lab ssh "$host" "ip link set dev $(pf_interface "$host") vf $n $*"
}

# vf_set_at_end HOST N SETTING…: when the case ends, however it does.
vf_set_at_end() {
    at_end "(vf_set $*)"
}
