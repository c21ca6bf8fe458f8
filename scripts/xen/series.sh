# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced by the scripts in this folder: the pin (libxl-patches/UPSTREAM), the
# names of the patches, and git with a configuration of its own. The user's
# git settings must change neither the base commit nor the patch files.

# shellcheck source=scripts/env/paths.sh
. "$(dirname "${BASH_SOURCE[0]}")/../env/paths.sh"

# shellcheck disable=SC2034 # used by the scripts that source this file
XEN_CACHE=$SP_CACHE/xen
XEN_PATCHES=${SHADOWPORT_PATCHES:-$SP_TOP/libxl-patches}
# shellcheck disable=SC2034
XEN_AUTHOR='Shadowport maintainers <maintainers@shadowport.invalid>'

export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME='Shadowport maintainers'
export GIT_AUTHOR_EMAIL=maintainers@shadowport.invalid
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME
export GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

# xen_pin KEY: a value of libxl-patches/UPSTREAM.
xen_pin() {
    sed -n "s/^$1=//p" "$XEN_PATCHES/UPSTREAM"
}

# series_files: the patches of the series, in order, relative to
# libxl-patches/.
series_files() {
    sed -e 's/[[:space:]]*#.*//' -e '/^[[:space:]]*$/d' "$XEN_PATCHES/series"
}

# patch_number FILE: the NNNN a patch file's name starts with.
patch_number() {
    local name=${1##*/}

    echo "${name%%-*}"
}

# patch_trailer FILE KEY: the value of a trailer in the message of a patch.
patch_trailer() {
    sed '/^---$/,$d' "$1" | git interpret-trailers --parse --unfold |
        sed -n "s/^$2:[[:space:]]*//p"
}

# need_xen_worktree DIR: fail unless DIR is a work tree of a fetched Xen.
need_xen_worktree() {
    git -C "$1" rev-parse -q --verify refs/tags/base >/dev/null 2>&1 ||
        sp_die "$SP_USAGE" "$1 is no work tree made by scripts/xen/apply --dir"
}

# repo_of DIR: the repository a work tree belongs to.
repo_of() {
    git -C "$1" rev-parse --path-format=absolute --git-common-dir
}

# scratch_tree NAME REPO COMMIT: the work tree of REPO kept for a purpose, at
# COMMIT. Files that make has left stay, so the next make has less to do.
scratch_tree() {
    local repo=$2 commit=$3 dir

    dir=${repo##*/src-}
    dir=$XEN_CACHE/$1-${dir%.git}
    if [ ! -e "$dir/.git" ]; then
        rm -rf "$dir"
        git -C "$repo" worktree prune
        git -C "$repo" worktree add -q --detach "$dir" base
    fi
    git -C "$dir" checkout -q --force --detach "$commit"
    echo "$dir"
}

# The sub-series: one cover letter each, in the order of application.
subseries() {
    ls "$XEN_PATCHES"/cover/*.txt
}

# cover_field COVER KEY: Title, Patches (LOW-HIGH) or Depends (names of other
# cover letters, or none).
cover_field() {
    sed -n "/^\$/q; s/^$2: *//p" "$1"
}

# cover_name COVER: what other cover letters call it.
cover_name() {
    basename "$1" .txt
}

# cover_of NUMBER: the cover letter of the sub-series that a patch is in.
cover_of() {
    local cover range

    while read -r cover; do
        range=$(cover_field "$cover" Patches)
        if [ "$((10#$1))" -ge "$((10#${range%-*}))" ] &&
           [ "$((10#$1))" -le "$((10#${range#*-}))" ]; then
            printf '%s\n' "$cover"
            return
        fi
    done < <(subseries)
    return 1
}

# patches_of COVER: the patch files of a sub-series.
patches_of() {
    local patch

    for patch in "$XEN_PATCHES/$(xen_pin patches)"/*.patch; do
        if [ "$(cover_of "$(patch_number "$patch")")" = "$1" ]; then
            printf '%s\n' "$patch"
        fi
    done
}

# series_write: what libxl-patches/series must be for the patch files that
# exist. Sections come from the cover letters, reasons from the patches.
series_write() {
    local dir section='' new patch

    dir=$(xen_pin patches)
    cat <<'END'
# One patch a line in the order of application, readable by quilt. Written by
# scripts/xen/refresh from the patches (number, Upstream-Status): don't edit.
END
    for patch in "$XEN_PATCHES/$dir"/*.patch; do
        [ -e "$patch" ] || continue
        new=$(cover_of "$(patch_number "$patch")") || new=none
        if [ "$new" != "$section" ]; then
            section=$new
            printf '\n# == %s: %s\n' "$(cover_name "$section")" \
                "$(cover_field "$section" Title)"
        fi
        printf '%s/%s # %s\n' "$dir" "${patch##*/}" \
            "$(patch_trailer "$patch" Upstream-Status)"
    done
}
