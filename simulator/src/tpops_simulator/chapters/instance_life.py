# SPDX-License-Identifier: GPL-3.0-or-later
"""4.11.4 and 4.11.9 to 4.11.11: stop, start, restart, and move primaries."""

from __future__ import annotations

import json
from typing import Any

from ..model import entities
from ..model.entities import Component, Instance, Node
from ..model.errors import ApiError
from ..model.instance_tasks import run_on
from ..model.instances import find_nodes, instance_in
from ..model.node_starts import fail_without, list_coming_up
from ..model.request import Reply, Request
from ..model.site import Site
from ..model.topology import FAILED, is_leader, is_up, majority, promote, restarted

MODIFYING = "MODIFYING"


def _named_nodes(instance: Instance, given: list[str] | str) -> list[Node]:
    """The given nodes; none means the whole instance. The reference's table says the IDs are a string."""
    if isinstance(given, str):
        try:
            parsed = json.loads(given) if given.strip().startswith("[") else given.split(",")
        except ValueError as exc:
            raise ApiError("DBS.200001", detail="node_ids is not a list") from exc
        given = [str(i).strip() for i in parsed if str(i).strip()]
    return find_nodes(instance, given)


def stop_instance(site: Site, request: Request) -> dict[str, Any]:
    """4.11.9. A failed node stays failed: nothing runs on it."""
    instance = instance_in(site, request.path["instance_id"], (entities.ACTIVE, FAILED))
    nodes = _named_nodes(instance, request.body["node_ids"]) or list(instance.nodes)

    def stop() -> None:
        for node in filter(is_up, nodes):
            node.status = entities.SHUTDOWN

    return {"job_id": run_on(site, instance, "StopGaussDBV5Instance", MODIFYING, stop)}


def start_instance(site: Site, request: Request) -> Reply:
    """4.11.11. The whole instance, or nodes; a given node that runs is restarted."""
    instance = instance_in(site, request.path["instance_id"], (entities.ACTIVE, entities.SHUTDOWN, FAILED))
    named = _named_nodes(instance, request.body["node_ids"])
    if not named and instance.status == entities.ACTIVE and all(is_up(n) for n in instance.nodes):
        raise ApiError("DBS.216009", detail="the instance runs")
    nodes = named or list(instance.nodes)
    running = sum(is_up(n) and n not in nodes for n in instance.nodes)
    if not majority(instance, running + len(nodes)):
        raise ApiError("DBS.301147")

    def list_started() -> list[Node]:
        return [node for node in nodes if named or not is_up(node)]

    def start() -> None:
        restarted(node for node in named if is_up(node))
        for node in list_coming_up(site, instance, list_started()):
            if node.status == entities.SHUTDOWN:
                node.status = entities.ACTIVE
        if all(is_up(n) for n in instance.nodes):
            instance.pending_parameters.clear()

    # Restarting a node moves the primaries away from it, starting one does not.
    for node in nodes if named else ():
        if is_up(node):
            _hand_over(instance, node)
    job_id = run_on(site, instance, "StartGaussDBV5Instance", entities.REBOOTING, start)
    fail_without(site, job_id, instance, list_started, start)
    return Reply({"job_id": job_id}, headers={"job_id": job_id})


def _hand_over(instance: Instance, node: Node) -> None:
    led = [c for c in node.components if c.type == "DN" and is_leader(c)]
    chosen = []
    for component in led:
        heirs = (c for n in instance.nodes if n is not node and is_up(n) for c in n.components)
        heir = next((c for c in heirs if c.type == "DN" and c.shard == component.shard and c.status == "Standby"), None)
        if heir:
            chosen.append(heir)
    promote(instance, chosen)


def restart_instance(site: Site, request: Request) -> Reply:
    """4.11.10. Afterwards parameters that needed a restart are in effect."""
    instance = instance_in(site, request.path["instance_id"], (entities.ACTIVE, FAILED))

    def restart() -> None:
        restarted(instance.nodes)
        for node in list_coming_up(site, instance, instance.nodes):
            if node.status == entities.SHUTDOWN:
                node.status = entities.ACTIVE
        instance.pending_parameters.clear()

    job_id = run_on(
        site, instance, "RestartGaussDBV5Instance", entities.REBOOTING, restart, steps=("stop", "start", "verify")
    )
    fail_without(site, job_id, instance, lambda: instance.nodes, restart)
    return Reply({"job_id": job_id}, headers={"job_id": job_id})


def switch_shard(site: Site, request: Request) -> dict[str, Any]:
    """4.11.4."""
    instance = instance_in(site, request.path["instance_id"], code="DBS.200079")
    chosen: list[Component] = []
    for entry in request.body["shards"]:
        (node,) = find_nodes(instance, [entry["node_id"]])
        wanted = entry["component_id"].strip()
        component = next((c for c in node.components if c.type == "DN" and c.id == wanted), None)
        if component is None:
            raise ApiError("DBS.200001", detail=f"{wanted} is not a DN of node {node.id}")
        if component.status != "Standby":
            raise ApiError("DBS.200079", detail=f"{wanted} is {component.status}")
        if any(c.shard == component.shard for c in chosen):
            raise ApiError("DBS.200001", detail=f"two components of the shard of {wanted}")
        chosen.append(component)
    job_id = run_on(site, instance, "SwitchGaussDBV5Shard", "SWITCHOVER", lambda: promote(instance, chosen), seconds=30)
    return {"job_id": job_id}
