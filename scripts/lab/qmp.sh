# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# QEMU's machine protocol, as far as the lab needs it.

# qmp SOCKET COMMAND [ARGUMENTS-JSON]: run one command, print its "return" as
# JSON. Fails with QEMU's message on stderr.
qmp() {
    local rc=0

    qmp_once "$@" || rc=$?
    # An answer got lost once in some hundred starts of hosts. What does no
    # harm the second time is asked again.
    case $rc:$2 in
        2:cont|2:query-*) qmp_once "$@";;
        *) return "$rc";;
    esac
}

# qmp_once: 2 if no answer came.
qmp_once() {
    local socket=$1 command=$2 arguments=${3:-'{}'} line='' end
    local QMP QMP_PID pid

    end=$((SECONDS + ${QMP_LIMIT:-60} * SP_TIME_SCALE))
    coproc QMP { exec socat - "UNIX-CONNECT:$socket" 2>/dev/null; }
    pid=$QMP_PID
    {
        jq -cn '{execute: "qmp_capabilities", id: "hello"}'
        jq -cn --arg command "$command" --argjson arguments "$arguments" \
            '{execute: $command, arguments: $arguments, id: "lab"}'
    } >&"${QMP[1]}"
    # Events come too, and must not make it wait for ever.
    while [ "$SECONDS" -lt "$end" ] &&
        IFS= read -r -t $((end - SECONDS + 1)) -u "${QMP[0]}" line; do
        case $line in
            *'"id": "lab"'*) break;;
            *) line=;;
        esac
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    if [ -z "${line:-}" ]; then
        echo "QEMU gave no answer to $command" >&2
        return 2
    fi
    jq -ce '.return // (.error.desc | halt_error(1))' <<< "$line" || return 1
}
