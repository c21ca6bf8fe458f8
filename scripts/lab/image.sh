# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The root file system of the hosts: the dom0 tree, the files of dom0/ over
# it, and the lab's ssh key, as a raw image under $LAB_CACHE/images. Both
# hosts use it as a backing file; nothing ever writes to it.

IMAGE_SIZE=3G

image_ssh_key() {
    local key=$LAB_CACHE/ssh/id_ed25519

    if [ ! -e "$key.pub" ]; then
        mkdir -p "$LAB_CACHE/ssh"
        (
            flock 9
            [ -e "$key.pub" ] ||
                ssh-keygen -q -t ed25519 -N '' -C shadowport-lab -f "$key"
        ) 9> "$LAB_CACHE/ssh/lock"
    fi
    echo "$key"
}

# image_stage DIR: the files that are laid over the tree.
image_stage() {
    local dir=$1 wants unit

    cp -rT "$SP_TOP/scripts/lab/dom0" "$dir"
    install -D -m 600 "$(image_ssh_key).pub" "$dir/root/.ssh/authorized_keys"
    chmod 700 "$dir/root" "$dir/root/.ssh"
    echo 5d0e1f5c2f6d4e0f8d3c6b1c7a9e4b21 > "$dir/etc/machine-id"
    wants=$dir/etc/systemd/system/multi-user.target.wants
    mkdir -p "$wants"
    for unit in lab-network lab-xen; do
        ln -s "../$unit.service" "$wants/$unit.service"
    done
    ln -s /lib/systemd/system/multi-user.target \
        "$dir/etc/systemd/system/default.target"
    for unit in xen.service xendomains.service getty@tty1.service \
        apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
        fstrim.timer systemd-tmpfiles-clean.timer systemd-pstore.service \
        systemd-networkd-wait-online.service sshd-keygen.service; do
        ln -s /dev/null "$dir/etc/systemd/system/$unit"
    done
}

# image_make TREE FILE: runs in a mount namespace of its own.
image_make() {
    local tree=$1 file=$2 work

    work=$(mktemp -d "$file.work.XXXXXX")
    mkdir "$work/stage" "$work/upper" "$work/work" "$work/root"
    image_stage "$work/stage"
    chown -R 0:0 "$work/stage"
    export -f image_pack
    unshare --mount --propagation private \
        bash -euc 'image_pack "$@"' image "$tree" "$work" "$file" "$IMAGE_SIZE"
    rm -rf --one-file-system "$work"
}

image_pack() {
    local tree=$1 work=$2 file=$3 size=$4

    mount -t overlay overlay -o \
        "lowerdir=$work/stage:$tree,upperdir=$work/upper,workdir=$work/work" \
        "$work/root"
    mke2fs -q -t ext4 -m 0 -L root -E root_owner=0:0,lazy_itable_init=1 \
        -O ^has_journal -d "$work/root" "$file.part" "$size"
    mv "$file.part" "$file"
}

# image_once NAME CMD…: the image NAME, which CMD … FILE makes if it is not there;
# prints the path.
image_once() {
    local image=$LAB_CACHE/images/$1.raw

    shift
    if [ ! -e "$image" ]; then
        sp_need mke2fs e2fsprogs
        mkdir -p "$LAB_CACHE/images"
        (
            flock 9
            if [ ! -e "$image" ]; then
                sp_say "making the hosts' root file system"
                "$@" "$image"
            fi
            [ -e "$image" ]
        ) 9> "${image%-*}.lock" ||
            sp_die "$SP_FAILED" "making $image failed: see above"
    fi
    echo "$image"
}

# image_get: make if needed, print the path.
image_get() {
    local tree files

    tree=$("$SP_TOP/scripts/env/tree" dom0)
    mapfile -t files < <(find "$SP_TOP/scripts/lab/dom0" -type f | LC_ALL=C sort)
    image_once "dom0-$(sp_key "${tree##*/}" "$SP_TOP/scripts/lab/image.sh" \
        "${files[@]}" "$(image_ssh_key).pub")" image_make "$tree"
}
