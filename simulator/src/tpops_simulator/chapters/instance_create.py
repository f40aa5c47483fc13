# SPDX-License-Identifier: GPL-3.0-or-later
"""4.11.5 to 4.11.7: create instances, empty or from a backup, and remove them."""

from __future__ import annotations

from typing import Any

from ..model import entities
from ..model.backups import DIFFERENTIAL, backup_strategy, backups_of, catch_up, contents_at, damage_job, is_full
from ..model.dr import in_relation
from ..model.entities import Host, Instance
from ..model.errors import ApiError
from ..model.hosts import surroundings
from ..model.instances import TIME_ZONE, find_instance
from ..model.provision import (
    check_alike,
    check_instance_name,
    check_root_password,
    free_hosts,
    host_addresses,
    make_nodes,
    parse_port,
    release,
)
from ..model.request import Request
from ..model.restore import Origin, find_origin
from ..model.site import Site
from ..model.topology import CENTRALIZED, SOLUTIONS, Solution, place, settle
from ..model.versions import engine_versions, newest_version

CREATE_SECONDS = 300
DELETE_SECONDS = 120
DELETING = "DELETING"
DBMIND = "gaussdbv5-dbmind"
_STEPS = ("check hosts", "install", "start", "verify")


def create_instance(site: Site, request: Request) -> dict[str, Any]:
    """4.11.6, and 4.11.7 when the body has a restore_point."""
    body = request.body
    check_instance_name(site, body["name"])
    check_root_password(body["password"])
    port = parse_port(body.get("port"))
    origin = find_origin(site, body) if "restore_point" in body else None
    solution = _solution(site, body, origin)
    engine, version = _engine(site, body, origin)
    hosts = free_hosts(site, host_addresses(body, solution), solution.hosts)
    _check_hosts(hosts, body)
    float_ip = _float_ip(body, solution)
    _check_settings(body, hosts)
    ha = _ha(body, solution, origin)
    instance = Instance(
        id=site.ids.suffixed("in20" if engine == DBMIND else "in14"),
        name=body["name"],
        solution=solution.name,
        mode=solution.mode,
        version=version,
        port=port,
        root_password=body["password"],
        created=site.clock.now(),
        updated=site.clock.now(),
        data={
            "datastore_type": engine,
            "os_type": body["os_type"].lower(),
            "type": body["host_type"].upper(),
            "cpu_spec": body["cpu_spec"].lower(),
            "os_arch": body["arch"].lower(),
            "storage_type": hosts[0].storage_type,
            "float_ip": float_ip,
            "configuration_id": body.get("configuration_id"),
            "time_zone": body.get("time_zone") or TIME_ZONE,
            "consistency_protocol": ha["consistency_protocol"],
        },
    )
    if "consistency" in ha:
        instance.data["consistency"] = ha["consistency"]
    instance.extension = {e["key"]: e["value"] for e in body.get("xbsa_extension_infos") or ()}
    site.instances[instance.id] = instance
    instance.nodes = make_nodes(site, instance, hosts)
    instance.nodes[0].role = "master"
    job = site.start_job(
        _job_name(engine, origin),
        instance_id=instance.id,
        seconds=CREATE_SECONDS,
        steps=(*_STEPS[:2], "restore", *_STEPS[2:]) if origin else _STEPS,
        on_done=lambda site: _created(site, instance, origin),
        on_fail=lambda site, reason: _not_created(site, instance),
    )
    if origin and origin.damage == "job":
        damage_job(site, job)
    return {
        "job_id": job.id,
        "instance_id": instance.id,
        "name": instance.name,
        "os_type": "Kylin" if instance.data["os_type"] == "kylin" else "UnionTech",
        "datastore": {"type": engine, "version": version},
        "ha": {"mode": solution.mode, "replication_mode": "sync", **ha},
        "solution": solution.name,
        "port": str(port),
        "manage_ip": [h.manage_ip for h in hosts],
        "master_az_ip": body.get("master_az_ip") or [],
        "float_ip": float_ip,
        "configuration_id": body.get("configuration_id"),
        "time_zone": instance.data["time_zone"],
        "backup_strategy": backup_strategy(instance),
    }


def _job_name(engine: str, origin: Origin | None) -> str:
    if origin:
        return "CloneGaussDBV5NewInstance"
    return "CreateGaussDBV5MiniDBMindInstance" if engine == DBMIND else "CreateGaussDBV5Instance"


def _created(site: Site, instance: Instance, origin: Origin | None) -> None:
    for node in instance.nodes:
        node.status = entities.ACTIVE
    place(instance, instance.nodes)
    if origin:
        origin.pour_into(instance)
    settle(instance)
    instance.updated = site.clock.now()


def _not_created(site: Site, instance: Instance) -> None:
    """The hosts stay occupied: only deleting the failed instance frees them."""
    instance.status = entities.BUILD_FAILED
    for node in instance.nodes:
        node.status = entities.BUILD_FAILED
    instance.updated = site.clock.now()


# -- checks -----------------------------------------------------------------------------------------------------------


def _solution(site: Site, body: dict[str, Any], origin: Origin | None) -> Solution:
    name = body.get("solution") or (origin.solution if origin else None)
    if name is None:
        # An archive of the user's own backup software does not contain it; the number of hosts determines it.
        count = len({a for key in ("manage_ip", "master_az_ip", "slave_az_ip") for a in body.get(key) or ()})
        count += len(body.get("arbiter_az_ip") or ())
        name = {1: "single", 3: "triset", 5: "quadruset" if body.get("arbiter_az_ip") else "pentaset"}.get(count)
    if name is None:
        raise ApiError("DBS.200001", detail="solution is required")
    solution = SOLUTIONS[name]
    if "ha" in body and body["ha"]["mode"] != solution.mode:
        raise ApiError("DBS.200001", detail=f"{name} needs ha.mode {solution.mode}")
    if origin and origin.solution and SOLUTIONS[origin.solution].mode != solution.mode:
        raise ApiError("DBS.200001", detail=f"a backup of {origin.solution} cannot be restored to {name}")
    return solution


def _engine(site: Site, body: dict[str, Any], origin: Origin | None) -> tuple[str, str]:
    if origin:
        return "GaussDB", origin.version or newest_version(site)
    version = body["datastore"].get("version")
    if body["datastore"]["type"].lower() == DBMIND:
        if not version:
            raise ApiError("DBS.200856", detail="datastore.version is required for DBMind")
        return DBMIND, version
    if version and version not in engine_versions(site):
        raise ApiError("DBS.200856", version=version)
    return "GaussDB", version or newest_version(site)


def _check_hosts(hosts: list[Host], body: dict[str, Any]) -> None:
    wanted = {
        "os_type": body["os_type"],
        "type": body["host_type"],
        "cpu_spec": body["cpu_spec"],
        "os_arch": body["arch"],
    }
    check_alike(hosts, wanted)


def _float_ip(body: dict[str, Any], solution: Solution) -> str | None:
    given = body.get("float_ip")
    if isinstance(given, list):
        given = given[0] if given else None
    if given and (solution.mode != CENTRALIZED or solution.hosts == 1):
        raise ApiError("DBS.200001", detail=f"float_ip is not possible with {solution.name}")
    return given or None


def _check_settings(body: dict[str, Any], hosts: list[Host]) -> None:
    settings = body.get("diy_install_settings") or {}
    addresses = {h.manage_ip for h in hosts} | {h.data_ip for h in hosts} | {h.virtual_ip for h in hosts}
    for entry in settings.get("component_distributions") or ():
        if entry["ip"] not in addresses:
            raise ApiError("DBS.200001", detail=f"{entry['ip']} is not a host of the instance")
    for entry in settings.get("dir_settings") or ():
        if not entry["dir"].startswith("/"):
            raise ApiError("DBS.200001", detail=f"{entry['dir_name']} is not an absolute path")


def _ha(body: dict[str, Any], solution: Solution, origin: Origin | None) -> dict[str, str]:
    given = body.get("ha") or {}
    source = origin.source if origin else None
    protocol = given.get("consistency_protocol") or (source.data.get("consistency_protocol") if source else None)
    if not solution.etcd:
        if given.get("consistency_protocol") == "quorum":
            raise ApiError("DBS.200001", detail=f"{solution.name} needs consistency_protocol paxos")
        protocol = "paxos"
    ha = {"consistency_protocol": protocol or "quorum"}
    if solution.mode != CENTRALIZED:
        consistency = given.get("consistency") or (source.data.get("consistency") if source else None)
        ha["consistency"] = (consistency or "strong").lower()
    return ha


# -- remove -----------------------------------------------------------------------------------------------------------


def delete_instance(site: Site, request: Request) -> dict[str, Any]:
    """4.11.5. Without clear_data the database keeps running on its hosts and can be managed again."""
    instance = find_instance(site, request.path["instance_id"])
    body = request.body or {}
    # One of the reference's examples spells it this way.
    clear = bool(body.get("clear_data", body.get("clear_date")))
    password = body.get("rds_admin_password")
    if not clear and not password and not body.get("is_force_remove_instance"):
        raise ApiError("DBS.200001", detail="rds_admin_password is required")
    if not clear and instance.status in (entities.BUILD_FAILED,):
        raise ApiError("DBS.216009", detail="an instance that was never built can only be cleared")
    if in_relation(site, instance.id):
        raise ApiError("DBS.06013002", detail="the instance is part of a disaster recovery relation")
    if password:
        check_root_password(password)
    catch_up(site, instance)
    before = instance.status
    instance.status = DELETING
    instance.updated = site.clock.now()
    days = (body.get("keep_db_backup") or 0, body.get("keep_difference_backup") or 0)
    job = site.start_job(
        "DeleteGaussDBV5Instance",
        instance_id=instance.id,
        seconds=DELETE_SECONDS,
        steps=("stop", "uninstall", "unregister") if clear else ("reset password", "unregister"),
        on_done=lambda site: _gone(site, instance, clear, password, days),
        on_fail=lambda site, reason: _still_there(site, instance, before),
    )
    return {"instance_id": instance.id, "job_id": job.id}


def _still_there(site: Site, instance: Instance, status: str) -> None:
    instance.status = status
    instance.updated = site.clock.now()


def _gone(site: Site, instance: Instance, clear: bool, password: str | None, days: tuple[int, int]) -> None:
    _keep_backups(site, instance, *days)
    site.instances.pop(instance.id, None)
    release(site, instance.nodes)
    if not clear:
        if password:
            instance.data["rds_admin_password"] = password
        surroundings(site).unmanaged_instances.append(instance)


def _keep_backups(site: Site, instance: Instance, full_days: int, differential_days: int) -> None:
    """Drop the backups when their retention has passed; None means at once."""
    for backup in backups_of(site, instance.id):
        days = differential_days if backup.type == DIFFERENTIAL else full_days
        if days:
            if is_full(backup) and not backup.databases:
                # Automatic backups are filled from the instance when needed, which is about to be removed.
                contents = contents_at(site, instance, backup.begin)
                backup.databases, backup.users = contents["databases"], contents["users"]
                backup.data["roles"] = contents["roles"]
            site.schedule(days * 86400, lambda site, backup_id=backup.id: site.backups.pop(backup_id, None))
        else:
            site.backups.pop(backup.id, None)
