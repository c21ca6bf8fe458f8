# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Hosts that are installed as users install theirs (lab up --packages, --bare):
# the host tree, booted by GRUB from the menu of its own disk, Debian's own Xen
# service, and with --packages our packages. Nothing of the tools is pushed.

# GRUB reads the menu of the file system with the label that image_pack gives.
# These modules are all that a menu asks for; without fonts there are no graphics.
GRUB_MODULES=(biosdisk boot configfile echo ext2 gzio keystatus linux loadenv
              minicmd multiboot multiboot2 normal part_gpt part_msdos search
              search_fs_uuid search_label serial sleep terminal test true)

help_packages() {
    cat <<'END'
lab packages

Build our packages if need be (scripts/package), and print the folder with them.
END
}

verb_packages() {
    [ $# = 0 ] || sp_die "$SP_USAGE" "lab packages takes no arguments"
    packages_build
    echo "$LAB_PACKAGES"
}

# packages_build: have our packages built and set LAB_PACKAGES, the folder with
# them. SHADOWPORT_PACKAGES names one that was built before.
packages_build() {
    local out

    [ -z "${LAB_PACKAGES:-}" ] || return 0
    LAB_PACKAGES=${SHADOWPORT_PACKAGES:-}
    if [ -z "$LAB_PACKAGES" ]; then
        out=$("$SP_TOP/scripts/package" --dirty) ||
            sp_die "$SP_FAILED" "scripts/package failed: see above"
        LAB_PACKAGES=$(sed -n 's/^PACKAGES=//p' <<< "$out")
    fi
    [ -d "$LAB_PACKAGES" ] ||
        sp_die "$SP_MISSING" "no packages in '$LAB_PACKAGES'"
}

# installed_products: the products with the modules of the guest's packages in place
# of those that are built without DKMS.
installed_products() {
    local out release

    out=$SP_CACHE/products/$(sp_key "${LAB_PACKAGES##*/}" "${LAB_PRODUCTS##*/}" \
        "$SP_TOP/scripts/lab/installed-guest")
    if [ ! -d "$out" ]; then
        sp_say "installing the guest's packages"
        mkdir -p "$out.$BASHPID"
        cp -rp "$LAB_PRODUCTS/." "$out.$BASHPID/"
        rm -f "$out.$BASHPID"/shadowport*.ko
        "$SP_TOP/scripts/env/tree-run" install --bind "$LAB_PACKAGES:/packages" \
            --bind "$out.$BASHPID:/out" -- unshare --net \
            /src/scripts/lab/installed-guest /out > "$out.log" 2>&1 ||
            { tail -n 15 "$out.log" >&2
              sp_die "$SP_FAILED" "the guest's packages cannot be installed, the whole log is $out.log"; }
        mv -T "$out.$BASHPID" "$out" 2>/dev/null || rm -rf "$out.$BASHPID"
    fi
    release=$(echo "$("$SP_TOP/scripts/env/tree" dom0)"/lib/modules/*)
    [ "$(< "$out/release")" = "${release##*/}" ] ||
        sp_die "$SP_STATE" "the trees 'install' and 'dom0' have different kernels: remove both from $SP_CACHE/trees and try again"
    echo "$out"
}

# installed_stage DIR: what the lab has on a host besides Debian's packages.
installed_stage() {
    local dir=$1 units=$1/etc/systemd/system

    image_stage "$dir"
    rm "$units/xen.service" "$units/multi-user.target.wants/lab-xen.service" \
        "$units/lab-xen.service" "$dir/usr/local/lib/shadowport-lab/xen-daemons"
    cp -rT "$SP_TOP/scripts/lab/host" "$dir"
    mkdir -p "$dir/var/log/xen/console" "$dir/boot/grub" "$dir/etc/default/grub.d"
    cat > "$dir/etc/default/grub.d/lab.cfg" <<END
GRUB_TIMEOUT=0
GRUB_TERMINAL=serial
GRUB_SERIAL_COMMAND="serial --speed=115200"
GRUB_DISABLE_LINUX_UUID=true
GRUB_CMDLINE_XEN_DEFAULT="$MACHINE_XEN_ARGS"
GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT="rw ${MACHINE_DOM0_ARGS#root=/dev/vda rw }"
END
}

# installed_image_get: the root file system of such hosts.
installed_image_get() {
    local tree packages='' files

    tree=$("$SP_TOP/scripts/env/tree" host)
    if [ "$(config_installed)" = packages ]; then
        packages_build
        packages=$LAB_PACKAGES
    fi
    mapfile -t files < <(find "$SP_TOP"/scripts/lab/{dom0,host} -type f |
        LC_ALL=C sort)
    image_once "host-$(sp_key "${tree##*/}" "$SP_TOP/scripts/lab/image.sh" \
        "$SP_TOP/scripts/lab/installed.sh" \
        "$SP_TOP/scripts/lab/installed-image" "${files[@]}" \
        "$(image_ssh_key).pub" "${packages##*/}")" \
        installed_image_make "$tree" "$packages"
}

# installed_image_make TREE PACKAGES FILE: without packages if it names none.
installed_image_make() {
    local tree=$1 packages=$2 file=$3 work

    work=$(mktemp -d "$file.work.XXXXXX")
    mkdir "$work/stage" "$work/upper" "$work/work" "$work/root"
    installed_stage "$work/stage"
    chown -R 0:0 "$work/stage"
    env "SP_TOP=$SP_TOP" unshare --mount --propagation private \
        "$SP_TOP/scripts/lab/installed-image" "$tree" "$work" "$file" \
        "$IMAGE_SIZE" ${packages:+"$packages"} > "$file.log" 2>&1 ||
        { tail -n 15 "$file.log" >&2
          sp_say "the whole log is $file.log"
          return 1; }
    rm -rf --one-file-system "$work"
}

# grub_disk_get: a disk that starts GRUB, as grub-install would have written it to
# the start of the host's own if that had partitions.
grub_disk_get() {
    local tree dir

    tree=$("$SP_TOP/scripts/env/tree" host)
    dir=$LAB_CACHE/boot/grub-$(sp_key "${tree##*/}" \
        "$SP_TOP/scripts/lab/installed.sh")
    if [ ! -d "$dir" ]; then
        mkdir -p "$dir.$BASHPID"
        grub_disk_make "$dir.$BASHPID" >&2 ||
            sp_die "$SP_FAILED" "GRUB cannot be made of $tree: see above"
        mv -T "$dir.$BASHPID" "$dir" 2>/dev/null || rm -rf "$dir.$BASHPID"
    fi
    echo "$dir/disk"
}

# grub_disk_make DIR. QEMU wants whole sectors.
grub_disk_make() {
    cat > "$1/early.cfg" <<'END'
search --no-floppy --label root --set=root
set prefix=($root)/boot/grub
configfile $prefix/grub.cfg
END
    "$SP_TOP/scripts/env/tree-run" host --bind "$1:/out" --cd /out \
        grub-mkimage -O i386-pc -p /boot/grub -c early.cfg -o core.img \
        "${GRUB_MODULES[@]}"
    cat "$("$SP_TOP/scripts/env/tree" host)/usr/lib/grub/i386-pc/boot.img" \
        "$1/core.img" > "$1/disk"
    truncate -s %1M "$1/disk"
}

# installed_boot_args: in place of machine_boot_args'.
installed_boot_args() {
    printf '%s\n' \
        -drive "if=none,id=grub,format=raw,readonly=on,file=$(grub_disk_get)" \
        -device virtio-blk-pci,bus=pcie.0,addr=0x15,drive=grub,bootindex=0
}

# installed_prepare HOST: of --packages as of any other; nobody has touched what
# --bare gives.
installed_prepare() {
    if [ "$(config_installed)" = packages ]; then
        host_run "$1" modprobe -a xen-pciback xen-netback
        up_prepare "$1"
    else
        host_run "$1" 'systemctl is-system-running --wait >/dev/null || true'
    fi
}
