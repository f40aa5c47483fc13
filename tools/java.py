# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide the Java runtime that ansible-rulebook needs: ``java.py`` installs it where it is missing, if it can.

On Debian and Ubuntu it installs the headless runtime as root with apt-get. Otherwise it says what to install.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

from common import install_packages

PACKAGE = "default-jre-headless"
OLDEST = 17


def find_version() -> int | None:
    """Return the major version of the Java runtime, ``None`` without one."""
    java = shutil.which("java")
    if java is None:
        return None
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else None


def main() -> int:
    if (find_version() or 0) < OLDEST:
        install_packages([PACKAGE])
    version = find_version()
    if version is None or version < OLDEST:
        print(
            f"The event source is tested in a real ansible-rulebook, which needs Java {OLDEST} or later: the Debian "
            f"package {PACKAGE}, or the same of another system. Install it, or run this as root where there is "
            "apt-get.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
