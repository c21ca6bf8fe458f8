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

qmp_nobody() {
    echo "nobody is at $1: QEMU did not start, or has ended" >&2
}

# qmp_once: 2 if no answer came.
qmp_once() {
    local socket=$1 command=$2 arguments=${3:-'{}'} line='' end
    local QMP QMP_PID pid to from heard=0

    end=$((SECONDS + ${QMP_LIMIT:-60} * SP_TIME_SCALE))
    coproc QMP { exec socat - "UNIX-CONNECT:$socket" 2>/dev/null; }
    pid=${QMP_PID:-}
    # When socat ends bash forgets it and closes its ends of the pipes: these stay.
    { exec {to}>&"${QMP[1]:-none}" {from}<&"${QMP[0]:-none}"; } 2>/dev/null ||
        { qmp_nobody "$socket"; return 2; }
    {
        jq -cn '{execute: "qmp_capabilities", id: "hello"}'
        jq -cn --arg command "$command" --argjson arguments "$arguments" \
            '{execute: $command, arguments: $arguments, id: "lab"}'
    } >&"$to" || true
    # Events come too, and must not make it wait for ever.
    while [ "$SECONDS" -lt "$end" ]; do
        IFS= read -r -t $((end - SECONDS + 1)) -u "$from" line ||
            { heard=$? line=; break; }
        case $line in
            *'"id": "lab"'*) break;;
            *) line=;;
        esac
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    exec {to}>&- {from}<&-
    if [ -z "$line" ]; then
        # The end of the pipe; a limit that has passed is another status.
        [ "$heard" != 1 ] || { qmp_nobody "$socket"; return 2; }
        echo "QEMU gave no answer to $command" >&2
        return 2
    fi
    jq -ce '.return // (.error.desc | halt_error(1))' <<< "$line" || return 1
}
