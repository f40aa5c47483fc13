# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults as data: which requests a rule hits, how often, and what goes wrong then."""

from __future__ import annotations

import fnmatch
import itertools
import random
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .jobs import JobFault

# What each kind does, for the documentation and for the error message of an unknown one.
KINDS = {
    "status": "answer with `status`, `body` and `headers` instead of acting",
    "html": "answer with an HTML page and `status` (502 unless given) instead of acting, as a proxy in between would",
    "busy": "answer 409 DBS.200019 instead of acting",
    "expire_token": "drop the caller's token and answer 401 instead of acting",
    "delay": "wait `seconds` (real ones, or simulated ones with `simulated: true`), then go on",
    "timeout": "never answer; with `acted: true` after acting",
    "reset_before": "reset the connection without acting",
    "reset_after": "act, then reset the connection so that the reply is lost",
    "truncate": "act, then send a reply whose JSON is cut off after `keep` of its length (0.5 unless given)",
    "job_fail": "the next job that the operation starts fails at step `step` (1 unless given) with `reason`",
    "job_slow": "the next job that the operation starts takes `factor` times as long (10 unless given)",
    "job_vanish": "the next job that the operation starts does its work, but get_job does not know it",
}
_JOB_KINDS = ("job_fail", "job_slow", "job_vanish")
# After one of these no further rule can have an effect on the same request.
_FINAL = ("status", "html", "busy", "expire_token", "reset_before", "timeout")


class FaultError(ValueError):
    """A rule is not well formed."""


@dataclass
class Rule:
    """One fault rule. A match field that is None matches everything; `operation` is a glob over operation IDs."""

    kind: str
    id: str = ""
    operation: str = "*"
    method: str | None = None
    instance_id: str | None = None
    body_contains: str | None = None
    # How many requests it hits; None is "for ever". The first `skip` matching requests are let through.
    count: int | None = 1
    skip: int = 0
    probability: float = 1.0
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 1.0
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

    def job_fault(self) -> JobFault:
        if self.kind == "job_fail":
            return JobFault(fail_step=self.step, reason=self.reason)
        if self.kind == "job_slow":
            return JobFault(factor=self.factor)
        return JobFault(vanish=True)

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
    """The rules in force. Chance comes from the seed, so a run can be repeated."""

    def __init__(self, seed: str | int = 0) -> None:
        self._random = random.Random(f"{seed}:faults")
        self._numbers = itertools.count(1)
        self.rules: list[Rule] = []

    def add(self, data: dict[str, Any]) -> Rule:
        rule = parse(data)
        rule.id = rule.id or f"fault-{next(self._numbers)}"
        if any(r.id == rule.id for r in self.rules):
            raise FaultError(f"there is a rule {rule.id!r} already")
        self.rules.append(rule)
        return rule

    def add_all(self, data: Any) -> list[Rule]:
        """Add a rule, or a list of them, or none when one of them is wrong."""
        items = data.get("faults", data) if isinstance(data, dict) and "kind" not in data else data
        items = items if isinstance(items, list) else [items]
        for item in items:
            parse(item)
        return [self.add(item) for item in items]

    def remove(self, rule_id: str) -> bool:
        before = len(self.rules)
        self.rules = [r for r in self.rules if r.id != rule_id]
        return len(self.rules) < before

    def clear(self) -> None:
        self.rules.clear()

    def strike(self, subject: Subject) -> list[Rule]:
        """The rules that hit this request, in the order they were added.

        They are counted as used, but for those that wait for a job: see `count_jobs`.
        """
        struck: list[Rule] = []
        for rule in self.rules:
            if rule.spent or not _matches(rule, subject):
                continue
            if rule.skipped < rule.skip:
                rule.skipped += 1
                continue
            if rule.probability < 1 and self._random.random() >= rule.probability:
                continue
            rule.hits += rule.kind not in _JOB_KINDS
            struck.append(rule)
            if rule.kind in _FINAL and not (rule.kind == "timeout" and rule.acted):
                break
        return struck

    def count_jobs(self, rules: list[Rule]) -> None:
        """Count the rules that wait for a job as used, now that one was started: a refused request starts none."""
        for rule in rules:
            rule.hits += rule.kind in _JOB_KINDS


def _matches(rule: Rule, subject: Subject) -> bool:
    return (
        fnmatch.fnmatchcase(subject.operation_id, rule.operation)
        and (rule.method is None or rule.method.upper() == subject.method)
        and (rule.instance_id is None or rule.instance_id == subject.instance_id)
        and (rule.body_contains is None or rule.body_contains.encode() in subject.body)
    )


def parse(data: Any) -> Rule:
    """A rule from its JSON or YAML form, or FaultError that says what is wrong with it."""
    if not isinstance(data, dict):
        raise FaultError("a fault rule is an object")
    known = {f.name: f for f in fields(Rule)} | {"operation_id": None}
    if unknown := sorted(set(data) - set(known)):
        raise FaultError(f"unknown field in a fault rule: {', '.join(map(str, unknown))}")
    values = {k: v for k, v in data.items() if k not in ("hits", "skipped", "operation_id")}
    if "operation_id" in data:
        values["operation"] = data["operation_id"]
    kind = values.get("kind")
    if kind not in KINDS:
        raise FaultError(f"kind {kind!r} is none of {', '.join(KINDS)}")
    rule = Rule(**values)
    for name, types in (("operation", str), ("id", str), ("skip", int), ("headers", dict), ("step", int)):
        if not isinstance(getattr(rule, name), types):
            raise FaultError(f"{name} has the wrong type")
    for name in ("probability", "seconds", "keep", "factor"):
        value = getattr(rule, name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise FaultError(f"{name} must be a number that is not negative")
    if rule.count is not None and (not isinstance(rule.count, int) or rule.count < 0):
        raise FaultError("count must be a number that is not negative, or null for ever")
    if rule.probability > 1 or rule.keep > 1:
        raise FaultError("probability and keep lie between 0 and 1")
    if kind == "status" and not isinstance(rule.status, int):
        raise FaultError("kind status needs a status")
    if rule.status is not None and not (isinstance(rule.status, int) and 200 <= rule.status <= 599):
        raise FaultError("status lies between 200 and 599")
    return rule


def job_faults(rules: list[Rule]) -> list[JobFault]:
    """The faults for the next job, combined: one job may be slow and fail and be denied."""
    found = [r.job_fault() for r in rules if r.kind in _JOB_KINDS]
    if not found:
        return []
    merged = JobFault()
    for fault in found:
        if fault.fail_step is not None:
            merged.fail_step, merged.reason = fault.fail_step, fault.reason
        merged.factor *= fault.factor
        merged.vanish = merged.vanish or fault.vanish
    return [merged]
