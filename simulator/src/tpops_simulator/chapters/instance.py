# SPDX-License-Identifier: GPL-3.0-or-later
"""4.11.1 to 4.11.3 and 4.11.8: read instances and their extended information."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from ..model.backups import backup_strategy
from ..model.entities import Component, Host, Instance, Node
from ..model.errors import ApiError
from ..model.instances import TIME_ZONE, find_instance
from ..model.request import Request
from ..model.site import Site
from ..model.topology import CENTRALIZED, DISTRIBUTED, is_leader, is_up, members, solution_of

_TYPES = {"Enterprise": DISTRIBUTED, "Ha": CENTRALIZED}
ALL = "ALL"


# -- extended information ---------------------------------------------------------------------------------------------


def set_instance_extension(site: Site, request: Request) -> None:
    """4.11.1."""
    instance = find_instance(site, request.path["instance_id"])
    instance.extension[request.body["key"]] = request.body["value"]
    instance.updated = site.clock.now()


def get_instance_extension(site: Site, request: Request) -> dict[str, Any]:
    """4.11.2. A key that was never set has the value null."""
    instance = find_instance(site, request.path["instance_id"])
    key = request.query["key"]
    return {"key": key, "value": instance.extension.get(key)}


# -- the list ---------------------------------------------------------------------------------------------------------


def _matcher(site: Site, parameter: str, given: str | None) -> Callable[[str], bool] | None:
    """`*text` finds what contains the text, anything else is exact; a lone star is refused."""
    if not given:
        return None
    if given == "*":
        raise ApiError("DBS.200001", detail=f"{parameter} must not be a lone *")
    if given.startswith("*"):
        part = given[1:]
        return lambda value: part in value
    return lambda value: value == given


def list_instances(site: Site, request: Request) -> dict[str, Any]:
    """4.11.8. Newest first."""
    query = request.query
    id_fits = _matcher(site, "id", query.get("id"))
    name_fits = _matcher(site, "name", query.get("name"))
    mode = _TYPES.get(query.get("type") or "")
    engine = query.get("datastore_type")
    # Instances are kept in the order of their creation, so no sorted copy is needed.
    found: Iterable[Instance] = reversed(site.instances.values())
    total = len(site.instances)
    if name_fits or id_fits or mode or engine:
        found = [
            i
            for i in found
            if (name_fits is None or name_fits(i.name))
            and (id_fits is None or id_fits(i.id))
            and (mode is None or i.mode == mode)
            and (engine is None or _engine_type(i) == engine)
        ]
        total = len(found)
    return {"total_count": total, "instances": [_as_reply(site, i) for i in site.page(found, request)]}


def _engine_type(instance: Instance) -> str:
    return instance.data.get("datastore_type", "GaussDB")


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _as_reply(site: Site, instance: Instance) -> dict[str, Any]:
    hosts = [site.hosts.get(n.host_id or "") for n in instance.nodes]
    example = next((h for h in hosts if h is not None), None) or Host(id="", name="", manage_ip="")
    ha: dict[str, Any] = {
        "replication_mode": "sync",
        "consistency_protocol": instance.data.get("consistency_protocol", "quorum"),
    }
    if instance.mode == DISTRIBUTED:
        ha["consistency"] = instance.data.get("consistency", "strong")
    addresses = [n.virtual_ip or n.data_ip for n in instance.nodes]
    return {
        "id": instance.id,
        "name": instance.name,
        "status": instance.status,
        # One string, as in the platform's example; clients of the sister API split it.
        "private_ips": [" / ".join(addresses)] if addresses else [],
        "port": instance.port,
        "type": "Combined" if instance.mode == DISTRIBUTED else CENTRALIZED,
        "ha": ha,
        "replica_num": solution_of(instance).replicas,
        "datastore": {"type": _engine_type(instance), "version": instance.version},
        "created": _time(instance.created),
        "updated": _time(instance.updated),
        "db_user_name": "root",
        "flavor_ref": f"gaussdb.{example.type.lower()}.{example.os_arch}.{example.vcpus}.{example.mem}",
        "flavor_info": {"vcpu": _number(example.vcpus), "mem": _number(example.mem)},
        "volume": {"type": example.storage_type.upper(), "size": _number(example.data_disk_size)},
        "backup_strategy": backup_strategy(instance),
        "nodes": [_node(n, h) for n, h in zip(instance.nodes, hosts, strict=True)],
        "instance_mode": "enterprise",
        "time_zone": instance.data.get("time_zone") or TIME_ZONE,
    }


def _hostname(node: Node, host: Host | None) -> str:
    return host.name if host else node.name


def _node(node: Node, host: Host | None) -> dict[str, Any]:
    return {
        "id": node.id,
        "name": node.name,
        "hostname": _hostname(node, host),
        "role": node.role,
        "status": node.status,
        "availability_zone": node.az,
        "private_ip": node.virtual_ip or None,
        "data_ip": node.data_ip or None,
        "management_ip": node.manage_ip,
    }


# -- components -------------------------------------------------------------------------------------------------------


def _zone_filter(instance: Instance, zone: str) -> Callable[[Node, Component], bool]:
    """DN shards, and the kinds with one leader, whose leader lies in the zone; CNs that lie there themselves."""
    if zone == ALL:
        return lambda node, component: True
    led = {(c.type, c.shard) for n, c in members(instance) if is_leader(c) and n.az == zone}
    return lambda node, component: (
        node.az == zone if component.type == "CN" else (component.type, component.shard) in led
    )


def list_components(site: Site, request: Request) -> dict[str, Any]:
    """4.11.3. Nodes without a component that fits are left out, unless the query does not filter components."""
    instance = find_instance(site, request.path["instance_id"])
    query = request.query
    kind = query.get("component_type") or ALL
    zone = query.get("availability_zone_id") or ALL
    in_zone = _zone_filter(instance, zone)
    found = []
    for node in instance.nodes:
        host = site.hosts.get(node.host_id or "")
        hostname = _hostname(node, host)
        if query.get("node_id") not in (None, "", node.id) or query.get("node_name") not in (None, "", node.name):
            continue
        if query.get("hostname") not in (None, "", hostname):
            continue
        components = [c for c in node.components if kind in (ALL, c.type) and in_zone(node, c)]
        if not components and (kind, zone) != (ALL, ALL):
            continue
        found.append(
            {
                "id": node.id,
                "name": node.name,
                "hostname": hostname,
                "availability_zone_id": node.az,
                "description": node.az,
                "status": "normal" if is_up(node) else "abnormal",
                "components": [_component(c) for c in components],
            }
        )
    return {"total_count": len(found), "nodes": site.page(found, request)}


def _component(component: Component) -> dict[str, Any]:
    return {
        "id": component.id,
        "role": component.role,
        "status": component.status,
        "distributed_id": component.distributed_id,
        "type": component.type,
        "detail": component.detail,
    }
