# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the platform shows what it has accepted: the end of every task that writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from ..http.errors import InputError, JobFailed, TpopsError
from .context import Context
from .execution import Execution
from .item import Item
from .observation import label_of, observe, progress_of
from .planning import Spec, compare_items, describe_failure, is_failed, refine_items
from .spec import Resource
from .waiting import Observation

# How long (s) a change may take to show after the platform has accepted it: some are accepted with an empty 202
# (4.5.8).
SHOW_SECONDS = 20.0


def verify(spec: Spec, ctx: Context, items: Sequence[Item], execution: Execution) -> None:
    """Look at the result on the platform: what was merely accepted is never reported as done."""
    if execution.unfinished or not ctx.waiter.policy.wait:
        observe(spec, ctx, items)
        # What was accepted is under way: what a hook has against it now is nothing that the task should fail for.
        with suppress(TpopsError):
            refine_items(spec, ctx, items)
        execution.failures.update(execution.suspected)
        return
    if spec.find is None and spec.shortfall is None:
        return
    settled = False

    def look() -> dict[str, TpopsError]:
        nonlocal settled
        observe(spec, ctx, items)
        settled = progress_of(spec, items).state == "done"
        return _mismatch_errors(spec, ctx, items, execution) if settled else {}

    def is_final(problems: Mapping[str, TpopsError]) -> bool:
        return settled and all(
            isinstance(problem, JobFailed) or label in execution.suspected for label, problem in problems.items()
        )

    problems = _wait_until_shown(ctx, label_of(ctx, items), look, is_final, lambda: progress_of(spec, items))
    for item in items:
        problem = problems.get(item.label)
        if problem is None:
            continue
        if not spec.batch:
            raise problem
        # What does not exist, or differs, or failed without a word, says nothing; why its job failed does.
        own_words = (
            is_failed(spec, item) and spec.status and spec.status.detail and spec.status.detail(item.current or {})
        )
        doubt = execution.suspected.get(item.label) if item.present and not own_words else None
        execution.failures[item.label] = doubt or problem
    if "" in problems:
        raise problems[""]
    if execution.suspected and not execution.failures:
        ctx.warn(f"{next(iter(execution.suspected.values()))}; the platform shows everything as requested all the same")


def _wait_until_shown(
    ctx: Context,
    label: str,
    look: Callable[[], Mapping[str, TpopsError]],
    is_final: Callable[[Mapping[str, TpopsError]], bool],
    progress: Callable[[], Observation],
) -> Mapping[str, TpopsError]:
    """Look at the platform until it shows what it has accepted, and return what it still does not show after
    ``SHOW_SECONDS``.

    The seconds count from the first look that found the platform at rest. Where the platform does not answer the wait
    goes on.
    """
    clock, deadline = ctx.client.clock, None

    def probe() -> Observation:
        nonlocal deadline
        problems = look()
        seen = progress()
        if seen.state != "done":
            return seen
        deadline = deadline or clock() + SHOW_SECONDS
        if is_final(problems) or clock() >= deadline:
            return Observation("done", seen.text, problems)
        return Observation("running", "the change does not show yet")

    return ctx.waiter.wait_until(probe, label=label, quiet=True) or {}


def _mismatch_errors(spec: Spec, ctx: Context, items: Sequence[Item], execution: Execution) -> dict[str, TpopsError]:
    """Return what the platform does not show although it has accepted it, by label; under ``""`` what is not about a
    single object."""
    problems: dict[str, TpopsError | None] = {}
    if spec.find:
        problems = {
            item.label: _mismatch_error(spec, ctx, item) for item in items if item.label not in execution.failures
        }
    if isinstance(spec, Resource) and any(not step.items for step in execution.sent):
        left = [step for step in spec.extra_steps(ctx, items) if not step.items]
        if left:
            problems[""] = TpopsError(
                f"The platform accepted the request, but this is still left to do: {left[0].summary}"
            )
    if spec.shortfall:
        missing = spec.shortfall(ctx, items)
        problems.update({label: TpopsError(text) for label, text in missing.items() if label not in execution.failures})
    return {label: problem for label, problem in problems.items() if problem is not None}


def _mismatch_error(spec: Spec, ctx: Context, item: Item) -> TpopsError | None:
    if not item.present:
        return _still_present_error(spec, item)
    if item.current is None:
        return TpopsError(f"{item.label} does not exist although the platform accepted the request")
    if is_failed(spec, item):
        return JobFailed(describe_failure(spec, item))
    refine_items(spec, ctx, [item])
    wanted = item.changes
    try:
        compare_items(spec, [item], {})
    except InputError as error:
        return TpopsError(f"The platform created something other than requested: {error}")
    left, item.changes = item.changes, wanted
    if left:
        return TpopsError(
            f"The platform accepted the change of {item.label}, but still shows another value for {', '.join(left)}"
        )
    return None


def _still_present_error(spec: Spec, item: Item) -> TpopsError | None:
    if item.current is None:
        return None
    detail = spec.status.detail(item.current) if spec.status and spec.status.detail else ""
    return TpopsError(
        f"{item.label} still exists although the platform accepted its removal" + (f": {detail}" if detail else "")
    )
