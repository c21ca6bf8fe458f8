# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The contents of emulated disks: the same known data for all, made once.

DISK_MIB=256

disk_path() {
    echo "$LAB_CACHE/disks/witness-$DISK_MIB"
}

# disk_get: make it if it is not there. Needs the products.
disk_get() {
    local path

    path=$(disk_path)
    [ ! -e "$path" ] || return 0
    mkdir -p "${path%/*}"
    "$LAB_PRODUCTS/sp-witness" image "$path.$$" --mib "$DISK_MIB"
    mv "$path.$$" "$path"
}
