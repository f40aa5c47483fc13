# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix: see ``cells`` for what a cell is, and ``judge`` for what its result must be.

``make faults ARGS='--cell "backup: Create a backup before a release / create_backup / reset_after / first"'`` runs one.
"""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from cells import Cell, all_cases, cells, excused
from judge import Judge

CASES = {case.name: case for case in all_cases()}


@pytest.mark.parametrize("name", CASES)
def test_a_case_with_every_fault_at_every_operation(
    name: str, judge: Judge, share: float, wanted: str, record_property: Callable[[str, Any], None]
) -> None:
    counts: Counter[str] = Counter()
    failures: list[str] = []
    for operation, times in judge.reference(CASES[name]).operations.items():
        for cell in cells(CASES[name], operation, times):
            if cell.is_sampled(share) and fnmatch.fnmatchcase(cell.name, wanted):
                counts["cells"] += 1
                _judge(judge, cell, counts, failures)
    for counter, count in counts.items():
        record_property(counter, count)
    if failures:
        pytest.fail("\n".join(failures), pytrace=False)


def _judge(judge: Judge, cell: Cell, counts: Counter[str], failures: list[str]) -> None:
    verdict = judge.judge(cell)
    problems = verdict.problems
    for listed in excused():
        if listed.holds(cell.name, verdict.message):
            counts["listed_exceptions"] += 1
            if not listed.said and all(counter != listed.problem for counter, _text in problems):
                failures.append(f"{cell.name}: is listed in exceptions.yml for {listed.problem}, and no longer has it")
            problems = [problem for problem in problems if problem[0] != listed.problem]
    for counter in dict.fromkeys(counter for counter, _text in problems):
        counts[counter] += 1
    failures += [f"{cell.name}: {counter}: {text}" for counter, text in problems]
