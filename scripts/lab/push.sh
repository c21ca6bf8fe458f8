# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Lays the newest build products over running hosts.

PUSH_LIB=/usr/local/lib/shadowport-lab

help_push() {
    cat <<'END'
lab push HOST|all

Build what is out of date and lay it over the running host: the patched tools,
pci-broker and its pools file, the guest's kernel and initramfs, the lab's own
helpers. Only files that differ are sent. A stock host gets no Xen tools and no
broker, a host with --packages the pools file only, one with --bare nothing of it.
END
}

verb_push() {
    [ $# = 1 ] || sp_die "$SP_USAGE" "lab push HOST|all: see lab push --help"
    [ "$1" = all ] || host_number "$1" >/dev/null
    config_load
    push_products
    if [ "$1" = all ]; then
        up_each_host push_host
    else
        push_host "$1"
    fi
}

push_all() {
    push_products
    up_each_host push_host
}

# push_products: build everything that push_host sends.
push_products() {
    products_build
    if [ -n "$(config_installed)" ]; then
        packages_build
        guest_image_make "$(installed_products)"
    else
        hypervisor_build
        guest_image_make "$LAB_PRODUCTS"
    fi
}

# push_host HOST: send what differs. Directories' times and modes are the
# host's own business.
push_host() {
    local host=$1 changed

    push_pools "$host"
    ssh_ready "$host" ||
        sp_die "$SP_STATE" "no ssh to host $host: see $LAB_DIR/$host/console.log"
    changed=$(
        if [ "$(config_installed)" = packages ]; then
            push_tree "$host" "$LAB_DIR/$host/pci-pools.json" /etc/xen/
        elif ! config_is_stock "$host" && [ -z "$(config_installed)" ]; then
            push_tree "$host" "$LAB_DIST/tools/" /
            [ ! -d "$LAB_PRODUCTS/root" ] ||
                push_tree "$host" "$LAB_PRODUCTS/root/" /
            push_tree "$host" "$LAB_DIR/$host/pci-pools.json" /etc/xen/
        fi
        push_tree "$host" "$LAB_GUEST_IMAGE/" /root/guest/
        push_tree "$host" "$SP_TOP/scripts/lab/remote/" "$PUSH_LIB/"
    )
    [ -z "$changed" ] || host_run "$host" ldconfig
    sp_say "host $host: $(grep -c . <<< "$changed") files pushed"
}

push_tree() {
    local host=$1 from=$2 to=$3 options

    mapfile -t options < <(ssh_options "$host")
    rsync -rltKO --executability --chmod=Dgo+rx --whole-file \
        --out-format=%n -e "ssh ${options[*]@Q}" \
        "$from" "$(host_address "$host"):$to" ||
        sp_die "$SP_FAILED" "host $host: sending $from failed: see above"
}

# push_pools HOST: everything that the host has for guests is in pool "lan".
push_pools() {
    local host=$1 index _ rest bdfs=()

    while read -r index _ rest; do
        case $rest in
            *vfs=*) bdfs+=("$(printf '0000:%02x:1*' "$index")");;
            *) bdfs+=("$(printf '0000:%02x:00.0' "$index")");;
        esac
    done < <(config_nics "$host")
    # Written only when it changes: its time is what rsync goes by.
    jq -n '{version: 1, pools: {lan: {match: [$ARGS.positional[] | {bdf: .}],
                                      bind: true}}}' \
        --args "${bdfs[@]}" > "$LAB_DIR/$host/pci-pools.json.new"
    cmp -s "$LAB_DIR/$host/pci-pools.json.new" "$LAB_DIR/$host/pci-pools.json" ||
        mv "$LAB_DIR/$host/pci-pools.json.new" "$LAB_DIR/$host/pci-pools.json"
    rm -f "$LAB_DIR/$host/pci-pools.json.new"
}
