# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a procedure knows of the flashback of a table: whether an earlier run has done it. The platform does not show
the rows of a table (4.4.15), so only the records of earlier runs say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.util.times import epoch_ms

from .interrupted import is_complete, step_of
from .record import RUNNING

Data = Mapping[str, Any]

FLASH_BACK = "flash_back"
# How far a flashback is.
NEW, DONE, COMPLETE, UNKNOWN = ("new", "done", "complete", "unknown")
SUCCESS = ("done", "unchanged")


def flashback_stage(request: Data, records: Sequence[Data]) -> str:
    """Return how far earlier runs of the same ``request`` are: ``new``, ``done`` and not verified, ``complete``, or
    ``unknown`` if one was interrupted during it. ``records`` are those of earlier runs, the newest first.

    A dropped table that is restored is shown by the platform, so that is never unknown.
    """
    own = [record for record in records if _key_of(record.get("request") or {}) == _key_of(request)]
    for number, record in enumerate(own):
        step = step_of(record, FLASH_BACK)
        if step is None:
            continue
        # The platform answers when it is done, and then the step has the operation.
        answered = step.get("outcome") == RUNNING and bool(step.get("operations"))
        if answered or is_complete(record, FLASH_BACK):
            return COMPLETE if any(each.get("outcome") in SUCCESS for each in own[: number + 1]) else DONE
        # What was refused before the request was sent has no operation.
        refused = step.get("outcome") == "failed" and not step.get("operations")
        return NEW if refused or request.get("undrop") else UNKNOWN
    return NEW


def _key_of(request: Data) -> tuple[Any, ...]:
    names = tuple(str(request.get(name) or "").lower() for name in ("database", "schema", "table"))
    moment = epoch_ms(request.get("time")) if request.get("time") else None
    return (*names, moment, bool(request.get("undrop")), int(request.get("attempt") or 1))
