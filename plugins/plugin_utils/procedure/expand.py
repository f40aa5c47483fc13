# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a procedure sees of an expansion (4.11.15, 4.11.20): which hosts are added to an instance, how, what stands
against it, and whether an earlier run has added nodes that nobody has verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import DISTRIBUTED
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import components_of, groups_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.topology import (
    BECOMES,
    HOST_LISTS,
    TOPOLOGIES,
    compare_hosts,
    hosts_of,
    solutions_of,
)

from .interrupted import job_of, step_of

Data = Mapping[str, Any]

# How hosts are added: as new shards of a distributed instance, or as more replicas of a centralized one.
SHARDS, REPLICAS = "shards", "replicas"
# The step of a record that adds nodes.
ADD = "add_nodes"
# After these outcomes nothing is left from a run.
COMPLETE = ("done", "unchanged")


def expansion_state(
    seen: Data, instance: Data, described: Data, given: Sequence[str], hosts: Sequence[Data], records: Sequence[Data]
) -> dict[str, Any]:
    """Return which hosts an expansion adds to an instance.

    ``seen`` is the instance as a procedure has seen it, with ``nodes``; ``instance`` is that of 4.11.8. ``described``
    has the ``solution`` and the lists of hosts of the description, ``given`` are names or addresses that the user gives
    in place of them. ``hosts`` are those of the platform, ``records`` those of earlier runs, the newest first.
    """
    addresses = {str(host["name"]): str(host["manage_ip"]) for host in hosts}
    given = [addresses.get(host, host) for host in given]
    nodes: Sequence[Data] = seen["nodes"] or ()
    shown = {**instance, "nodes": nodes or instance.get("nodes") or ()}
    wanted = {name: _texts(described.get(name)) for name in HOST_LISTS}
    lists: dict[str, list[str]] = {"manage_ips": given} if given else wanted
    new, more = compare_hosts(lists, shown)
    replicas = max(map(len, groups_of(nodes).values()), default=0)
    distributed = shown.get("mode") == DISTRIBUTED
    solution = "" if distributed else _larger(shown, nodes, "" if given else str(described.get("solution") or ""))
    # What is named in place of the description need not be all of the hosts.
    obstacles: list[dict[str, Any]] = [{"code": "removed", "hosts": more}] if more and not given else []
    if new and not distributed and not solution:
        obstacles.append({"code": "topology", "solutions": solutions_of(shown)})
    opened = list(takewhile(lambda record: record.get("outcome") not in COMPLETE, records))
    begun = next((record for record in opened if step_of(record, ADD)), {})
    known = hosts_of(wanted)
    return {
        "named": bool(hosts_of(lists)),
        "new": new,
        "kind": SHARDS if distributed else REPLICAS,
        "solution": solution,
        "group": replicas if distributed else _added(solution),
        "obstacles": obstacles,
        "due": bool(new or obstacles),
        "unverified": bool(begun) and not new,
        "job_id": job_of(begun, ADD) if begun else "",
        "begun": list((step_of(begun, ADD) or {}).get("about") or ()),
        "undescribed": [host for host in given if known and host not in known],
    }


def _texts(hosts: Any) -> list[str]:
    # One text stands for a list, as Ansible reads it.
    return hosts.split(",") if isinstance(hosts, str) else [str(host) for host in hosts or ()]


def _larger(instance: Data, nodes: Sequence[Data], described: str) -> str:
    """Return the topology with more replicas that a centralized instance may become, ``""`` if there is none, or if it
    is not the described one."""
    known = solutions_of(instance)
    becomes = [BECOMES[name] for name in known if name in BECOMES and _hosts(BECOMES[name]) > _hosts(name)]
    plain = described.removesuffix("noetcd")
    if len(becomes) != 1 or (plain and plain != becomes[0]):
        return ""
    with_etcd = any(component["type"] == "ETCD" for component in components_of(nodes))
    return becomes[0] if with_etcd else f"{becomes[0]}noetcd"


def _hosts(solution: str) -> int:
    return TOPOLOGIES[solution].hosts


def _added(solution: str) -> int:
    return _hosts(solution) - _hosts(BECOMES[solution]) if solution else 0


def seconds_of(job: Data) -> float | None:
    """Return how long a job took, ``None`` if that is not known. Its times are in milliseconds since 1970."""
    created, ended = job.get("created"), job.get("ended")
    return None if created is None or ended is None else round(max(int(ended) - int(created), 0) / 1000, 1)
