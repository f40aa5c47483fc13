# SPDX-License-Identifier: GPL-3.0-or-later
"""Write CHANGELOG.md from the fragments and the modules: ``changelog.py`` writes; ``changelog.py --check`` fails if it
is out of date."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import yaml

from ansible_test import copy_checkout
from common import BUILD, ROOT, ansible_environment

WRITTEN = ("CHANGELOG.md", "changelogs/changelog.yaml")


def release(folder: Path) -> None:
    """Update the entry of the version in galaxy.yml. A release with a date keeps it."""
    version = yaml.safe_load((folder / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    releases = yaml.safe_load((folder / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]
    command = ["antsibull-changelog", "release", "--update-existing", "--refresh", "--reload-plugins"]
    if version in releases:
        command += ["--date", str(releases[version]["release_date"])]
    done = subprocess.run(command, cwd=folder, env=ansible_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail if something is out of date")
    if not parser.parse_args().check:
        release(ROOT)
        return 0
    copy = BUILD / "changelog"
    copy_checkout(copy)
    release(copy)
    stale = [name for name in WRITTEN if (copy / name).read_bytes() != (ROOT / name).read_bytes()]
    for name in stale:
        print(f"out of date: {name}; run `make changelog` and commit the result.")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
