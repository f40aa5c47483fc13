# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an inventory reads of one platform: plain data, which a cache can hold, in an order that is always the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.disaster_recovery import list_dr_relations
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import list_components, list_instances
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.disaster_recovery import relations_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.placement import find_placement
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure, Busy, NotFound
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import SharedReads

# What is only read when it is asked for.
NODES, RELATIONS, TOPOLOGY, DETAILS = "nodes", "relations", "topology", "details"
GATHER = (DETAILS, NODES, RELATIONS, TOPOLOGY)

# The version of what is returned here: a cache of another one is not used.
VERSION = 1


def read_instances(
    reads: SharedReads, gather: Collection[str], connections: int, warn: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Return the instances of a platform: those of the list, with what ``gather`` adds.

    ``data_centers`` are those of the nodes. ``relation`` is the instance's newest relation in force, or of those that
    ended. Only the topology needs requests for each instance.
    """
    instances = sorted(reads.items(list_instances()), key=_by_name)
    relations = _by_instance(reads.items(list_dr_relations())) if RELATIONS in gather else {}
    found = []
    for instance in instances:
        nodes = sorted(instance["nodes"], key=_by_name)
        entry = {**instance, "nodes": nodes if NODES in gather else []}
        entry["data_centers"] = sorted({str(node["availability_zone"]) for node in nodes if node["availability_zone"]})
        if RELATIONS in gather:
            entry["relation"] = next(iter(relations_of(instance["id"], relations.get(instance["id"], ()))), None)
        found.append(entry)
    if TOPOLOGY in gather:
        with ThreadPoolExecutor(connections) as pool:
            solutions = pool.map(lambda each: _find_solution(reads, each, warn), instances)
            found = [{**entry, "solution": solution} for entry, solution in zip(found, solutions)]
    return found


def _find_solution(reads: SharedReads, instance: Mapping[str, Any], warn: Callable[[str], None]) -> str | None:
    """Return the topology of an instance, as far as its components show it."""
    try:
        placement = find_placement(instance, reads.items(list_components(instance["id"])))
    except (ApiFailure, Busy, NotFound) as error:
        # One instance that is being removed or repaired must not hide all others.
        warn(f"The topology of {instance['name']} cannot be read: {error}")
        return None
    solution: str | None = placement["solution"]
    return solution


def _by_name(each: Mapping[str, Any]) -> tuple[str, str]:
    return str(each["name"]), str(each["id"])


def _by_instance(relations: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the records that mention an instance, by its ID."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for record in relations:
        sides = (record["primary"] or {}, record["standby"] or {}, record)
        for instance_id in dict.fromkeys(side.get("instance_id") for side in sides):
            if instance_id:
                found.setdefault(str(instance_id), []).append(record)
    return found
