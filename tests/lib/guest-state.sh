# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What can be seen of a guest's network from inside. Whoever sources this has
# a function or command `lab`.

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
            basename \$(readlink -f \$lower/device/driver)
        done" |
        awk '$0 != "vif" { print; cards++ } END { if (NR && !cards) print "vif" }'
}

# lower_irqs HOST NAME: interrupts so far of that device. An MSI-X NIC names
# its vectors after the netdev.
lower_irqs() {
    lab guest "$1" "$2" "
        cards='' standby=''
        for lower in /sys/class/net/$SHADOW/lower_*; do
            case \$(readlink -f \$lower/device/driver) in
            */vif) standby=\${lower##*lower_} ;;
            *) cards=\"\$cards \${lower##*lower_}\" ;;
            esac
        done
        for name in \${cards:-\$standby}; do
            grep -F \$name /proc/interrupts
        done" |
        awk '{ for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) n += $i }
             END { print n + 0 }'
}
