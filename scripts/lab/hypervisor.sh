# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Which Xen a host runs: ours, Debian's own (on a stock host, or below our tools),
# or one built like ours from the same source without our patches.

# hypervisor_build: have the patched Xen built and set LAB_DIST, the folder
# with hypervisor/ and tools/. SHADOWPORT_DIST names one that was built before.
hypervisor_build() {
    local out

    [ -z "${LAB_DIST:-}" ] || return 0
    LAB_DIST=${SHADOWPORT_DIST:-}
    if [ -z "$LAB_DIST" ]; then
        out=$("$SP_TOP/scripts/xen/build") ||
            sp_die "$SP_FAILED" "scripts/xen/build failed: see above"
        LAB_DIST=$(sed -n 's/^DIST=//p' <<< "$out")
    fi
    [ -e "$LAB_DIST/hypervisor/xen" ] ||
        sp_die "$SP_MISSING" "no hypervisor/xen in '$LAB_DIST'"
}

# hypervisor_get HOST: path of the multiboot image that HOST boots, or of what starts
# GRUB if that chooses.
hypervisor_get() {
    if [ -n "$(config_installed)" ]; then
        grub_disk_get
    elif config_is_stock "$1" || config_is_debian "$1"; then
        hypervisor_debian
    elif config_is_unpatched "$1"; then
        hypervisor_unpatched
    else
        hypervisor_build
        echo "$LAB_DIST/hypervisor/xen"
    fi
}

hypervisor_unpatched() {
    local out

    out=$("$SP_TOP/scripts/xen/build" --stock) ||
        sp_die "$SP_FAILED" "scripts/xen/build --stock failed: see above"
    echo "$(sed -n 's/^DIST=//p' <<< "$out")/hypervisor/xen"
}

hypervisor_debian() {
    local tree out

    tree=$("$SP_TOP/scripts/env/tree" dom0)
    out=$LAB_CACHE/boot/xen-stock-${tree##*-}
    if [ ! -e "$out" ]; then
        mkdir -p "${out%/*}"
        gunzip -c "$tree"/boot/xen-4.20-amd64.gz > "$out.$$"
        mv "$out.$$" "$out"
    fi
    echo "$out"
}
