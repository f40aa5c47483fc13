# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carrying out a plan: the writes in order, the jobs they start, and what becomes of each object."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..api.operation import Operation
from ..api.shape import first_list
from ..http.errors import (
    AmbiguousWrite,
    ApiFailure,
    AuthenticationFailed,
    Busy,
    ConnectionFailed,
    JobError,
    JobFailed,
    JobUnknown,
    NotFound,
    PermissionDenied,
    TpopsError,
)
from ..http.replies import Reply, context_of
from ..util.values import lookup
from .context import Context
from .item import Item, Step

# Errors after which trying the next object would only repeat them.
FATAL = (AmbiguousWrite, AuthenticationFailed, ConnectionFailed)
# Errors that are about the content of a request.
REFUSED = (ApiFailure, NotFound)
# What running a task again means where neither a read nor the platform's answer shows that it was done.
ONCE_MORE = "Running this again would not find out that it was done, and would do it once more"
_JOB_ID = re.compile(r'"?([0-9a-f-]{30,40})"?', re.IGNORECASE)


class Overtaken(Exception):
    """Somebody else has created or removed an object since the plan was made: another plan is needed."""


class Execution:
    """The writes of one task, over all attempts.

    With ``continue_on_error`` one object's failure leaves the others alone: it is noted in ``failures`` by label, and
    the failed object's later steps are left out. ``by_status`` says that an object shows its own progress, so that
    a job that is no longer known is no loss, and that one job's failure is in ``suspected`` for each of its objects
    until a look at them shows which ones it is about. ``sees_writes`` says that another plan sees what was done.
    Once a reply was ``reply_lost`` a busy object is not waited for: it is most likely busy with that write, and another
    look tells what is left to do. The same goes for a plan that a busy object made ``plan_stale``. A write that the
    platform may carry out later, or that nothing shows, is not sent again.
    """

    def __init__(
        self, ctx: Context, continue_on_error: bool = False, by_status: bool = False, sees_writes: bool = True
    ) -> None:
        self.ctx = ctx
        self.continue_on_error = continue_on_error
        self.by_status = by_status
        self.sees_writes = sees_writes
        self.sent: list[Step] = []
        self.jobs: list[dict[str, Any]] = []
        self.failures: dict[str, TpopsError] = {}
        self.suspected: dict[str, TpopsError] = {}
        self.reply_lost = False
        self.plan_stale = False
        # Looks whether objects whose creation or removal was refused have been created or removed by somebody else
        # meanwhile.
        self.look_again: Callable[[Sequence[Item]], bool] | None = None
        self._running: list[tuple[str, Step]] = []
        self._unanswered: list[tuple[Step, AmbiguousWrite]] = []
        self._done: set[tuple[Any, ...]] = set()
        self._looked_at: set[str] = set()

    @property
    def changed(self) -> bool:
        return bool(self.sent)

    @property
    def acted(self) -> bool:
        """Whether anything was sent, or the platform said of anything that it is so already."""
        return bool(self.sent or self._done)

    @property
    def unfinished(self) -> bool:
        return bool(self._running)

    @property
    def left_a_job(self) -> bool:
        """Whether the write whose reply was lost starts a job that may be running now, and that no object shows by
        itself."""
        return not self.by_status and self.reply_lost and bool(self.sent) and self.sent[-1].call.operation.job

    def is_repeatable(self, step: Step) -> bool:
        """Return whether a look at the platform, or its answer, shows that a step was done."""
        return self.sees_writes and step.policy.repeatable

    def run(self, steps: Sequence[Step]) -> None:
        """Send the steps in order. Raises :class:`AmbiguousWrite` when only a look at the platform can show what
        happened.

        After that it raises :class:`Busy` as soon as an object is busy. Raises :class:`Overtaken` when the plan no
        longer fits.
        """
        for whole in steps:
            if _identity(whole) in self._done:
                continue
            self._join(whole)
            step = self._without_failed(whole)
            if step is None:
                continue
            try:
                self._send(step)
            except TpopsError as error:
                if isinstance(error, (*REFUSED, PermissionDenied)) and self._is_overtaken(step):
                    self.plan_stale = True
                    raise Overtaken from error
                busy = isinstance(error, Busy) and (self.reply_lost or not step.policy.wait_when_busy)
                if not self.continue_on_error or not step.items or step.closing or isinstance(error, FATAL) or busy:
                    raise
                if step.policy.split_on_refusal and len(step.items) > 1 and isinstance(error, REFUSED):
                    self.run([step.part([item]) for item in step.items])
                    continue
                for item in step.items:
                    self.failures.setdefault(item.label, error)

    def has_changed(self, item: Item) -> bool:
        """Return whether a write about the object was done."""
        return any(item is other for step in self.sent if _identity(step) in self._done for other in step.items)

    def _is_overtaken(self, step: Step) -> bool:
        """Two runs at the same time both find nothing and create, or both remove: the second one is refused and looks
        again."""
        if self.look_again is None or (step.policy.split_on_refusal and len(step.items) > 1):
            return False
        racing = [
            item for item in step.items if (item.current is None) == item.present and item.label not in self._looked_at
        ]
        racing = [item for item in racing if not self.has_changed(item)]
        # Once for each of them: a platform that shows an object now and then must not keep the task for ever.
        self._looked_at.update(item.label for item in racing)
        if not racing:
            return False
        try:
            return self.look_again(racing)
        except TpopsError:
            return False

    def _without_failed(self, step: Step) -> Step | None:
        """Return the step for the objects that nothing has gone wrong with, ``None`` when there are none left."""
        left = [item for item in step.items if item.label not in self.failures and item.label not in self.suspected]
        if step.items and not left:
            return None
        return step if len(left) == len(step.items) else step.part(left)

    def _send(self, step: Step) -> None:
        if step.deferred_call and not step.call.complete:
            step.call = step.deferred_call()
        self._check_unanswered(step)
        try:
            reply = self.ctx.client.send(step.call, wait_when_busy=step.policy.wait_when_busy and not self.reply_lost)
            if reply.data is False:
                raise ApiFailure(
                    f"{step.call.operation.name} failed: the platform answers that it was not done",
                    **context_of(step.call, reply),
                )
        except AmbiguousWrite as error:
            self._lose(step, error)
            raise
        except TpopsError as error:
            if isinstance(error, Busy) and not step.policy.wait_when_busy:
                self.plan_stale = True
            if error.code is None or error.code not in step.policy.done_codes:
                raise
            self._done.add(_identity(step))
            return
        refused = step.policy.item_errors(reply.data, step.items) if step.policy.item_errors else {}
        if refused and not self.continue_on_error:
            raise next(iter(refused.values()))
        for label, problem in refused.items():
            self.failures.setdefault(label, problem)
        if len(refused) == len(step.items) > 0:
            return
        started = job_ids_of(step.call.operation, reply)
        if step.call.operation.job and not started:
            # Accepted is not done, and without the job's ID only a look at the platform shows when it is.
            unnamed = AmbiguousWrite(
                f"{step.call.operation.name} was accepted, but the reply does not name the job that it started",
                hint="Run it again: what was carried out is found then.",
                **context_of(step.call, reply),
            )
            self._lose(step, unnamed)
            raise unnamed
        self._record(step, done=True)
        self.ctx.replies.append(reply)
        self._running.extend((job_id, step) for job_id in started)

    def _lose(self, step: Step, error: AmbiguousWrite) -> None:
        """Note a write whose reply was lost.

        It counts as sent: if it was done the object changed, and if not the next plan has it again. Then it is
        sent once more, unless the platform may be working on it still, or nothing shows whether it was done.
        """
        self.reply_lost = True
        self._record(step, done=False)
        if error.under_way or not step.policy.repeatable:
            self._unanswered.append((step, error))

    def _check_unanswered(self, step: Step) -> None:
        for earlier, error in self._unanswered:
            if (
                earlier.call.operation is step.call.operation
                and earlier.call.path == step.call.path
                and _share_items(earlier, step)
            ):
                raise error

    def _record(self, step: Step, done: bool) -> None:
        self.ctx.waiter.begun = True
        identity = _identity(step)
        if all(_identity(earlier) != identity for earlier in self.sent):
            self.sent.append(step)
        if done:
            self._done.add(identity)

    def _join(self, step: Step) -> None:
        """Wait for the jobs that this step's objects are still in: a second write would meet a busy object."""
        for entry in list(self._running):
            if _share_items(entry[1], step):
                self._wait(entry)

    def finish(self) -> None:
        """Wait for every job that is still running, or note them down when the task is not to wait."""
        if self.ctx.waiter.policy.wait:
            while self._running:
                self._wait(self._running[0])
            return
        known = {job["id"] for job in self.jobs}
        self.jobs.extend(
            {"id": job_id, "name": None, "status": "Running", "progress": None}
            for job_id, _step in self._running
            if job_id not in known
        )

    def _wait(self, entry: tuple[str, Step]) -> None:
        job_id, step = entry
        about = self.ctx.parent.label or (step.items[0].label if step.items else "")
        more = " and others" if len(step.items) > 1 and not self.ctx.parent.label else ""
        label = f"{self.ctx.module} {about}{more}".rstrip()
        try:
            job = self.ctx.waiter.wait_job(job_id, label=label)
        except JobError as error:
            self._record_job(job_id, {**error.job, "status": "Unknown"} if isinstance(error, JobUnknown) else error.job)
            self._after_failure(step, error)
        else:
            self._record_job(job_id, job)
        finally:
            self._running.remove(entry)

    def _record_job(self, job_id: str, job: Mapping[str, Any]) -> None:
        self.jobs.append({**{key: job.get(key) for key in ("name", "status", "progress")}, "id": job_id})

    def _after_failure(self, step: Step, error: JobError) -> None:
        """Raise the error of a job, unless a look at the objects will show what it means."""
        if isinstance(error, JobUnknown) and self.by_status:
            self.ctx.warn(f"{error}; the object's own status decides")
        elif isinstance(error, JobFailed) and self.continue_on_error and step.items and not step.closing:
            for item in step.items:
                (self.suspected if self.by_status else self.failures).setdefault(item.label, error)
        else:
            if not self.is_repeatable(step) and not isinstance(error, JobFailed):
                error.hint = f"Job {error.job_id} may go on; look at the object. {ONCE_MORE}"
            raise error


def job_ids_of(operation: Operation, reply: Reply) -> list[str]:
    """Return the IDs of the jobs a write started.

    One is in the body as a rule, in a header of some replies (4.11.10), and in an example the body is nothing else
    (4.18.5). Where the operation has ``items`` each of these has one.
    """
    if not (operation.job or operation.job_if_named):
        return []
    if isinstance(reply.data, str) and (alone := _JOB_ID.fullmatch(reply.data.strip())):
        return [alone[1]]
    names = ("job_id", "jobId")
    found = [lookup(entry, name) for entry in first_list(reply.data, operation.items) for name in names]
    found = found or [
        next((value for name in names if (value := lookup(reply.data, name) or reply.headers.get(name))), None)
    ]
    return list(dict.fromkeys(str(job_id) for job_id in found if job_id))


def _share_items(one: Step, other: Step) -> bool:
    """Return whether two steps are about the same object, as those that are about no single one may be."""
    labels, others = ({item.label for item in step.items} for step in (one, other))
    return not labels or not others or bool(labels & others)


def _identity(step: Step) -> tuple[Any, ...]:
    return (step.call.operation.name, step.call.path, step.summary, tuple(item.label for item in step.items))
