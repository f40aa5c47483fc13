# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one flow of every module: read, plan, and, unless it is a check, execute, wait and read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..http.errors import AmbiguousWrite, Busy, JobFailed, TpopsError
from .context import Context
from .execution import ONCE_MORE, Execution, Overtaken
from .item import Item, Step
from .observation import calls_of, observe, read_all, read_one, wait_until_settled
from .planning import build_items, compare_items, failure_text, is_failed, plan_resource
from .result import diff_of, item_outcome, objects_of, outcome_of, partial_failure, report
from .spec import Action, Info, Resource
from .verification import verify_action, verify_resource

# How often a write whose reply was lost is decided by a look at the platform, and how long (s) to let it show first.
ATTEMPTS = 3

SETTLE_SECONDS = 2.0


def run_info(spec: Info, ctx: Context, result: dict[str, Any]) -> None:
    """Read, and return a list under the plural key."""
    _resolve_parent(spec, ctx)
    calls = calls_of(spec, ctx)
    found = read_one(spec, ctx, calls) if spec.single else read_all(spec, ctx, calls)
    if spec.select:
        found = spec.select(ctx, found)
    result[spec.plural] = found
    if spec.result:
        result.update(spec.result(ctx, found))


def run_action(spec: Action, ctx: Context, result: dict[str, Any]) -> None:
    """Plan, execute, wait; nothing is sent when the plan is empty."""
    result["plan"] = []
    items = spec.items(ctx) if spec.items else None
    _resolve_parent(spec, ctx)
    execution = Execution(ctx, continue_on_error=items is not None, decides=spec.decides)
    steps: Sequence[Step] = []
    # Of a batch the plan gets the objects as well.
    plan: Callable[..., Sequence[Step]] = spec.plan
    try:
        steps = _execute_with_replan(spec, ctx, execution, lambda: plan(ctx) if items is None else plan(ctx, items))
        if execution.changed:
            verify_action(spec, ctx, items, execution)
    finally:
        report(execution, result)
    if ctx.check_mode:
        result.update(changed=bool(steps), plan=[step.describe() for step in steps])
    if spec.result:
        _merge_result(result, spec.result(ctx, ctx.replies))
    if items is not None:
        origin = {
            item.label: "changed" for step in (steps if ctx.check_mode else execution.sent) for item in step.items
        }
        result["outcomes"] = [item_outcome(item, origin, execution) for item in items]
    if execution.failures:
        raise partial_failure(spec, items or [], execution)


def run_resource(spec: Resource, ctx: Context, result: dict[str, Any]) -> None:
    """Bring objects into the wished state."""
    result["plan"] = []
    items = _build_desired(spec, ctx)
    _resolve_parent(spec, ctx)
    if watch := spec.on_poll:
        ctx.waiter.on_poll = lambda: watch(ctx)
        result["samples"] = ctx.samples
    observe(spec, ctx, items)
    if not ctx.check_mode and ctx.waiter.policy.wait:
        wait_until_settled(spec, ctx, items)
    execution = Execution(ctx, continue_on_error=spec.batch, by_status=spec.status is not None)
    origin: dict[str, str] = {}
    steps: Sequence[Step] = []
    for item in items:
        item.was_absent, item.before = item.current is None, item.current

    def look_again(racing: Sequence[Item]) -> bool:
        observe(spec, ctx, items)
        overtaken = [item for item in racing if (item.current is None) != item.present]
        for item in overtaken:
            # What another run has made is not new to this one, unless it may have been its own write.
            if not execution.reply_lost:
                item.was_absent, item.before = item.current is None, item.current
        return bool(overtaken)

    execution.look_again = look_again

    def plan() -> Sequence[Step]:
        if execution.reply_lost or execution.plan_stale:
            observe(spec, ctx, items)
        if execution.plan_stale and ctx.waiter.policy.wait:
            wait_until_settled(spec, ctx, items)
        if spec.refine:
            for item in items:
                spec.refine(ctx, item)
        compare_items(spec, items, ctx.params)
        left = [item for item in items if not execution.has_changed(item)]
        if not execution.reply_lost:
            for item in left:
                item.first_changes = dict(item.changes)
        steps = plan_resource(spec, ctx, items)
        if not execution.reply_lost:
            origin.update({item.label: outcome_of(spec, item, steps) for item in left})
            result["diff"] = diff_of(spec, left, origin, result.get("diff"))
        return steps

    try:
        steps = _execute_with_replan(spec, ctx, execution, plan)
        if execution.acted:
            verify_resource(spec, ctx, items, execution)
    except TpopsError as error:
        if isinstance(error, JobFailed):
            _show_after_failure(spec, ctx, items, result, error)
        if spec.interrupted and execution.changed:
            result.update(spec.interrupted(ctx, items, error))
        raise
    finally:
        report(execution, result)
    if ctx.check_mode:
        result.update(changed=bool(steps), plan=[step.describe() for step in steps])
    for item in items:
        item.failed = item.label in execution.failures
    result.update(objects_of(spec, ctx, items))
    if spec.result:
        _merge_result(result, spec.result(ctx, items))
    if spec.batch:
        result["outcomes"] = [item_outcome(item, origin, execution) for item in items]
    if execution.failures:
        raise partial_failure(spec, items, execution)


def _show_after_failure(
    spec: Resource, ctx: Context, items: Sequence[Item], result: dict[str, Any], error: JobFailed
) -> None:
    """Show what a failed job has left, and add what the object itself tells about it."""
    with suppress(TpopsError):
        observe(spec, ctx, items)
        result.update(objects_of(spec, ctx, items))
        broken = [failure_text(spec, item) for item in items if is_failed(spec, item)]
        if broken and broken[0] not in error.message:
            error.message = f"{error.message}. {broken[0]}"


def _execute_with_replan(
    spec: Resource | Action, ctx: Context, execution: Execution, plan: Callable[[], Sequence[Step]]
) -> Sequence[Step]:
    """Execute a plan and return its steps; in check mode nothing is sent.

    When the reply to a write was lost another plan, from another look at the platform, decides what is left to do.
    """
    attempt, busy_seconds = 0, 0.0
    while True:
        steps = plan()
        if ctx.check_mode:
            return steps
        try:
            execution.run(steps)
            execution.finish()
            return steps
        except AmbiguousWrite as lost:
            attempt += 1
            if not all(map(execution.is_repeatable, execution.sent[-1:])):
                lost.hint = f"Look at the platform first. {ONCE_MORE}"
            if attempt == ATTEMPTS or not execution.decides:
                raise
            ctx.warn(f"{lost}; what the platform shows decides what is left to do")
            ctx.waiter.pause(SETTLE_SECONDS)
            if execution.left_a_job and spec.parent and spec.parent.wait_until_idle and ctx.waiter.policy.wait:
                # While the job runs the platform may show what the job has not brought about yet, and may never do.
                spec.parent.wait_until_idle(ctx)
            continue
        except Overtaken:
            continue
        except Busy:
            busy_seconds += SETTLE_SECONDS
            if not (execution.reply_lost or execution.plan_stale) or busy_seconds > ctx.params.get("busy_timeout", 0):
                raise
        ctx.waiter.pause(SETTLE_SECONDS)


def _merge_result(result: dict[str, Any], extra: dict[str, Any]) -> None:
    """Add what a hook has to tell. A file that it has written is a change too, and its diff stands beside that of the
    objects."""
    changed, diff = extra.pop("changed", False), extra.pop("diff", None)
    result.update(extra)
    result["changed"] = bool(changed or result["changed"])
    if diff:
        result["diff"] = [*([result["diff"]] if "diff" in result else []), diff]


def _build_desired(spec: Resource, ctx: Context) -> list[Item]:
    """Validate what is asked for, before any call."""
    params = ctx.params
    if spec.desired:
        wishes = spec.desired(ctx)
    elif spec.batch:
        wishes = params[spec.plural]
    else:
        wishes = [{each.name: params[each.name] for each in spec.fields if each.option}]
    items = build_items(spec, params, wishes, _path_of_object(spec, params))
    if spec.validate:
        for item in items:
            spec.validate(ctx, item)
    return items


def _path_of_object(spec: Resource | Action | Info, params: Mapping[str, Any]) -> str:
    return (
        str(next((params[each.name] for each in spec.parent.fields if params.get(each.name)), ""))
        if spec.parent
        else ""
    )


def _resolve_parent(spec: Resource | Action | Info, ctx: Context) -> None:
    if spec.parent:
        ctx.scope_id, ctx.scope_label = spec.parent.resolve(ctx)
