# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waiting for jobs and for states: the only place of the collection that does (reference: 4.17.1).

The reference does not list the values of a job's status. Only words that are known to mean success or failure end a
wait; every other one is a job that is still running, until the time allowed is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ..api.job import FAILED, JOB, SUCCEEDED, get_job
from ..http import errors
from ..http.client import Client
from ..util.printable import LONGEST_LINE, printable

# "No such thing, or you may not see it": to a poll the same as not found.
_HIDDEN_CODE = "DBS.200044"

# A job may be unknown for a moment after it was started, or while the platform fails over.
_UNKNOWN_POLLS = 3

_AWAY = "no answer from the platform, asking again"

# Seconds.
_FIRST_PAUSE = 1.0
_LINE_EVERY = 10.0
# A platform that has just come back may take so long to know its jobs again.
_RECOVERY = 60.0

_GROWTH = 1.5

_T = TypeVar("_T")


@dataclass(frozen=True)
class WaitPolicy:
    """Whether and how long to wait: ``timeout`` in all and ``interval`` at most between two polls, in seconds."""

    wait: bool = True
    timeout: float = 3600.0
    interval: float = 10.0


@dataclass(frozen=True)
class Observation:
    """What a poll saw: ``state`` is ``running``, ``done``, ``failed`` or ``unknown``, ``text`` says it in words."""

    state: str
    text: str
    value: Any = None


class Waiter:
    """Polls until something is done.

    Pauses grow from one second to the policy's interval. ``clock`` is monotonic; ``progress`` gets a line whenever
    there is something new to say, and every ten seconds. A read with a transient failure, such as those of a
    platform that restarts, is repeated until the time allowed is over.

    ``begun`` says that the task has sent a write or has waited: from then on :meth:`persist` repeats its other reads
    too.
    """

    def __init__(
        self,
        client: Client,
        policy: WaitPolicy,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        self.policy = policy
        self._client = client
        self._clock = clock
        self._sleep = sleep
        self._progress = progress
        # More for the progress line of each look. It may be missing: an error in it does not end a wait.
        self.on_poll: Callable[[], str | None] | None = None
        self.begun = False
        self._polling = False

    def pause(self, seconds: float) -> None:
        """Sleep: for callers that need to give the platform a moment."""
        self._sleep(seconds)

    def with_minimum_wait(self, seconds: float) -> Waiter:
        """Return a waiter for what nothing can begin without: it waits even if the policy does not, but then only for
        so long."""
        if self.policy.wait:
            return self
        policy = WaitPolicy(True, seconds, self.policy.interval)
        waiter = Waiter(self._client, policy, clock=self._clock, sleep=self._sleep, progress=self._progress)
        waiter.on_poll = self.on_poll
        return waiter

    def wait_job(self, job_id: str, *, label: str) -> dict[str, Any]:
        """Wait for a job and return it in the shape of ``JOB``.

        Without waiting (``policy.wait`` is false) the job is returned as it is now, or with its ID only when the
        platform does not know it yet. Raises :class:`errors.JobFailed`, :class:`errors.JobTimeout` or
        :class:`errors.JobUnknown`, and what the client raises when asking again is of no use, such as a refused login.
        """
        job = {**JOB.read({}), "id": job_id}
        result = self._wait(lambda: self._observe_job(job_id), label, f"job {job_id}", job)
        return result if result is not None else job

    def wait_until(self, probe: Callable[[], Observation], *, label: str, quiet: bool = False) -> Any:
        """Call ``probe`` until it observes ``done``, and return the observation's value.

        Without waiting it is called once. ``quiet`` leaves out the line about what the first look finds done. Raises
        :class:`errors.JobFailed`, :class:`errors.JobTimeout` or :class:`errors.JobUnknown` like :meth:`wait_job`,
        without a job's ID.
        """
        return self._wait(probe, label, None, None, quiet)

    def persist(self, read: Callable[[], _T], *, label: str) -> _T:
        """Return what ``read`` returns. Once the task has begun a read with a transient failure is repeated.

        The time allowed starts with the first failure; when it is over the last error is raised. Other errors are
        raised at once, and so are all of them before the task has begun, without waiting, and inside a poll, which is
        repeated as a whole.
        """
        if not self.begun or self._polling or not self.policy.wait:
            return read()
        wait: _Wait | None = None
        teller = _Teller(label, self._clock, self._progress, self._clock())
        while True:
            try:
                return read()
            except errors.TpopsError as error:
                wait = wait or _Wait(self.policy, self._clock)
                pause = wait.next_pause() if is_transient(error) else None
                if pause is None:
                    raise
            teller.tell(_AWAY)
            self._sleep(pause)

    def _observe_job(self, job_id: str) -> Observation:
        try:
            job = self._client.item(get_job(job_id))
        except errors.PermissionDenied as exc:
            if exc.code != _HIDDEN_CODE:
                raise
            return Observation("unknown", f"the platform does not know job {job_id}")
        job = {**job, "id": job.get("id") or job_id}
        text = printable(
            " ".join(str(part) for part in (job.get("name") or "job", _percent(job)) if part), LONGEST_LINE
        )
        status = job.get("status")
        if status in SUCCEEDED:
            return Observation("done", f"{text} {job['status']}", job)
        if status in FAILED:
            reason = (
                printable(self._client.censor(job.get("fail_reason")), LONGEST_LINE) or "the platform gave no reason"
            )
            return Observation("failed", f"{text} {job['status']}: {reason}", job)
        return Observation(
            "running", text if _percent(job) else f"{text} {job.get('status') or 'in an unknown state'}", job
        )

    def _wait(
        self,
        probe: Callable[[], Observation],
        label: str,
        job_name: str | None,
        job: dict[str, Any] | None,
        quiet: bool = False,
    ) -> Any:
        wait = _Wait(self.policy, self._clock)
        teller = _Teller(label, self._clock, self._progress, wait.started)
        context = _JobContext(label, job_name, dict(job) if job else None)
        unknown, last_lost = 0, -_RECOVERY
        while True:
            seen, lost = self._poll(probe)
            if seen is not None:
                if seen.state != "unknown":
                    unknown = 0
                elif self._clock() - last_lost >= _RECOVERY:
                    unknown += 1
                context.learn(seen)
                if quiet and seen.state == "done" and not teller.has_told:
                    return seen.value
                teller.tell(
                    ", ".join(filter(None, (seen.text, self._poll_hook()))), final=seen.state in ("done", "failed")
                )
            else:
                last_lost = self._clock()
                teller.tell(_AWAY)
            if seen is not None and seen.state == "done":
                return seen.value
            if seen is not None and seen.state == "failed":
                raise context.failed(seen)
            if unknown > _UNKNOWN_POLLS:
                raise context.unknown()
            if not self.policy.wait:
                return seen.value if seen is not None else None
            pause = wait.next_pause()
            if pause is None:
                raise context.timed_out(self.policy.timeout, lost)
            self.begun = True
            self._sleep(pause)

    def _poll(self, probe: Callable[[], Observation]) -> tuple[Observation | None, errors.TpopsError | None]:
        """Return what the probe saw, or why there was no answer; a thing that is not found is an observation."""
        try:
            return self._once(probe), None
        except errors.NotFound as exc:
            return Observation("unknown", str(exc)), None
        except errors.TpopsError as exc:
            if not is_transient(exc):
                raise
            return None, exc

    def _once(self, look: Callable[[], _T]) -> _T:
        """Look once: what is repeated as a whole needs no repetition inside."""
        self._polling, outer = True, self._polling
        try:
            return look()
        finally:
            self._polling = outer

    def _poll_hook(self) -> str | None:
        if self.on_poll is None:
            return None
        try:
            return self._once(self.on_poll)
        except errors.TpopsError:
            return None


class _Wait:
    """The pauses of one wait. The last one is cut so that the deadline is polled at, not slept through."""

    def __init__(self, policy: WaitPolicy, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._interval = policy.interval
        self._pause = min(_FIRST_PAUSE, policy.interval)
        self.started = clock()
        self._deadline = self.started + policy.timeout

    def next_pause(self) -> float | None:
        """Return the seconds until the next poll, or ``None`` after the deadline."""
        left = self._deadline - self._clock()
        if left <= 0:
            return None
        pause = min(self._pause, left)
        self._pause = min(self._pause * _GROWTH, self._interval)
        return pause


class _Teller:
    """Progress lines: when the text changes, and now and then so that it does not look stuck."""

    def __init__(
        self, label: str, clock: Callable[[], float], progress: Callable[[str], None] | None, started: float
    ) -> None:
        self._label, self._clock, self._progress, self._started = label, clock, progress, started
        self._text: str | None = None
        self._told = started

    @property
    def has_told(self) -> bool:
        return self._text is not None

    def tell(self, text: str, final: bool = False) -> None:
        now = self._clock()
        if self._progress is None or (text == self._text and not final and now - self._told < _LINE_EVERY):
            return
        self._text, self._told = text, now
        self._progress(f"{self._label}: {text} ({format_duration(now - self._started)})")


class _JobContext:
    """What an error about the wait says: what was waited for and what was last seen of it."""

    def __init__(self, label: str, job_name: str | None, job: dict[str, Any] | None) -> None:
        self._label, self._job_name, self._job = label, job_name, job
        self._last: str | None = None

    def learn(self, seen: Observation) -> None:
        self._last = seen.text
        if self._job is not None and isinstance(seen.value, Mapping):
            self._job.update(seen.value)

    def failed(self, seen: Observation) -> errors.JobFailed:
        return errors.JobFailed(
            f"{self._label}: {self._of_job()}failed: {seen.text}",
            hint="Look at the task in the platform's task center; correct the cause and run this again.",
            **self._ids(),
        )

    def unknown(self) -> errors.JobUnknown:
        return errors.JobUnknown(
            (
                f"{self._label}: the platform does not know "
                f"{self._job_name or 'what is waited for'}{'' if self._job_name else self._reason}"
            ),
            hint="It may have ended and been cleaned up; look at the object itself, or run this again.",
            **self._ids(),
        )

    def timed_out(self, timeout: float, lost: errors.TpopsError | None) -> errors.JobTimeout:
        last = f"last seen: {self._last}" if self._last else "nothing was seen of it"
        trouble = f"; the last poll failed: {lost}" if lost else ""
        return errors.JobTimeout(
            f"{self._label}: {self._of_job()}was not done after {format_duration(timeout)} ({last}{trouble})",
            hint=(
                f"{'It goes on running: run' if self._job else 'Run'} this again to wait for it, with a higher "
                "wait_timeout."
            ),
            **self._ids(),
        )

    @property
    def _reason(self) -> str:
        return f": {self._last}" if self._last else ""

    def _of_job(self) -> str:
        return f"{self._job_name} " if self._job_name else ""

    def _ids(self) -> dict[str, Any]:
        return {"job_id": self._job["id"], "job": self._job} if self._job else {}


def is_transient(error: errors.TpopsError) -> bool:
    """Return whether a read that failed like this only shows that the platform is away, restarts or has too much
    to do."""
    if isinstance(error, (errors.ConnectionFailed, errors.InvalidReply, errors.Busy, errors.TokenRefused)):
        return True
    return (
        isinstance(error, errors.ApiFailure)
        and error.status is not None
        and (error.status == 429 or error.status >= 500)
    )


def _percent(job: Mapping[str, Any]) -> str:
    progress = str(job.get("progress") if job.get("progress") is not None else "").strip().rstrip("%")
    return f"{progress}%" if progress else ""


def format_duration(seconds: float) -> str:
    """Return ``45s``, ``2m10s`` or ``1h02m``."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
