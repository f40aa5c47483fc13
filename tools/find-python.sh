#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Print the path of a usable Python: the first of the versions given ("3.12 3.13"), in that order.
#
# A name on PATH is not enough: a version manager's shim answers to names of versions that are not active, and
# Debian's python3 has no ensurepip unless python3-venv is installed. So each candidate is executed and checked.
set -u

usable() {
    "$1" -c '
import sys
import ensurepip, ssl, venv
if "%d.%d" % sys.version_info[:2] != sys.argv[1]:
    sys.exit(1)
print(sys.executable)
' "$2" 2>/dev/null
}

for version in "$@"; do
    for candidate in \
        "python$version" python3 python \
        "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python3 \
        "$HOME/.local/bin/python$version" "/usr/local/bin/python$version" "/opt/homebrew/bin/python$version" "/usr/bin/python$version"; do
        if usable "$candidate" "$version"; then
            exit 0
        fi
    done
done
exit 1
