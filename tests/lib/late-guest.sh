# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # lab-case.sh sets lab_program and case_dir
#
# Sourced by the cases about guests that are slow, broken or lie. The guest has
# no module; guest-agent plays one from dom0, and the guest must not lose
# anything by it. Whoever sources this has sourced lab-case.sh.

AGENT_FLAG=/run/guest-agent
LIMITS=/etc/xen/xl.conf.before-late-guest

# late_guest NAME: start it on A, and make xl on A wait less.
late_guest() {
    guest=$1
    lab ssh A "[ -e $LIMITS ] || cp -p /etc/xen/xl.conf $LIMITS
        printf '%s\n' pci_prepare_timeout=$((4 * SP_TIME_SCALE)) \
            pci_quiesce_timeout=$((6 * SP_TIME_SCALE)) >> /etc/xen/xl.conf"
    at_end late_guest_end
    lab create A "$guest" --mem 128 --no-glue --pci "$VF"
    domid=$(lab ssh A xl domid "$guest")
    before=$(guest_sees)
}

late_guest_end() {
    "$lab_program" ssh A \
        "rm -f $AGENT_FLAG; [ ! -e $LIMITS ] || mv $LIMITS /etc/xen/xl.conf"
}

# Not rebooted, the same devices with the same drivers, never taken away.
guest_sees() {
    lab guest A "$guest" '
        cat /proc/sys/kernel/random/boot_id
        for nic in /sys/class/net/*/device; do
            nic=${nic%/device}
            echo $(cat $nic/ifindex) $(basename $(readlink $nic/device/driver))
        done'
}

guest_reaches_endpoint() {
    "$lab_program" guest A "$guest" ping -c 1 -W 2 10.77.0.1 >/dev/null
}

# unharmed: the guest goes on, and nothing is left of the attempt.
unharmed() {
    expect_equal "$before" "$(guest_sees)" "what the guest has"
    works
}

# The same, for a guest that lost its device and got it back.
works() {
    sp_wait 60 "the guest to reach the endpoint" guest_reaches_endpoint ||
        fail "the guest does not reach the endpoint"
    if "$lab_program" ssh A "xenstore-exists /libxl/$domid/pci-migrate"; then
        fail "the journal of $guest was not ended"
    fi
    sp_wait 30 "leases to be ended" no_leases || fail "a lease is left"
}

no_leases() {
    [ -z "$("$lab_program" ssh A "$BROKER" list --json | jq -r '.leases[]')" ] &&
        [ -z "$("$lab_program" ssh B "$BROKER" list --json | jq -r '.leases[]')" ]
}

agent_says() {
    grep -qx "$1" "$case_dir/agent"
}

agent_start() {
    "$lab_program" ssh A "bash -s -- $domid $AGENT_FLAG ${*@Q}" \
        <"$SP_TOP/tests/lib/guest-agent" >"$case_dir/agent" &
    agent=$!
    sp_wait 30 "the agent" agent_says ready || error "the agent does not start"
}

# agent_end [COMMAND]: once it was told COMMAND, if one is named.
agent_end() {
    [ $# = 0 ] || sp_wait 30 "the agent to be told $1" agent_says "$1" ||
        fail "the guest was not told '$1': $(cat "$case_dir/agent")"
    lab ssh A "rm -f $AGENT_FLAG"
    wait "$agent" || error "the agent failed"
}

# refused WHAT PATTERN AGENT-ARGUMENTS…: an agent that does WHAT makes the
# migration end with 1 and PATTERN, and the guest never notices.
refused() {
    local what=$1 pattern=$2

    shift 2
    say "a guest that $what"
    agent_start "$@"
    try_migrate A B "$guest"
    expect_status 1 "$what"
    expect_output "$pattern"
    agent_end
    unharmed
}
