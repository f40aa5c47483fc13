# SPDX-License-Identifier: GPL-3.0-or-later
"""4.6 intelligent operation: DBMind instances and SQL patches."""

from __future__ import annotations

from typing import Any

from ..model import entities
from ..model.dbmind import Dbmind, Patch, known_dbminds, managed_by, patches_on
from ..model.dr import is_standby
from ..model.entities import Instance, Node
from ..model.errors import ApiError
from ..model.instances import READABLE, WRITABLE, find_instance, instance_in, is_distributed, refuse_busy
from ..model.request import Reply, Request
from ..model.site import Site
from ..model.times import milliseconds
from ..model.workload import holds_data, node_of

MANAGE_JOB = "ManageGaussDBV5DBMindInstances"
DUPLICATE = "Cannot accept SQL patches with a duplicate unique SQL ID."


def manage_dbmind_instances(site: Site, request: Request) -> dict[str, Any]:
    """4.6.1. Nothing is started when one of the instances is refused."""
    body = request.body
    keeper = known_dbminds(site).get(body["db_assist_id"])
    if keeper is None:
        raise ApiError("DBS.200044", detail="DBMind instance")
    if site.running_jobs(keeper.id):
        raise ApiError("DBS.200019")
    if keeper.status != "NORMAL":
        raise ApiError("DBS.280011", detail=f"DBMind instance status {keeper.status}")
    ids = list(dict.fromkeys(body["instance_ids"]))
    enable = body["manage_type"] == "ENABLED"
    for instance_id in ids:
        _check(site, keeper, find_instance(site, instance_id), enable)
    if enable and len(managed_by(site, keeper)) + len(ids) > keeper.limit:
        raise ApiError("DBS.06280028")

    def done(here: Site) -> None:
        kept = [i for i in keeper.managed if i not in ids]
        keeper.managed = kept + (ids if enable else [])

    steps = ("CheckInstances", "ConfigureAgents", "UpdateMetadata")
    return {"job_id": site.start_job(MANAGE_JOB, instance_id=keeper.id, seconds=60, steps=steps, on_done=done).id}


def list_manageable_dbmind_instances(site: Site, request: Request) -> dict[str, Any]:
    """4.6.2. Without a DBMind instance: all instances that any of them, or none of them, manages."""
    query = request.query
    enabled = query["manage_type"] == "ENABLED"
    keeper_id = query.get("db_assist_id")
    keepers = known_dbminds(site)
    if keeper_id and keeper_id not in keepers:
        raise ApiError("DBS.200044", detail="DBMind instance")
    keeper = keepers.get(keeper_id) if keeper_id else None
    managed = {i: k for k in keepers.values() for i in managed_by(site, k)}
    found = [
        instance
        for instance in site.instances.values()
        if (instance.id in managed) == enabled
        and (keeper is None or (managed[instance.id] is keeper if enabled else _arch(instance) == keeper.arch))
        and query.get("instance_id") in (None, "", instance.id)
        and query.get("instance_name", "") in instance.name
    ]
    page = [_manageable(site, instance, enabled) for instance in site.page(found, request)]
    return {
        "managed_instances": page if enabled else [],
        "unmanaged_instances": [] if enabled else page,
        "total_count": len(found),
    }


def list_dbmind_instances(site: Site, request: Request) -> dict[str, Any]:
    """4.6.3."""
    query = request.query
    found = [
        keeper
        for keeper in known_dbminds(site).values()
        if query.get("instance_id") in (None, "", keeper.id) and query.get("instance_name", "") in keeper.name
    ]
    return {"instances": [_keeper(site, k) for k in site.page(found, request)], "total_count": len(found)}


def create_sql_patch(site: Site, request: Request) -> Reply:
    """4.6.4. A statement can have one patch on a node; names are unique there."""
    body = request.body
    instance, node = _patch_place(site, request, body["node_id"])
    if is_standby(site, instance.id):
        raise ApiError("DBS.06013002")
    if not body["patch_name"].strip():
        raise ApiError("DBS.6013036")
    patches = patches_on(site, instance, node)
    if any(patch.name == body["patch_name"] for patch in patches.values()):
        raise ApiError("DBS.6013035")
    if body["sql_id"] in patches:
        raise ApiError("DBS.6013038", message=DUPLICATE)
    patches[body["sql_id"]] = Patch(body["patch_name"], body["hint"], body.get("enabled", True))
    return Reply("success")


def get_sql_patch(site: Site, request: Request) -> dict[str, Any]:
    """4.6.5. The two conditions are in the body, or in the query if there is no body."""
    given = request.body or request.query
    node_id, sql_id = given.get("node_id"), given.get("sql_id")
    if not node_id or not sql_id:
        raise ApiError("DBS.200001", detail="node_id and sql_id are mandatory")
    instance, node = _patch_place(site, request, node_id, READABLE)
    patch = patches_on(site, instance, node).get(sql_id)
    if patch is None:
        raise ApiError("DBS.200044", detail="SQL patch")
    return {
        "patch_name": patch.name,
        "hint": patch.hint,
        "patch_status": "enabled" if patch.enabled else "disabled",
    }


def handle_sql_patch(site: Site, request: Request) -> Reply:
    """4.6.6. Enabling an enabled patch is not an error."""
    body = request.body
    instance, node = _patch_place(site, request, body["node_id"])
    patches = patches_on(site, instance, node)
    patch = patches.get(body["sql_id"])
    if patch is None:
        raise ApiError("DBS.200044", detail="SQL patch")
    if patch.name != body["patch_name"]:
        raise ApiError("DBS.6013036")
    if body["action"] == "drop":
        del patches[body["sql_id"]]
    else:
        patch.enabled = body["action"] == "open"
    return Reply("success")


def _arch(instance: Instance) -> str:
    """ARM or X86, from the hosts on which the instance was created."""
    given = str(instance.data.get("os_arch") or "x86").lower()
    return "ARM" if given.startswith(("arm", "aarch")) else "X86"


def _check(site: Site, keeper: Dbmind, instance: Instance, enable: bool) -> None:
    refuse_busy(site, instance)
    owner = next((k for k in known_dbminds(site).values() if instance.id in k.managed), None)
    if not enable:
        if owner is not keeper:
            raise ApiError("DBS.200001", detail=f"instance {instance.name} is not managed by {keeper.name}")
        return
    if owner is not None:
        raise ApiError("DBS.200001", detail=f"instance {instance.name} is managed by {owner.name} already")
    if instance.status != entities.ACTIVE:
        raise ApiError("DBS.216009", detail=f"instance {instance.name} is {instance.status}")
    if _arch(instance) != keeper.arch:
        raise ApiError("DBS.200001", detail=f"instance {instance.name} has another architecture")


def _manageable(site: Site, instance: Instance, enabled: bool) -> dict[str, Any]:
    return {
        "id": instance.id,
        "name": instance.name,
        "status": instance.status,
        "manage_status": "ENABLED" if enabled else None,
        "upgrade_status": None,
        "engine_name": "gaussdbv5",
        "engine_version": instance.version,
        "ha_mode": "Enterprise" if is_distributed(instance) else "Ha",
        "volume_type": str(instance.data.get("storage_type") or "localssd").upper(),
        "virtualization_type": "bms",
        "server_type": "BMS",
        "vpc_id": None,
        "vpc_ids": [],
        "actions": [job.name for job in site.running_jobs(instance.id)],
    }


def _keeper(site: Site, keeper: Dbmind) -> dict[str, Any]:
    return {
        "id": keeper.id,
        "name": keeper.name,
        "port": keeper.port,
        "cpu": keeper.cpu,
        "arch": keeper.arch,
        "mem": keeper.mem,
        "actions": [job.name for job in site.running_jobs(keeper.id)],
        "engine_name": "gaussdbv5-dbmind",
        "engine_version": keeper.engine_version,
        "project_id": None,
        "instance_status": keeper.status,
        "create_at": milliseconds(keeper.created),
        "ha_mode": "Ha",
        "volume_type": "LOCALSSD",
        "virtualization_type": "bms",
        "server_type": "BMS",
        "spec_code": f"physical.gaussdb.opengauss.{keeper.cpu}u.{keeper.mem}g.{keeper.arch.lower()}",
        "managed_num": len(managed_by(site, keeper)),
        "manageable_limit": keeper.limit,
        "metadata_id": keeper.id,
        "metadata_name": keeper.name,
        "vpc_id": None,
        "vpc_ids": [],
    }


def _patch_place(
    site: Site, request: Request, node_id: str, statuses: frozenset[str] = WRITABLE
) -> tuple[Instance, Node]:
    instance = instance_in(site, request.path["instance_id"], statuses, code="DBS.280011")
    node = node_of(instance, node_id)
    if not holds_data(node):
        raise ApiError("DBS.200001", detail="node_id: the node has no CN or DN")
    return instance, node
