# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shared code of the modules for disaster recovery relations.

They only use the record that this platform has of its own instance: the other platform may be lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..api import disaster_recovery as api
from ..api.operation import Call
from ..api.shape import Attr, Shape
from ..engine.context import Context
from ..engine.item import Item, Policy, Step
from ..engine.options import Field
from ..engine.spec import Action, Find, Hooks, Rules, Status
from ..engine.waiting import Observation
from ..http.errors import InputError, NotFound, TpopsError
from ..util.times import utc
from .parent import INSTANCE

# An unknown status counts as "not done yet" until the timeout.
STATUS = Status(pending=api.BUSY, settled=(*api.SETTLED, *api.FAILED))

# See :func:`add_sample`.
SAMPLES = Attr(
    "samples",
    kind="list",
    shape=Shape(
        (
            Attr("time", doc="Time of the sample."),
            Attr("status", doc="State of the replication."),
            Attr(
                "rpo_seconds",
                kind="number",
                doc="Seconds of changes on the primary that would have been lost (RPO).",
            ),
            Attr("rto_seconds", kind="number", doc="Seconds that a takeover would have needed (RTO)."),
        ),
        sample={"time": "2026-01-12 08:00:04 UTC", "status": "archive", "rpo_seconds": 0, "rto_seconds": 0},
    ),
    doc="How far the DR instance was behind, at each poll while the task waited.",
    returned="always",
)
# Additional return values of a module that changes a relation, and the description of the relation itself.
ALSO_RETURNS = (
    Attr(
        "relation",
        doc="The relation as this platform shows it now. In check mode, the expected relation, as far as it is known.",
    ),
    SAMPLES,
)

_WORDS = {
    api.DRILL: "a drill is running (gaussdb.tpops.gaussdb_dr_drill ends it)",
    api.LOG_KEEP: "the log is being kept (gaussdb.tpops.gaussdb_dr_log_keep ends this)",
    api.PROMOTED: (
        "the DR instance was promoted by a failover (gaussdb.tpops.gaussdb_dr_reestablish rebuilds the relation)"
    ),
    "failed": "the relation is broken (status failed)",
}


def relations_of(
    instance_id: Any, relations: Sequence[Mapping[str, Any]], name: str | None = None
) -> list[dict[str, Any]]:
    """Return the relations of an instance from its own side: those in force before those that ended, then the newest
    first.

    A platform that manages both instances may have one record for both, or one for each, of which the instance's own
    counts. ``name`` is the name of the instance, for a record that names the other one.
    """
    pairs = [(each, view) for each in relations if instance_id and (view := api.view_from(each, instance_id))]
    has_own = {each["synchronization_id"] for each, _view in pairs if each["instance_id"] == instance_id}
    found = [
        view for each, view in pairs if each["instance_id"] == instance_id or each["synchronization_id"] not in has_own
    ]
    for view in found:
        view["instance_name"] = view["instance_name"] or name
    found.sort(key=lambda each: str(each["created"] or ""), reverse=True)
    return sorted(found, key=lambda each: each["status"] in (api.PROMOTED, *api.OVER))


def select_relation(ctx: Context, relations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the relation of the task's instance, or nothing: a hook for ``select``."""
    found = relations_of(ctx.parent.id, relations, ctx.params["instance"])[:1]
    return [each for each in found if each["status"] not in (api.RELEASED, "pre_check_failed")]


def require(ctx: Context, item: Item) -> Item:
    """Fail if there is no relation: a hook for ``refine``. In check mode an earlier task may create it."""
    if item.current:
        return item
    if not ctx.check_mode:
        raise NotFound(f"Instance {ctx.parent.label} is in no disaster recovery relation that this platform knows of")
    ctx.warn(
        f"Instance {ctx.parent.label} is in no disaster recovery relation yet; the plan assumes that an earlier task "
        "creates it"
    )
    assumed = {"status": api.NORMAL, "disaster_type": ctx.params.get("disaster_type") or api.STREAM}
    return replace(item, current=api.RELATION.read(assumed))


def require_stream(ctx: Context, item: Item) -> Item:
    """Like :func:`require`, for features that only streaming relations have."""
    item = require(ctx, item)
    kind = item.existing["disaster_type"]
    if kind not in (api.STREAM, None):
        raise InputError(
            "instance",
            f"the disaster recovery relation of {ctx.parent.label} is of type {kind}; this needs type stream",
        )
    return item


def require_type(ctx: Context, item: Item) -> Item:
    """Like :func:`require`, where the option ``disaster_type`` may give the expected type."""
    item = require(ctx, item)
    kind, desired = item.existing["disaster_type"], ctx.params["disaster_type"]
    if desired and kind and desired != kind:
        raise InputError("disaster_type", f"the disaster recovery relation of {ctx.parent.label} is of type {kind}")
    return item


def is_busy(ctx: Context, item: Item) -> bool:
    """Whether the platform is working on the relation: then the task starts nothing, and warns if it does not wait."""
    status = item.existing["status"]
    if status not in api.BUSY:
        return False
    if ctx.check_mode or not ctx.waiter.policy.wait:
        ctx.warn(
            f"The platform is working on the relation of {ctx.parent.label} (status {status}); what is left to do is "
            "known once it is done"
        )
    return True


def require_status(ctx: Context, item: Item, *statuses: str) -> None:
    """Fail in any other status."""
    status = item.existing["status"]
    if status not in statuses:
        words = _WORDS.get(status, f"the relation is in status {status}")
        raise TpopsError(
            f"This cannot be done to {ctx.parent.label} now: {words}. It needs the status {' or '.join(statuses)}"
        )


def build_wrong_site_error(ctx: Context, item: Item, reason: str) -> InputError:
    """Return the error of a task that was sent to the wrong platform."""
    other = item.existing["other_instance_id"]
    return InputError(
        "instance", f"{ctx.parent.label} {reason}; run this at the platform of instance {other or 'on the other side'}"
    )


def build_step(item: Item, call: Call, summary: str) -> list[Step]:
    """Return the one step. Repeating it could undo it, so a busy relation is read again first."""
    return [Step(call, f"{summary} {item.label}", [item], policy=Policy(wait_when_busy=False))]


def sample_monitor(ctx: Context) -> str | None:
    """Record how far the DR instance is behind, at each poll of a wait: a hook for ``watch``."""
    seen = ctx.item(api.get_dr_monitor(ctx.parent.id, ctx.params.get("disaster_type")))
    if not seen:
        return None
    add_sample(ctx, seen)
    return None if seen["rpo_seconds"] is None else f"RPO {seen['rpo_seconds']} s"


def build_relation_spec(
    fields: Sequence[Field],
    reached: Callable[[Context], Mapping[str, Any]],
    steps: Callable[[Context, Sequence[Item]], Sequence[Step]],
    refine: Callable[[Context, Item], Item | None],
    validate: Callable[[Context, Item], None] | None = None,
    status: Status = STATUS,
    required_if: Sequence[Any] = (),
    describe: Callable[[Context, Mapping[str, Any]], Sequence[Mapping[str, Any]]] | None = None,
) -> Action:
    """Return the spec of a module that changes the relation of an instance, but neither creates nor removes it."""
    return Action(
        name="relation",
        parent=INSTANCE,
        status=status,
        starts_jobs=True,
        fields=fields,
        find=Find(read=lambda ctx: api.list_dr_relations(), select=select_relation),
        reached=reached,
        steps=steps,
        rules=Rules(required_if=required_if),
        hooks=Hooks(on_poll=sample_monitor, validate=validate, refine=refine, describe=describe),
        returns=api.RELATION,
        also_returns=ALSO_RETURNS,
    )


def add_sample(ctx: Context, monitor: Mapping[str, Any]) -> None:
    """Add a sample. Its time is the controller's, like all times in an evidence record: the clocks of the two platforms
    may differ."""
    sample = {name: monitor[name] for name in ("status", "rpo_seconds", "rto_seconds")}
    ctx.samples.append({"time": utc(round(time.time() * 1000)), **sample})


def observe_until(ctx: Context, relations: Sequence[Mapping[str, Any]]) -> Observation:
    """Return whether the condition of the option ``until`` is met by all relations that have not ended.

    Each has its figures under ``monitor``, if they are known; ended relations come last.
    """
    live = [each for each in relations if each["status"] not in api.OVER]
    for each in live:
        if each["monitor"]:
            add_sample(ctx, each["monitor"])
    shown = live or relations[:1]
    text = "; ".join(_words(ctx, each) for each in shown) or "no relation"
    if ctx.params["until"] == "settled":
        return Observation(
            "done" if all(each["status"] in (*api.SETTLED, *api.FAILED) for each in live) else "running",
            text,
            relations,
        )
    if any(each["status"] in (api.PROMOTED, *api.FAILED) for each in shown):
        return Observation("failed", text, relations)
    done = bool(live) and all(each["protected"] and all(low for _text, low in _figures(ctx, each)) for each in live)
    return Observation("done" if done else "running", text, relations)


def _words(ctx: Context, relation: Mapping[str, Any]) -> str:
    monitor = relation["monitor"] or {}
    percent = next(
        (monitor[name] for name in ("switchover_progress", "failover_progress") if monitor.get(name) is not None), None
    )
    status = relation["status"] if percent is None else f"{relation['status']} {percent}%"
    return ", ".join([f"{relation['name']} {status}", *(text for text, _low in _figures(ctx, relation))])


def _figures(ctx: Context, relation: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """Return the text about RPO and RTO, as far as they are known, and whether each is low enough."""
    found = []
    for figure in ("rpo", "rto"):
        value = (relation["monitor"] or {}).get(f"{figure}_seconds")
        if not isinstance(value, (int, float)):
            continue
        limit = ctx.params[f"{figure}_seconds"]
        limit = relation["monitor"][f"{figure}_threshold_seconds"] if limit is None else limit
        known = isinstance(limit, (int, float))
        found.append(
            (f"{figure.upper()} {value:g} s" + (f" (at most {limit:g})" if known else ""), not known or value <= limit)
        )
    return found
