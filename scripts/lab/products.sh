# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What this repository builds besides Xen: the guest module, pci-broker, the
# prober. Built in the build tree from a copy of the sources, so that no
# generated file lands among them; the copy is kept, so that make does only
# what is needed. SHADOWPORT_LAB_REV=REV takes a commit in place of the files
# on disk.

PRODUCTS_PARTS=(configure.ac Makefile.am COPYING README.md ARCHITECTURE.md docs
                build-aux m4 xl-hooks pcifront-glue tests)

# products_build: set LAB_PRODUCTS to the folder with the results.
products_build() {
    local work

    [ -z "${LAB_PRODUCTS:-}" ] || return 0
    LAB_PRODUCTS=${SHADOWPORT_PRODUCTS:-}
    [ -z "$LAB_PRODUCTS" ] || return 0
    work=$SP_CACHE/products/work-$(sp_key "$SP_TOP" "${SHADOWPORT_LAB_REV:-}")
    mkdir -p "$work/src" "$work/log"
    exec 7> "$work/lock"
    flock 7
    products_copy "$work/src"
    products_make "$work"
    LAB_PRODUCTS=$(products_keep "$work/out")
    exec 7>&-
}

products_copy() {
    local to=$1 part parts=() from=$SP_TOP

    if [ -n "${SHADOWPORT_LAB_REV:-}" ]; then
        from=$(mktemp -d)
        git -C "$SP_TOP" archive "$SHADOWPORT_LAB_REV" | tar -x -C "$from"
    fi
    for part in "${PRODUCTS_PARTS[@]}"; do
        [ ! -e "$from/$part" ] || parts+=("$from/$part")
    done
    # By checksum: unchanged files keep their times, and make its peace.
    rsync -rlp --checksum --delete --filter='P *.o' --filter='P *.ko' \
        --filter='P .*.cmd' --filter='P sp_config.h*' --exclude='*.o' \
        --exclude='*.ko' --exclude='sp_config.h*' \
        "${parts[@]}" "$to/"
    [ "$from" = "$SP_TOP" ] || rm -rf "$from"
}

products_make() {
    local work=$1 log=$1/log/build.log

    nice "$SP_TOP/scripts/env/tree-run" build --bind "$work:/work" --cd /work \
        /bin/bash /src/scripts/lab/products-inside > "$log" 2>&1 ||
        { grep -E -m 12 'error:|Error [0-9]|warning: Werror' "$log" >&2 ||
              tail -n 15 "$log" >&2
          sp_die "$SP_FAILED" "building the module, broker or prober failed, the whole log is $log (SHADOWPORT_LAB_REV=HEAD builds what is committed)"; }
}

# products_keep OUT: a copy keyed by content, which later builds leave alone.
products_keep() {
    local out=$1 kept files

    mapfile -t files < <(find "$out" -type f | LC_ALL=C sort)
    kept=$SP_CACHE/products/$(sp_key "${files[@]}" "${files[*]#"$out"}")
    if [ ! -d "$kept" ]; then
        cp -rp "$out" "$kept.$$"
        mv -T "$kept.$$" "$kept" 2>/dev/null || rm -rf "$kept.$$"
    fi
    echo "$kept"
}
