# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Kernel and initramfs of the guests, keyed by what goes in.

# guest_image_make PRODUCTS: make if needed, set LAB_GUEST_IMAGE.
guest_image_make() {
    local products=$1 tree files=() file

    tree=$("$SP_TOP/scripts/env/tree" dom0)
    for file in "$products"/{shadowport.ko,shadowport_net.ko,shadowport-settings,stubborn.ko,sp-probe-guest,sp-witness} \
        "$SP_TOP"/scripts/lab/guest/* \
        "$SP_TOP/pcifront-glue/guest/shadowport-bond"; do
        [ ! -e "$file" ] || files+=("$file")
    done
    LAB_GUEST_IMAGE=$LAB_CACHE/guest/$(sp_key "${tree##*/}" "${files[@]}")
    [ ! -e "$LAB_GUEST_IMAGE/initramfs" ] || return 0
    mkdir -p "$LAB_GUEST_IMAGE"
    (
        flock 7
        [ -e "$LAB_GUEST_IMAGE/initramfs" ] ||
            "$SP_TOP/scripts/env/tree-run" dom0 \
                --bind "$products:$products" -- /src/scripts/lab/guest/pack \
                "$LAB_GUEST_IMAGE" "$products" /src/scripts/lab/guest
    ) 7> "$LAB_GUEST_IMAGE.lock" ||
        sp_die "$SP_FAILED" "making the guest's initramfs failed: see above"
}
