# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults as data: which requests a rule matches, how often, and which failure follows."""

from __future__ import annotations

import fnmatch
import itertools
import random
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any

from jsonschema_rs import Draft202012Validator

from ..contract.violations import describe_violation
from ..model.jobs import JobFault

# What each kind does, for the documentation and for the error message of an unknown one.
KINDS = {
    "status": "answer with `status`, `body` and `headers` instead of acting",
    "html": "answer with an HTML page and `status` (502 unless given) instead of acting, as a proxy in between would",
    "busy": "answer 409 DBS.200019 instead of acting",
    "expire_token": "drop the caller's token and answer 401 instead of acting",
    "delay": "wait `seconds` (real ones, or simulated ones with `simulated: true`), then continue",
    "timeout": "never answer; with `acted: true` after acting",
    "reset_before": "reset the connection without acting",
    "reset_after": "act, then reset the connection so that the reply is lost",
    "truncate": "act, then send a reply whose JSON is cut off after `keep` of its length (0.5 unless given)",
    "node_down": "make the node `node` (ID, name or number from 0; 0 unless given) of the instance fail, then continue",
    "site_down": "the site goes down instead of acting, for `seconds` simulated ones or until it is brought up again",
    "job_fail": "the next job that the operation starts fails at step `step` (1 unless given) with `reason`",
    "job_slow": "the next job that the operation starts takes `factor` times as long (10 unless given)",
    "job_vanish": "the next job that the operation starts does its work, but get_job does not know it",
}
_JOB_KINDS = ("job_fail", "job_slow", "job_vanish")
# After one of these no further rule can affect the same request.
_FINAL = ("status", "html", "busy", "expire_token", "reset_before", "timeout", "site_down")


class FaultError(ValueError):
    """A rule is malformed."""


@dataclass
class Rule:
    """One fault rule. A match field that is None matches everything; `operation` is a glob over operation IDs."""

    kind: str
    id: str = ""
    operation: str = "*"
    method: str | None = None
    instance_id: str | None = None
    body_contains: str | None = None
    # How many requests or jobs it matches; None means no limit. The first `skip` matching ones pass.
    count: int | None = 1
    skip: int = 0
    probability: float = 1.0
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float | None = None
    node: int | str = 0
    mode: str = "reset"
    simulated: bool = False
    acted: bool = False
    keep: float = 0.5
    step: int = 1
    reason: str = "The task failed because a fault was injected."
    factor: float = 10.0
    hits: int = 0
    skipped: int = 0

    @property
    def spent(self) -> bool:
        return self.count is not None and self.hits >= self.count

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Subject:
    """The parts of a request that a rule may look at."""

    operation_id: str
    method: str
    instance_id: str | None
    body: bytes


class Faults:
    """The active rules. Random numbers come from the seed, so a run can be repeated."""

    def __init__(self, seed: str | int = 0, operations: Collection[str] = ()) -> None:
        """With the IDs of the operations given, a rule that matches none of them is refused as a typing error."""
        self._random = random.Random(f"{seed}:faults")
        self._operations = operations
        self._numbers = itertools.count(1)
        self.rules: list[Rule] = []

    def add(self, data: dict[str, Any]) -> Rule:
        return self.add_all([data])[0]

    def add_all(self, data: Any) -> list[Rule]:
        """Add a rule, or a list of them, or none when one of them is wrong."""
        items = data.get("faults", data) if isinstance(data, dict) and "kind" not in data else data
        rules = [parse(item) for item in (items if isinstance(items, list) else [items])]
        known = {rule.id for rule in self.rules}
        for rule in rules:
            if self._operations and not fnmatch.filter(self._operations, rule.operation):
                raise FaultError(f"operation: no operation matches {rule.operation}")
            rule.id = rule.id or f"fault-{next(self._numbers)}"
            if rule.id in known:
                raise FaultError(f"there is a rule {rule.id!r} already")
            known.add(rule.id)
        self.rules += rules
        return rules

    def remove(self, rule_id: str) -> bool:
        before = len(self.rules)
        self.rules = [r for r in self.rules if r.id != rule_id]
        return len(self.rules) < before

    def clear(self) -> None:
        self.rules.clear()

    def strike(self, subject: Subject) -> list[Rule]:
        """The rules that match this request, in the order they were added; they are counted as used."""
        struck: list[Rule] = []
        for rule in self.rules:
            if rule.kind in _JOB_KINDS or not self._hits(rule, subject):
                continue
            struck.append(rule)
            if rule.kind in _FINAL and not (rule.kind == "timeout" and rule.acted):
                break
        return struck

    def strike_job(self, subject: Subject) -> list[Rule]:
        """The rules that match a job which this request starts. A refused request starts none."""
        return [rule for rule in self.rules if rule.kind in _JOB_KINDS and self._hits(rule, subject)]

    def _hits(self, rule: Rule, subject: Subject) -> bool:
        if rule.spent or not _matches(rule, subject):
            return False
        if rule.skipped < rule.skip:
            rule.skipped += 1
            return False
        if rule.probability < 1 and self._random.random() >= rule.probability:
            return False
        rule.hits += 1
        return True


def _matches(rule: Rule, subject: Subject) -> bool:
    return (
        fnmatch.fnmatchcase(subject.operation_id, rule.operation)
        and (rule.method is None or rule.method.upper() == subject.method)
        and (rule.instance_id is None or rule.instance_id == subject.instance_id)
        and (rule.body_contains is None or rule.body_contains.encode() in subject.body)
    )


_TEXT = {"type": "string"}
_TEXT_OR_NONE = {"type": ["string", "null"]}
_AMOUNT = {"type": "number", "minimum": 0, "maximum": 1e9}
_COUNT = {"type": "integer", "minimum": 0}
_FLAG = {"type": "boolean"}
_FIELDS = {
    "kind": {"enum": list(KINDS)},
    "id": _TEXT,
    "operation": _TEXT,
    "operation_id": _TEXT,
    **{name: _TEXT_OR_NONE for name in ("method", "instance_id", "body_contains")},
    "count": {"type": ["integer", "null"], "minimum": 0},
    "skip": _COUNT,
    "probability": {**_AMOUNT, "maximum": 1},
    "status": {"type": ["integer", "null"], "minimum": 200, "maximum": 599},
    "body": {},
    "headers": {
        "type": "object",
        "patternProperties": {
            r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$": {"type": ["string", "integer"], "pattern": r"^[\t\x20-\x7e]*$"}
        },
        "additionalProperties": False,
    },
    "seconds": {**_AMOUNT, "type": ["number", "null"]},
    "node": {"type": ["integer", "string"]},
    "mode": {"enum": ["reset", "503"]},
    "simulated": _FLAG,
    "acted": _FLAG,
    "keep": {**_AMOUNT, "maximum": 1},
    "step": _COUNT,
    "reason": _TEXT,
    "factor": _AMOUNT,
    # The counter of a rule that was read back; a new rule starts from zero.
    "hits": {},
    "skipped": {},
}
_SCHEMA = Draft202012Validator(
    {"type": "object", "properties": _FIELDS, "required": ["kind"], "additionalProperties": False}
)


def parse(data: Any) -> Rule:
    """A rule from its JSON or YAML form, or a FaultError with the reason."""
    # Unknown fields first: a misspelt one may be the missing one.
    for violation in sorted(_SCHEMA.iter_errors(data), key=lambda v: v.kind.name != "additionalProperties"):
        raise FaultError(describe_violation(violation, whole="a fault rule"))
    values = {k: v for k, v in data.items() if k not in ("hits", "skipped", "operation_id")}
    if "operation_id" in data:
        values["operation"] = data["operation_id"]
    rule = Rule(**values)
    if rule.kind == "status" and rule.status is None:
        raise FaultError("kind status needs a status")
    return rule


def job_fault(rules: list[Rule]) -> JobFault | None:
    """The combined effect of the rules on a job: it may be slow, fail and be denied."""
    made = JobFault()
    for rule in rules:
        if rule.kind == "job_fail":
            made.fail_step, made.reason = rule.step, rule.reason
        elif rule.kind == "job_slow":
            made.factor *= rule.factor
        else:
            made.vanish = True
    return made if rules else None
