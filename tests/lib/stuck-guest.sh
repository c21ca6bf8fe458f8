# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced by lab cases about a guest whose card has a driver that does not let
# go of it (tests/module/stubborn). Whoever sources this has sourced
# lab-case.sh.

# stubborn HOST NAME [PARAMETERS]: the card of NAME gets a driver that will hang.
stubborn() {
    lab guest "$1" "$2" "modprobe stubborn ${3:-}
        card=\$(basename /sys/bus/pci/drivers/igbvf/0000:*)
        echo \$card > /sys/bus/pci/drivers/igbvf/unbind
        echo stubborn > /sys/bus/pci/devices/\$card/driver_override
        echo \$card > /sys/bus/pci/drivers_probe
        [ -e /sys/bus/pci/drivers/stubborn/\$card ]"
}

# let_go HOST NAME: the driver ends what it was told.
let_go() {
    lab guest "$1" "$2" 'echo 1 > /sys/module/stubborn/parameters/release'
}
