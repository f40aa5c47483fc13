# SPDX-License-Identifier: GPL-3.0-or-later
"""Estate keys for instances: instances, unmanaged_instances, node_failures, disk_usage."""

from __future__ import annotations

import ipaddress
from typing import Any

from . import entities, estate_contents
from .disks import disk_of, fill_disk
from .entities import DataCenter, Host, Instance, Node
from .estate_hosts import refuse_unknown
from .hosts import FREE, hosts_by_ip, surroundings
from .instances import find_by_name
from .node_starts import StartOrder, order_start
from .provision import DEFAULT_PORT, make_nodes, release
from .site import Site
from .topology import RESTING, SOLUTIONS, fail_node, find_node, place, settle
from .versions import newest_version

_TRAITS = ("os_type", "type", "cpu_spec", "os_arch", "storage_type")
_DATA = ("time_zone", "float_ip", "consistency", "consistency_protocol", "configuration_id", "mysql_port")
_INSTANCE_KEYS = {
    *("id", "name", "status", "solution", "version", "port", "password", "hosts", "data_center", "extension"),
    *(*_DATA, *estate_contents.KEYS),
}
# Of a node failure: what happens when the node is started.
_START_KEYS = ("stays", "until", "after_seconds")
# Hosts without an entry in the estate get addresses in these three adjacent networks.
_NETWORK = int(ipaddress.IPv4Address("10.200.0.0"))


def load_instances(site: Site, data: list[dict[str, Any]]) -> None:
    """`instances: [{name: orders, solution: triset, hosts: [192.0.2.1, 192.0.2.2, 192.0.2.3], databases: [shop]}]`.

    Without `hosts`, hosts are created for the instance in `data_center`.
    """
    known = hosts_by_ip(site)
    by_name = {h.name: h for h in site.hosts.values()}
    names = {i.name for i in site.instances.values()}
    for entry in data:
        instance = _instance(site, entry, names)
        names.add(instance.name)
        hosts = _hosts(site, entry, instance, known, by_name)
        for host in hosts:
            known[host.manage_ip] = host
        site.instances[instance.id] = instance
        _run(site, instance, hosts, str(entry.get("status", entities.ACTIVE)))
        estate_contents.fill(site, instance, entry)


def _instance(site: Site, entry: dict[str, Any], names: set[str]) -> Instance:
    refuse_unknown(entry, _INSTANCE_KEYS, "an instance")
    solution = SOLUTIONS.get(str(entry.get("solution", "triset")))
    if solution is None:
        raise ValueError(f"{entry['solution']} is not one of {', '.join(SOLUTIONS)}")
    if entry["name"] in names:
        raise ValueError(f"there is an instance {entry['name']} already")
    default_protocol = "quorum" if solution.etcd else "paxos"
    return Instance(
        id=str(entry.get("id") or site.ids.suffixed("in14")),
        name=str(entry["name"]),
        solution=solution.name,
        mode=solution.mode,
        version=str(entry.get("version") or newest_version(site)),
        port=int(entry.get("port", DEFAULT_PORT)),
        root_password=entry.get("password"),
        extension={str(k): str(v) for k, v in (entry.get("extension") or {}).items()},
        created=site.clock.now(),
        updated=site.clock.now(),
        data={"consistency_protocol": default_protocol, **{k: entry[k] for k in _DATA if k in entry}},
    )


def _hosts(
    site: Site, entry: dict[str, Any], instance: Instance, known: dict[str, Host], by_name: dict[str, Host]
) -> list[Host]:
    wanted = SOLUTIONS[instance.solution].hosts
    if not entry.get("hosts"):
        return [_own_host(site, entry, f"{instance.name}-{i + 1}", i) for i in range(wanted)]
    hosts = []
    for given in entry["hosts"]:
        host = known.get(str(given)) or by_name.get(str(given))
        if host is None:
            raise ValueError(f"instance {instance.name}: host {given} does not exist")
        if host.status not in FREE:
            raise ValueError(f"instance {instance.name}: host {given} is {host.status}")
        hosts.append(host)
    if len(hosts) != wanted:
        raise ValueError(f"instance {instance.name}: {instance.solution} needs {wanted} hosts")
    return hosts


def _own_host(site: Site, entry: dict[str, Any], name: str, index: int) -> Host:
    centers = entry.get("data_center") or []
    centers = [centers] if isinstance(centers, str) else list(centers)
    if not site.data_centers and not centers:
        centers = ["AZ1"]
    wanted = centers[index % len(centers)] if centers else next(iter(site.data_centers.values())).name
    center = next((d for d in site.data_centers.values() if wanted in (d.id, d.name)), None)
    if center is None:
        center = DataCenter(id=site.ids.uuid(), name=wanted, created=site.clock.now())
        site.data_centers[center.id] = center
    number = site.extension("estate_addresses", lambda: iter(range(1, 1 << 16)))
    offset = _NETWORK + next(number)
    manage_ip, data_ip, virtual_ip = (str(ipaddress.IPv4Address(offset + (i << 16))) for i in range(3))
    host = Host(
        id=site.ids.uuid(),
        name=name,
        manage_ip=manage_ip,
        data_ip=data_ip,
        virtual_ip=virtual_ip,
        data_center_id=center.id,
        status=entities.HOST_INITIALIZED,
        created=site.clock.now(),
        updated=site.clock.now(),
    )
    site.hosts[host.id] = host
    return host


def _run(site: Site, instance: Instance, hosts: list[Host], status: str) -> None:
    instance.data.update({name: getattr(hosts[0], name) for name in _TRAITS})
    instance.nodes = make_nodes(site, instance, hosts)
    for node in instance.nodes:
        node.status = entities.SHUTDOWN if status == entities.SHUTDOWN else entities.ACTIVE
    place(instance, instance.nodes)
    settle(instance)
    instance.status = status


# -- write it ---------------------------------------------------------------------------------------------------------


def dump_instances(site: Site) -> list[dict[str, Any]]:
    """Everything except secrets, which `extension` may also contain; an instance in creation is written as it is."""
    return [_dump(site, i) for i in site.instances.values()]


def _dump(site: Site, instance: Instance) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": instance.id,
        "name": instance.name,
        "status": instance.status,
        "solution": instance.solution,
        "version": instance.version,
        "port": instance.port,
        "hosts": [n.manage_ip for n in instance.nodes],
        **{k: instance.data[k] for k in _DATA if instance.data.get(k) is not None},
        **estate_contents.dump(site, instance),
    }
    return {k: v for k, v in entry.items() if v not in (None, [], {})}


# -- unmanaged databases, and failures ------------------------------------------------------------------------------


def load_unmanaged_instances(site: Site, data: list[dict[str, Any]]) -> None:
    """Like `instances`, but running on their hosts without the platform managing them; `password` is rdsAdmin's."""
    for entry in data:
        load_instances(site, [entry])
        instance = next(i for i in site.instances.values() if i.name == entry["name"])
        instance.data["rds_admin_password"] = entry.get("password")
        del site.instances[instance.id]
        release(site, instance.nodes)
        surroundings(site).unmanaged_instances.append(instance)


def load_node_failures(site: Site, data: list[dict[str, Any]]) -> None:
    """`node_failures: [{instance: orders, node: 1, component: dn_6002}]`: make a node or one of its components fail.

    `instance` is a name or an ID, `node` an ID, a name or a number from 0. `recovered: true` makes it recover.
    `stays: true`, `until: 3` or `after_seconds: 600` say what happens when the node is started, `at: start` that it
    only fails then.
    """
    for entry in data:
        refuse_unknown(entry, {"instance", "node", "component", "recovered", "at", *_START_KEYS}, "a node failure")
        instance, node = _node(site, entry)
        order = _start_order(entry)
        recovered = bool(entry.get("recovered", False))
        if not entry.get("component"):
            order_start(instance, node, order)
        if order is None or entry.get("at", "now") == "now":
            fail_node(instance, node, entry.get("component"), recovered=recovered)


def _start_order(entry: dict[str, Any]) -> StartOrder | None:
    """What happens when the node is started, or None if the entry does not say."""
    given = [key for key in _START_KEYS if entry.get(key) is not None]
    if entry.get("at", "now") not in ("now", "start"):
        raise ValueError("at is now or start")
    if not given:
        if entry.get("at") == "start":
            raise ValueError(f"at: start needs one of {', '.join(_START_KEYS)}")
        return None
    if entry.get("component") or entry.get("recovered"):
        raise ValueError(f"{given[0]} is for a node that fails")
    if entry.get("stays"):
        if len(given) > 1:
            raise ValueError(f"stays does not go with {' and '.join(given[1:])}")
        return StartOrder(until=None)
    until, after = entry.get("until", 1), entry.get("after_seconds", 0)
    if isinstance(until, bool) or not isinstance(until, int) or until < 1:
        raise ValueError("until is the number of an attempt, from 1")
    if float(after) < 0:
        raise ValueError("after_seconds is a number of seconds")
    return StartOrder(until, float(after))


def load_disk_usage(site: Site, data: list[dict[str, Any]]) -> None:
    """`disk_usage: [{instance: orders, node: 1, percent: 96}]`: set how full the data disk of a node is.

    The node is given as in `node_failures`. `percent: null` restores the usual level.
    """
    for entry in data:
        refuse_unknown(entry, {"instance", "node", "percent"}, "a disk usage")
        instance, node = _node(site, entry)
        percent = entry["percent"]
        if percent is not None and not 0 <= float(percent) <= 100:
            raise ValueError(f"{percent} is not a percentage")
        fill_disk(site, instance, node, None if percent is None else float(percent))
        if instance.status in RESTING:
            settle(instance)


def dump_disk_usage(site: Site) -> list[dict[str, Any]]:
    return [
        {"instance": instance.name, "node": node.manage_ip, "percent": disk.percent}
        for instance in site.instances.values()
        for node in instance.nodes
        if (disk := disk_of(instance, node))
    ]


def _node(site: Site, entry: dict[str, Any]) -> tuple[Instance, Node]:
    instance = find_by_name(site, entry["instance"])
    return instance, find_node(instance, entry["node"])
