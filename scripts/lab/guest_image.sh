# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Kernel and initramfs of the guests, keyed by what goes in. SHADOWPORT_LAB_KERNEL
# names a folder with another kernel than Debian 13's (as tests/module/newest-kernel
# prints it), for which our modules are built here.

# guest_kernel_products PRODUCTS: the same with those modules; prints the folder.
guest_kernel_products() {
    local products=$1 kernel=$SHADOWPORT_LAB_KERNEL out

    [ -e "$kernel/vmlinuz" ] ||
        sp_die "$SP_USAGE" "SHADOWPORT_LAB_KERNEL='$kernel': there is no kernel"
    [ -z "${SHADOWPORT_LAB_REV:-}" ] || sp_die "$SP_USAGE" \
        "SHADOWPORT_LAB_KERNEL and SHADOWPORT_LAB_REV cannot be had together"
    out=$LAB_CACHE/guest-kernel/$(sp_key "$kernel/vmlinuz" "$("$SP_TOP/scripts/env/tree" build)" \
        "$products"/{shadowport-settings,sp-probe-guest,sp-witness} \
        "$SP_TOP"/scripts/lab/guest/compile \
        "$SP_TOP"/pcifront-glue/{*.c,*.h,*/*.[ch],Kbuild,Makefile,configure})
    mkdir -p "${out%/*}"
    (
        flock 7
        [ -d "$out" ] || guest_kernel_compile "$kernel" "$products" "$out"
    ) 7> "$out.lock" ||
        sp_die "$SP_FAILED" "the module does not build for that kernel: see $out.log"
    echo "$out"
}

# guest_kernel_compile KERNEL PRODUCTS OUT: whole or not at all.
guest_kernel_compile() {
    rm -rf "$3.part" && mkdir "$3.part" &&
        cp "$2"/{shadowport-settings,sp-probe-guest,sp-witness} "$3.part/" &&
        nice "$SP_TOP/scripts/env/tree-run" build /src/scripts/lab/guest/compile \
            "$3.part" "$1" > "$3.log" 2>&1 &&
        mv -T "$3.part" "$3"
}

# guest_image_make PRODUCTS: make if needed, set LAB_GUEST_IMAGE.
guest_image_make() {
    local products=$1 tree files=() file kernel=${SHADOWPORT_LAB_KERNEL:-}

    [ -z "$kernel" ] || products=$(guest_kernel_products "$products")
    tree=$("$SP_TOP/scripts/env/tree" dom0)
    for file in "$products"/{shadowport.ko,shadowport_net.ko,shadowport-settings,stubborn.ko,sp-probe-guest,sp-witness} \
        "$SP_TOP"/scripts/lab/guest/* \
        "$SP_TOP/pcifront-glue/guest/shadowport-bond"; do
        [ ! -e "$file" ] || files+=("$file")
    done
    LAB_GUEST_IMAGE=$LAB_CACHE/guest/$(sp_key "${tree##*/}" "${kernel:+$kernel/vmlinuz}" "${files[@]}")
    [ ! -e "$LAB_GUEST_IMAGE/initramfs" ] || return 0
    mkdir -p "$LAB_GUEST_IMAGE"
    (
        flock 7
        [ -e "$LAB_GUEST_IMAGE/initramfs" ] ||
            "$SP_TOP/scripts/env/tree-run" dom0 \
                --bind "$products:$products" -- /src/scripts/lab/guest/pack \
                "$LAB_GUEST_IMAGE" "$products" /src/scripts/lab/guest "$kernel"
    ) 7> "$LAB_GUEST_IMAGE.lock" ||
        sp_die "$SP_FAILED" "making the guest's initramfs failed: see above"
}
