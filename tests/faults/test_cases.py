# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix is complete: every module and operation that writes, and every kind of fault."""

from __future__ import annotations

import fnmatch

import pytest
from cases import MODULES, cases
from cells import FAULTS, UNCOVERED_KINDS, cells, excused, operations, writing_modules
from judge import COUNTERS, Judge
from test_matrix import CASES


def test_each_operation_is_called_by_a_case(judge: Judge) -> None:
    every = [case for module in MODULES for case in cases(module)]
    called = {operation for case in every for operation in judge.reference(case).operations}
    writes = {name for name, operation in operations().items() if not operation.read}
    assert writes - {operation for case in CASES.values() for operation in judge.reference(case).operations} == set()
    assert set(operations()) - called == set()


def test_each_kind_of_fault_is_in_the_matrix() -> None:
    assert set() == UNCOVERED_KINDS
    case = next(iter(CASES.values()))
    names = [cell.name for cell in cells(case, "create_backup", 2)]
    assert len(names) == len(set(names))
    assert {name.split(" / ")[2] for name in names} == set(FAULTS)


@pytest.mark.parametrize("module", writing_modules())
def test_each_writing_module_has_a_case(module: str) -> None:
    assert cases(module)


def test_names_of_cases_are_unique() -> None:
    assert len(CASES) == sum(len(cases(module)) for module in writing_modules())


def test_each_exception_names_cases_and_a_reason() -> None:
    for listed in excused():
        assert listed.reason and listed.problem in COUNTERS
        assert fnmatch.filter(CASES, listed.cells.split(" / ")[0]), listed.cells
