# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a system consists of: one line per file, to be compared.

# What programs write by themselves (Python's caches and DKMS's key, too), and dpkg's
# own notes.
NOT_LOOKED_AT=(/tmp /run /var/cache /var/log /var/tmp /var/lib/dpkg
               /var/lib/dkms/mok.key /var/lib/dkms/mok.pub /etc/ld.so.cache /root)

# files: contents of files, targets of links, mode and owner of all but links;
# each line ends with the path.
files() {
    local skip=(-name __pycache__ -prune -o) path

    for path in "${NOT_LOOKED_AT[@]}"; do
        skip+=(-path "$path" -prune -o)
    done
    {
        find / -xdev "${skip[@]}" -type f -exec sha256sum {} +
        find / -xdev "${skip[@]}" -type l -printf 'link %l %p\n'
        find / -xdev "${skip[@]}" ! -type l -printf '%m %u:%g %y %p\n'
    } | LC_ALL=C sort
}

# same FILES FILES: tell what differs.
same() {
    diff "$1" "$2" > /tmp/differs || { head -n 40 /tmp/differs >&2; return 1; }
}
