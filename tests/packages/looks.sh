# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What is looked at when the packages are installed. Each look dies with what is
# wrong; die is the caller's.

TREE=/usr/lib/xen-4.20-shadowport
LIBDIR=/usr/lib/x86_64-linux-gnu
OURS='libxenctrl|libxenguest|libxenlight|libxlutil'

kernel() {
    local dirs=(/lib/modules/*/kernel)

    basename "$(dirname "${dirs[0]}")"
}

look_at_state() {
    local package

    for package; do
        [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package")" = "ii " ] ||
            die "$package is not installed: $(dpkg -s "$package" | grep Status)"
    done
    [ -z "$(dpkg --audit)" ] || die "dpkg --audit: $(dpkg --audit)"
}

# look_at_debian BEFORE: each file that was there is there, unchanged; diverted
# ones by their other name. The boot menu, initramfs and module lists are made.
look_at_debian() {
    local before=$1 now=/tmp/now missing

    files > "$now"
    missing=$(LC_ALL=C comm -23 "$before" "$now" |
        grep -vE ' (/boot/grub/grub.cfg|/boot/initrd.img-.*|/usr/lib/modules/.*/modules\..*)$' ||
        true)
    while read -r line; do
        [ -n "$line" ] || continue
        is_diverted "$line" "$now" ||
            die "Debian's file is not as it was: $line"
    done <<< "$missing"
    # shellcheck disable=SC2046 # several names
    debsums --silent $(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' \
        '*xen*' '*virt*' | sed -n 's/^ii //p') > /tmp/debsums 2>&1 ||
        die "debsums: $(cat /tmp/debsums)"
}

# is_diverted LINE NOW: the line is in NOW with the name dpkg-divert tells.
is_diverted() {
    local line=$1 now=$2 path truename

    path=${line##* }
    truename=$(dpkg-divert --truename "$path")
    [ "$truename" != "$path" ] &&
        grep -qxF "${line% *} $truename" "$now"
}

# Without Xen xl tells its commands only if it is given none.
look_at_programs() {
    local out

    out=$(xl 2>&1) || true
    grep -q '^ pci-recover ' <<< "$out" ||
        die "xl is not ours, or does not start: $out"
    [ "$(readlink -f /usr/sbin/xl.debian)" = \
        /usr/lib/xen-common/bin/xen-utils-wrapper ] ||
        die "xl.debian is not Debian's: $(ls -l /usr/sbin/xl*)"
    look_at_other_xen
    [[ $(pci-broker --version) = *[0-9]* ]] || die "pci-broker does not start"
    [ "$(readlink -f "$(command -v pci-broker)")" = $TREE/bin/pci-broker ] ||
        die "pci-broker is not where xl looks for it"
    strings_of $TREE/bin/xl | grep -x $TREE/bin/pci-broker >/dev/null ||
        die "xl looks for pci-broker elsewhere"
    # Not a host of Xen: it finds faults, and what it cannot find out.
    ! out=$(shadowport-doctor --json 2>/dev/null) ||
        die "shadowport-doctor finds no fault without Xen"
    grep -q '"check":"tools","scope":"host","subject":"[^"]*","state":"ok"' \
        <<< "$out" || die "shadowport-doctor does not see our tools: $out"
    look_at_helpers
}

# With another Xen running, Debian's xl is run: seen by a copy that looks for
# the version elsewhere.
look_at_other_xen() {
    local minor expected

    mkdir -p /tmp/version
    echo 4 > /tmp/version/major
    sed 's|^version=.*|version=/tmp/version|; s|exec |exec echo |' \
        /usr/sbin/xl > /tmp/xl
    for minor in 20 17; do
        echo $minor > /tmp/version/minor
        expected=$TREE/bin/xl
        [ $minor = 20 ] || expected=/usr/sbin/xl.debian
        [ "$(sh /tmp/xl list)" = "$expected list" ] ||
            die "with Xen 4.$minor xl runs $(sh /tmp/xl list)"
    done
}

strings_of() { tr -c '[:print:]' '\n' < "$1"; }

# What libxl runs out of its own folders must be there.
look_at_helpers() {
    local helper out

    for helper in libxl-save-helper pygrub xenconsole xen-9pfsd \
        convert-legacy-stream; do
        [ -x "$TREE/bin/$helper" ] || die "$TREE/bin/$helper is missing"
    done
    [ -e $TREE/boot/hvmloader ] || die "$TREE/boot/hvmloader is missing"
    out=$($TREE/bin/pygrub --help 2>&1) || true
    [[ $out = Usage* ]] || die "pygrub does not find its modules: $out"
}

# loads FILE: "NAME PATH" of the libraries of libxl that it loads.
loads() {
    ldd "$1" | sed -nE "s/^[[:space:]]*($OURS)\.so[^ ]* => ([^ ]*) .*/\1 \2/p"
}

# unresolved FILE PATTERN: die if the linker says such a thing of it.
unresolved() {
    local said

    said=$(ldd -r "$1" 2>&1 || true)
    ! grep -E "$2" <<< "$said" || die "$1 does not link"
}

look_at_libraries() {
    local file path seen=0

    for file in "$TREE/bin/xl" "$TREE/bin/libxl-save-helper" "$TREE"/lib/*.so.*; do
        while read -r _ path; do
            [[ $path = $TREE/lib/* ]] || die "$file loads $path"
            seen=$((seen + 1))
        done < <(loads "$file")
        unresolved "$file" 'not found|undefined symbol'
    done
    [ "$seen" -gt 8 ] || die "xl loads no libraries of ours"
    ldconfig
    ! ldconfig -p | grep -F $TREE || die "others find our libraries"
    # Debian's own go on with Debian's.
    for file in /usr/lib/xen-4.20/bin/{xl,libxl-save-helper,xen-init-dom0}; do
        while read -r _ path; do
            [[ $(readlink -f "$path") = $LIBDIR/* ]] ||
                die "Debian's $file loads $path"
        done < <(loads "$file")
    done
}

look_at_libvirt() {
    local driver used

    driver=$(find /usr/lib -name 'libvirt_driver_libxl.so' | head -n1)
    [ -n "$driver" ] || die "this tree has no libvirt driver for Xen"
    used=$(loads "$driver" | sed -n 's/^libxenlight //p')
    [[ $(readlink -f "$used") = $LIBDIR/libxenlight.so.4.20.0 ]] ||
        die "libvirt's driver loads '$used'"
    unresolved "$driver" 'not found|undefined symbol:.*(libxl|xlu|xc)_'
    [ "$(dpkg -S "$(readlink -f "$used")" | cut -d: -f1)" = libxenmisc4.20 ] ||
        die "$used is not Debian's"
}

look_at_manuals() {
    local page

    for page in pci-broker pci-pools.json shadowport-adopt shadowport-bond \
        shadowport-doctor shadowport-guide shadowport-plan shadowport-settings \
        ocf_shadowport_XenPci ocf_shadowport_XenPciPools; do
        man "$page" > /tmp/page 2>/tmp/errors || die "man $page failed"
        [ ! -s /tmp/errors ] || die "man $page: $(head -n3 /tmp/errors)"
    done
    manual_says xl pci-recover
    manual_says xl.cfg pci_migratable
    manual_says xl.conf pci_broker
    manual_says xl-pci-configuration migratable
}

# manual_says PAGE WORD: in ours, and not in Debian's.
manual_says() {
    local file debian

    file=$(man -w "$1")
    grep -q "$2" <(zcat "$file") || die "the manual page $1 is not ours"
    debian=$(dpkg-divert --truename "$file")
    [[ $debian != "$file" && -e $debian ]] ||
        die "Debian's manual page $1 is not put aside"
    ! grep -q "$2" <(zcat "$debian") || die "Debian's manual page $1 is ours"
}

look_at_completion() {
    local PATH=/tmp/asked:$PATH

    # See look_at_programs.
    mkdir -p /tmp/asked
    printf '#!/bin/sh\n[ "$1" != help ] || exec /usr/sbin/xl\n' > /tmp/asked/xl
    chmod 755 /tmp/asked/xl
    bash_completes 'pci-broker che' | grep -x check-config >/dev/null ||
        die "bash does not complete pci-broker"
    bash_completes 'xl pci-rec' | grep pci-recover >/dev/null ||
        die "bash does not complete xl"
    bash_completes 'shadowport-doctor --li' | grep -x -- --list >/dev/null ||
        die "bash does not complete shadowport-doctor"
    zsh_completes 'pci-broker check-c' 'check-config' ||
        die "zsh does not complete pci-broker"
    zsh_completes 'xl pci-reco' 'pci-recover' ||
        die "zsh does not complete xl"
}

# bash_completes LINE: what the last word may become.
bash_completes() {
    # shellcheck disable=SC2016 # expanded inside
    bash -c '
        . /usr/share/bash-completion/bash_completion
        read -ra COMP_WORDS <<< "$1"
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$1 COMP_POINT=${#1}
        . "/usr/share/bash-completion/completions/${COMP_WORDS[0]}"
        f=$(complete -p "${COMP_WORDS[0]}" | sed "s/.*-F \([^ ]*\) .*/\1/")
        compopt() { :; }
        "$f" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" \
            "${COMP_WORDS[COMP_CWORD-1]}"
        printf "%s\n" "${COMPREPLY[@]}" | sed "s/ *$//"' bash "$1"
}

# zsh_completes LINE WORD: a zsh that is typed at writes WORD, sooner or later.
zsh_completes() {
    # shellcheck disable=SC2016 # expanded inside
    timeout 300 zsh -f -c '
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "PROMPT=; autoload -U compinit; compinit -u -d /tmp/zdump; echo re""ady"
        zpty -r shell out "*ready*" || exit 1
        zpty -n -w shell "$1"$'\''\t'\''
        for i in {1..1000}; do
            sleep 0.2
            zpty -r -t shell more && all+=$more
            [[ $all == *$2* ]] && exit 0
        done
        print -r -- "$all" >&2
        exit 1' zsh "$1" "$2" < /dev/null
}

# look_at_boot BEFORE: BEFORE is the boot menu without our packages.
look_at_boot() {
    local before=$1 cfg=/boot/grub/grub.cfg path

    grub-script-check $cfg || die "GRUB does not understand $cfg"
    grep -q "menuentry_id_option 'shadowport-xen' {" $cfg ||
        die "the boot menu has no entry for our hypervisor"
    path=$(sed -n "/'shadowport-xen' {/,/^}/s/.*multiboot2\?[[:space:]]*\([^ ]*\) .*/\1/p" $cfg)
    [[ $path = /boot/shadowport-xen-4.20-amd64.gz && -e $path ]] ||
        die "the entry boots '$path'"
    zcat "$path" > /tmp/xen
    grub-file --is-x86-multiboot2 /tmp/xen || die "$path is no multiboot image"
    # What is booted by default stays, and so do all of Debian's entries.
    ! grep '^<' <(diff "$before" $cfg) ||
        die "the boot menu lost something of what it had"
    look_at_default
}

look_at_default() {
    local setting=/etc/default/grub.d/zz-shadowport.cfg

    cp -p $setting /tmp/setting
    sed -i 's/^#GRUB_DEFAULT/GRUB_DEFAULT/' $setting
    update-grub >/dev/null 2>&1
    grep -q 'set default="shadowport-xen"' /boot/grub/grub.cfg ||
        die "our hypervisor cannot be made the default"
    cp -p /tmp/setting $setting
    update-grub >/dev/null 2>&1
}

# look_at_signature MODULE KERNEL: by the key that docs/installing.md has enrolled.
look_at_signature() {
    local key

    key=$(openssl x509 -inform der -in /var/lib/dkms/mok.pub -noout -serial) ||
        die "DKMS made no key to sign $1 with"
    [ "$(modinfo -k "$2" -F sig_key "$1" | tr -d :)" = "${key#serial=}" ] ||
        die "$1 is not signed with DKMS's key"
}

look_at_guest() {
    local kernel version module modules

    kernel=$(kernel)
    version=$(dpkg-query -W -f '${Version}' shadowport-guest-dkms)
    dkms status -m shadowport | grep -F "shadowport/$version, $kernel" >/dev/null ||
        die "DKMS did not build the module: $(dkms status)"
    [ "$(dkms status -m shadowport | wc -l)" = 1 ] ||
        die "DKMS still has an earlier one: $(dkms status)"
    modules=$(sed -n 's/^BUILT_MODULE_NAME\[[0-9]*\]="\(.*\)"/\1/p' \
        "/usr/src/shadowport-$version/dkms.conf")
    for module in $modules; do
        modinfo -k "$kernel" "$module" >/dev/null ||
            die "modinfo does not find $module"
        look_at_signature "$module" "$kernel"
    done
    lsinitramfs "/boot/initrd.img-$kernel" | grep '/shadowport\.ko' >/dev/null ||
        die "the initramfs has no module"
    udevadm verify --no-summary /usr/lib/udev/rules.d/*-shadowport*.rules ||
        die "udev does not like the rules"
    shadowport-adopt --status | grep -x 'nothing was adopted' >/dev/null ||
        die "shadowport-adopt does not start"
    shadowport-bond --help | grep 'shadowport-bond scan' >/dev/null ||
        die "shadowport-bond does not start"
    shadowport-settings list | grep '^ring-rx ' >/dev/null ||
        die "shadowport-settings does not start"
}
