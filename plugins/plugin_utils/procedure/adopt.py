# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Databases that run without being managed (4.11.12, 4.11.13): which there are, how far the adoption of one is, and
what it leaves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Data = Mapping[str, Any]

# How far it is: it runs without being managed, or it is an instance of the platform.
UNMANAGED, ADOPTED = "unmanaged", "adopted"
# Codes of the notes about what was found.
FOUND, FOUND_WITH_MISSING, NOTHING_FOUND = "unmanaged_database", "unmanaged_hosts_missing", "no_unmanaged_database"
# The names of first full backups begin with this, and have the time after it.
PREFIX = "first-"
# What an entry of gaussdb_adopt must and may have, by option of the role without adopt_.
REQUIRED = ("name", "manage_ips", "admin_password", "storage")
OPTIONS = (*REQUIRED, "admin_user", "engine_version", "backup_policy", "inspection")
_STORAGE = ("device_id", "directory", "mount_point")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{3,63}")


def databases_of(listed: Sequence[Sequence[Data]]) -> list[dict[str, Any]]:
    """Return the databases that are not managed, each with its ``hosts``, and those of them that are ``missing`` on the
    platform.

    ``listed`` has for each host of them what the platform lists for it: all hosts of its database.
    """
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for hosts in listed:
        addresses = sorted(str(host["manage_ip"]) for host in hosts)
        missing = sorted(str(host["manage_ip"]) for host in hosts if not host["added"])
        if addresses:
            found.setdefault(tuple(addresses), {"hosts": addresses, "missing": missing})
    return [found[key] for key in sorted(found)]


def notes_of(databases: Sequence[Data]) -> list[dict[str, Any]]:
    """Return the notes about these databases, for a record."""
    return [{"code": FOUND_WITH_MISSING if each["missing"] else FOUND, **each} for each in databases] or [
        {"code": NOTHING_FOUND}
    ]


def problems_of(entries: Any) -> list[str]:
    """Return what is wrong with the databases that are to be adopted, each as the path of an option and the problem."""
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        return ["gaussdb_adopt: should be a list of databases"]
    plain = [each for each in entries if isinstance(each, Mapping)]
    names, hosts = Counter(str(each.get("name")) for each in plain), Counter(map(str, _all_hosts(plain)))
    return [
        f"gaussdb_adopt[{number}]{problem}"
        for number, entry in enumerate(entries)
        for problem in _problems_of_entry(entry, names, hosts)
    ]


def _problems_of_entry(entry: Any, names: Mapping[str, int], hosts: Mapping[str, int]) -> list[str]:
    if not isinstance(entry, Mapping):
        return [f": should have {', '.join(REQUIRED)}"]
    found = [f".{name}: not an option; there are {', '.join(OPTIONS)}" for name in entry if name not in OPTIONS]
    found += [f".{name}: required" for name in REQUIRED if not entry.get(name)]
    name, storage = str(entry.get("name") or ""), entry.get("storage")
    if name and not _NAME.fullmatch(name):
        found.append(".name: should have 4 to 64 letters, digits, hyphens or underscores, and start with a letter")
    elif names[name] > 1:
        found.append(f".name: {name} is listed twice")
    found += [f".manage_ips: {host} is listed twice" for host in _all_hosts([entry]) if hosts[str(host)] > 1]
    if storage and not isinstance(storage, Mapping):
        found.append(f".storage: should have {', '.join(_STORAGE)}")
    elif storage:
        found += [f".storage.{each}: required" for each in _STORAGE if not storage.get(each)]
    return found


def _all_hosts(entries: Sequence[Data]) -> list[Any]:
    given = (each.get("manage_ips") or () for each in entries)
    return [host for hosts in given for host in ([hosts] if isinstance(hosts, str) else hosts)]


def adoption_state(instance: Data, given: Sequence[str]) -> dict[str, Any]:
    """Return how far the adoption of a database on the ``given`` hosts is. ``instance`` is the one of its name, empty
    if there is none."""
    hosts = [str(node["management_ip"]) for node in instance.get("nodes") or ()]
    adopted = bool(hosts) and set(given) <= set(hosts)
    return {"stage": ADOPTED if adopted else UNMANAGED, "hosts": hosts if adopted else list(given)}


def checks_of_adoption(
    instance: Data, versions: Sequence[str], agents: Sequence[Data], backups: Sequence[Data], needs: Data
) -> list[dict[str, Any]]:
    """Return the checks of an adopted instance: its version is one that the platform knows (4.12.1), its agents are
    those of the platform, and it has a full backup. ``needs`` says which of ``agents`` and ``backup`` are checked."""
    version = instance.get("engine_version")
    nodes = [node for agent in agents for node in agent["nodes"]]
    old = [str(node["name"]) for node in nodes if not node["up_to_date"] or node["agent_status"] != "WORKING"]
    backup = next((str(each["name"]) for each in backups), None)
    checks: list[dict[str, Any]] = [
        {"name": "known_version", "value": version, "expected": list(versions), "passed": version in versions}
    ]
    if needs["agents"]:
        checks.append({"name": "old_agents", "value": old if nodes else None, "expected": []})
    if needs["backup"]:
        checks.append({"name": "first_backup", "value": backup, "expected": None, "passed": backup is not None})
    return checks
