# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths and the environment shared by all tools in this folder."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
COLLECTIONS = BUILD / "collections"
COLLECTION = COLLECTIONS / "ansible_collections" / "gaussdb" / "tpops"


def link_collection() -> None:
    """Make the checkout reachable as the collection ``gaussdb.tpops`` below ``build/collections``."""
    COLLECTION.parent.mkdir(parents=True, exist_ok=True)
    if not COLLECTION.is_symlink():
        COLLECTION.symlink_to(os.path.relpath(ROOT, COLLECTION.parent))


def module_names() -> list[str]:
    """Return the modules that have a spec. Another file in plugins/modules documents an action of the controller."""
    files = sorted((ROOT / "plugins" / "modules").glob("gaussdb_*.py"))
    return [path.stem for path in files if "\nSPEC = " in path.read_text(encoding="utf-8")]


def documented_actions() -> list[str]:
    """Return the actions of the controller that have a file in plugins/modules only for their documentation."""
    modules = set(module_names())
    names = (path.stem for path in (ROOT / "plugins" / "modules").glob("gaussdb_*.py"))
    return sorted(name for name in names if name not in modules)


def venv_bin() -> Path:
    """Return the folder of the programs of the running Python, or CORE_BIN, with those of another ansible-core."""
    return Path(os.environ.get("CORE_BIN") or Path(sys.prefix) / "bin")


def ansible_environment(home: str = "ansible") -> dict[str, str]:
    """Return an environment in which Ansible finds this collection and this Python and has its own home.

    The user's own Ansible settings are dropped, so that a result does not depend on the machine.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "GAUSSDB_", "MOLECULE_"))
    }
    link_collection()
    # An empty file, because neither the user's settings nor an ansible.cfg in the current folder should be used.
    BUILD.mkdir(exist_ok=True)
    configuration = BUILD / "ansible.cfg"
    configuration.touch()
    environment |= {
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_CONFIG": str(configuration),
        "ANSIBLE_HOME": str(BUILD / home),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
        # Discovery may pick a version manager's shim that cannot run.
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "LC_ALL": "C.UTF-8",
        "PATH": f"{venv_bin()}{os.pathsep}{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("PYTHONPATH", None)
    return environment


def install_packages(packages: Sequence[str]) -> None:
    """Install Debian packages, where there is apt-get and this is root; otherwise do nothing.

    Parts of the tests that run at the same time wait for each other, because apt-get does not.
    """
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        print(f"Installing {' '.join(packages)} with apt-get", flush=True)
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            command = ["apt-get", "-qq", *arguments]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                print(done.stdout + done.stderr, file=sys.stderr)


def print_counts(passed: int, failed: int, skipped: int = 0) -> int:
    """Print the closing line that tools/run_tests.py adds up, and return the exit status."""
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""), flush=True)
    return 1 if failed else 0
