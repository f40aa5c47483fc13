# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide what runs the pipelines of ``examples/gitops`` on this machine: ``pipelines.py`` installs what is missing.

``gitlab-ci-local`` is installed with npm into build/, in the locked version. It needs Node.js 18 or newer and rsync,
which are installed as root with apt-get on Debian and Ubuntu. Otherwise it lists what to install.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from common import BUILD, ROOT, install_packages

LOCKED = ROOT / "tests" / "gitops"
FOLDER = BUILD / "pipelines"
RUNNER = FOLDER / "node_modules" / ".bin" / "gitlab-ci-local"
# Each program, and its package in Debian.
PROGRAMS = {"node": "nodejs", "npm": "npm", "rsync": "rsync"}


def missing() -> list[str]:
    return [package for program, package in PROGRAMS.items() if not shutil.which(program)]


def install_runner() -> bool:
    """Install the locked packages, unless they are there already, and return whether that has worked."""
    files = [LOCKED / name for name in ("package.json", "package-lock.json")]
    if RUNNER.exists() and all(same(path, FOLDER / path.name) for path in files):
        return True
    print("Installing gitlab-ci-local with npm", flush=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in files:
        shutil.copyfile(path, FOLDER / path.name)
    # What npm would run of a package is not needed.
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr)
    return done.returncode == 0


def same(path: Path, copy: Path) -> bool:
    return copy.exists() and copy.read_bytes() == path.read_bytes()


def main() -> int:
    if missing():
        install_packages(missing())
    packages = missing()
    if packages:
        print(
            f"The pipelines are run with gitlab-ci-local, which needs the Debian packages {', '.join(packages)}, or "
            "the same of another system. Install them, or run this as root where there is apt-get.",
            file=sys.stderr,
        )
        return 1
    return 0 if install_runner() else 1


if __name__ == "__main__":
    sys.exit(main())
