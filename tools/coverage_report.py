# SPDX-License-Identifier: GPL-3.0-or-later
"""Add up the coverage data in build/coverage and report it: a table, build/coverage/html and build/coverage/coverage.xml"""

from __future__ import annotations

import shutil
import subprocess
import sys

from common import BUILD, ROOT

FOLDER = BUILD / "coverage"


def main() -> int:
    parts = [str(path) for path in FOLDER.glob(".coverage.*")]
    if not parts:
        print("There is no coverage data: run `make coverage`.", file=sys.stderr)
        return 1
    coverage = [sys.executable, "-m", "coverage"]
    data = ["--data-file", str(FOLDER / "total.sqlite")]
    # Combining eats its input, and a part may be measured again alone.
    combined = subprocess.run([*coverage, "combine", "--keep", "--quiet", *data, *parts], cwd=ROOT, check=False)
    if combined.returncode:
        return combined.returncode
    shutil.rmtree(FOLDER / "html", ignore_errors=True)
    include = ["--include", "plugins/*"]
    subprocess.run([*coverage, "html", "--quiet", *data, *include, "-d", str(FOLDER / "html")], cwd=ROOT, check=True)
    subprocess.run([*coverage, "xml", "--quiet", *data, *include, "-o", str(FOLDER / "coverage.xml")], cwd=ROOT, check=True)
    return subprocess.run([*coverage, "report", "--skip-covered", "--show-missing", *data, *include], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
