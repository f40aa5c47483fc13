# SPDX-License-Identifier: GPL-3.0-or-later
"""4.13 management agents of the instances."""

from __future__ import annotations

from typing import Any

from ..model import entities
from ..model.agents import COMPLETED, FAILED, RUNNING, Agents, known_agents
from ..model.entities import Instance
from ..model.errors import ApiError
from ..model.instances import find_instance, is_distributed, refuse_busy
from ..model.jobs import Job
from ..model.request import Request
from ..model.site import Site
from ..model.topology import is_up

ENGINE = "gaussdbv5"
STEPS = ("DownloadPackage", "StopAgent", "InstallAgent", "StartAgent")
SECONDS = 60


def list_agent_instances(site: Site, request: Request) -> dict[str, Any]:
    """4.13.1. The name matches partially, everything else exactly."""
    query = request.query
    known = known_agents(site)
    found = [
        instance
        for instance in site.instances.values()
        if query.get("instance_name", "") in instance.name
        and all(
            query.get(name) in (None, "", value)
            for name, value in (
                ("instance_id", instance.id),
                ("instance_status", instance.status),
                ("engine_name", ENGINE),
                ("engine_version", instance.version),
                ("upgrade_status", known.of(instance).status),
            )
        )
    ]
    return {
        "total_count": len(found),
        "instance_list": [
            {
                "id": instance.id,
                "name": instance.name,
                "mode": "Enterprise" if is_distributed(instance) else "Ha",
                "created_at": site.clock.iso(instance.created),
                "engine_name": ENGINE,
                "engine_version": instance.version,
                "status": instance.status,
                "agent_info": _info(known, instance),
            }
            for instance in site.page(found, request)
        ],
    }


def get_agent_status(site: Site, request: Request) -> dict[str, Any]:
    """4.13.2."""
    instance = find_instance(site, request.path["instance_id"])
    known = known_agents(site)
    upgrading = known.of(instance).status == RUNNING
    return {
        "node_list": [
            {
                "node_id": node.id,
                "node_name": node.name,
                "node_status": "normal" if is_up(node) else "abnormal",
                "agent_status": "UPGRADING" if upgrading else "WORKING" if is_up(node) else "ABNORMAL",
                "role": node.role,
                "agent_info": _info(known, instance),
            }
            for node in instance.nodes
        ]
    }


def upgrade_agent(site: Site, request: Request) -> dict[str, Any]:
    """4.13.3."""
    instance = find_instance(site, request.path["instance_id"])
    _check(site, instance)
    return {"job_id": _begin(site, "UpgradeGaussDBV5Agent", [instance], instance.id).id}


def upgrade_agents(site: Site, request: Request) -> dict[str, Any]:
    """4.13.4. Nothing is started when one instance is refused."""
    given = request.body["instance_ids"] if isinstance(request.body, dict) else request.body
    instances = [find_instance(site, i) for i in dict.fromkeys(given)]
    for instance in instances:
        refuse_busy(site, instance)
        _check(site, instance)
    return {"job_id": _begin(site, "BatchUpgradeGaussDBV5Agent", instances, None).id}


def _info(known: Agents, instance: Instance) -> dict[str, Any]:
    agent = known.of(instance)
    return {
        "upgrade_status": agent.status,
        "current_agent_version": agent.version,
        "target_agent_version": known.package,
    }


def _check(site: Site, instance: Instance) -> None:
    known = known_agents(site)
    if known.package is None:
        raise ApiError("DBS.06025048")
    if instance.status != entities.ACTIVE or not all(map(is_up, instance.nodes)):
        raise ApiError("DBS.06025017", detail=f"instance {instance.name} is {instance.status}")
    if known.of(instance).version == known.package:
        raise ApiError("DBS.06025016", detail=f"instance {instance.name}")


def _begin(site: Site, name: str, instances: list[Instance], instance_id: str | None) -> Job:
    known = known_agents(site)
    target = known.package
    held: list[Job] = []

    def done(here: Site) -> None:
        for instance in instances:
            agent = known.of(instance)
            agent.version, agent.status = target or agent.version, COMPLETED
        for job in held:
            here.complete_job(job.id)

    def failed(here: Site, reason: str) -> None:
        for instance in instances:
            known.of(instance).status = FAILED
        for job in held:
            here.fail_job(job.id, reason)

    main = site.start_job(name, instance_id=instance_id, seconds=SECONDS, steps=STEPS, on_done=done, on_fail=failed)
    for instance in instances:
        known.of(instance).status = RUNNING
        if instance_id is None:
            # A separate task keeps each instance of a batch busy; the batch ends it.
            seconds = main.seconds + 1
            held.append(site.start_job("UpgradeGaussDBV5Agent", instance_id=instance.id, seconds=seconds))
    return main
