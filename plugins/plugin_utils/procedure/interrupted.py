# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether an earlier run that did not come to its end has done what leaves no trace on the platform, such as a restart.

Its record has a note with the platform's time right before the request, and the task of the platform right after it.
The task decides. If the run was killed in between, the sessions decide, which survive neither a restart nor a restore.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_int

from .record import RUNNING

Data = Mapping[str, Any]

# ``none``: no run was about to do it. ``failed``: the task has failed.
OUTCOMES = DONE, NOT_DONE, FAILED, UNKNOWN, NONE = ("done", "not_done", "failed", "unknown", "none")
JOB_COMPLETED, JOB_FAILED = "Completed", ("Failed", "Canceled", "Aborted", "Terminated")


def outcome_of_request(record: Data, step: str, note: str, job: Data, sessions: Sequence[Data] | None) -> str:
    """Return what became of the request in a step of a record.

    ``note`` is the code of the note before the request, ``job`` the task :func:`job_of` as the platform shows it now,
    ``sessions`` are those of the instance, ``None`` if they cannot be read.
    """
    if step_of(record, step) is None:
        return NONE
    # The run itself has seen the end of the task: a later step has begun.
    if is_complete(record, step):
        return DONE
    status = job.get("status") if job.get("id") == job_of(record, step) else None
    if status == JOB_COMPLETED:
        return DONE
    if status in JOB_FAILED:
        return FAILED
    notes = [each for each in record.get("notes") or () if each.get("code") == note]
    # A run that ended or was killed before it was about to send the request has not left the note.
    if not notes:
        return NOT_DONE
    moment = as_int(notes[-1].get("moment_ms"))
    begun = [started for each in sessions or () if (started := as_int(each.get("started_at_ms")))]
    if moment is None or not begun:
        return UNKNOWN
    return NOT_DONE if min(begun) < moment else DONE


def platform_moment(sessions: Sequence[Data] | None) -> int | None:
    """Return the platform's time in milliseconds since 1970, as its sessions show it, because the controller's clock
    may differ."""
    found = [
        started + 1000 * (as_int(each.get("age_seconds")) or 0)
        for each in sessions or ()
        if (started := as_int(each.get("started_at_ms")))
    ]
    return max(found, default=None)


def step_of(record: Data, name: str) -> Data | None:
    """Return a step of a record by its name, the last one if there are several."""
    return next((step for step in reversed(record.get("steps") or ()) if step.get("name") == name), None)


def is_complete(record: Data, name: str) -> bool:
    """Return whether a step of a record has come to its end."""
    return (step_of(record, name) or {}).get("outcome") in ("ok", "changed")


def job_of(record: Data, name: str) -> str:
    """Return the ID of the task of a step whose end no run has seen."""
    step = step_of(record, name) or {}
    jobs = step.get("jobs") or () if step.get("outcome") in (RUNNING, "failed") else ()
    return next((str(job["id"]) for job in jobs if job.get("id")), "")
