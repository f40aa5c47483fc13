# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a procedure sees of a restore in place: the point, what it loses, and how far earlier runs are with it.

The platform shows neither what an instance was restored to (4.2.13), nor whether the data waits for its confirmation
(4.2.14). The records of earlier runs say it. So that nothing is restored twice even without them, the backup that comes
before a restore has a name that follows from the point and the attempt: the platform remembers it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.util.times import epoch_ms, utc

from .interrupted import DONE, FAILED, NONE, NOT_DONE, UNKNOWN, is_complete, job_of, outcome_of_request, step_of
from .interrupted import platform_moment as moment_of

Data = Mapping[str, Any]

# The steps of a record, and the note with the platform's time at the restore.
RESTORE, ACCEPT, BACK_UP, LAST_BACKUP, SENT = (
    "restore_data",
    "accept_data",
    "back_up_first",
    "back_up_last",
    "restore_sent",
)
# How far a restore is.
NEW, BACKED_UP, RESTORED, ACCEPTED, COMPLETE = ("new", "backed_up", "restored", "accepted", "complete")
HOUR_MS = 3_600_000
COMPLETED = "COMPLETED"
# A backup may have a name of 64 characters.
LONGEST_LABEL = 32


def restore_state(
    backups: Sequence[Data],
    request: Data,
    records: Sequence[Data] = (),
    *,
    spans: Sequence[Data] | None = None,
    sessions: Sequence[Data] | None = None,
    job: Data | None = None,
    status: str = "",
    restoring: bool = False,
) -> dict[str, Any]:
    """Return the point that is requested, what a restore to it loses, and how far earlier runs are.

    ``request`` has ``to`` or ``backup``, and ``attempt``, as a record has them. ``backups`` are those of the instance,
    the newest first, ``spans`` and ``sessions`` as the platform shows them, ``None`` if they cannot be read. ``job`` is
    the task ``job_id``, ``status`` that of the instance. ``restoring``: it was RESTORING at the begin of this run.
    """
    point = point_of(request)
    own = [record for record in records if point_of(record.get("request") or {}) == point]
    sent = next((record for record in own if step_of(record, RESTORE)), None)
    source = _find(backups, str(request.get("backup") or ""))
    moment = _begun(source) if request.get("backup") else epoch_ms(request.get("to"))
    now = max([each["end_ms"] for each in spans or ()] + [moment_of(sessions) or 0]) or None
    label = label_of(request)
    way_back = next(
        (
            each
            for each in backups
            if str(each.get("name")).startswith(f"before-{label}-")
            and each.get("status") == COMPLETED
            and (sent is not None or now is None or now - (_begun(each) or 0) <= HOUR_MS)
        ),
        {},
    )
    remembered = any(str(each.get("name")).startswith(f"before-{label}-") for each in backups)
    stage = _stage(own, sent, job or {}, sessions, status, restoring)
    if stage == NEW and not own and (remembered or restoring):
        stage = UNKNOWN
    return {
        "point": point,
        "label": label,
        "moment_ms": moment,
        "backup_id": str(source.get("id") or ""),
        "now": utc(now) if now else None,
        "minutes": max((now - moment) // 60_000, 0) if now and moment else None,
        "stage": stage,
        "job_id": _open_job(own, sent),
        "way_back": str(way_back.get("name") or ""),
        "platform_ms": moment_of(sessions),
    }


def point_of(request: Data) -> str:
    """Return what identifies a restore: the moment in UTC or the backup, and the attempt."""
    moment = epoch_ms(request.get("to")) if request.get("to") else None
    named = utc(moment) if moment is not None else str(request.get("to") or request.get("backup") or "")
    attempt = str(request.get("attempt") or 1)
    return named if attempt == "1" else f"{named} ({attempt})"


def label_of(request: Data) -> str:
    """Return the same as a part of the name of a backup."""
    moment = epoch_ms(request.get("to")) if request.get("to") else None
    if moment is not None:
        # The seconds are enough to tell moments apart for people.
        named = re.sub(r"[^0-9]", "", utc(moment))
    else:
        named = re.sub(r"[^A-Za-z0-9_-]", "-", str(request.get("backup") or ""))[-LONGEST_LABEL:]
    return f"restore-{named}-{request.get('attempt') or 1}"


def _stage(
    own: Sequence[Data],
    sent: Data | None,
    job: Data,
    sessions: Sequence[Data] | None,
    status: str,
    restoring: bool,
) -> str:
    if sent is None:
        return BACKED_UP if any(is_complete(record, BACK_UP) for record in own) else NEW
    later = own[: own.index(sent) + 1]
    if any(is_complete(record, LAST_BACKUP) for record in later):
        return COMPLETE
    if any(is_complete(record, ACCEPT) for record in later):
        return ACCEPTED
    outcome = outcome_of_request(sent, RESTORE, SENT, job, sessions)
    if outcome in (UNKNOWN, DONE) and restoring and not is_complete(sent, RESTORE):
        outcome = DONE
    if status == "FAILED" and not is_complete(sent, RESTORE):
        outcome = FAILED
    return {DONE: RESTORED, NOT_DONE: BACKED_UP, FAILED: FAILED, UNKNOWN: UNKNOWN, NONE: BACKED_UP}[outcome]


def _open_job(own: Sequence[Data], sent: Data | None) -> str:
    """Return the ID of the task whose end no run has seen, of accepting the data or of the restore."""
    later = own[: own.index(sent) + 1] if sent else ()
    return next(filter(None, (job_of(record, step) for record in later for step in (ACCEPT, RESTORE))), "")


def _find(backups: Sequence[Data], given: str) -> Data:
    """Return the backup with this ID, or the newest completed one with this name."""
    if not given:
        return {}
    complete = [each for each in backups if each.get("status") == COMPLETED]
    return next((each for key in ("id", "name") for each in complete if each.get(key) == given), {})


def _begun(backup: Data) -> int | None:
    return epoch_ms(backup["begin_time"]) if backup.get("begin_time") else None
