# SPDX-License-Identifier: GPL-3.0-or-later
"""4.11.14 to 4.11.16 and 4.11.19 to 4.11.22: zones, nodes, shapes and the M-compatibility port."""

from __future__ import annotations

from typing import Any

from ..model import entities
from ..model.dr import is_standby
from ..model.entities import Component, Host, Instance, Node
from ..model.errors import ApiError
from ..model.instance_tasks import run_on
from ..model.instances import find_nodes, instance_in
from ..model.node_starts import fail_without, list_coming_up
from ..model.provision import (
    RESERVED_PORTS,
    check_alike,
    free_hosts,
    make_node,
    make_nodes,
    next_number,
    release,
    traits,
)
from ..model.request import Request
from ..model.site import Site
from ..model.topology import (
    DISTRIBUTED,
    FAILED,
    LEFT_OUT,
    SOLUTIONS,
    add_replica,
    is_broken,
    is_up,
    members,
    place,
    promote,
    repair,
    solution_of,
    zones,
)

REPAIRING = "REPAIRING"
EXPANDING = "EXPANDING"
REDUCING = "REDUCING"
MODIFYING_PORT = "MODIFYING DATABASE PORT"
MYSQL_PORT = "mysql_port"


def _shapeable(site: Site, request: Request) -> Instance:
    """An instance whose number of nodes may change: active, and not the standby of a relation."""
    instance = instance_in(site, request.path["instance_id"])
    if is_standby(site, instance.id):
        raise ApiError("DBS.06013002")
    return instance


def _find_joining_hosts(site: Site, instance: Instance, addresses: list[str], count: int) -> list[Host]:
    hosts = free_hosts(site, list(dict.fromkeys(addresses)), count)
    check_alike(hosts, traits(instance))
    return hosts


# -- availability zones -----------------------------------------------------------------------------------------------


def repair_availability_zone(site: Site, request: Request) -> dict[str, Any]:
    """4.11.14."""
    instance = instance_in(site, request.path["instance_id"], (entities.ACTIVE, FAILED, entities.SHUTDOWN))
    operation, zone = request.body["operation"], request.body.get("availability_zone_id")
    works = {"switch": _switch, "forceStart": _force_start, "resume": _resume}
    if operation not in works:
        raise ApiError("DBS.6025033", operation=operation)
    if (zone is not None or operation != "resume") and zone not in zones(instance):
        raise ApiError("DBS.200025", availability_zone_id=zone)
    return {"job_id": works[operation](site, instance, zone)}


def _switch(site: Site, instance: Instance, zone: str) -> str:
    """Every primary that can move to the zone does so."""
    if instance.status != entities.ACTIVE:
        raise ApiError("DBS.216009", detail=f"instance status {instance.status}")
    chosen: dict[tuple[str, int | None], Component] = {}
    for node, component in members(instance):
        usable = is_up(node) and not component.data.get("broken") and component.type != "CN"
        if node.az == zone and usable:
            chosen.setdefault((component.type, component.shard), component)
    if not any(kind == "DN" for kind, _unused in chosen):
        raise ApiError("DBS.216011", detail=f"no data node runs in {zone}")
    return run_on(
        site, instance, "SwitchGaussDBV5AvailabilityZone", "SWITCHOVER", lambda: promote(instance, chosen.values())
    )


def _force_start(site: Site, instance: Instance, zone: str) -> str:
    healthy = [z for z in zones(instance) if all(is_up(n) for n in instance.nodes if n.az == z)]
    if len(healthy) > 1:
        raise ApiError("DBS.6013005", detail=", ".join(healthy))
    nodes = [n for n in instance.nodes if n.az == zone and n.status != FAILED]
    if not any(not n.arbiter for n in nodes):
        raise ApiError("DBS.216011", detail=f"no data node of {zone} can be started")

    def started() -> None:
        instance.data[LEFT_OUT] = [z for z in zones(instance) if z != zone]
        for node in list_coming_up(site, instance, nodes):
            node.status = entities.ACTIVE

    job_id = run_on(site, instance, "ForceStartGaussDBV5AvailabilityZone", REPAIRING, started)
    fail_without(site, job_id, instance, lambda: nodes, started)
    return job_id


def _resume(site: Site, instance: Instance, zone: str | None) -> str:
    left_out = [z for z in instance.data.get(LEFT_OUT, ()) if zone in (None, z)]
    if not left_out:
        raise ApiError("DBS.216009", detail="no zone was left out")

    def list_resumed() -> list[Node]:
        return [node for node in instance.nodes if node.az in left_out]

    def resumed() -> None:
        instance.data[LEFT_OUT] = [z for z in instance.data[LEFT_OUT] if z not in left_out]
        for node in list_coming_up(site, instance, list_resumed()):
            repair(node)

    job_id = run_on(site, instance, "ResumeGaussDBV5AvailabilityZone", REPAIRING, resumed)
    fail_without(site, job_id, instance, list_resumed, resumed)
    return job_id


# -- nodes ------------------------------------------------------------------------------------------------------------


def _take_back(site: Site, instance: Instance, nodes: list[Node]) -> None:
    """Undo adding nodes."""
    release(site, nodes)
    instance.nodes = [n for n in instance.nodes if n not in nodes]


def _bring_up(nodes: list[Node]) -> None:
    for node in nodes:
        node.status = entities.ACTIVE


def expand_instance(site: Site, request: Request) -> dict[str, Any]:
    """4.11.15. Whole node groups, each of as many hosts as a shard has replicas."""
    instance = _shapeable(site, request)
    given = request.body["expand_cluster"]
    wanted = given.get("nodes", given)
    if instance.mode != DISTRIBUTED:
        raise ApiError("DBS.216009", detail="only a distributed instance can be expanded")
    size = solution_of(instance).replicas
    hosts = _find_joining_hosts(site, instance, wanted["manage_ip"], wanted["count"] * size)
    last_group = max(n.group for n in instance.nodes)
    added: list[Node] = []
    for index in range(wanted["count"]):
        group = make_nodes(site, instance, hosts[index * size : (index + 1) * size], group=last_group + 1 + index)
        instance.nodes += group
        added += group

    def expanded() -> None:
        _bring_up(added)
        for number in range(last_group + 1, last_group + 1 + wanted["count"]):
            place(instance, [n for n in added if n.group == number])

    job_id = run_on(
        site,
        instance,
        "GaussDBV5ExpandClusterDN",
        EXPANDING,
        expanded,
        seconds=300,
        steps=("check hosts", "install", "redistribute", "verify"),
        on_fail=lambda: _take_back(site, instance, added),
    )
    return {"job_id": job_id}


def replace_node(site: Site, request: Request) -> dict[str, Any]:
    """4.11.16. The new node takes over the components, with a new ID."""
    instance = instance_in(site, request.path["instance_id"], (entities.ACTIVE, FAILED))
    (old,) = find_nodes(instance, request.body["node_ids"])
    if is_up(old) and not is_broken(old):
        raise ApiError("DBS.216011", detail=f"node {old.id} is normal")
    if len(instance.nodes) == 1:
        raise ApiError("DBS.216009", detail="a single node has no replica to be rebuilt from")
    (host,) = _find_joining_hosts(site, instance, request.body["manage_ips"], 1)
    new = make_node(site, instance, host, next_number(instance), group=old.group, arbiter=old.arbiter)

    def replaced() -> None:
        new.components, old.components = old.components, []
        new.role = old.role
        repair(new)
        instance.nodes[instance.nodes.index(old)] = new
        release(site, [old])

    job_id = run_on(
        site,
        instance,
        "ReplaceGaussDBV5Node",
        REPAIRING,
        replaced,
        seconds=300,
        steps=("check host", "install", "rebuild", "verify"),
        on_fail=lambda: release(site, [new]),
    )
    return {"replace_min_node_responses": [{"old_node_id": old.id, "job_id": job_id}]}


def repair_nodes(site: Site, request: Request) -> dict[str, Any]:
    """4.11.19. One job for each broken node; a healthy node gets an error instead."""
    instance = instance_in(site, request.path["instance_id"], (entities.ACTIVE, FAILED))
    if solution_of(instance).replicas == 1:
        raise ApiError("DBS.216009", detail="an instance with a single replica cannot be repaired")
    nodes = find_nodes(instance, request.body["node_ids"])
    if not any(map(is_broken, nodes)):
        raise ApiError("DBS.216011", detail="none of the given nodes is broken")
    refusal = ApiError("DBS.216011", detail="the node is normal")
    replies = []
    for node in nodes:
        if is_broken(node):
            replies.append({"node_id": node.id, "job_id": _repair_node(site, instance, node)})
        else:
            text = refusal.text(request.language)
            replies.append({"node_id": node.id, "job_id": None, "error_code": refusal.code, "error_msg": text})
    return {"repair_nodes": replies}


def _repair_node(site: Site, instance: Instance, node: Node) -> str:
    def repaired() -> None:
        for found in list_coming_up(site, instance, [node]):
            repair(found)

    job_id = run_on(site, instance, "RepairGaussDBV5Node", REPAIRING, repaired, seconds=120)
    fail_without(site, job_id, instance, lambda: [node], repaired)
    return job_id


# -- shapes -----------------------------------------------------------------------------------------------------------

_CHANGES = {
    frozenset({"triset", "pentaset"}),
    frozenset({"trisetnoetcd", "pentasetnoetcd"}),
}


def change_solution(site: Site, request: Request) -> dict[str, Any]:
    """4.11.20."""
    instance = _shapeable(site, request)
    body = request.body
    target = SOLUTIONS[body["solution"]]
    if frozenset({instance.solution, target.name}) not in _CHANGES:
        raise ApiError("DBS.200001", detail=f"{instance.solution} cannot become {target.name}")
    difference = target.hosts - len(instance.nodes)
    work = _grow if difference > 0 else _shrink
    return {"job_id": work(site, instance, target.name, abs(difference), body)}


def _grow(site: Site, instance: Instance, target: str, count: int, body: dict[str, Any]) -> str:
    if body.get("node_id"):
        raise ApiError("DBS.200001", detail="node_id is for dropping nodes")
    hosts = _find_joining_hosts(site, instance, body.get("manage_ip") or [], count)
    added = make_nodes(site, instance, hosts)
    instance.nodes += added

    def grown() -> None:
        instance.solution = target
        _bring_up(added)
        for node in added:
            add_replica(instance, node)

    return run_on(
        site,
        instance,
        "ChangeGaussDBV5Solution",
        EXPANDING,
        grown,
        seconds=300,
        steps=("check hosts", "install", "build replicas", "verify"),
        on_fail=lambda: _take_back(site, instance, added),
    )


def _shrink(site: Site, instance: Instance, target: str, count: int, body: dict[str, Any]) -> str:
    if body.get("manage_ip"):
        raise ApiError("DBS.200001", detail="manage_ip is for adding nodes")
    nodes = find_nodes(instance, body.get("node_id") or [])
    if len(nodes) != count:
        raise ApiError("DBS.200001", detail=f"{count} nodes must be given")
    if any(n.role == "master" for n in nodes):
        raise ApiError("DBS.216011", detail="the master node cannot be dropped")

    def shrunk() -> None:
        instance.solution = target
        _take_back(site, instance, nodes)

    return run_on(site, instance, "ChangeGaussDBV5Solution", REDUCING, shrunk, seconds=180)


# -- the M-compatibility port -----------------------------------------------------------------------------------------


def _mysql_port(instance: Instance, given: Any) -> int:
    port = int(given)
    # The reference reserves the interval [database port, database port + 10].
    taken = RESERVED_PORTS | set(range(instance.port, instance.port + 11))
    if not 1024 <= port <= 39989 or port in taken:
        raise ApiError("DBS.200001", detail=f"port {port} is not possible")
    return port


def _set_mysql_port(site: Site, instance: Instance, name: str, port: int) -> dict[str, Any]:
    def done() -> None:
        instance.data[MYSQL_PORT] = port

    return {"job_id": run_on(site, instance, name, MODIFYING_PORT, done, seconds=30)}


def enable_mysql_port(site: Site, request: Request) -> dict[str, Any]:
    """4.11.21."""
    instance = instance_in(site, request.path["instance_id"])
    if instance.data.get(MYSQL_PORT):
        raise ApiError("DBS.216009", detail="the port is open already")
    port = _mysql_port(instance, request.body["port"])
    return _set_mysql_port(site, instance, "EnableGaussDBV5MysqlPort", port)


def modify_mysql_port(site: Site, request: Request) -> dict[str, Any]:
    """4.11.22. 0 closes the port; without a port it is not changed."""
    instance = instance_in(site, request.path["instance_id"])
    current = instance.data.get(MYSQL_PORT)
    if not current:
        raise ApiError("DBS.216009", detail="the port is not open")
    given = request.body.get("port", current)
    port = 0 if int(given) == 0 else _mysql_port(instance, given)
    return _set_mysql_port(site, instance, "ModifyGaussDBV5MysqlPort", port)
