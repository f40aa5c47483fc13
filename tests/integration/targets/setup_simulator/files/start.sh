#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Start a simulator in the background and wait until it listens: start.sh PYTHON FOLDER [PID]
#
# With a PID it ends when that process, the playbook, has ended, because a target that fails cannot stop it. Without one
# it runs until the process in FOLDER/pid is stopped. SIMULATOR_PORT is the port, and SIMULATOR_PEER_PORT the port of a
# second, linked site; FOLDER/log starts with both addresses. SIMULATOR_ESTATE and SIMULATOR_PEER_ESTATE are files with
# their objects, SIMULATOR_SPEED is the speed of their clocks. The password is TPOPS_SIMULATOR_PASSWORD, or else a
# generated one in FOLDER/password.
set -eu

python=$1
folder=$2
watched=${3:-}

# ansible-test runs targets from a copy somewhere below the collection, so the source is in one of the parent
# directories. Otherwise the simulator must be installed.
source=$(cd "$(dirname "$0")" && pwd)
while [ "$source" != / ] && [ ! -d "$source/simulator/src/tpops_simulator" ]; do
    source=$(dirname "$source")
done
source=$source/simulator/src

if [ -n "${TPOPS_SIMULATOR_PASSWORD:-}" ]; then
    set --
else
    set -- --password-file "$folder/password"
fi

# In a session of its own, because the worker that runs this task may stop its whole process group at its end.
setsid=$(command -v setsid || true)

# The simulator writes its port last, so that the other files exist then.
rm -f "$folder/port"
PYTHONPATH="$source${PYTHONPATH:+:$PYTHONPATH}" $setsid nohup "$python" -m tpops_simulator serve "$@" \
    --host 127.0.0.1 --port "${SIMULATOR_PORT:-0}" --port-file "$folder/port" --pid-file "$folder/pid" \
    --ca-file "$folder/ca.pem" --tls-dir "$folder/tls" --username admin --speed "${SIMULATOR_SPEED:-60}" --admin \
    ${SIMULATOR_PEER_PORT:+--peer-port "$SIMULATOR_PEER_PORT"} ${watched:+--while-pid "$watched"} \
    ${SIMULATOR_ESTATE:+--estate "$SIMULATOR_ESTATE"} \
    ${SIMULATOR_PEER_ESTATE:+--peer-estate "$SIMULATOR_PEER_ESTATE"} \
    >"$folder/log" 2>&1 </dev/null &
server=$!

tries=0
until [ -s "$folder/port" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$server" 2>/dev/null; then
        cat "$folder/log" >&2
        exit 1
    fi
    sleep 0.2
done
