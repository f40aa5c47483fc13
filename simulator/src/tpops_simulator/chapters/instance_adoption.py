# SPDX-License-Identifier: GPL-3.0-or-later
"""4.11.12 and 4.11.13: manage a database that already runs."""

from __future__ import annotations

from typing import Any

from ..model import entities
from ..model.entities import Host, Instance
from ..model.errors import ApiError
from ..model.hosts import FREE, data_center_name, hosts_by_ip, surroundings
from ..model.provision import check_instance_name, occupy
from ..model.request import Request
from ..model.site import Site
from ..model.topology import settle

MANAGE_SECONDS = 120
ADMIN = "rdsAdmin"


def check_hosts_manageable(site: Site, request: Request) -> dict[str, Any]:
    """4.11.12. Without an address: every database that runs unmanaged."""
    known = hosts_by_ip(site)
    address = request.body["manage_ip"]
    if address is None:
        found = list(surroundings(site).unmanaged_instances)
    else:
        instance = surroundings(site).unmanaged_at(address)
        if instance is None:
            code = "DBS.200002" if address in known else "DBS.06025031"
            raise ApiError(code, manage_ip=address)
        found = [instance]
    addresses = dict.fromkeys(n.manage_ip for i in found for n in i.nodes)
    return {"host_status_info": [_status(a, known.get(a)) for a in addresses]}


def _status(address: str, host: Host | None) -> dict[str, str]:
    return {
        "host_name": host.name if host else "host-" + address.replace(".", "-").replace(":", "-"),
        "manage_ip": address,
        "is_online": "added" if host else "not_added",
        "host_type": host.type if host else "BMS",
    }


def manage_instance(site: Site, request: Request) -> dict[str, Any]:
    """4.11.13. After a failure the database stays unmanaged."""
    body = request.body
    check_instance_name(site, body["instance_name"])
    hosts = _hosts(site, body["manage_ip_list"])
    found = _database(site, hosts)
    _check_login(found, body)
    by_ip = {h.manage_ip: h for h in hosts}
    found.id = site.ids.suffixed("in14")
    found.name = body["instance_name"]
    found.status = entities.BUILD
    found.created = found.updated = site.clock.now()
    # A platform does not know backups that it did not create.
    found.data.pop("backup", None)
    found.data["storage_device"] = dict(body["storage_device"])
    for number, node in enumerate(found.nodes):
        host = by_ip[node.manage_ip]
        node.id, node.name = site.ids.suffixed("no14"), f"{found.name}_root_{number}"
        node.host_id, node.data_ip, node.virtual_ip = host.id, host.data_ip, host.virtual_ip
        occupy(site, host, found, node)
    surroundings(site).unmanaged_instances.remove(found)
    site.instances[found.id] = found
    job = site.start_job(
        "ManageGaussDBV5Instance",
        instance_id=found.id,
        seconds=MANAGE_SECONDS,
        steps=("check", "register", "configure backup"),
        on_done=lambda site: _managed(site, found),
        on_fail=lambda site, reason: _not_managed(site, found),
    )
    return {"instance_id": found.id, "job_id": job.id}


def _hosts(site: Site, addresses: list[str]) -> list[Host]:
    known = hosts_by_ip(site)
    for address in addresses:
        if address not in known:
            raise ApiError("DBS.06025031", manage_ip=address)
        if known[address].status not in FREE:
            raise ApiError("DBS.06025015", manage_ip=address)
    return [known[a] for a in dict.fromkeys(addresses)]


def _database(site: Site, hosts: list[Host]) -> Instance:
    found = surroundings(site).unmanaged_at(hosts[0].manage_ip)
    if found is None:
        raise ApiError("DBS.200002", manage_ip=hosts[0].manage_ip)
    missing = {n.manage_ip for n in found.nodes} ^ {h.manage_ip for h in hosts}
    if missing:
        raise ApiError("DBS.06025010", detail=f"the database runs on {len(found.nodes)} hosts", manage_ip=min(missing))
    zones = {n.manage_ip: n.az for n in found.nodes}
    for host in hosts:
        if data_center_name(site, host) != zones[host.manage_ip]:
            raise ApiError("DBS.06025067", manage_ip=host.manage_ip, az=zones[host.manage_ip])
    return found


def _check_login(found: Instance, body: dict[str, Any]) -> None:
    """A password that is not in the estate cannot be checked."""
    password = found.data.get("rds_admin_password")
    if body["manage_user"] != ADMIN or (password is not None and body["manage_userpass"] != password):
        raise ApiError("DBS.200029")


def _managed(site: Site, instance: Instance) -> None:
    settle(instance)
    instance.updated = site.clock.now()


def _not_managed(site: Site, instance: Instance) -> None:
    site.instances.pop(instance.id, None)
    for node in instance.nodes:
        host = site.hosts.get(node.host_id or "")
        if host:
            host.status, host.instance_id, host.node_id = entities.HOST_UNMANAGED, None, None
    surroundings(site).unmanaged_instances.append(instance)
