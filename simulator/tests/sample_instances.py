# SPDX-License-Identifier: GPL-3.0-or-later
"""Running instances for tests that do not depend on how they were created."""

from __future__ import annotations

from typing import Any

from tpops_simulator.model.entities import ACTIVE, Instance, Node
from tpops_simulator.model.site import Site
from tpops_simulator.model.topology import SOLUTIONS, place

ROOT_PASSWORD = "Root-Pw-123"


def add_instance(site: Site, name: str, net: str = "192.0.2", solution: str = "triset", **fields: Any) -> Instance:
    """An ACTIVE instance with its components; node N has the data IP `net`.1N and the management IP `net`.11N."""
    shape = SOLUTIONS[solution]
    nodes = [
        Node(
            id=site.ids.suffixed("no14"),
            name=f"{name}_root_{n}",
            data_ip=f"{net}.1{n}",
            manage_ip=f"{net}.11{n}",
            arbiter=shape.arbiter and n == shape.hosts,
        )
        for n in range(1, shape.hosts + 1)
    ]
    made = Instance(
        site.ids.suffixed("in14"),
        name,
        **{
            "status": ACTIVE,
            "solution": solution,
            "mode": shape.mode,
            "version": "3.200.0",
            "root_password": ROOT_PASSWORD,
            "nodes": nodes,
            "created": site.clock.now(),
            **fields,
        },
    )
    place(made, nodes)
    site.instances[made.id] = made
    return made
