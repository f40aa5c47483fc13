# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one flow of every module: read, plan, and, unless it is a check, execute, wait and read back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from ..http.errors import AmbiguousWrite, Busy, JobFailed, TpopsError
from .context import Context
from .execution import ONCE_MORE, Execution, Overtaken
from .item import Item, Step
from .observation import calls_of, observe, read_all, read_one, take_over, wait_until_settled
from .planning import build_items, compare_items, describe_failure, is_failed, plan_steps, refine_items
from .result import build_partial_failure, describe_outcome, diff_of, objects_of, outcome_of, report
from .spec import Action, Info, Resource
from .verification import verify

# How often a write whose reply was lost is decided by a look at the platform, and how long (s) to let it show first.
ATTEMPTS = 3

SETTLE_SECONDS = 2.0


def run_info(spec: Info, ctx: Context, result: dict[str, Any]) -> None:
    """Read, and return a list under the plural key."""
    _resolve_parent(spec, ctx)
    find = spec.find
    calls = calls_of(find, ctx)
    listed = read_one(find, ctx, calls) if spec.single else read_all(find, ctx, calls)
    take_over(find, ctx, listed)
    result[spec.plural] = ctx.found
    if spec.result:
        result.update(spec.result(ctx, list(ctx.found)))


def run_task(spec: Resource | Action, ctx: Context, result: dict[str, Any]) -> None:
    """Bring about what a task asks for: observe, wait until settled, plan, execute, verify.

    In check mode it ends with the plan. A lost reply, or a plan that no longer fits, leads to another look and another
    plan.
    """
    result["plan"] = []
    items = build_items(spec, ctx)
    _resolve_parent(spec, ctx)
    if watch := spec.hooks.on_poll:
        ctx.waiter.on_poll = lambda: watch(ctx)
        result["samples"] = ctx.samples
    observe(spec, ctx, items)
    if ctx.may_wait:
        wait_until_settled(spec, ctx, items)
    for item in items:
        item.was_absent, item.before = item.current is None, item.current
    execution = Execution(
        ctx,
        continue_on_error=spec.batch,
        by_status=spec.status is not None,
        sees_writes=spec.find is not None or spec.sees_writes,
    )
    planner = _Planner(spec, ctx, items, execution, result)
    if spec.find:
        execution.look_again = planner.look_again
    steps: Sequence[Step] = []
    try:
        steps = _execute_with_replan(spec, ctx, execution, planner.plan)
        if execution.acted:
            verify(spec, ctx, items, execution)
    except TpopsError as error:
        if isinstance(error, JobFailed):
            _show_after_failure(spec, ctx, items, result, error)
        if spec.hooks.interrupted and execution.changed:
            result.update(spec.hooks.interrupted(ctx, items, error))
        raise
    finally:
        report(execution, result)
    if ctx.check_mode:
        result.update(changed=bool(steps), plan=[step.describe() for step in steps])
    for item in items:
        item.failed = item.label in execution.failures
    result.update(objects_of(spec, ctx, items))
    if spec.hooks.result:
        _merge_result(result, spec.hooks.result(ctx, items))
    if spec.batch:
        result["outcomes"] = [describe_outcome(item, planner.origin, execution) for item in items]
    if execution.failures:
        raise build_partial_failure(spec, items, execution)


class _Planner:
    """The plans of one task: the first one, and those after a lost reply or when the plan no longer fits.

    ``origin`` says what became of each object by its label, as the last plan without a lost reply found it.
    """

    def __init__(
        self, spec: Resource | Action, ctx: Context, items: list[Item], execution: Execution, result: dict[str, Any]
    ) -> None:
        self.spec = spec
        self.ctx = ctx
        self.items = items
        self.execution = execution
        self.result = result
        self.origin: dict[str, str] = {}

    def plan(self) -> Sequence[Step]:
        spec, ctx, items, execution = self.spec, self.ctx, self.items, self.execution
        if execution.reply_lost or execution.plan_stale:
            observe(spec, ctx, items)
        if execution.plan_stale and ctx.may_wait:
            wait_until_settled(spec, ctx, items)
        refine_items(spec, ctx, items)
        compare_items(spec, items, ctx.params)
        left = [item for item in items if not execution.has_changed(item)]
        if not execution.reply_lost:
            for item in left:
                item.first_changes = dict(item.changes)
        steps = plan_steps(spec, ctx, items)
        if not execution.reply_lost:
            self.origin.update({item.label: outcome_of(spec, item, steps) for item in left})
            if spec.find:
                self.result["diff"] = diff_of(spec, left, self.origin, self.result.get("diff"))
        return steps

    def look_again(self, racing: Sequence[Item]) -> bool:
        """Return whether somebody else has created or removed one of the objects since the plan was made."""
        observe(self.spec, self.ctx, self.items)
        overtaken = [item for item in racing if (item.current is None) != item.present]
        for item in overtaken:
            # What another run has created is not new to this one, unless it may have been its own write.
            if not self.execution.reply_lost:
                item.was_absent, item.before = item.current is None, item.current
        return bool(overtaken)


def _show_after_failure(
    spec: Resource | Action, ctx: Context, items: Sequence[Item], result: dict[str, Any], error: JobFailed
) -> None:
    """Show what a failed job has left, and add what the object itself says about it."""
    with suppress(TpopsError):
        observe(spec, ctx, items)
        result.update(objects_of(spec, ctx, items))
        broken = [describe_failure(spec, item) for item in items if is_failed(spec, item)]
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
            if attempt == ATTEMPTS or not execution.sees_writes:
                raise
            ctx.warn(f"{lost}; what the platform shows decides what is left to do")
            ctx.waiter.pause(SETTLE_SECONDS)
            if execution.left_a_job and spec.parent and spec.parent.wait_until_idle and ctx.waiter.policy.wait:
                # While the job runs the platform may show what the job has not brought about yet, and may never do.
                ctx.parent = spec.parent.wait_until_idle(ctx)
            continue
        except Overtaken:
            continue
        except Busy:
            busy_seconds += SETTLE_SECONDS
            if not (execution.reply_lost or execution.plan_stale) or busy_seconds > ctx.params.get("busy_timeout", 0):
                raise
        ctx.waiter.pause(SETTLE_SECONDS)


def _merge_result(result: dict[str, Any], extra: dict[str, Any]) -> None:
    """Add what a hook returns. A file that it has written is a change too, and its diff follows that of the objects."""
    changed, diff = extra.pop("changed", False), extra.pop("diff", None)
    result.update(extra)
    result["changed"] = bool(changed or result["changed"])
    if diff:
        result["diff"] = [*([result["diff"]] if "diff" in result else []), diff]


def _resolve_parent(spec: Resource | Action | Info, ctx: Context) -> None:
    if spec.parent:
        ctx.parent = spec.parent.resolve(ctx)
