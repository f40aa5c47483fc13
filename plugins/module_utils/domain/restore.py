# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restores in place: attaching to a running one, and checking whether a point in time can be restored."""

from __future__ import annotations

from typing import Any

from ..api import vocabulary as words
from ..api.instance import list_instances
from ..engine.context import Context
from ..engine.waiting import Observation
from ..http.errors import ApiFailure, NotFound, TpopsError
from .backup import check_restorable
from .read_errors import is_on_xbsa

# The restore is over in these statuses. In any other status, known or unknown, it may still be running.
_OVER = {
    "FAILED": "failed",
    "ACTIVE": "done",
    "SHUTDOWN": "done",
    "STOPPED": "done",
    "STORAGE FULL": "done",
    "FROZEN": "done",
}


def look(ctx: Context) -> dict[str, Any]:
    """Return the task's instance as it is now; empty in check mode if an earlier task would create it."""
    if ctx.parent.id is None:
        return {}
    found = next(
        (each for each in ctx.items(list_instances(instance_id=ctx.parent.id)) if each["id"] == ctx.parent.id), None
    )
    if found is None:
        raise NotFound(f"instance_id: there is no instance with ID {ctx.parent.id}")
    return found


def is_restoring(ctx: Context) -> bool:
    """Return whether the instance is being restored, and wait until that is over; check mode only warns.

    Once true, the answer stays true for the task, which may plan again after a later reply is lost.
    """
    status = look(ctx).get("status")
    if status is not None and status not in words.INSTANCE_STATUS:
        raise TpopsError(
            f"Instance {ctx.parent.label} is in status {status}, which does not show whether a restore is running"
        )
    if status == "RESTORING":
        ctx.warn(
            f"Instance {ctx.parent.label} is already being restored; the task waits for that restore and does not "
            "start another one"
        )
        if not ctx.check_mode:
            ctx.waiter.wait_until(lambda: _observe(ctx), label=f"{ctx.module} {ctx.parent.label}")
    return status == "RESTORING" or ctx.facts.get("restoring", False)


def check_restore_moment(ctx: Context, option: str, moment: int, instance_id: str, label: str) -> None:
    """Reject a moment to which the data of the instance cannot be restored, as far as the platform knows.

    It does not know this for XBSA backups (4.2.11): the backup system keeps the log, and only the attempt shows it.
    """
    try:
        check_restorable(ctx, option, moment, instance_id, label)
    except ApiFailure:
        if not is_on_xbsa(ctx, instance_id):
            raise
        ctx.warn(f"{option}: only the backup system of instance {label} knows to which moments it can be restored")


def _observe(ctx: Context) -> Observation:
    status = str(look(ctx).get("status"))
    return Observation(_OVER.get(status, "running"), status)
