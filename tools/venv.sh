#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Make a virtual environment: tools/venv.sh DIRECTORY REQUIREMENTS "VERSION VERSION ..."
#
# PYTHON in the environment names an interpreter to take instead of looking for one. uv installs ten times faster than
# pip; where it cannot be had, or does not understand the machine's package index, pip does the same work.
set -eu

venv=$1
requirements=$2
versions=$3
tools=$(dirname "$0")

python=${PYTHON:-}
if [ -z "$python" ]; then
    # shellcheck disable=SC2086 # the versions are meant to be split
    python=$("$tools/find-python.sh" $versions) || {
        echo "No usable Python found for $venv: one of $versions with its venv module is needed (on Debian: python3 and python3-venv)." >&2
        echo "If it lies in an unusual place, say where: make PYTHON=/path/to/python3 ..." >&2
        exit 3
    }
fi

echo "Making $venv with $("$python" --version 2>&1) from $requirements"
rm -rf "$venv"
"$python" -m venv "$venv"

with_uv() {
    [ -z "${NO_UV:-}" ] || return 1
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check uv 2>/dev/null || return 1
    # uv does not read pip's configuration, so hand over the one setting without which it would ask the wrong index.
    index=$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)
    index=${PIP_INDEX_URL:-$index}
    if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then
        UV_DEFAULT_INDEX=$index
        export UV_DEFAULT_INDEX
    fi
    # Without bytecode, which pip writes and uv leaves out, each ansible-playbook would compile Ansible anew: nothing here writes any later.
    UV_LINK_MODE=${UV_LINK_MODE:-copy} "$venv/bin/uv" pip install --quiet --compile-bytecode --python "$venv/bin/python" --requirement "$requirements"
}

with_pip() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
}

if ! with_uv; then
    echo "uv could not do it here; trying pip, which takes longer."
    with_pip
fi
