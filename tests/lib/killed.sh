# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # lab-case.sh sets lab_program and case_dir
#
# Sourced by the cases in which something is interrupted or killed while a
# guest migrates: who, when, and what has become of the guest then. One guest
# goes through many cells. Whoever sources this has sourced lab-case.sh.

declare -A card=([A]=igbvf [B]=e1000e)
cells=()

# killed_guest NAME WISH: it begins on host A.
killed_guest() {
    guest=$1 here=A there=B
    lab create A "$guest" --mem 128 --pci "$2"
    before=$(net_state A "$guest")
}

killed_guest_end() {
    lab destroy "$here" "$guest"
}

# signal_when WHO WHEN: in the background; notes when it was done.
signal_when() {
    local host=$here who=$1

    [ "$1" != receiver ] && [ "$1" != monitor ] || who=nobody
    {
        signal_sender "$host" "$who" "$2" "$guest"
        case $1 in
        receiver) "$lab_program" receiver kill "$there" "$guest" ;;
        monitor)
            # The one that waited; if it was not told yet, another is started.
            SP_WAIT_STEP=0.02 sp_wait 30 "the monitor" \
                "$lab_program" ssh "$there" "kill_it() {
                    pkill -KILL -x -f '[^ ]*xl .*pci-monitor .*'
                }; kill_it && { sleep 1; kill_it || :; }" ;;
        esac
        echo "$EPOCHREALTIME" >"$case_dir/signalled"
    } &
    signaller=$!
}

# since TIME: seconds, with one digit behind the point.
since() {
    awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }'
}

has_no_journal() {
    "$lab_program" ssh "$1" "
        ! xenstore-exists /libxl/\$(xl domid $guest)/pci-migrate"
}

# connected HOST: the one guest runs there, with its device, and nobody owes it
# anything.
connected() {
    expect_card "$1" "$guest" "${card[$1]}"
    card_after=$(since "$signalled")
    expect_alive "$1" "$guest"
    expect_traffic "$1" "$guest" "${card[$1]}"
    expect_equal "$before" "$(net_state "$1" "$guest")" "state of $SHADOW"
    sp_wait 30 "the journal of $guest to end" has_no_journal "$1" ||
        fail "the journal of $guest on host $1 was not ended"
    sp_wait 30 "what the migration leaves to be gone" no_leaks ||
        fail "something is left on the hosts: $(leaks)"
}

# it_moves: from here on the guest is on the other host.
it_moves() {
    local host=$here

    here=$there there=$host
}

# attempt WHO WHEN: a migration that WHO disturbs at WHEN.
attempt() {
    say "cell: $1, $2"
    : >"$case_dir/out"
    signal_when "$1" "$2"
    try_migrate "$here" "$there" "$guest"
    local ended=$EPOCHREALTIME
    wait "$signaller" || error "$1 at $2: the signal could not be sent"
    signalled=$(cat "$case_dir/signalled")
    over_after=$(awk -v from="$signalled" -v to="$ended" \
        'BEGIN { printf "%.1f", to - from }')
}

# note WHO WHEN WHAT
note() {
    cells+=("$(printf '%-13s %-10s %-34s %9s %9s' "$1" "$2" "$3" \
        "$over_after" "$card_after")")
    say "${cells[-1]}"
}

print_cells() {
    say "$(printf '%-13s %-10s %-34s %9s %9s' who when 'what happened' \
        'xl over' 'has card')"
    printf '   %s\n' "${cells[@]}"
}

# stays WHO WHEN PATTERN: the migration fails and says PATTERN; the guest goes
# on where it is.
stays() {
    attempt "$1" "$2"
    expect_status 1 "$1 at $2"
    expect_output "$3"
    connected "$here"
    note "$1" "$2" "goes on at the source"
}

# leaves WHO WHEN PATTERN: too late; the migration succeeds.
leaves() {
    attempt "$1" "$2"
    expect_status 0 "$1 at $2"
    expect_output "$3"
    connected "$there"
    it_moves
    note "$1" "$2" "goes on at the destination"
}

# is_quiet: nobody works on the migration that was killed. A session's leader is the
# daemon that goes on watching its domain.
is_quiet() {
    ! "$lab_program" ssh "$here" "pgrep -x libxl-save-help" >/dev/null &&
        ! "$lab_program" ssh "$there" "ps -eo pid=,sid=,args= |
            awk '\$1 != \$2' | grep '[x]l .*migrate-receive'" >/dev/null
}

# repaired WHO WHEN: who could undo it was killed; the next migration does.
repaired() {
    attempt "$1" "$2"
    sp_wait 60 "the rest of the migration to end" is_quiet ||
        fail "somebody goes on after $1 was killed"
    if "$lab_program" ssh "$there" "xl domid $guest" >/dev/null 2>&1; then
        it_moves
    fi
    try_migrate "$here" "$there" "$guest"
    expect_status 0 "the next migration, after $1 was killed at $2"
    connected "$there"
    it_moves
    note "$1" "$2" "the next migration repaired it"
}

# shellcheck disable=SC2034 # for the cases
UNDONE='interrupted: the guest goes on here with its PCI devices'
# shellcheck disable=SC2034
GIVEN_BACK='the guest goes on here with its PCI devices'
# shellcheck disable=SC2034
TOO_LATE='interrupted \(.*\): (too late|the guest runs at the destination)'
