# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # variables are for those who source this
#
# Sourced by every script: where things are, how progress and errors are
# reported, how conditions are waited for. Reads:
#   SHADOWPORT_CACHE       caches (default ${XDG_CACHE_HOME:-~/.cache}/shadowport)
#   SHADOWPORT_RUN         runtime state (default /run/shadowport)
#   SHADOWPORT_LAB         name of the lab (default lab)
#   SHADOWPORT_TIME_SCALE  integer factor on every limit (default 1)
#
# Exit codes of all scripts: 0 ok, 1 failed, 2 usage, 3 something is missing
# on this machine, 4 the lab is in the wrong state.

SP_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
SP_CACHE=${SHADOWPORT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/shadowport}
SP_RUN=${SHADOWPORT_RUN:-/run/shadowport}
SP_LAB=${SHADOWPORT_LAB:-lab}
SP_TIME_SCALE=${SHADOWPORT_TIME_SCALE:-1}
SP_PROG=${SP_PROG:-${0##*/}}
# Exported, so that the elapsed time of nested scripts has one origin.
export SP_START=${SP_START:-$EPOCHSECONDS}
SP_OK=0 SP_FAILED=1 SP_USAGE=2 SP_MISSING=3 SP_STATE=4

# sp_say TEXT…: one progress line on stderr, with the time since the start.
sp_say() {
    local t=$((EPOCHSECONDS - SP_START))

    printf '[%02d:%02d] %s: %s\n' $((t / 60)) $((t % 60)) "$SP_PROG" "$*" >&2
}

# sp_die CODE TEXT…: an error that names the thing and what to do next.
sp_die() {
    local code=$1

    shift
    printf '%s: %s\n' "$SP_PROG" "$*" >&2
    exit "$code"
}

# sp_help: print the comment block at the head of the calling program.
sp_help() {
    awk 'NR <= 2 { next } /^#/ { sub(/^# ?/, ""); print; next } { exit }' \
        "$0"
}

# sp_need CMD PKG: install PKG from Debian if the command CMD is missing.
sp_need() {
    local cmd=$1 pkg=$2

    if PATH=$PATH:/usr/sbin:/sbin type -P "$cmd" >/dev/null; then
        return 0
    fi
    [ "$(id -u)" = 0 ] ||
        sp_die "$SP_MISSING" "$cmd is missing: run 'apt-get install $pkg' as root"
    sp_say "installing $pkg (for $cmd)"
    sp_apt_install "$pkg"
    PATH=$PATH:/usr/sbin:/sbin type -P "$cmd" >/dev/null ||
        sp_die "$SP_MISSING" "$cmd is still missing after installing $pkg"
}

sp_apt_install() {
    local apt=(env DEBIAN_FRONTEND=noninteractive
               apt-get -q -y -o DPkg::Lock::Timeout=900)

    "${apt[@]}" install --no-install-recommends "$@" >&2 ||
        { "${apt[@]}" update >&2 &&
          "${apt[@]}" install --no-install-recommends "$@" >&2; } ||
        sp_die "$SP_MISSING" "cannot install $*: see apt's message above"
}

sp_need_root() {
    [ "$(id -u)" = 0 ] || sp_die "$SP_MISSING" "must run as root: use sudo"
}

# sp_wait LIMIT WHAT CMD…: run CMD until it succeeds, at most LIMIT scaled
# seconds. Returns 1 after the limit (the caller decides what that means).
# SP_WAIT_STEP is the pause between two tries.
sp_wait() {
    local limit=$(($1 * SP_TIME_SCALE)) what=$2 end

    shift 2
    end=$((EPOCHSECONDS + limit))
    until "$@"; do
        if [ "$EPOCHSECONDS" -ge "$end" ]; then
            sp_say "gave up after ${limit} s waiting for $what"
            return 1
        fi
        sleep "${SP_WAIT_STEP:-0.2}"
    done
}

# sp_key FILE-OR-TEXT…: a short hash over the contents of the files (and over
# arguments that name no file, as text).
sp_key() {
    local arg

    for arg in "$@"; do
        if [ -f "$arg" ]; then
            sha256sum < "$arg"
        else
            printf '%s\n' "$arg"
        fi
    done | sha256sum | cut -c1-16
}
