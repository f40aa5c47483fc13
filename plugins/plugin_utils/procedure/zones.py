# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a procedure sees of the availability zones of an instance that has lost some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import groups_of, is_leading

from .nodes import is_good

Data = Mapping[str, Any]


def zone_state(seen: Data, given: str) -> dict[str, Any]:
    """Return the state of an instance for its zone ``given``, by ID or description, and the checks of each goal.

    The ``id`` is empty for a zone that the instance does not have, and if its nodes cannot be read.
    """
    nodes: Sequence[Data] = seen["nodes"] or ()
    named = (node for node in nodes if given and given in (node["availability_zone_id"], node["description"]))
    zone = next((str(node["availability_zone_id"]) for node in named), "")
    inside = [node for node in nodes if node["availability_zone_id"] == zone]
    outside = [node for node in nodes if node["availability_zone_id"] != zone]
    running = [str(node["name"]) for node in outside if node["running"] is not False]
    leading = {
        shard or kind: [str(each["node_name"]) for each in group if is_leading(each)]
        for (kind, shard), group in groups_of(nodes).items()
    }
    names = [str(node["name"]) for node in inside]
    sick = [str(node["name"]) for node in nodes if not node["healthy"]]
    return {
        "id": zone,
        "others": sorted({str(node["availability_zone_id"]) for node in outside}),
        "nodes": names,
        "alone": bool(inside) and seen["instance_status"] == "ACTIVE" and not running,
        "healthy": is_good(seen),
        "primary": bool(names) and all(set(found) & set(names) for found in leading.values()),
        "checks": {
            "force_started": [
                {"name": "instance_status", "value": seen["instance_status"], "expected": "ACTIVE"},
                {"name": "other_zones", "value": running if nodes else None, "expected": []},
                {
                    "name": "shards_without_primary",
                    "value": [shard for shard, found in leading.items() if not found] if nodes else None,
                    "expected": [],
                },
            ],
            "resumed": [
                {"name": "instance_status", "value": seen["instance_status"], "expected": "ACTIVE"},
                {"name": "nodes", "value": sick if nodes else None, "expected": []},
            ],
        },
    }
