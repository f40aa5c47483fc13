# SPDX-License-Identifier: GPL-3.0-or-later
"""The invariants of a site between two requests, regardless of the requests before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from tpops_simulator.model import backups, dr, entities, inspections, throttles, wdr
from tpops_simulator.model.hosts import surroundings
from tpops_simulator.model.site import Site

HOST_STATUSES = {
    *(entities.HOST_INITIALIZING, entities.HOST_INITIALIZED, entities.HOST_INITIALIZE_FAILED, entities.HOST_UNMANAGED),
    *(entities.HOST_IN_USE, entities.HOST_DELETING, entities.HOST_DELETE_FAILED),
}
# An idle instance, and one with a running task.
RESTING = {
    entities.ACTIVE,
    entities.SHUTDOWN,
    entities.BUILD_FAILED,
    "FAILED",
    entities.UPGRADE_TO_BE_OBSERVED,
    entities.STORAGE_FULL,
}
WORKING = {
    *(
        entities.BUILD,
        entities.REBOOTING,
        entities.BACKING_UP,
        entities.RESTORING,
        entities.UPGRADING,
        "MODIFYING",
        "DELETING",
    ),
    *("REPAIRING", "EXPANDING", "REDUCING", "MODIFYING DATABASE PORT", "SWITCHOVER"),
}
NODE_STATUSES = {entities.ACTIVE, entities.BUILD, entities.SHUTDOWN, "FAILED"}
COMPONENT_STATUSES = {"Primary", "Standby", "Normal", "StateLeader", "StateFollower", "Down"}
DR_STATUSES = {
    *(dr.PENDING, dr.NORMAL, dr.FAILED, dr.COMPLETED, dr.FAILOVER, dr.SIMULATION, dr.LOG_KEEP),
    *(dr.PRE_CHECKING, dr.PRE_CHECK_FAILED),
}


def problems(site: Site) -> list[str]:
    """All inconsistencies, as sentences; an empty list if there are none."""
    found: list[str] = []
    for check in (_names, _hosts, _instances, _components, _jobs, _backup_entries, _relations, _small_things):
        found += [f"{check.__name__.strip('_')}: {text}" for text in check(site)]
    return found


def _twice(values: Iterable[Any]) -> list[Any]:
    return [value for value, count in Counter(values).items() if count > 1]


def _names(site: Site) -> Iterator[str]:
    for what, values in (
        ("data centers", (d.name for d in site.data_centers.values())),
        ("key pairs", (k.name for k in site.key_pairs.values())),
        ("hosts with the address", (h.manage_ip for h in site.hosts.values())),
        ("instances", (i.name for i in site.instances.values())),
    ):
        for value in _twice(values):
            yield f"two {what} {value}"
    collections = (site.data_centers, site.key_pairs, site.hosts, site.instances, site.backups, site.jobs)
    for collection in collections:
        for key, value in collection.items():
            if value.id != key:
                yield f"{type(value).__name__} {value.id} is filed under {key}"


def _hosts(site: Site) -> Iterator[str]:
    for host in site.hosts.values():
        if host.status not in HOST_STATUSES:
            yield f"{host.name} is {host.status}"
        if host.data_center_id not in site.data_centers:
            yield f"{host.name} is in a data center that does not exist"
        if host.ssh_key_id is not None and host.ssh_key_id not in site.key_pairs:
            yield f"{host.name} has a key pair that does not exist"
        if host.job_id is not None and host.job_id not in site.jobs:
            yield f"{host.name} names a job that does not exist"
        if (host.status == entities.HOST_IN_USE) != (host.instance_id is not None):
            yield f"{host.name} is {host.status} with the instance {host.instance_id}"
        if host.instance_id is None:
            continue
        instance = site.instances.get(host.instance_id)
        node = instance.node(host.node_id or "") if instance else None
        # A joining host is in use from the start of the task, its node exists at the end.
        joining = instance is not None and node is None and instance.status in WORKING
        if not joining and (node is None or node.host_id != host.id):
            yield f"{host.name} is in use by {host.instance_id}, node {host.node_id}, which does not know it"


def _instances(site: Site) -> Iterator[str]:
    for instance in site.instances.values():
        if instance.status not in RESTING | WORKING:
            yield f"{instance.name} is {instance.status}"
        if instance.status in WORKING and not site.running_jobs(instance.id):
            yield f"{instance.name} is {instance.status}, but no task runs"
        for node_id in _twice(n.id for n in instance.nodes):
            yield f"{instance.name} has two nodes {node_id}"
        for node in instance.nodes:
            host = site.hosts.get(node.host_id or "")
            if node.status not in NODE_STATUSES:
                yield f"{instance.name}: node {node.name} is {node.status}"
            if host is None or host.node_id != node.id or host.instance_id != instance.id:
                yield f"{instance.name}: node {node.name} has no separate host"
        for name, database in instance.databases.items():
            if database.name != name:
                yield f"{instance.name}: database {database.name} is filed under {name}"
        for name, account in [*instance.users.items(), *instance.roles.items()]:
            if account.name != name:
                yield f"{instance.name}: account {account.name} is filed under {name}"
        for name in set(instance.users) & set(instance.roles):
            yield f"{instance.name}: {name} is a user and a role"


def _components(site: Site) -> Iterator[str]:
    for instance in site.instances.values():
        every = [(n, c) for n in instance.nodes for c in n.components]
        if instance.status == entities.ACTIVE and not every:
            yield f"{instance.name} is ACTIVE without components"
        for component_id in _twice(c.id for _unused, c in every if c.type == "DN"):
            yield f"{instance.name} has two DN {component_id}"
        for node, component in every:
            if component.status not in COMPONENT_STATUSES:
                yield f"{instance.name}: {component.id} is {component.status}"
            if node.status == entities.SHUTDOWN and instance.status in RESTING and component.status != "Down":
                yield f"{instance.name}: {component.id} is {component.status} on a node that is stopped"
        for shard in _twice(c.shard for _unused, c in every if c.type == "DN" and c.status == "Primary"):
            yield f"{instance.name}: shard {shard} has two primaries"


def _jobs(site: Site) -> Iterator[str]:
    now = site.clock.now_ms()
    for job in site.jobs.values():
        if job.status not in ("Running", "Completed", "Failed"):
            yield f"{job.name} {job.id} is {job.status}"
        if job.running != (job.ended is None):
            yield f"{job.name} {job.id} is {job.status} and ended at {job.ended}"
        if (job.fail_reason is not None) != (job.status == "Failed"):
            yield f"{job.name} {job.id} is {job.status} with the reason {job.fail_reason}"
        if not job.running:
            continue
        if job.created + job.seconds * 1000 < now - 1:
            yield f"{job.name} {job.id} should have ended"
        keepers = site.extension("dbmind", dict)
        if job.instance_id and job.instance_id not in site.instances and job.instance_id not in keepers:
            yield f"{job.name} {job.id} works on {job.instance_id}, which does not exist"


def _backup_entries(site: Site) -> Iterator[str]:
    for backup in site.backups.values():
        if backup.status not in (backups.BUILDING, backups.COMPLETED, backups.FAILED):
            yield f"backup {backup.name} is {backup.status}"
        made_by_task = backup.type == "manual"
        if made_by_task and backup.status == backups.BUILDING and not site.running_jobs(backup.instance_id):
            yield f"backup {backup.name} is in progress, but no task runs on its instance"
        if backup.end is not None and backup.end < backup.begin:
            yield f"backup {backup.name} ended before it started"


def _relations(site: Site) -> Iterator[str]:
    records = dr.get_records(site)
    for record in records.by_id.values():
        if record.status not in DR_STATUSES:
            yield f"relation {record.name} is {record.status}"
        if record.job_id is not None and (record.job_id not in site.jobs or not site.jobs[record.job_id].running):
            yield f"relation {record.name} names a task that does not run"
        if not record.over and record.instance_id not in site.instances:
            yield f"relation {record.name} is {record.status}, its instance does not exist"
    for instance_id in _twice(r.instance_id for r in records.by_id.values() if not r.over):
        yield f"{instance_id} is in two relations"


def _small_things(site: Site) -> Iterator[str]:
    for task in throttles.throttles(site).tasks.values():
        if task.instance_id not in site.instances:
            yield f"throttle {task.name} is for an instance that does not exist"
    kept = inspections.store(site)
    for record in kept.records.values():
        if record.status not in (
            inspections.WAITING,
            inspections.RUNNING,
            inspections.COMPLETED,
            inspections.FAILED,
        ):
            yield f"inspection record {record.id} is {record.status}"
    for keeper in site.extension("dbmind", dict).values():
        if len(set(keeper.managed)) != len(keeper.managed):
            yield f"{keeper.name} manages an instance twice"
    for reports in site.extension("wdr", dict).values():
        for collection in reports.collections.values():
            if collection.job_id not in site.jobs:
                yield "a WDR report names a job that does not exist"
            elif (collection.status == wdr.EXPORTING) != site.jobs[collection.job_id].running:
                yield f"a WDR report is {collection.status}, its job {site.jobs[collection.job_id].status}"
    for instance in surroundings(site).unmanaged_instances:
        if instance.id in site.instances:
            yield f"{instance.name} is managed and unmanaged"
