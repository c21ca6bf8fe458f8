# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2034,SC2154 # what is in quotes is for the guest
#
# Sourced by lab cases about the guest "plain", which has two processors and an NVMe
# that is handed over plain. Whoever sources this has sourced lab-case.sh.

DISK='01:00.0,name=blk0,migratable=1,pool=lan,handover=plain'

in_guest() { lab guest "$1" plain --limit 120 "$2"; }

# with_disk HOST CMD: CMD finds it in $disk.
with_disk() {
    in_guest "$1" "for d in /sys/block/nvme*; do disk=/dev/\${d##*/}; done; $2"
}

has_disk() { [ -n "$(with_disk "$1" '[ ! -b $disk ] || echo $disk')" ]; }

# disk_start HOST: sum of its first MiB, read from the device.
disk_start() {
    with_disk "$1" 'echo 3 > /proc/sys/vm/drop_caches
        dd if=$disk bs=1M count=1 2>/dev/null | md5sum'
}

# interrupts HOST: of each queue of the disk, admin first, a line each.
interrupts() {
    in_guest "$1" "awk '\$NF ~ /^nvme[0-9]+q[0-9]+\$/ {
        n = 0; for (i = 2; i <= 3; i++) n += \$i
        print substr(\$NF, index(\$NF, \"q\")), n }' /proc/interrupts" | sort
}

# expect_queues HOST: each processor reads by a queue of its own, whose interrupt comes.
expect_queues() {
    local before after q

    before=$(interrupts "$1")
    expect_equal 'q0 q1 q2' "$(cut -d ' ' -f 1 <<<"$before" | xargs)" \
        "queues with an interrupt on host $1"
    with_disk "$1" 'for cpu in 0 1; do
        taskset $((1 << cpu)) dd if=$disk of=/dev/null bs=4k count=50 \
            iflag=direct 2>/dev/null || exit 1
    done'
    after=$(interrupts "$1")
    say "host $1: interrupts of queues: $(xargs <<<"$before"), then" \
        "$(xargs <<<"$after")"
    for q in q1 q2; do
        [ "$(count_of $q "$after")" -gt "$(count_of $q "$before")" ] ||
            fail "no interrupt of queue $q on host $1"
    done
}

# count_of QUEUE TEXT
count_of() { awk -v q="$1" '$1 == q { print $2 }' <<<"$2"; }
