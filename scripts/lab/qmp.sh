# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# QEMU's machine protocol, as far as the lab needs it.

# qmp SOCKET COMMAND [ARGUMENTS-JSON]: run one command, print its "return" as
# JSON. Fails with QEMU's message on stderr.
qmp() {
    local socket=$1 command=$2 arguments=${3:-'{}'} line limit
    local QMP QMP_PID pid

    limit=$((${QMP_LIMIT:-60} * SP_TIME_SCALE))
    coproc QMP { exec socat - "UNIX-CONNECT:$socket" 2>/dev/null; }
    pid=$QMP_PID
    {
        jq -cn '{execute: "qmp_capabilities", id: "hello"}'
        jq -cn --arg command "$command" --argjson arguments "$arguments" \
            '{execute: $command, arguments: $arguments, id: "lab"}'
    } >&"${QMP[1]}"
    while IFS= read -r -t "$limit" -u "${QMP[0]}" line; do
        case $line in
            *'"id": "lab"'*) break;;
            *) line=;;
        esac
    done
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    if [ -z "${line:-}" ]; then
        echo "QEMU gave no answer to $command" >&2
        return 1
    fi
    jq -ce '.return // (.error.desc | halt_error(1))' <<< "$line"
}
