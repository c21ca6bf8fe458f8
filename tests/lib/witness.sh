# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # lab-case.sh sets lab_program and case_dir
#
# Sourced by lab cases: what a witness (tests/witness) has seen.

# seen KEY FILE
seen() {
    sed -n "s/^$1 //p" "$2"
}

# witness_hop FROM TO NAME KIND…: migrate under DMA; what each witness has
# seen is in $case_dir/KIND. It must have held data that arrived during
# pre-copy, or the run says nothing.
witness_hop() {
    local from=$1 to=$2 name=$3 kind before

    shift 3
    for kind in "$@"; do
        lab witness start "$name" "$kind"
        lab witness report "$name" "$kind" >"$case_dir/$kind.before"
    done
    try_migrate "$from" "$to" "$name"
    expect_status 0 "migration from $from to $to"
    expect_output 'keeps its PCI devices while memory is sent'
    for kind in "$@"; do
        lab witness stop "$name" "$kind" >"$case_dir/$kind"
        expect_equal "done" "$(seen state "$case_dir/$kind")" \
            "end of the witness ($kind)"
        before=$(seen arrived "$case_dir/$kind.before")
        [ "$(seen arrived "$case_dir/$kind")" -gt "$before" ] ||
            error "no $kind data arrived while $name migrated"
        say "$kind: $(seen wrong "$case_dir/$kind") wrong of" \
            "$(seen checked "$case_dir/$kind") bytes"
    done
}
