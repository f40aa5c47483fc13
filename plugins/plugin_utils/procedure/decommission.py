# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The end of an instance: how far it is, what still depends on it, and what is left of it after that."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import MADE_ACCOUNTS
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.times import epoch_ms

from .proof import BEGUN as PROOF

Data = Mapping[str, Any]

# How far it is: in use, its users locked, or removed.
ACTIVE, LOCKED, GONE = "active", "locked", "gone"
# The note that says what is left, which is written before the instance is removed.
KEPT = "last_backup"
# The last full backups are called so, with the time.
PREFIX = "last-"


def decommission_state(
    instance: str,
    read: Mapping[str, Any],
    records: Sequence[Data],
    proofs: Sequence[Data],
    options: Data,
    now: datetime,
) -> dict[str, Any]:
    """Return how far the end of an instance is.

    ``read`` is what the platform shows: ``instances`` of this name, and of one that exists ``users``, ``backups``,
    ``inspections`` and ``dbminds``. ``records`` are those of earlier runs, ``proofs`` those of proofs of its backups,
    the newest first. ``options`` has ``keep_days``, and ``fresh`` for a backup that has to be newer than this run.
    """
    shown: Data = next(iter(read["instances"]), {})
    notes = [note for record in records for note in reversed(record.get("notes") or ()) if note.get("code") == KEPT]
    known = dict(notes[0]) if notes else {}
    users = own_users(read.get("users") or ())
    unlocked = [each["name"] for each in users if not each["locked"]]
    backup = None if options.get("fresh") else _last_backup(read.get("backups") or (), _locked_at(records))
    stage = GONE if not shown else ACTIVE if unlocked else LOCKED
    until = now + timedelta(days=int(options.get("keep_days") or 0))
    return {
        "stage": stage,
        "known": known,
        "instance_id": str(shown.get("id") or known.get("instance_id") or ""),
        "hosts": [str(node["management_ip"]) for node in shown.get("nodes") or ()] or list(known.get("hosts") or ()),
        "users": [each["name"] for each in users],
        "unlocked": unlocked,
        # As the option of gaussdb_user.
        "locks": [{"name": name, "locked": True} for name in unlocked],
        "backup": dict(backup) if backup else {},
        "backup_name": str(backup["name"]) if backup else f"{PREFIX}{now:%Y%m%d%H%M%S}",
        "proven": bool(backup) and _is_proven(backup or {}, proofs),
        "dbminds": [str(each["name"]) for each in read.get("dbminds") or () if instance in _names(each["managed"])],
        "inspections": [
            {"id": each["id"], "name": each["name"], "left": [one for one in each["instances"] if one != instance]}
            for each in read.get("inspections") or ()
            if instance in each["instances"]
        ],
        "until": f"{until:%Y-%m-%d}",
    }


def own_users(users: Sequence[Data]) -> list[Data]:
    """Return the users that are neither the engine's own nor roles, which cannot log in."""
    return [
        each
        for each in users
        if not re.fullmatch(MADE_ACCOUNTS, str(each["name"]))
        and (each.get("attributes") or {}).get("login") is not False
    ]


def _names(entries: Sequence[Data]) -> list[str]:
    return [str(each["name"]) for each in entries]


def _locked_at(records: Sequence[Data]) -> str:
    """Return when users were locked last, as in the name of a backup. A backup from before that is not the last one."""
    began = [
        str(step["began"])
        for record in records
        for step in record.get("steps") or ()
        if step["name"] == "lock_users" and step["outcome"] != "ok"
    ]
    return re.sub(r"\D", "", max(began, default=""))


def _last_backup(backups: Sequence[Data], locked_at: str) -> Data | None:
    """Return the newest full backup that an earlier attempt has made or begun, ``None`` without one."""
    made = re.compile(rf"{PREFIX}(\d{{14}})")
    for each in backups:
        found = made.fullmatch(str(each["name"]))
        if found and found[1] >= locked_at and each["status"] != "FAILED":
            return each
    return None


def _is_proven(backup: Data, proofs: Sequence[Data]) -> bool:
    """Return whether a proof that ended well has restored this backup, or a later one."""
    end = epoch_ms(backup.get("end_time"))
    for record in proofs:
        for note in record.get("notes") or ():
            time = epoch_ms(note.get("time"))
            later = end is not None and time is not None and time >= end // 1000 * 1000
            good = record.get("outcome") == "done" and note.get("code") == PROOF
            if good and (note.get("backup") == backup["name"] or later):
                return True
    return False


def checks_of_end(
    state: Data,
    instances: Sequence[Data],
    hosts: Sequence[Data],
    backups: Sequence[Data],
    now: datetime,
    removed: bool = False,
) -> list[dict[str, Any]]:
    """Return the checks of an instance that was removed: it does not exist, its hosts are free, or on the platform no
    longer if they are to be ``removed``, and its last backup is still there, unless it is over until when that is
    kept."""
    known = state["known"]
    in_use = [
        each["manage_ip"] for each in hosts if each["instance_id"] == state["instance_id"] and each["instance_id"]
    ]
    checks: list[dict[str, Any]] = [
        {"name": "instances_left", "value": _names(instances), "expected": []},
        {"name": "hosts_in_use", "value": in_use, "expected": []},
    ]
    if removed:
        own = list(known.get("hosts") or ())
        # Another instance may use one by now.
        left = [str(each["manage_ip"]) for each in hosts if each["manage_ip"] in own and each["status"] != "in_use"]
        checks.append({"name": "hosts_left", "value": left, "expected": []})
    if known.get("backup_id"):
        listed = next((each["name"] for each in backups if each["id"] == known["backup_id"]), None)
        over = f"{now:%Y-%m-%d}" >= str(known.get("until"))
        checks.append({"name": "last_backup", "value": listed, "expected": known["backup"], "compared": not over})
    return checks
