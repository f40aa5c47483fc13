#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Start a simulator in the background and wait until it listens: start.sh PYTHON FOLDER [PID]
#
# With a PID it ends when that process, the playbook, is gone: a target that fails half-way has no other end to hook
# into. Without one it runs until the process named in FOLDER/pid is told to stop. SIMULATOR_PORT asks for a port, and
# SIMULATOR_PEER_PORT for a second, linked site; FOLDER/log begins with where both are. SIMULATOR_ESTATE and
# SIMULATOR_PEER_ESTATE are files with what they hold, SIMULATOR_SPEED is how fast their time goes. The password is that
# of TPOPS_SIMULATOR_PASSWORD, or else one that is made up and written to FOLDER/password.
set -eu

python=$1
folder=$2
watched=${3:-}

# ansible-test runs targets from a copy somewhere below the collection, so its source is in one of the parent folders.
# Where it is not, the simulator has to be installed.
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

# A session of its own: the worker that runs this task may end by telling all of its process group to stop.
setsid=$(command -v setsid || true)

# The simulator's port is written last, so it also says that the other files are there.
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
