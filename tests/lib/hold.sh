# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # lab-case.sh sets lab_program
#
# Sourced by cases in which somebody else has a host's devices: leases of a
# migration of no guest here, whose lock a process on that host holds. Whoever
# sources this has sourced lab-case.sh.

HOLDER_MIGRATION=5d1a7e02-6f5b-4a43-9c0e-21c86f3b7a10
HOLDER_LOCK=$HOLDER_MIGRATION.destination
HOLDER_DOMAIN=0c6ad1f7-93ce-4be5-8a5d-7f1f64b0a922

# wishes N: for any device of the pool.
wishes() {
    local i comma=''

    for ((i = 0; i < $1; i++)); do
        printf '%s{"wish":{"id":"n%d","pool":"lan","handover":"shadow",
            "standby":null,"mac":null,"if_missing":"fail"},"bdf":null,
            "slot":null,"host":null}' "$comma" "$i"
        comma=,
    done
}

# hold HOST N: so many devices of HOST.
hold() {
    holder=$(lab ssh "$1" "exec 9>/var/lock/pci-migrate-$HOLDER_LOCK; flock 9
        setsid sleep infinity >/dev/null 2>&1 & echo \$!")
    holder_host=$1
    broker "$1" reserve "{\"version\":1,\"owner\":{\"lock\":\"$HOLDER_LOCK\"},
        \"record\":{\"version\":1,\"migration\":\"$HOLDER_MIGRATION\",
        \"dry_run\":false, \"domain\":{\"uuid\":\"$HOLDER_DOMAIN\",
        \"name\":\"other\",\"type\":\"pv\"},
        \"devices\":[$(wishes "$2")]}}"
    expect_status 0 "reserve on $1"
}

# let_go: a dead owner's leases are anybody's.
let_go() {
    lab ssh "$holder_host" "kill $holder"
    holder=''
}

# A case that fails leaves no lease to later ones.
holder='' holder_host=''
# shellcheck disable=SC2016 # then, not now
at_end '[ -z "$holder" ] || "$lab_program" ssh "$holder_host" "kill $holder"'
