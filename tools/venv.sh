#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Create a virtual environment: tools/venv.sh DIRECTORY NAME "VERSION VERSION ..."
#
# It gets the versions that requirements/NAME.txt locks, and the projects of this repository in requirements/NAME.in. If
# the lock cannot be installed, as with an index that lacks one of its files, it gets what requirements/NAME.in allows.
# A file that differs from the locked one is an error instead.
#
# PYTHON in the environment sets the interpreter to use instead of searching for one. uv installs ten times faster than
# pip; if it is unavailable (or NO_UV is set), or does not support the machine's package index, pip is used.
set -eu

venv=$1
name=$2
lock=requirements/$name.txt
ranges=requirements/$name.in
versions=$3
tools=$(dirname "$0")

python=${PYTHON:-}
if [ -z "$python" ]; then
    # shellcheck disable=SC2086 # the versions must be split
    python=$("$tools/find-python.sh" $versions) || {
        echo "No usable Python found for $venv: one of $versions with its venv module is needed (on Debian: python3 and python3-venv)." >&2
        echo "If it lies in an unusual place, say where: make PYTHON=/path/to/python3 ..." >&2
        exit 3
    }
fi

echo "Making $venv with $("$python" --version 2>&1) from $lock"
rm -rf "$venv"
"$python" -m venv "$venv"
log=$venv/install.log

with_pip() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
}

with_uv() {
    [ -x "$venv/bin/uv" ] || return 1
    # Without bytecode, which pip writes and uv leaves out, each ansible-playbook would compile Ansible again: nothing
    # here writes any later.
    UV_LINK_MODE=${UV_LINK_MODE:-copy} \
        "$venv/bin/uv" pip install --quiet --compile-bytecode --python "$venv/bin/python" "$@"
}

# Run a command that may fail for any reason except one.
try() {
    "$@" >>"$log" 2>&1 && return
    if grep -qiE 'hash mismatch|do not match the hashes' "$log"; then
        cat "$log" >&2
        echo "A file for $venv is not the one that was locked: its hash differs. It was not installed." >&2
        exit 4
    fi
    return 1
}

# The rest of the ranges are projects of this repository, built with the locked packages.
locked() {
    try "$1" --require-hashes --requirement "$lock" \
        && try "$1" --no-index --no-deps --no-build-isolation --requirement "$ranges"
}

fall_back() {
    reason=$(tail -n 1 "$log")
    echo "requirements/$1.txt cannot be installed here, so the ranges of requirements/$1.in count instead: $reason" >&2
}

if [ -z "${NO_UV:-}" ]; then
    try with_pip --require-hashes --requirement requirements/uv.txt \
        || { fall_back uv && try with_pip --requirement requirements/uv.in; } \
        || echo "uv cannot be had here; pip does its work, which takes longer."
    # uv does not read pip's configuration, so pass on the setting without which it would use the wrong index.
    index=$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)
    index=${PIP_INDEX_URL:-$index}
    if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then
        UV_DEFAULT_INDEX=$index
        export UV_DEFAULT_INDEX
    fi
fi

if ! locked with_uv && ! locked with_pip; then
    fall_back "$name"
    with_uv --requirement "$ranges" || with_pip --requirement "$ranges"
fi
