# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a description says of an instance that only a procedure can change: it is pending, and the rest converges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import DISTRIBUTED
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES, part_named
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.instance import RESHAPED
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.topology import (
    BECOMES,
    HOST_LISTS,
    compare_hosts,
    hosts_of,
    solutions_of,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import version_key

UPGRADE, EXPAND, REPAIR, SITE = (f"gaussdb.tpops.{name}" for name in ("upgrade", "expand", "node_repair", "site"))


@dataclass(frozen=True)
class Pending:
    """A difference that is left to a procedure, or to a run in the window."""

    # The options that say it.
    options: tuple[str, ...]
    # What the difference is about.
    what: str
    before: Any
    after: Any
    playbook: str


def find_pending(described: Mapping[str, Any], instance: Mapping[str, Any]) -> list[Pending]:
    """Return what is pending for an existing instance. What no procedure can bring about is left to the module, which
    refuses it."""
    if described.get("state") == "absent":
        return []
    found = [_version(described, instance)]
    # Its nodes cannot be compared while they change.
    if instance.get("status") not in RESHAPED:
        solution = _solution(described, instance)
        found += [solution, _hosts(described, instance, solution is not None)]
    return [each for each in found if each is not None]


def of_window(described: Mapping[str, Any], instance: Mapping[str, Any]) -> Pending | None:
    """Return the change of the state of an existing instance that has to wait for its window."""
    state = described.get("state")
    if state not in part_named(INSTANCES).outside_window["state"] or (
        state == "stopped" and instance.get("running") is False
    ):
        return None
    return Pending(("state",), "state", str(instance.get("status")), str(state), SITE)


def line_of(entry: Mapping[str, Any]) -> str:
    """Return what is pending in a few words, for an entry of a plan or the fields of :class:`Pending`."""
    change = "" if isinstance(entry["after"], list) else f" {entry['before']} → {entry['after']}"
    if entry["playbook"] == UPGRADE:
        return f"upgrade pending{change}"
    window = f" (window {entry['window']})" if entry.get("window") else ""
    return f"{str(entry.get('field') or entry['what']).replace('_', ' ')}{change} pending{window}"


def is_newer(version: str, other: str) -> bool:
    """Return whether an engine version is newer than another one, number by number."""
    return version_key(version) > version_key(other)


def _version(described: Mapping[str, Any], instance: Mapping[str, Any]) -> Pending | None:
    version, current = described.get("engine_version"), instance.get("engine_version")
    if not version or not current or not is_newer(str(version), str(current)):
        return None
    return Pending(("engine_version",), "engine_version", str(current), str(version), UPGRADE)


def _solution(described: Mapping[str, Any], instance: Mapping[str, Any]) -> Pending | None:
    solution = str(described.get("solution") or "")
    known = solutions_of(instance)
    plain = solution.removesuffix("noetcd")
    if not solution or plain in known or BECOMES.get(plain) not in known:
        return None
    return Pending(("solution",), "solution", " or ".join(known), solution, EXPAND)


def _hosts(described: Mapping[str, Any], instance: Mapping[str, Any], reshaped: bool) -> Pending | None:
    # One text stands for a list, as Ansible reads it.
    given = {name: described.get(name) or () for name in HOST_LISTS}
    lists = {name: each.split(",") if isinstance(each, str) else list(map(str, each)) for name, each in given.items()}
    absent, more = compare_hosts(lists, instance)
    if not absent and not more:
        return None
    if absent and more and not reshaped:
        playbook = REPAIR
    elif instance.get("mode") == DISTRIBUTED and not absent:
        # Nodes of a distributed instance cannot be removed.
        return None
    else:
        playbook = EXPAND
    shown = [str(node.get("management_ip")) for node in instance.get("nodes") or ()]
    return Pending(HOST_LISTS, "hosts", sorted(shown), sorted(hosts_of(lists)), playbook)
