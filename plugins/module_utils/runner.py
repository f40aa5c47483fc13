# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one flow of every module: read, plan, and, unless it is a check, execute, wait and read back."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .api.operation import Call
from .engine.arguments import check_sendable, given, prepare
from .engine.context import Context
from .engine.execution import ONCE_MORE, Execution, Overtaken
from .engine.planning import Item, build_items, compare_items, failure_text, is_failed, is_pending, match, plan_resource
from .engine.result import diff_of, item_outcome, objects_of, outcome_of, partial_failure, report
from .engine.spec import CONNECTION, Action, Info, Resource, interface, options_of
from .engine.waiting import Observation, Waiter, WaitPolicy
from .http.client import HAS_REQUESTS, REQUESTS_IMPORT_ERROR, Client, Connection
from .http.errors import AmbiguousWrite, Busy, InputError, JobFailed, NotFound, TpopsError

# How often a write whose reply was lost is decided by a look at the platform, and how long (s) to let it show first.
ATTEMPTS = 3
SETTLE_SECONDS = 2.0
# How long (s) a change may take to show after the platform has accepted it: some are accepted with an empty 202
# (4.5.8).
SHOW_SECONDS = 20.0


class Module(AnsibleModule):
    """A module as a process. Arguments that are not given are dropped before Ansible validates the others."""

    def __init__(self, spec: Resource | Action | Info) -> None:
        self._fields = options_of(spec)
        self.problems: list[InputError] = []
        described = interface(spec)
        super().__init__(argument_spec=described.argument_spec, supports_check_mode=True, **described.rules)

    def _load_params(self) -> None:
        super()._load_params()
        self.params = given(self._fields, self.params, self.problems)

    def _log_invocation(self) -> None:
        # Writing to the log would fail with a traceback.
        try:
            check_sendable(self._fields, self.params)
        except InputError as error:
            self.fail_json(changed=False, **error.as_result())
        super()._log_invocation()


def run_module(spec: Resource | Action | Info) -> None:
    """Run a module as a process: the whole of every module's ``main``."""
    module = Module(spec)
    if module.problems:
        module.fail_json(changed=False, **module.problems[0].as_result())
    if not HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    result = execute(spec, module._name, module.params, check_mode=module.check_mode)
    for warning in result.pop("warnings", []):
        module.warn(warning)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


def execute(
    spec: Resource | Action | Info,
    name: str,
    params: Mapping[str, Any],
    check_mode: bool = False,
    progress: Callable[[str], None] | None = None,
    open_client: Callable[..., Client] = Client,
) -> dict[str, Any]:
    """Run a spec and return Ansible's result. Every error ends here, as ``failed`` with one clear ``msg``.

    ``open_client`` makes the client of a connection, whose clock every wait goes by: tests have one of their own.
    """
    result: dict[str, Any] = {"changed": False}
    ctx = None
    try:
        params = prepare(options_of(spec), params)
        client = open_client(Connection(**{each.name: params[each.name] for each in CONNECTION}), on_wait=progress)
        options = ("wait", "wait_timeout", "wait_interval")
        policy = (
            WaitPolicy(*(params[each] for each in options))
            if spec.waits
            else WaitPolicy(timeout=params["busy_timeout"])
        )
        waiter = Waiter(client, policy, clock=client.clock, sleep=client.sleep, progress=progress)
        ctx = Context(name.rpartition(".")[2], params, client, waiter, check_mode)
        flow = {Resource: run_resource, Action: run_action, Info: run_info}[type(spec)]
        flow(spec, ctx, result)
    except TpopsError as error:
        result.update(error.as_result(), failed=True)
    except Exception as error:  # A bug of ours must not look like a crash, and its text may hold a secret.
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
        result.update(
            failed=True,
            msg=(
                f"Internal error of {name}: {type(error).__name__} at {place}. Please report it, with the task that "
                "led to it"
            ),
        )
    finally:
        if ctx is not None:
            ctx.client.close()
    if ctx is not None and ctx.samples:
        result["samples"] = ctx.samples
    warned = [*ctx.warnings, *ctx.client.warnings] if ctx is not None else []
    if warned:
        result["warnings"] = warned
    return result


def run_info(spec: Info, ctx: Context, result: dict[str, Any]) -> None:
    """Read, and return a list under the plural key."""
    _enter_scope(spec, ctx)
    call = spec.read(ctx)
    found = _one(spec, ctx, call) if spec.single else _all(spec, ctx, call)
    if spec.select:
        found = spec.select(ctx, found)
    result[spec.plural] = found
    if spec.result:
        result.update(spec.result(ctx, found))


def _one(spec: Info, ctx: Context, call: Call) -> list[dict[str, Any]]:
    try:
        found = ctx.item(call)
    except TpopsError as error:
        if not (spec.missing and spec.missing(error)) and not (spec.unreadable and spec.unreadable(ctx, error)):
            raise
        return []
    return [] if found is None else [found]


def _all(spec: Resource | Info, ctx: Context, call: Call | Sequence[Call]) -> list[dict[str, Any]]:
    try:
        return ctx.items(call)
    except TpopsError as error:
        if spec.unreadable is None or not spec.unreadable(ctx, error):
            raise
        return []


def run_action(spec: Action, ctx: Context, result: dict[str, Any]) -> None:
    """Plan, execute, wait; nothing is sent when the plan is empty."""
    result["plan"] = []
    items = spec.items(ctx) if spec.items else None
    _enter_scope(spec, ctx)
    execution = Execution(ctx, keep_going=items is not None, decides=spec.decides)
    steps: Sequence[Any] = []
    try:
        steps = _carry_out(spec, ctx, execution, lambda: spec.plan(ctx) if items is None else spec.plan(ctx, items))
        if execution.changed and spec.shortfall:
            _check_action(spec, ctx, items, execution)
    finally:
        report(execution, result)
    if ctx.check_mode:
        result.update(changed=bool(steps), plan=[step.shown() for step in steps])
    if spec.result:
        _add(result, spec.result(ctx, ctx.replies))
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
    items = _wishes(spec, ctx)
    _enter_scope(spec, ctx)
    if spec.watch:
        ctx.waiter.beside = lambda: spec.watch(ctx)
        result["samples"] = ctx.samples
    observe(spec, ctx, items)
    if not ctx.check_mode and ctx.waiter.policy.wait:
        _wait_for_objects(spec, ctx, items)
    execution = Execution(ctx, keep_going=spec.batch, by_status=spec.status is not None)
    origin: dict[str, str] = {}
    steps: Sequence[Any] = []
    for item in items:
        item.fresh, item.first = item.current is None, item.current

    def look_again(racing: Sequence[Item]) -> bool:
        observe(spec, ctx, items)
        overtaken = [item for item in racing if (item.current is None) != item.present]
        for item in overtaken:
            # What another run has made is not new to this one, unless it may have been its own write.
            if not execution.lost:
                item.fresh, item.first = item.current is None, item.current
        return bool(overtaken)

    execution.look_again = look_again

    def plan() -> Sequence[Any]:
        if execution.lost or execution.outdated:
            observe(spec, ctx, items)
        if execution.outdated and ctx.waiter.policy.wait:
            _wait_for_objects(spec, ctx, items)
        if spec.prepare:
            for item in items:
                spec.prepare(ctx, item)
        compare_items(spec, items, ctx.params)
        left = [item for item in items if not execution.has_changed(item)]
        if not execution.lost:
            for item in left:
                item.planned = dict(item.changes)
        steps = plan_resource(spec, ctx, items)
        if not execution.lost:
            origin.update({item.label: outcome_of(spec, item, steps) for item in left})
            result["diff"] = diff_of(spec, left, origin, result.get("diff"))
        return steps

    try:
        steps = _carry_out(spec, ctx, execution, plan)
        if execution.acted:
            _read_back(spec, ctx, items, execution)
    except TpopsError as error:
        if isinstance(error, JobFailed):
            _look_after_failure(spec, ctx, items, result, error)
        if spec.interrupted and execution.changed:
            result.update(spec.interrupted(ctx, items, error))
        raise
    finally:
        report(execution, result)
    if ctx.check_mode:
        result.update(changed=bool(steps), plan=[step.shown() for step in steps])
    for item in items:
        item.failed = item.label in execution.failures
    result.update(objects_of(spec, ctx, items))
    if spec.result:
        _add(result, spec.result(ctx, items))
    if spec.batch:
        result["outcomes"] = [item_outcome(item, origin, execution) for item in items]
    if execution.failures:
        raise partial_failure(spec, items, execution)


def _look_after_failure(
    spec: Resource, ctx: Context, items: Sequence[Item], result: dict[str, Any], error: JobFailed
) -> None:
    """Show what a failed job has left, and add what the object itself tells about it."""
    with suppress(TpopsError):
        observe(spec, ctx, items)
        result.update(objects_of(spec, ctx, items))
        broken = [failure_text(spec, item) for item in items if is_failed(spec, item)]
        if broken and broken[0] not in error.message:
            error.message = f"{error.message}. {broken[0]}"


def _carry_out(
    spec: Resource | Action, ctx: Context, execution: Execution, plan: Callable[[], Sequence[Any]]
) -> Sequence[Any]:
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
            if execution.left_a_job and spec.scope and spec.scope.settle and ctx.waiter.policy.wait:
                # While the job runs the platform may show what the job has not brought about yet, and may never do.
                spec.scope.settle(ctx)
            continue
        except Overtaken:
            continue
        except Busy:
            busy_seconds += SETTLE_SECONDS
            if not (execution.lost or execution.outdated) or busy_seconds > ctx.params.get("busy_timeout", 0):
                raise
        ctx.waiter.pause(SETTLE_SECONDS)


def _add(result: dict[str, Any], extra: dict[str, Any]) -> None:
    """Add what a hook has to tell. A file that it has written is a change too, and its diff stands beside that of the
    objects."""
    changed, diff = extra.pop("changed", False), extra.pop("diff", None)
    result.update(extra)
    result["changed"] = bool(changed or result["changed"])
    if diff:
        result["diff"] = [*([result["diff"]] if "diff" in result else []), diff]


def _wishes(spec: Resource, ctx: Context) -> list[Item]:
    """Validate what is asked for, before any call."""
    params = ctx.params
    if spec.expand:
        wishes = spec.expand(ctx)
    elif spec.batch:
        wishes = params[spec.plural]
    else:
        wishes = [{each.name: params[each.name] for each in spec.fields if each.option}]
    items = build_items(spec, params, wishes, _given(spec, params))
    if spec.check:
        for item in items:
            spec.check(ctx, item)
    return items


def _given(spec: Resource | Action | Info, params: Mapping[str, Any]) -> str:
    return (
        str(next((params[each.name] for each in spec.scope.fields if params.get(each.name)), "")) if spec.scope else ""
    )


def _enter_scope(spec: Resource | Action | Info, ctx: Context) -> None:
    if spec.scope:
        ctx.scope_id, ctx.scope_label = spec.scope.resolve(ctx)


def observe(spec: Resource, ctx: Context, items: Sequence[Item]) -> None:
    """Read the current objects, with one read for the whole list."""
    call = spec.read(ctx)
    if spec.create is None and not call.complete:
        # The parent is yet to be made, and will have what it always has: everything that is wished is a change.
        for item in items:
            item.current = {}
        return
    if spec.single and spec.select is None:
        try:
            current = [ctx.item(call)] if call.complete else []
        except TpopsError as error:
            # What no module makes has to be there: that it is not found says nothing about what is in it.
            if not (
                spec.unreadable(ctx, error)
                if spec.unreadable
                else spec.create is not None and isinstance(error, NotFound)
            ):
                raise
            current = []
    else:
        current = _all(spec, ctx, call)
        if spec.select:
            current = spec.select(ctx, current)
    match(spec, items, current)


def _wait_for_objects(spec: Resource, ctx: Context, items: Sequence[Item]) -> None:
    """Attach to whatever the platform is already doing with the objects."""
    if not any(is_pending(spec, item) for item in items):
        return

    def probe() -> Observation:
        observe(spec, ctx, items)
        return _progress(spec, items)

    ctx.waiter.wait_until(probe, label=_label(ctx, items))


def _progress(spec: Resource, items: Sequence[Item]) -> Observation:
    """Tell whether the platform is still busy with any of the objects, as they were read last."""
    busy = [item for item in items if is_pending(spec, item)]
    first = (busy or items)[0] if items else None
    status = str((first.current or {}).get(spec.status.attribute) or "gone") if spec.status and first else ""
    if not busy:
        return Observation("done", status)
    return Observation("running", f"{status}, {len(busy)} of {len(items)} to go" if len(items) > 1 else status)


def _label(ctx: Context, items: Sequence[Item]) -> str:
    return f"{ctx.module} {items[0].label}" if len(items) == 1 else ctx.module


def _read_back(spec: Resource, ctx: Context, items: Sequence[Item], execution: Execution) -> None:
    """Look at what the platform made of it: never report what was merely accepted."""
    if execution.unfinished or not ctx.waiter.policy.wait:
        observe(spec, ctx, items)
        execution.failures.update(execution.doubts)
        return
    settled = False

    def look() -> dict[str, TpopsError]:
        nonlocal settled
        observe(spec, ctx, items)
        settled = _progress(spec, items).state == "done"
        return _shortfalls(spec, ctx, items, execution) if settled else {}

    def is_final(problems: Mapping[str, TpopsError]) -> bool:
        return settled and all(
            isinstance(problem, JobFailed) or label in execution.doubts for label, problem in problems.items()
        )

    problems = _until_shown(ctx, _label(ctx, items), look, is_final, lambda: _progress(spec, items))
    for item in items:
        problem = problems.get(item.label)
        if problem is None:
            continue
        if not spec.batch:
            raise problem
        # What does not exist, or differs, or failed without a word, says nothing; why its job failed does.
        told = is_failed(spec, item) and spec.status and spec.status.detail and spec.status.detail(item.current or {})
        doubt = execution.doubts.get(item.label) if item.present and not told else None
        execution.failures[item.label] = doubt or problem
    if "" in problems:
        raise problems[""]
    if execution.doubts and not execution.failures:
        ctx.warn(f"{next(iter(execution.doubts.values()))}; the platform shows everything as requested all the same")


def _until_shown(
    ctx: Context,
    label: str,
    look: Callable[[], Mapping[str, TpopsError]],
    is_final: Callable[[Mapping[str, TpopsError]], bool],
    progress: Callable[[], Observation] = lambda: Observation("done", ""),
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


def _shortfalls(spec: Resource, ctx: Context, items: Sequence[Item], execution: Execution) -> dict[str, TpopsError]:
    """Return what the platform does not show although it has accepted it, by label; under ``""`` what is about no
    single object."""
    problems = {item.label: _shortfall(spec, ctx, item) for item in items if item.label not in execution.failures}
    if spec.after and any(not step.items for step in execution.sent):
        left = [step for step in spec.after(ctx, items) if not step.items]
        if left:
            problems[""] = TpopsError(
                f"The platform accepted the request, but this is still left to do: {left[0].summary}"
            )
    return {label: problem for label, problem in problems.items() if problem is not None}


def _check_action(spec: Action, ctx: Context, items: Sequence[Item] | None, execution: Execution) -> None:
    """Look at what an action has brought about, as far as the platform shows it."""
    if execution.unfinished or not ctx.waiter.policy.wait:
        return

    def look() -> Mapping[str, TpopsError]:
        left = spec.shortfall(ctx) if items is None else spec.shortfall(ctx, items)
        return {label: TpopsError(text) for label, text in left.items() if label not in execution.failures}

    problems = _until_shown(ctx, f"{ctx.module} {ctx.scope_label}".rstrip(), look, lambda problems: not problems)
    if items is None and problems:
        raise next(iter(problems.values()))
    execution.failures.update(problems)


def _shortfall(spec: Resource, ctx: Context, item: Item) -> TpopsError | None:
    if not item.present:
        return _leftover(spec, item)
    if item.current is None:
        return TpopsError(f"{item.label} does not exist although the platform accepted the request")
    if is_failed(spec, item):
        return JobFailed(failure_text(spec, item))
    if spec.prepare:
        spec.prepare(ctx, item)
    wanted = dict(item.changes)
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


def _leftover(spec: Resource, item: Item) -> TpopsError | None:
    if item.current is None:
        return None
    detail = spec.status.detail(item.current) if spec.status and spec.status.detail else ""
    return TpopsError(
        f"{item.label} still exists although the platform accepted its removal" + (f": {detail}" if detail else "")
    )
