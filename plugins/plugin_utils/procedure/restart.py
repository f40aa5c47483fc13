# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a procedure sees of the restart of an instance: which parameters wait for it, and whether an earlier run that
did not come to its end has restarted the instance.

The platform shows neither. A parameter has its new value before the restart (4.3.1), and a restart leaves no trace
(4.11.10). So a parameter waits if the platform has another value than the description, or if an earlier run has set it
and not restarted the instance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from .interrupted import DONE, NONE, job_of, outcome_of_request, platform_moment, step_of

Data = Mapping[str, Any]

# The steps of a record, and the note with the platform's time at the restart.
SET, RESTART, SENT = "set_parameters", "restart_instance", "restart_sent"
# After these outcomes nothing is left from a run.
COMPLETE = ("done", "unchanged")


def restart_state(
    deferred: Sequence[str],
    records: Sequence[Data],
    *,
    job: Data | None = None,
    sessions: Sequence[Data] | None = None,
    force: bool = False,
) -> dict[str, Any]:
    """Return what waits for a restart, and what an earlier run has done of it.

    ``deferred`` are the described parameters that need a restart and have other values, ``records`` those of earlier
    runs, the newest first. ``job`` is the task ``job_id`` as the platform shows it now, ``sessions`` are those of the
    instance, ``None`` if they cannot be read.
    """
    opened = list(takewhile(lambda record: record.get("outcome") not in COMPLETE, records))
    position = next((number for number, record in enumerate(opened) if step_of(record, RESTART)), None)
    earlier = NONE if position is None else outcome_of_request(opened[position], RESTART, SENT, job or {}, sessions)
    # What was set before the restart no longer waits after it.
    after = opened[:position] if earlier == DONE else opened
    already = sorted({name for record in after for name in _names_set(record)} - set(deferred))
    waiting = [*deferred, *already]
    jobs = (job_of(record, step) for record in opened[: (position or 0) + 1] for step in (RESTART, SET))
    return {
        "deferred": list(deferred),
        "set": already,
        "waiting": waiting,
        "earlier": earlier,
        "job_id": next(filter(None, jobs), ""),
        "due": bool(waiting) or (force and earlier != DONE),
        "unverified": earlier == DONE,
        "moment_ms": platform_moment(sessions),
    }


def _names_set(record: Data) -> Iterator[str]:
    yield from map(str, (step_of(record, SET) or {}).get("about") or ())
