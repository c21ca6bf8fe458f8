# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # whoever sources this sets lab_program
#
# What can be seen of a guest's network from inside. Whoever sources this has
# a function or command `lab`, and its file in $lab_program.

SHADOW=shadow0

# net_state HOST NAME: everything of the shadow device that must survive. Not
# busybox's ip, which says less; whether an address is still being probed for
# duplicates does not count, nor how many devices below share an address.
net_state() {
    lab guest "$1" "$2" "
        ip() { /usr/sbin/ip \"\$@\"; }
        ip -o link show dev $SHADOW | sed 's/ state [A-Z]*//; s/qlen [0-9]*//'
        ip -o addr show dev $SHADOW | sed 's/ tentative//'
        ip route show dev $SHADOW
        ip -6 route show dev $SHADOW
        ip maddr show dev $SHADOW | sed 's/ users [0-9]*//'"
}

# lower_driver HOST NAME: driver of the card below the shadow device, or of its
# standby if there is no card.
lower_driver() {
    lab guest "$1" "$2" "
        for lower in /sys/class/net/$SHADOW/lower_*; do
            [ -e \$lower ] || continue
            basename \$(readlink -f \$lower/device/driver)
        done" |
        awk '$0 != "vif" { print; cards++ } END { if (NR && !cards) print "vif" }'
}

# lower_sent HOST NAME DRIVER: packets sent by the NIC that has this driver, below
# $SHADOW. With a standby there are two. Not interrupts: Intel's drivers raise one
# by themselves every other second.
lower_sent() {
    lab guest "$1" "$2" "
        for lower in /sys/class/net/$SHADOW/lower_*; do
            case \$(readlink -f \$lower/device/driver) in
            */$3) cat \$lower/statistics/tx_packets ;;
            esac
        done"
}

# guest_uuid HOST NAME
guest_uuid() {
    lab ssh "$1" "xl list -v $2" | awk 'NR == 2 { print $7 }'
}

# is_answered HOST NAME [ADDRESS] [TIMES]: whether one of so many pings is.
is_answered() {
    "$lab_program" guest "$1" "$2" ping -q -c "${4:-1}" -W 1 "${3:-10.77.0.1}" \
        >/dev/null 2>&1
}

# answer_by HOST NAME DRIVER SENT [ADDRESS]: somebody answers, and the NIC with this
# driver has sent more than that. The network of the guest sees who did it.
answer_by() {
    local now

    is_answered "$1" "$2" "${5:-10.77.0.1}" &&
        now=$(lower_sent "$1" "$2" "$3") && [ -n "$now" ] && [ "$now" -gt "$4" ]
}
