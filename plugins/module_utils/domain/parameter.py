# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters as ``gaussdb_parameter`` sets them, and the restarts that they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..api import parameter as api
from ..api.instance import restart_instance
from ..engine.compare import equal_number
from ..engine.context import Context
from ..engine.item import Item, Policy, Step
from ..http.errors import InputError, TpopsError
from . import value_range as value_ranges

# Spellings of boolean parameters.
SWITCHES = (("on", "off"), ("true", "false"), ("yes", "no"), ("1", "0"))


def as_text(value: Any) -> str:
    """Return a value as text. Python would format a small number as 1e-05."""
    return format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value)


def build_desired(ctx: Context) -> list[dict[str, Any]]:
    desired = []
    for name, value in ctx.params["parameters"].items():
        if value is None or isinstance(value, (list, dict)):
            problem = 'a value is missing; "" clears a string' if value is None else "must be a single value"
            raise InputError(f"parameters.{name}", problem)
        if not str(name).strip():
            raise InputError("parameters", "a name is empty")
        desired.append({"name": str(name), "value": value if isinstance(value, bool) else as_text(value)})
    return desired


def spell(ctx: Context, item: Item) -> Item:
    """Spell words as the parameter does. A change that is deferred is none.

    Raises :class:`InputError` for what the platform would refuse.
    """
    current = item.current or {}
    value = _spelled(item.desired["value"], current)
    problem = None if equal_number(value, current.get("value")) else value_ranges.problem_of(value, current)
    if problem:
        raise InputError(f"parameters.{item.label}", problem)
    return item.refined({"value": current["value"] if _is_deferred(ctx, item) else value})


def _spelled(given: Any, current: Mapping[str, Any]) -> str:
    """Return a value in the words of the parameter. YAML and templates turn on and off into true and false."""
    value = str(given)
    if value.lower() in ("true", "false"):
        known = [
            word.strip()
            for word in f"{current.get('value_range') or ''},{current.get('value') or ''}".lower().split(",")
        ]
        words = next((pair for pair in SWITCHES if pair[0] in known or pair[1] in known), None)
        if words:
            value = words[value.lower() == "false"]
        elif isinstance(given, bool):
            value = SWITCHES[0][not given]
    return value_ranges.spelled(value, current)


def _is_deferred(ctx: Context, item: Item) -> bool:
    """Whether the parameter keeps its value because the new one needs a restart."""
    if ctx.params["restart"] != "defer" or not needs_restart(item):
        return False
    current = item.current or {}
    given = ctx.params["parameters"][item.label]
    return not equal_number(_spelled(given if isinstance(given, bool) else as_text(given), current), current["value"])


def changed_of(items: Sequence[Item]) -> list[Item]:
    """Return the parameters that this task has changed or would change."""
    return [item for item in items if item.first_changes and not item.failed]


def needs_restart(item: Item) -> bool:
    return bool((item.current or {}).get("restart_required"))


def waiting_of(items: Sequence[Item]) -> list[Item]:
    """Return the changed parameters that take effect only after a restart."""
    return [item for item in changed_of(items) if needs_restart(item)]


def names_of(items: Iterable[Item]) -> str:
    return ", ".join(item.label for item in items)


def set_summary(items: Sequence[Item]) -> str:
    """Describe the change, and which parameters need a restart."""
    due = names_of(item for item in items if needs_restart(item))
    return f"Set {names_of(items)}" + (f"; {due} will only take effect after a restart" if due else "")


def restart(ctx: Context, items: Sequence[Item]) -> list[Step]:
    due = waiting_of(items)
    if not due or ctx.params["restart"] != "if_required":
        return []
    summary = f"Restart instance {ctx.parent.label} to apply {names_of(due)}"
    return [Step(restart_instance(ctx.parent.id), summary, due, closing=True, policy=Policy(repeatable=False))]


def find_pending(ctx: Context, items: Sequence[Item]) -> list[Item]:
    """Return the parameters that still need a restart of the instance after all steps have been carried out.

    The platform reports it for each parameter and for the change as a whole. The latter is only known after the
    request, and does not name the parameters.
    """
    due = waiting_of(items)
    if due:
        return [] if ctx.params["restart"] == "if_required" else due
    return changed_of(items) if any(api.needs_restart(reply.data) for reply in ctx.replies) else []


def explain_catch_up(ctx: Context, names: str) -> str:
    """Return how to get the restart that no later run of the task can know is missing."""
    return (
        f"{names} will only take effect after a restart, and no later run of this task restarts instance"
        f" {ctx.parent.label}. Use gaussdb_instance with state=restarted"
    )


def build_result(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    due = find_pending(ctx, items)
    if due:
        ctx.warn(explain_catch_up(ctx, names_of(due)))
    names = [item.label for item in due]
    return {
        "restart_pending": names,
        "restart_required": bool(names),
        "restart_parameters": [item.label for item in waiting_of(items)],
        "restart_deferred": [item.label for item in items if _is_deferred(ctx, item)],
    }


def build_interrupted_result(ctx: Context, items: Sequence[Item], error: TpopsError) -> dict[str, Any]:
    """A change that was sent has probably been made, now or soon, but it is unknown whether the restart took place."""
    due = waiting_of(items)
    if due:
        error.hint = f"Check whether the instance has restarted. {explain_catch_up(ctx, names_of(due))}"
    return {"restart_pending": [item.label for item in due]}
