# SPDX-License-Identifier: GPL-3.0-or-later
"""4.9.1 to 4.9.5 and 4.9.8 hosts. The import by file (4.9.6, 4.9.7) is in host_sheet.py."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..model import entities
from ..model.entities import Host
from ..model.errors import ApiError
from ..model.host_checks import RANK, find_detections
from ..model.hosts import (
    MAX_DESCRIPTION,
    MAX_NAME_BYTES,
    SUPPORTED,
    TROUBLE_CODES,
    data_center_name,
    hosts_by_ip,
    is_address,
    sorted_by,
    ssh_port_allowed,
    surroundings,
)
from ..model.request import Request
from ..model.site import Site

ADD_SECONDS = 120
DELETE_SECONDS = 60
# Problems that also prevent the platform from removing its agent.
_OUT_OF_REACH = ("network", "ssh", "agent")
_BROKEN = "DBS.06025044"
_OS_VERSIONS = {"kylin": "V200R010", "uniontech": "20-1050"}


def _as_reply(site: Site, request: Request, host: Host) -> dict[str, Any]:
    instance = site.instances.get(host.instance_id or "")
    return {
        "id": host.id,
        "name": host.name,
        "description": host.description,
        "type": host.type,
        "ssh_port": host.ssh_port,
        "data_center": data_center_name(site, host),
        "data_center_id": host.data_center_id,
        "os": {"os_type": host.os_type, "os_version": host.os_version, "os_arch": host.os_arch},
        "spec": {
            "vcpus": host.vcpus,
            "cpu_spec": host.cpu_spec,
            "mem": host.mem,
            "root_disk_size": host.root_disk_size,
            "data_disk_size": host.data_disk_size,
            "storage_type": host.storage_type,
        },
        "ip": {
            "manage_ip": host.manage_ip,
            "data_ip": host.data_ip or None,
            "virtual_ip": host.virtual_ip or None,
            "float_ip": host.float_ip or None,
        },
        "instance_id": host.instance_id,
        "instance_name": instance.name if instance else None,
        "node_id": host.node_id,
        "status": host.status,
        "created_at": site.clock.iso(host.created),
        "updated_at": site.clock.iso(host.updated),
        "job_id": host.job_id,
        "async_task_error": _task_error(request, host),
        "ssh_key_id": host.ssh_key_id,
    }


def _task_error(request: Request, host: Host) -> dict[str, str] | None:
    """Why the last task failed: the text of the code, unless the task has its own reason."""
    if host.error_code is None:
        return None
    text = host.error_msg or ApiError(host.error_code).text(request.language)
    return {"error_code": host.error_code, "error_msg": text}


def list_hosts(site: Site, request: Request) -> dict[str, Any]:
    """4.9.1."""
    query = request.query
    kind, text = (query.get("type") or "").upper(), query.get("name")
    # Without a filter this stays a view: one page of a large estate does not justify a full copy.
    found: Collection[Host] = site.hosts.values()
    for name in ("id", "data_center_id", "status"):
        if wanted := query.get(name):
            found = [h for h in found if getattr(h, name) == wanted]
    if kind:
        found = [h for h in found if h.type.upper() == kind]
    if text:
        found = [h for h in found if text in h.name]
    if query.get("sort_key"):
        keys = {"name": lambda h: h.name, "type": lambda h: h.type, "status": lambda h: h.status}
        found = sorted_by(found, request, keys)
    return {"total_count": len(found), "hosts": [_as_reply(site, request, h) for h in site.page(found, request)]}


# -- checks -----------------------------------------------------------------------------------------------------------


def _check_texts(item: dict[str, Any]) -> None:
    if len((item.get("name") or "").encode()) > MAX_NAME_BYTES:
        raise ApiError("DBS.06025024", detail=f"a host name has at most {MAX_NAME_BYTES} bytes")
    if len(item.get("description") or "") > MAX_DESCRIPTION:
        raise ApiError("DBS.06025025", detail=f"a description has at most {MAX_DESCRIPTION} characters")


def _check_addresses(item: dict[str, Any]) -> None:
    for name in ("manage_ip", "data_ip", "virtual_ip"):
        if name in item and not is_address(item[name]):
            raise ApiError("DBS.200001", detail=f"{name} {item[name]} is not an address")


def _check_references(site: Site, item: dict[str, Any]) -> None:
    if "data_center_id" in item and item["data_center_id"] not in site.data_centers:
        raise ApiError("DBS.06025058", data_center_id=item["data_center_id"])
    if item.get("ssh_key_id") and item["ssh_key_id"] not in site.key_pairs:
        raise ApiError("DBS.200044", detail=f"key pair {item['ssh_key_id']}")


def _check_port(item: dict[str, Any]) -> None:
    if not ssh_port_allowed(item["ssh_port"]):
        raise ApiError("DBS.06025026", ssh_port=item["ssh_port"])


def _named_hosts(site: Site, items: list[dict[str, Any]]) -> list[Host]:
    """The hosts the items name by management address, each once."""
    known = hosts_by_ip(site)
    found: list[Host] = []
    seen: set[str] = set()
    for item in items:
        address = item["manage_ip"]
        if address not in known:
            raise ApiError("DBS.06025031", manage_ip=address)
        if address in seen:
            raise ApiError("DBS.200001", detail=f"{address} occurs twice")
        seen.add(address)
        found.append(known[address])
    return found


def _references(hosts: list[Host]) -> list[dict[str, str]]:
    return [{"id": h.id, "manage_ip": h.manage_ip} for h in hosts]


# -- add --------------------------------------------------------------------------------------------------------------


def _check_new(site: Site, items: list[dict[str, Any]]) -> None:
    known = hosts_by_ip(site)
    for item in items:
        address = item["ip"]["manage_ip"]
        _check_texts(item)
        _check_addresses(item["ip"])
        _check_port(item)
        if address in known:
            raise ApiError("DBS.06025027", manage_ip=address)
        known[address] = None
        if not item.get("os_root_pwd") and not item.get("ssh_key_id"):
            raise ApiError("DBS.200001", detail=f"{address}: os_root_pwd or ssh_key_id is required")
        _check_references(site, item)
        left = surroundings(site).unmanaged_at(address)
        node = next((n for n in left.nodes if n.manage_ip == address), None) if left else None
        if node and node.az != site.data_centers[item["data_center_id"]].name:
            raise ApiError("DBS.06025067", detail=f"{address} belongs to zone {node.az}")


def _new_host(site: Site, item: dict[str, Any]) -> Host:
    os_type, cpu_spec = item["os_type"].lower(), item["cpu_spec"].lower()
    return Host(
        id=site.ids.uuid(),
        name=item["name"],
        manage_ip=item["ip"]["manage_ip"],
        data_ip=item["ip"]["data_ip"],
        virtual_ip=item["ip"]["virtual_ip"],
        type=item["type"].upper(),
        os_type=os_type,
        os_version=_OS_VERSIONS[os_type],
        os_arch="arm" if cpu_spec == "kunpeng" else "x86",
        cpu_spec=cpu_spec,
        storage_type=item["storage_type"].lower(),
        ssh_port=item["ssh_port"],
        ssh_key_id=item.get("ssh_key_id") or None,
        data_center_id=item["data_center_id"],
        description=item.get("description") or "",
        status=entities.HOST_INITIALIZING,
        created=site.clock.now(),
        updated=site.clock.now(),
    )


def add_hosts(site: Site, request: Request) -> dict[str, Any]:
    """4.9.2. Hosts that do not respond fail on their own; the job then fails after the others are ready."""
    items = request.body["hosts"]
    _check_new(site, items)
    for item in items:
        if item.get("is_force_rm_chroot_dir"):
            surroundings(site).empty_sandbox(item["ip"]["manage_ip"])
    hosts = [_new_host(site, item) for item in items]
    job = site.start_job(
        "AddHosts",
        seconds=ADD_SECONDS,
        steps=("connect", "check", "install agent", "register"),
        on_done=lambda site: _initialized(site, hosts),
        on_fail=lambda site, reason: _add_failed(site, hosts, reason),
    )
    for host in hosts:
        host.job_id = job.id
        site.hosts[host.id] = host
    # The last moment before the job would succeed.
    site.schedule(job.seconds * 0.99, lambda site: _fail_troubled(site, job.id, hosts))
    return {"job_id": job.id, "hosts": _references(hosts)}


def _set_status(site: Site, host: Host, status: str, code: str | None = None, reason: str | None = None) -> None:
    host.status = status
    host.error_code, host.error_msg = code, reason
    host.updated = site.clock.now()


def _initialized(site: Site, hosts: list[Host]) -> None:
    for host in hosts:
        carries = surroundings(site).unmanaged_at(host.manage_ip)
        _set_status(site, host, entities.HOST_UNMANAGED if carries else entities.HOST_INITIALIZED)


def _trouble(site: Site, host: Host) -> str | None:
    kind = surroundings(site).unreachable.get(host.manage_ip)
    return TROUBLE_CODES[kind] if kind else None


def _fail_troubled(site: Site, job_id: str, hosts: list[Host]) -> None:
    job = site.jobs[job_id]
    troubled = [h for h in hosts if _trouble(site, h)]
    if not job.running or not troubled:
        return
    _initialized(site, [h for h in hosts if h not in troubled])
    for host in troubled:
        _set_status(site, host, entities.HOST_INITIALIZE_FAILED, _trouble(site, host))
    site.fail_job(job_id, _reason(troubled))


def _reason(hosts: list[Host]) -> str:
    code = hosts[0].error_code or _BROKEN
    return f"{code} {ApiError(code)} ({', '.join(h.manage_ip for h in hosts)})"


def _add_failed(site: Site, hosts: list[Host], reason: str) -> None:
    for host in hosts:
        if host.status == entities.HOST_INITIALIZING:
            _set_status(site, host, entities.HOST_INITIALIZE_FAILED, _BROKEN, reason)


# -- change and delete ------------------------------------------------------------------------------------------------


def modify_hosts(site: Site, request: Request) -> dict[str, Any]:
    """4.9.3. All or nothing."""
    items = request.body["hosts"]
    hosts = _named_hosts(site, items)
    for host, item in zip(hosts, items, strict=True):
        if host.status in (entities.HOST_INITIALIZING, entities.HOST_DELETING):
            raise ApiError("DBS.06025028", manage_ip=host.manage_ip, state=host.status)
        _check_texts(item)
        _check_addresses(item)
        _check_references(site, item)
        moved = any(name in item and item[name] != getattr(host, name) for name in ("data_ip", "virtual_ip"))
        if moved and host.status in (entities.HOST_UNMANAGED, entities.HOST_IN_USE):
            raise ApiError("DBS.06025028", manage_ip=host.manage_ip, state=host.status)
    for host, item in zip(hosts, items, strict=True):
        for name in ("name", "data_ip", "virtual_ip", "data_center_id"):
            setattr(host, name, item.get(name, getattr(host, name)))
        if "description" in item:
            host.description = item["description"] or ""
        if "ssh_key_id" in item:
            host.ssh_key_id = item["ssh_key_id"] or None
        host.updated = site.clock.now()
    return {"hosts": _references(hosts)}


def delete_hosts(site: Site, request: Request) -> dict[str, Any]:
    """4.9.4. A host whose initialization failed is removed without logging in to it."""
    items = request.body["hosts"]
    hosts = _named_hosts(site, items)
    fixed = (entities.HOST_INITIALIZING, entities.HOST_IN_USE, entities.HOST_DELETING)
    for host, item in zip(hosts, items, strict=True):
        _check_port(item)
        _check_references(site, item)
        if host.status in fixed:
            raise ApiError("DBS.06025029", manage_ip=host.manage_ip, state=host.status)
        login = item.get("os_root_pwd") or item.get("ssh_key_id") or host.ssh_key_id
        if not login and host.status != entities.HOST_INITIALIZE_FAILED:
            raise ApiError("DBS.200001", detail=f"{host.manage_ip}: os_root_pwd or ssh_key_id is required")
    unreachable = surroundings(site).unreachable
    stuck = [
        h
        for h in hosts
        if h.status != entities.HOST_INITIALIZE_FAILED and unreachable.get(h.manage_ip) in _OUT_OF_REACH
    ]
    job = site.start_job(
        "DeleteHosts",
        seconds=DELETE_SECONDS,
        steps=("connect", "remove agent", "unregister"),
        on_done=lambda site: _removed(site, hosts),
        on_fail=lambda site, reason: _delete_failed(site, hosts, reason),
    )
    for host in hosts:
        _set_status(site, host, entities.HOST_DELETING)
        host.job_id = job.id
    if stuck:
        site.schedule(job.seconds * 0.99, lambda site: _fail_stuck(site, job.id, hosts, stuck))
    return {"job_id": job.id, "hosts": _references(hosts)}


def _removed(site: Site, hosts: list[Host]) -> None:
    for host in hosts:
        site.hosts.pop(host.id, None)


def _fail_stuck(site: Site, job_id: str, hosts: list[Host], stuck: list[Host]) -> None:
    if not site.jobs[job_id].running:
        return
    _removed(site, [h for h in hosts if h not in stuck])
    for host in stuck:
        _set_status(site, host, entities.HOST_DELETE_FAILED, _trouble(site, host) or _BROKEN)
    site.fail_job(job_id, _reason(stuck))


def _delete_failed(site: Site, hosts: list[Host], reason: str) -> None:
    for host in hosts:
        if host.id in site.hosts and host.status == entities.HOST_DELETING:
            _set_status(site, host, entities.HOST_DELETE_FAILED, _BROKEN, reason)


# -- read -------------------------------------------------------------------------------------------------------------


def list_detection_results(site: Site, request: Request) -> dict[str, Any]:
    """4.9.5. Empty while the host is initializing, or if the platform never logged in to it."""
    host = site.hosts.get(request.path["host_id"])
    if host is None:
        raise ApiError("DBS.06025031", host_id=request.path["host_id"])
    never_in = (TROUBLE_CODES["network"], TROUBLE_CODES["ssh"])
    unknown = host.status == entities.HOST_INITIALIZING or host.error_code in never_in
    found = [] if unknown else find_detections(site, request, host)
    found = sorted_by(found, request, {"result": lambda d: RANK.index(d["result"])})
    return {"total_count": len(found), "detection_results": site.page(found, request)}


def list_host_specifications(site: Site, request: Request) -> dict[str, Any]:
    """4.9.8."""
    return {name: list(values) for name, values in SUPPORTED.items()}
