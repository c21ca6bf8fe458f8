# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # lab-case.sh sets lab_program and case_dir
#
# Sourced by lab cases on hosts that are installed from packages, after lab-case.sh.

# Where the package has pci-broker.
# shellcheck disable=SC2034 # for lab-case.sh
BROKER=/usr/lib/xen-4.20-shadowport/bin/pci-broker

# on_one HOST CMD…: CMD HOST, with a $case_dir of its own.
on_one() {
    local host=$1 case_dir=$case_dir/$1

    shift
    mkdir -p "$case_dir"
    "$@" "$host" >"$case_dir.log" 2>&1
}

# on_both CMD…: CMD HOST for both hosts at once; what was said is shown afterwards.
on_both() {
    local host pids=() pid status=0

    for host in A B; do
        on_one "$host" "$@" & pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || status=$?
    done
    for host in A B; do
        sed "s/^/$host: /" "$case_dir/$host.log"
    done
    [ "$status" = 0 ] || exit "$status"
}

# debian_is_untouched HOST: what dpkg says of the files of Debian's Xen and libvirt.
# The host's file system was made without manual pages and documents, and the lab has
# its own xl.conf.
debian_is_untouched() {
    local said

    said=$(lab ssh "$1" "dpkg --verify \$(dpkg-query -W \
        -f '\${db:Status-Abbrev}\${Package}\n' '*xen*' '*virt*' |
        sed -n 's/^ii //p') || true; echo looked")
    said=$(grep -vE '^missing .* /usr/share/(man|doc|locale)/| c /etc/xen/xl.conf$' \
        <<<"$said")
    expect_equal looked "$said" "dpkg --verify of Debian's packages on host $1"
}
