# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a platform answers: when it counts as lost, and when it is back.

A platform that refuses to answer is not lost: nobody should fail over because a password has expired.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ConnectionFailed, TpopsError

from .changes import SITE_ACCEPTED, SITE_BACK, SITE_LOST, SITE_REFUSED, make_event

# What is known of the contact to a platform before the first read. The three moments are epoch milliseconds.
UNKNOWN: dict[str, Any] = {
    "failures": 0,
    "silent": False,
    "failing_since_ms": None,
    "lost_since_ms": None,
    "refused_since_ms": None,
    "error": None,
}


def is_silent(error: Exception) -> bool:
    """Return whether a platform did not answer, or something in front of it says that it does not."""
    return isinstance(error, ConnectionFailed) or (
        isinstance(error, TpopsError) and error.status is not None and error.status in (502, 503, 504)
    )


def note_success(
    platform: str, contact: Mapping[str, Any], time_ms: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the contact after a read that worked, and the events."""
    events = []
    for kind, name in ((SITE_BACK, "lost_since_ms"), (SITE_ACCEPTED, "refused_since_ms")):
        since = contact[name]
        if since is not None:
            events.append(make_event(kind, platform, str(since), time_ms, since_ms=since))
    return dict(UNKNOWN), events


def note_failure(
    platform: str,
    contact: Mapping[str, Any],
    error: Exception,
    time_ms: int,
    lost_after: int,
    relations: Mapping[str, Any],
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the contact after a read that failed, and the events. ``relations`` are those of the last read.

    After ``lost_after`` reads in a row without an answer the platform is lost. A refusal is an answer.
    """
    silent = is_silent(error)
    goes_on = contact["failures"] and silent == contact["silent"]
    since = contact["failing_since_ms"] if goes_on else time_ms
    failures = contact["failures"] + 1 if goes_on else 1
    after = {**contact, "failures": failures, "silent": silent, "failing_since_ms": since, "error": str(error)}
    events = []
    if not silent and contact["lost_since_ms"] is not None:
        lost_since = contact["lost_since_ms"]
        after["lost_since_ms"] = None
        events.append(make_event(SITE_BACK, platform, str(lost_since), time_ms, since_ms=lost_since))
    if not silent and contact["refused_since_ms"] is None:
        after["refused_since_ms"] = since
        events.append(make_event(SITE_REFUSED, platform, str(since), time_ms, since_ms=since, error=str(error)))
    if silent and failures >= lost_after and contact["lost_since_ms"] is None:
        after["lost_since_ms"] = since
        affected = [{"key": key, **relation} for key, relation in relations.items()]
        details = {"since_ms": since, "error": str(error), "relations": affected}
        events.append(make_event(SITE_LOST, platform, str(since), time_ms, **details))
    return after, events
