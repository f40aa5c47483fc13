# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a result says: the objects, what became of each, the diff, and what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..http.errors import TpopsError
from .context import Context
from .execution import Execution
from .item import Item, Step
from .options import Role
from .planning import Spec, build_diff_side, is_failed
from .spec import Action


def outcome_of(spec: Spec, item: Item, steps: Sequence[Step]) -> str:
    if not any(item is other for step in steps for other in step.items):
        return "unchanged"
    if isinstance(spec, Action) and spec.batch:
        return "changed"
    if not item.present:
        return "removed"
    return "created" if item.current is None or is_failed(spec, item) else "updated"


def describe_outcome(item: Item, origin: Mapping[str, str], execution: Execution) -> dict[str, Any]:
    error = execution.failures.get(item.label)
    if error:
        return {"name": item.label, "outcome": "failed", "msg": str(error)}
    # What already existed, as the platform says, is not a change.
    touched = execution.ctx.check_mode or any(item is other for step in execution.sent for other in step.items)
    return {"name": item.label, "outcome": origin.get(item.label, "unchanged") if touched else "unchanged"}


def diff_of(
    spec: Spec, items: Sequence[Item], origin: Mapping[str, str], earlier: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return before and after of the managed values; of a list, only the objects that change.

    ``earlier`` is the diff of a plan that was given up half-way; what it says of other objects stays.
    """
    if not items:
        return dict(earlier or {"before": {}, "after": {}})
    made = {label for label, outcome in origin.items() if outcome == "created"}
    if not spec.batch:
        return {
            "before": build_diff_side(spec, items[0], planned=False, new=False),
            "after": build_diff_side(spec, items[0], planned=True, new=items[0].label in made),
        }
    touched = [item for item in items if origin[item.label] != "unchanged"]
    before = {
        item.label: build_diff_side(spec, item, planned=False, new=False)
        for item in touched
        if item.current is not None
    }
    after = {
        item.label: build_diff_side(spec, item, planned=True, new=item.label in made)
        for item in touched
        if item.present
    }
    labels = {item.label for item in items}
    kept = {
        side: {label: value for label, value in found.items() if label not in labels}
        for side, found in (earlier or {}).items()
    }
    return {"before": {**kept.get("before", {}), **before}, "after": {**kept.get("after", {}), **after}}


def objects_of(spec: Spec, ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    """Return the objects as they are now; in check mode as they would be, as far as that is known."""
    if spec.find is None:
        return {}
    views = []
    for item in items:
        current = item.current
        if ctx.check_mode and item.present:
            desired = {
                each.attribute: item.desired[each.name]
                for each in spec.compared(item)
                if each.name in item.desired and each.role not in (Role.WRITE_ONLY, Role.CONTROL)
            }
            current = _overlaid(current or {}, desired)
        views.append(current if item.present else None)
    if not spec.batch:
        return {spec.name: views[0]} if views[0] is not None else {}
    return {spec.plural: [view for view in views if view is not None]}


def _overlaid(current: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, Any]:
    """Return the current values under the desired ones; parts of an object that the task does not give stay."""
    merged = dict(current)
    for name, value in desired.items():
        if isinstance(value, Mapping) and isinstance(merged.get(name), Mapping):
            value = {**merged[name], **{part: given for part, given in value.items() if given is not None}}
        merged[name] = value
    return merged


def report(execution: Execution, result: dict[str, Any]) -> None:
    """Say what was really sent, also when the task fails half-way."""
    result["changed"] = execution.changed
    result["plan"] = [step.describe() for step in execution.sent]
    if execution.jobs:
        result["job"] = execution.jobs[-1]
        result["jobs"] = execution.jobs


def build_partial_failure(spec: Spec, items: Sequence[Item], execution: Execution) -> TpopsError:
    failures = execution.failures
    texts = "; ".join(f"{label}: {error}" for label, error in failures.items())
    first = next(iter(failures.values()))
    if len(items) == 1:
        return first
    noun = spec.plural.replace("_", " ")
    rest = (
        "Nothing else had to be done"
        if len(failures) == len(items)
        else "The others are done, and the next run takes up the rest"
    )
    return TpopsError(
        f"{len(failures)} of {len(items)} {noun} failed: {texts}. {rest}",
        code=first.code,
        status=first.status,
        operation=first.operation,
    )
