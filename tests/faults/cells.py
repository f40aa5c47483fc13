# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix: every case, with every fault at every operation that it calls.

A cell is a case, one of the operations that its task calls without a fault (including the login and the polls of jobs),
a fault, and a series: the fault hits the first request of the operation, all of them while the task runs, or all but
the first if there are several, such as the read after a creation.
"""

from __future__ import annotations

import fnmatch
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from cases import HERE, MODULES, Case, cases
from tpops_simulator import contract
from tpops_simulator.admin.faults import KINDS

FIRST, ALWAYS, LATER = "first", "always", "later"
LOGIN = "create_token"
# Simulated seconds.
_OUTAGE = 60


def _status(status: int, code: str = "", headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    body = {"error_code": code, "error_msg": "The fault matrix says no."} if code else None
    return {"kind": "status", "status": status, "body": body, "headers": dict(headers or {})}


# The faults: rules of the simulator without the operation.
FAULTS: dict[str, Sequence[Mapping[str, Any]]] = {
    "500": [_status(500, "DBS.200412")],
    "503": [_status(503)],
    "429": [_status(429, headers={"Retry-After": "1"})],
    "400 with a code": [_status(400, "DBS.200001")],
    "400": [_status(400)],
    "404 with a code": [_status(404, "DBS.200823")],
    "404": [_status(404)],
    "reset_before": [{"kind": "reset_before"}],
    "reset_after": [{"kind": "reset_after"}],
    "timeout": [{"kind": "timeout"}],
    "timeout after acting": [{"kind": "timeout", "acted": True}],
    "truncate": [{"kind": "truncate"}],
    "html": [{"kind": "html"}],
    "html with 200": [{"kind": "html", "status": 200}],
    "busy": [{"kind": "busy"}],
    "expire_token": [{"kind": "expire_token"}],
    "delay": [{"kind": "delay", "seconds": 5}],
    "delay past the timeout": [{"kind": "delay", "seconds": 40}],
    "site_down": [{"kind": "site_down", "seconds": _OUTAGE}],
    "site_down with 503": [{"kind": "site_down", "seconds": _OUTAGE, "mode": "503"}],
    "node_down": [{"kind": "node_down"}],
    "job_fail": [{"kind": "job_fail"}],
    "job_slow": [{"kind": "job_slow"}],
    "job_vanish": [{"kind": "job_vanish"}],
    "reset_after + job_fail": [{"kind": "reset_after"}, {"kind": "job_fail"}],
    "reset_after + job_slow": [{"kind": "reset_after"}, {"kind": "job_slow"}],
    "reset_after + job_vanish": [{"kind": "reset_after"}, {"kind": "job_vanish"}],
}
JOB_KINDS = ("job_fail", "job_slow", "job_vanish")
# A node breaks only once, and a repeated delay is only longer.
_ONCE = ("node_down", "delay", "job_slow", "reset_after + job_slow")
UNCOVERED_KINDS = set(KINDS) - {rule["kind"] for rules in FAULTS.values() for rule in rules}


@dataclass(frozen=True)
class Cell:
    """One fault at one operation of one case."""

    case: Case
    operation: str
    fault: str
    series: str

    @property
    def name(self) -> str:
        return f"{self.case.name} / {self.operation} / {self.fault} / {self.series}"

    @property
    def rules(self) -> list[dict[str, Any]]:
        when = {FIRST: {"count": 1}, ALWAYS: {"count": None}, LATER: {"count": None, "skip": 1}}[self.series]
        return [{**rule, "operation": self.operation, **when} for rule in FAULTS[self.fault]]

    def is_sampled(self, share: float) -> bool:
        """Whether the cell is in a sample of that share of all cells, which is the same in every run."""
        return zlib.crc32(self.name.encode()) < share * 2**32


@cache
def operations() -> Mapping[str, contract.Operation]:
    return contract.load().operations


def writing_modules() -> list[str]:
    """Return the modules whose cases may write: all except info modules by their name, and modules that read any
    path."""
    return [module for module in MODULES if not module.endswith("_info")]


def all_cases() -> Iterator[Case]:
    for module in writing_modules():
        yield from cases(module)


def cells(case: Case, operation: str, times: int) -> Iterator[Cell]:
    """Return the cells of an operation that a case calls this many times without a fault."""
    known = operations()[operation]
    for fault, rules in FAULTS.items():
        kinds = {rule["kind"] for rule in rules}
        if kinds & set(JOB_KINDS) and not known.job:
            continue
        if "node_down" in kinds and (known.read or operation == LOGIN):
            continue
        yield Cell(case, operation, fault, FIRST)
        if fault not in _ONCE:
            yield Cell(case, operation, fault, ALWAYS)
            if times > 1:
                yield Cell(case, operation, fault, LATER)


@dataclass(frozen=True)
class Excused:
    """Cells that cannot end well: which problem they may have, and why that is unavoidable.

    With ``said`` only cells whose run with the fault fails with this text: it explains the manual step.
    """

    cells: str
    problem: str
    reason: str
    said: str = ""

    def holds(self, name: str, message: str) -> bool:
        return fnmatch.fnmatchcase(name, self.cells) and self.said in message


@cache
def excused() -> tuple[Excused, ...]:
    return tuple(
        Excused(**entry) for entry in yaml.safe_load((HERE / "exceptions.yml").read_text(encoding="utf-8")) or []
    )
