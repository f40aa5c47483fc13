# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the code in one place at a time and check whether the fast tests notice: ``mutants.py [--sample N] [--seed S]
[--area AREA]``

cosmic-ray makes the changes, in a copy of the checkout. A sample is drawn by the seed, the same number of places from
each area. A mutant that behaves like the original is listed with its reason in tests/mutants.yml; at least 95 % of the
others must be killed. Results go to build/mutants.json. Run it with the Python of .venv-mutants.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shlex
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem

from ansible_test import copy_checkout
from common import BUILD, ROOT, print_counts

UTILS = "plugins/module_utils"
SIMULATOR = "simulator/src/tpops_simulator"
# The mutated files by area. A name that matches no file is an error: the code has moved.
AREAS = {
    "engine": [f"{UTILS}/runner.py", f"{UTILS}/engine/*.py"],
    "http": [f"{UTILS}/http/*.py"],
    "api": [f"{UTILS}/api/*.py"],
    "simulator": [
        f"{SIMULATOR}/model/{{site,jobs,clock,ids,platform_users,estate}}.py",
        f"{SIMULATOR}/http/{{app,browsers,pipeline,reading,redactor,reply_checks,routing,schemas}}.py",
        f"{SIMULATOR}/contract/violations.py",
        f"{SIMULATOR}/admin/{{api,faults,request_log}}.py",
    ],
}
# Tests of the simulator that take minutes each.
SLOW = ("test_properties", "test_schemathesis", "test_bench", "test_reference_calls")
TEST_SECONDS = 240
WANTED_PERCENT = 95
EQUIVALENT = ROOT / "tests" / "mutants.yml"
PYTHON = ROOT / ".venv-dev" / "bin" / "python"


def test_command(copy: Path, area: str) -> str:
    """Return the command of the fast tests that could notice a mutant of the area. It stops at the first failure."""
    if area == "simulator":
        own = _pytest(
            copy,
            ("simulator/src",),
            "simulator/tests",
            *(f"--ignore={copy}/simulator/tests/{name}.py" for name in SLOW),
        )
    else:
        own = _pytest(
            copy, ("build/collections", "tests/unit", "tests/contract"), "tests/unit", str(copy / "tests/contract")
        )
    # It must set the path of the collection for Ansible before anything else imports it.
    cases = _pytest(copy, ("build/collections", "tests/faults", "simulator/src"), "tests/faults/test_snapshots.py")
    return shlex.join(["sh", "-c", f"{own} && {cases}"])


def _pytest(copy: Path, paths: Sequence[str], tests: str, *more: str) -> str:
    options = ["-q", "-x", "-p", "no:cacheprovider"]
    if tests.startswith("simulator"):
        options += [f"--rootdir={copy}/simulator", "-p", "no:ansible", "-p", "no:molecule"]
    else:
        options.append(f"--rootdir={copy}")
    search = "PYTHONPATH=" + os.pathsep.join(str(copy / path) for path in paths)
    # A mutant may run forever; killing only the shell would leave the tests running.
    return shlex.join(
        [
            "timeout",
            "-k",
            "9",
            str(TEST_SECONDS),
            "env",
            search,
            str(PYTHON),
            "-m",
            "pytest",
            *options,
            str(copy / tests),
            *more,
        ]
    )


def files_of(area: str) -> list[Path]:
    """Return the files of an area, relative to the checkout."""
    found: list[Path] = []
    for pattern in (each for braced in AREAS[area] for each in expanded(braced)):
        paths = sorted(path.relative_to(ROOT) for path in ROOT.glob(pattern))
        if not paths:
            raise SystemExit(f"There is no {pattern}: bring AREAS in tools/mutants.py up to date.")
        found += paths
    return found


def expanded(pattern: str) -> list[str]:
    """Expand the braces of a pattern: `a/{b,c}.py` is `a/b.py` and `a/c.py`."""
    before, _unused, rest = pattern.partition("{")
    names, _unused, after = rest.partition("}")
    return [f"{before}{name}{after}" for name in names.split(",")]


def annotations_of(path: Path) -> list[ast.expr]:
    """Return code without effect on a run: type annotations, read-only dataclasses, and documentation examples.

    `make generate` checks the examples. A change of any of these is not a mutant.
    """
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.keyword) and node.arg in ("frozen", "sample"):
            found.append(node.value)
    return [each for each in found if each is not None]


def places(area: str) -> Iterator[list[WorkItem]]:
    """Yield the mutants of an area, grouped by place in the code. The current folder is the copy."""
    database = BUILD / "mutants.sqlite"
    database.unlink(missing_ok=True)
    with use_db(str(database), mode=WorkDB.Mode.create) as work:
        init(files_of(area), work, {})
        items = sorted(work.work_items, key=_key)
    typed = {path: annotations_of(path) for path in files_of(area)}
    grouped: dict[tuple[Any, ...], list[WorkItem]] = {}
    for item in items:
        (mutation,) = item.mutations
        line, column = mutation.start_pos
        spans = typed[mutation.module_path]
        if not any(
            (a.lineno, a.col_offset) <= (line, column) < (a.end_lineno or 0, a.end_col_offset or 0) for a in spans
        ):
            grouped.setdefault((str(mutation.module_path), mutation.start_pos), []).append(item)
    yield from grouped.values()


def _key(item: WorkItem) -> tuple[Any, ...]:
    (mutation,) = item.mutations
    return str(mutation.module_path), mutation.start_pos, mutation.operator_name, mutation.occurrence


def changed_lines(diff: str) -> tuple[str, str]:
    """Return the replaced and the new code of the mutant, without indentation."""
    lines = [line for line in diff.splitlines() if not line.startswith(("--- ", "+++ "))]
    old, new = ("\n".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return old, new


def read_equivalent() -> dict[tuple[str, str, str], str]:
    """Return the reasons of the mutants that behave like the original, by file, old and new lines."""
    entries = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8")) or []
    return {(entry["file"], entry["old"].strip(), entry["new"].strip()): entry["reason"] for entry in entries}


def run(area: str, items: Sequence[WorkItem], copy: Path) -> Iterator[dict[str, Any]]:
    """Test the mutants one after the other; a result has the change and its outcome."""
    equivalent = read_equivalent()
    command = test_command(copy, area)
    for item in items:
        (mutation,) = item.mutations
        started = time.monotonic()
        result = mutate_and_test(item.mutations, command, 3 * TEST_SECONDS)
        old, new = changed_lines(result.diff or "")
        survived = result.test_outcome == TestOutcome.SURVIVED
        reason = equivalent.get((str(mutation.module_path), old, new))
        outcome = "equivalent" if survived and reason else "survived" if survived else "killed"
        if result.worker_outcome != WorkerOutcome.NORMAL:
            # An operator that cannot change this place after all.
            continue
        print(f"{outcome:10} {mutation.module_path}:{mutation.start_pos[0]} {mutation.operator_name}", flush=True)
        if outcome == "survived":
            print(f"    - {old}\n    + {new}", flush=True)
        yield {
            "area": area,
            "file": str(mutation.module_path),
            "line": mutation.start_pos[0],
            "operator": mutation.operator_name,
            "old": old,
            "new": new,
            "outcome": outcome,
            "reason": reason if outcome == "equivalent" else None,
            "seconds": round(time.monotonic() - started, 1),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=64, help="how many mutants, over all areas (default: 64)")
    parser.add_argument("--seed", default="1", help="which sample")
    parser.add_argument("--area", action="append", choices=list(AREAS), help="only this area; may be repeated")
    arguments = parser.parse_args()
    areas = arguments.area or list(AREAS)
    copy = BUILD / "mutants"
    copy_checkout(copy)
    link = copy / "build/collections/ansible_collections/gaussdb/tpops"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(copy)
    os.chdir(copy)
    results: list[dict[str, Any]] = []
    for number, area in enumerate(areas):
        share = arguments.sample // len(areas) + (number < arguments.sample % len(areas))
        chance = random.Random(f"{arguments.seed}:{area}")
        found = list(places(area))
        chosen = [chance.choice(place) for place in chance.sample(found, min(share, len(found)))]
        if mutate_and_test((), test_command(copy, area), 3 * TEST_SECONDS).test_outcome != TestOutcome.SURVIVED:
            raise SystemExit(f"The tests of {area} fail without any mutant: {test_command(copy, area)}")
        results += run(area, chosen, copy)
    counts = Counter(entry["outcome"] for entry in results)
    judged = counts["killed"] + counts["survived"]
    percent = 100 * counts["killed"] / judged if judged else 0.0
    report = {"seed": arguments.seed, "counts": counts, "killed_percent": round(percent, 1), "mutants": results}
    (BUILD / "mutants.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{percent:.1f} % of the mutants that behave otherwise were killed; at least {WANTED_PERCENT} % are wanted.")
    failed = counts["survived"] if percent < WANTED_PERCENT else 0
    return print_counts(len(results) - failed, failed)


if __name__ == "__main__":
    sys.exit(main())
