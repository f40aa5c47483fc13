# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a procedure sees of the backups of an instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Data = Mapping[str, Any]


def summary_of(site: str, seen: Data) -> dict[str, Any]:
    """Return what there is of a member, and its newest full backup, as a code with values."""
    backup = seen["newest_backup"]
    values = {"site": site, "instance": seen["instance"], "status": seen["instance_status"]}
    if _is_gone(seen):
        return {"code": "gone", **values}
    if not backup:
        return {"code": "not_backed_up", **values}
    return {"code": "backed_up", **values, "backup": backup["name"], "time": backup["begin_time"]}


def is_good(seen: Data) -> bool:
    """Return whether an instance has a full backup to go back to, or does not exist any more."""
    return bool(seen["newest_backup"]) or _is_gone(seen)


def _is_gone(seen: Data) -> bool:
    return bool(seen.get("missing"))
