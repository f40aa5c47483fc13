#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Create the virtual environment of the oldest ansible-core: tools/venv-oldest.sh DIRECTORY NAME "VERSIONS"
#
# ansible-core 2.16 does not run on Python 3.13 or newer, so the machine's only Python may be too new for it. Then uv
# provides one, which it keeps in build/. If that is not possible either, the stamp contains the text that
# `make sanity-oldest` prints instead of its result: one visibly skipped test.
set -eu

venv=$1
name=$2
versions=$3
tools=$(dirname "$0")

UV_PYTHON_INSTALL_DIR=$PWD/build/python
export UV_PYTHON_INSTALL_DIR
uv=$PWD/.venv-dev/bin/uv
# shellcheck disable=SC2086 # the versions must be split
if python=$("$tools/find-python.sh" $versions) \
    || { [ -x "$uv" ] && "$uv" python install --quiet 3.12 && python=$("$uv" python find --managed-python 3.12); }; then
    PYTHON=$python "$tools/venv.sh" "$venv" "$name" "$versions"
    exit
fi

rm -rf "$venv"
mkdir -p "$venv"
cat >"$venv/.made" <<'TEXT'
SKIPPED: ansible-core 2.16 needs Python 3.10, 3.11 or 3.12. This machine has none of them, and none could be downloaded.
         Install one of them and run `make clean sanity-oldest` to test the oldest supported release.
0 passed, 0 failed, 1 skipped
TEXT
cat "$venv/.made" >&2
