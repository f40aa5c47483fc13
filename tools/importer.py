# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the collection's tarball and import it as a hub does, with galaxy-importer and the rules for partners.

A warning of the importer counts as a failure. The tarball contains the files that git tracks or would add.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from ansible_test import copy_checkout
from common import BUILD, ansible_environment, print_counts

FOLDER = BUILD / "importer"
# The importer's own ansible-test needs containers; `make sanity` runs it instead. ruff stands in for flake8.
CONFIGURATION = """\
[galaxy-importer]
CHECK_REQUIRED_TAGS=True
CHECK_CHANGELOG=True
RUN_ANSIBLE_DOC=True
RUN_ANSIBLE_LINT=True
RUN_ANSIBLE_TEST=False
"""
COMPLETED = "Importer processing completed successfully"
# The files for users of the collection: everything else in the tarball is a mistake.
SHIPPED = re.compile(
    r"(MANIFEST|FILES)\.json|(README(\.zh-CN)?|CHANGELOG|CONTRIBUTING)\.md|LICENSE|REUSE\.toml|requirements\.txt|tests/config\.yml|"
    r"(LICENSES|changelogs|docs|examples|extensions/(audit|eda)|meta|playbooks|plugins|roles)/.+"
)


def build() -> Path:
    """Return the tarball of the checkout."""
    checkout = FOLDER / "checkout"
    copy_checkout(checkout)
    for old in FOLDER.glob("*.tar.gz"):
        old.unlink()
    command = ["ansible-galaxy", "collection", "build", "--output-path", str(FOLDER), str(checkout)]
    subprocess.run(command, env=ansible_environment(), check=True)
    (tarball,) = FOLDER.glob("*.tar.gz")
    return tarball


def strangers(tarball: Path) -> list[str]:
    """Return the files of the tarball that should not be installed."""
    with tarfile.open(tarball) as archive:
        return [
            member.name for member in archive.getmembers() if member.isfile() and not SHIPPED.fullmatch(member.name)
        ]


def import_collection(tarball: Path) -> list[str]:
    """Return the complaints of the importer."""
    configuration = FOLDER / "galaxy-importer.cfg"
    configuration.write_text(CONFIGURATION, encoding="utf-8")
    environment = ansible_environment("importer/ansible") | {"GALAXY_IMPORTER_CONFIG": str(configuration)}
    command = [sys.executable, "-m", "galaxy_importer.main", tarball.name]
    done = subprocess.run(
        command,
        cwd=FOLDER,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    print(done.stdout)
    found = [line for line in done.stdout.splitlines() if line.startswith(("WARNING", "ERROR", "CRITICAL"))]
    return (
        found
        if done.returncode == 0 and COMPLETED in done.stdout
        else [*found, f"the importer ended with status {done.returncode}"]
    )


def main() -> int:
    shutil.rmtree(FOLDER / "ansible", ignore_errors=True)
    tarball = build()
    checks = {"files": strangers(tarball), "import": import_collection(tarball)}
    for name, found in checks.items():
        print(f"{'FAILED' if found else 'ok    '} {name}", *found, sep="\n  ")
    failed = sum(1 for found in checks.values() if found)
    return print_counts(len(checks) - failed, failed)


if __name__ == "__main__":
    sys.exit(main())
