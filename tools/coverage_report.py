# SPDX-License-Identifier: GPL-3.0-or-later
"""Report coverage: of the engine from one data file, ``coverage_report.py engine FILE``, or of all of plugins/ from all
of them.

The engine is the code that every module uses: the runner, the action, and their imports. The unit tests alone must
cover its branches. All the data in build/coverage together becomes a table, build/coverage/html and
build/coverage/coverage.xml.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from imports import PLUGINS, all_imports_of

from common import BUILD, ROOT

FOLDER = BUILD / "coverage"
ENGINE = ("module_utils/runner.py", "action/gaussdb_api.py")
ENGINE_PERCENT = 95


def engine() -> list[Path]:
    """Return the files of the engine."""
    return all_imports_of([PLUGINS / name for name in ENGINE])


def report_engine(data: str) -> int:
    """Print how many branches of the engine are covered, and which are not; fail if there are too few."""
    names = [str(path.relative_to(ROOT)) for path in engine()]
    with tempfile.NamedTemporaryFile(dir=BUILD, suffix=".json") as file:
        command = [sys.executable, "-m", "coverage", "json", "--quiet", "--data-file", data, "-o", file.name]
        subprocess.run([*command, "--include", ",".join(names)], cwd=ROOT, check=True)
        report = json.load(file)
    for name, each in report["files"].items():
        if each["missing_branches"]:
            print(
                f"{name}: no test takes the branches "
                f"{', '.join(f'{start}->{end}' for start, end in each['missing_branches'])}"
            )
    totals = report["totals"]
    percent = 100 * totals["covered_branches"] / totals["num_branches"]
    print(f"Engine: {percent:.1f} % of its branches are covered; at least {ENGINE_PERCENT} % are wanted.")
    return 0 if percent >= ENGINE_PERCENT and len(report["files"]) == len(names) else 1


def main() -> int:
    if sys.argv[1:2] == ["engine"]:
        return report_engine(sys.argv[2])
    parts = [str(path) for path in FOLDER.glob(".coverage.*")]
    if not parts:
        print("There is no coverage data: run `make coverage`.", file=sys.stderr)
        return 1
    coverage = [sys.executable, "-m", "coverage"]
    data = ["--data-file", str(FOLDER / "total.sqlite")]
    # Combining removes its input, and a part may be measured again alone.
    combined = subprocess.run([*coverage, "combine", "--keep", "--quiet", *data, *parts], cwd=ROOT, check=False)
    if combined.returncode:
        return combined.returncode
    shutil.rmtree(FOLDER / "html", ignore_errors=True)
    include = ["--include", "plugins/*"]
    subprocess.run([*coverage, "html", "--quiet", *data, *include, "-d", str(FOLDER / "html")], cwd=ROOT, check=True)
    subprocess.run(
        [*coverage, "xml", "--quiet", *data, *include, "-o", str(FOLDER / "coverage.xml")], cwd=ROOT, check=True
    )
    return subprocess.run(
        [*coverage, "report", "--skip-covered", "--show-missing", *data, *include], cwd=ROOT, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
