# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks of disaster recovery.

They lock both instances and change both records, if the other platform responds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import dr, entities
from .accounts import ROOT, furnish
from .dr import DENIED, DORADO, STREAM, UNREACHABLE, Record
from .entities import Instance
from .jobs import Job
from .site import Site

# A task checks the other side at its start and before its end; a platform lost in between makes it fail.
CHECKS = (0.1, 0.9)


class Companion:
    """Keeps the instance on the other side busy until the task here ends."""

    def __init__(self) -> None:
        self._held: tuple[Site, Job] | None = None

    def hold(self, where: Site, instance_id: str, job: Job) -> None:
        # A little longer than the task itself, which ends it.
        self._held = where, where.start_job(job.name, instance_id=instance_id, seconds=job.seconds + 1, steps=job.steps)

    def release(self, reason: str | None = None) -> None:
        if self._held is None:
            return
        where, job = self._held
        self._held = None
        if reason is None:
            where.complete_job(job.id)
        else:
            where.fail_job(job.id, reason)


@dataclass
class Work:
    """One kind of task on a relation. `done(site)` sets the new states; a failed task leaves the old ones.

    `needs_other`: fails if the other side does not respond; `needs_replication`: also if the DR instance does not
    receive what the primary writes. `alone`: leaves the other side's record as it is. `revive`: the other side may have
    lost its record and gets a new one. `keep_before`: the states before the last operation stay noted.
    """

    operation: str
    job_name: str
    seconds: float
    steps: tuple[str, ...]
    done: Callable[[Site], None]
    needs_other: bool = False
    needs_replication: bool = False
    alone: bool = False
    revive: bool = False
    keep_before: bool = False

    def start(self, site: Site, record: Record) -> Job:
        companion = Companion()
        before = {id(entry): entry.status for entry in self._entries(site, record)}

        def on_done(here: Site) -> None:
            companion.release()
            entries = self._settle(here, record)
            self.done(here)
            self._stamp(here, entries)

        def on_fail(here: Site, reason: str) -> None:
            companion.release(reason)
            entries = self._settle(here, record)
            for entry in entries:
                entry.status = before.get(id(entry), entry.before)
            self._stamp(here, entries)

        job = site.start_job(
            self.job_name,
            instance_id=record.instance_id,
            seconds=self.seconds,
            steps=self.steps,
            on_done=on_done,
            on_fail=on_fail,
        )
        for entry in self._entries(site, record):
            if not self.keep_before:
                entry.before = entry.status
            entry.status, entry.operation, entry.updated = dr.PENDING, self.operation, site.clock.now()
        record.job_id = job.id
        other = dr.other_site(site, record)
        if other is not None and record.other is not None and not self.alone:
            companion.hold(other, record.other.instance_id, job)
        if self.needs_other or self.needs_replication:
            _watch(site, job, lambda here: self._find_obstacle(here, record))
        return job

    def _find_obstacle(self, site: Site, record: Record) -> str | None:
        if not self._complete(site, record):
            return UNREACHABLE
        return DENIED if self.needs_replication and record.denied_since is not None else None

    def _complete(self, site: Site, record: Record) -> bool:
        """Both instances and both records are available."""
        if dr.pair(site, record) is None:
            return False
        if dr.counterpart(site, record) is None and self.revive:
            _revive(site, record, self.operation)
        return dr.counterpart(site, record) is not None

    def _entries(self, site: Site, record: Record) -> list[Record]:
        found = None if self.alone else dr.counterpart(site, record)
        # A relation that has ended on the other side stays ended, except that one to be rebuilt is active again.
        return [record, found[1]] if found and (self.revive or not found[1].over or record.over) else [record]

    def _settle(self, site: Site, record: Record) -> list[Record]:
        entries = self._entries(site, record)
        for entry in entries:
            entry.operation = entry.job_id = None
        return entries

    @staticmethod
    def _stamp(site: Site, entries: list[Record]) -> None:
        for entry in entries:
            entry.updated = site.clock.now()


def build(
    site: Site, instance: Instance, *, name: str, disaster_type: str, address: str, user: str, password: str
) -> Job:
    """Start creating a relation: the precheck, then the copy, then the replication."""
    now = site.clock.now()
    record = Record(
        id=site.ids.uuid(),
        synchronization_id=site.ids.uuid(),
        name=name,
        disaster_type=disaster_type,
        role=dr.MASTER,
        status=dr.PRE_CHECKING,
        instance_id=instance.id,
        instance_name=instance.name,
        master=dr.side_of(site, instance),
        slave=None,
        created=now,
        updated=now,
        operation="construct",
        user=user,
    )
    dr.get_records(site).by_id[record.id] = record
    companion = Companion()

    def check(here: Site) -> str | None:
        if record.status == dr.PRE_CHECKING:
            return _begin_copy(here, record, companion, job, address=address, user=user, password=password)
        return None if dr.pair(here, record) else UNREACHABLE

    def on_done(here: Site) -> None:
        companion.release()
        instances = dr.pair(here, record)
        if instances:
            furnish(instances[0])
            dr.follow(*instances)
            dr.bind(here, record)
        _close(here, record, dr.NORMAL)

    def on_fail(here: Site, reason: str) -> None:
        companion.release(reason)
        checking = record.status == dr.PRE_CHECKING
        record.precheck_failed_reason = reason if checking else ""
        _close(here, record, dr.PRE_CHECK_FAILED if checking else dr.FAILED)

    job = site.start_job(
        "GaussDBV5ConstructDisasterRecovery",
        instance_id=instance.id,
        seconds=600,
        steps=("PreCheck", "BackupPrimary", "BuildStandby", "StartReplication"),
        on_done=on_done,
        on_fail=on_fail,
    )
    record.job_id = job.id
    _watch(site, job, check)
    return job


def _watch(site: Site, job: Job, check: Callable[[Site], str | None]) -> None:
    """Run the check while the task runs; the reason it returns makes the task fail."""

    def look(here: Site) -> None:
        if job.running and (reason := check(here)):
            here.fail_job(job.id, reason)

    for share in CHECKS:
        if job.seconds <= 0:
            look(site)
        else:
            site.schedule(job.seconds * share, look)


def _begin_copy(
    site: Site, record: Record, companion: Companion, job: Job, *, address: str, user: str, password: str
) -> str | None:
    """The precheck; if it passes, the DR instance has its record and is busy from now on."""
    master = site.instances.get(record.instance_id)
    found = dr.find_by_data_ip(site, address, apart_from=record.instance_id)
    if master is None or found is None:
        return f"No DR instance with the data IP {address} can be reached."
    where, standby = found
    if standby.status != entities.ACTIVE or where.running_jobs(standby.id):
        return f"The DR instance is not available (status {standby.status})."
    if dr.in_relation(where, standby.id):
        return "The DR instance is in another disaster recovery relation."
    furnish(standby)
    account = standby.users.get(user)
    if account is None or (account.password is not None and account.password != password):
        return "Wrong user or password of the DR instance."
    if reason := dr.incompatible(master, standby):
        return f"The DR instance does not fit the primary: {reason}."
    record.slave = dr.side_of(where, standby)
    record.status, record.updated = dr.PENDING, site.clock.now()
    other = _mirror(where, record, standby, "construct")
    other.status = dr.PENDING
    companion.hold(where, standby.id, job)
    return None


def _mirror(where: Site, record: Record, instance: Instance, operation: str) -> Record:
    """The record of a relation on the other platform."""
    now = where.clock.now()
    made = Record(
        id=where.ids.uuid(),
        synchronization_id=record.synchronization_id,
        name=record.name,
        disaster_type=record.disaster_type,
        role=dr.DISASTER if record.role == dr.MASTER else dr.MASTER,
        status=dr.PENDING,
        instance_id=instance.id,
        instance_name=instance.name,
        master=record.master,
        slave=record.slave,
        created=now,
        updated=now,
        operation=operation,
    )
    dr.get_records(where).by_id[made.id] = made
    return made


def _revive(site: Site, record: Record, operation: str) -> None:
    where = dr.other_site(site, record)
    if where is None or record.other is None:
        return
    instance = where.instances[record.other.instance_id]
    if not dr.in_relation(where, instance.id):
        _mirror(where, record, instance, operation)


def _close(site: Site, record: Record, status: str) -> None:
    """The creation has ended; the other side's record, if it exists yet, gets the same state."""
    found = dr.counterpart(site, record)
    for entry in [record] + ([found[1]] if found else []):
        entry.status, entry.updated = status, site.clock.now()
        entry.operation = entry.job_id = None


def load_dr_relations(site: Site, data: list[dict[str, Any]]) -> None:
    """`dr_relations: [{name: orders-to-dc2, master: orders, standby: orders-dr, user: root}]`, the instances by name.

    `user` is the account that it was built with. One of the instances may be on the linked platform. The relation
    exists from the first request on, when the linked platform also has its instances.
    """
    for entry in data:
        if unknown := set(entry) - {"name", "master", "standby", "disaster_type", "user"}:
            raise ValueError(f"a relation has no {', '.join(sorted(unknown))}")
        name, master, standby = str(entry["name"]), str(entry["master"]), str(entry["standby"])
        kind, user = entry.get("disaster_type", STREAM), str(entry.get("user", ROOT))
        if kind not in (STREAM, DORADO):
            raise ValueError(f"disaster_type is {STREAM} or {DORADO}")
        site.schedule(0, lambda here, n=name, m=master, s=standby, k=kind, u=user: _establish(here, n, m, s, k, u))


def dump_dr_relations(site: Site) -> list[dict[str, Any]]:
    """The active relations whose primary is here."""
    return [
        {
            "name": r.name,
            "master": instances[0].name,
            "standby": instances[1].name,
            "disaster_type": r.disaster_type,
            "user": r.user,
        }
        for r in dr.get_records(site).by_id.values()
        if r.role == dr.MASTER and not r.over and (instances := dr.pair(site, r))
    ]


def _establish(site: Site, name: str, master: str, standby: str, kind: str, user: str) -> None:
    places = {
        instance.name: (where, instance)
        for where in (dr.reachable(site), site)
        if where is not None
        for instance in where.instances.values()
    }
    if missing := [n for n in (master, standby) if n not in places]:
        raise ValueError(f"dr_relations: instance {', '.join(missing)} does not exist")
    (first, primary), (second, follower) = places[master], places[standby]
    sides = dr.side_of(first, primary), dr.side_of(second, follower)
    sync, now = site.ids.uuid(), site.clock.now()
    made = []
    for where, instance, role in ((first, primary, dr.MASTER), (second, follower, dr.DISASTER)):
        record = Record(
            where.ids.uuid(), sync, name, kind, role, dr.NORMAL, instance.id, instance.name, *sides, now, now, user=user
        )
        dr.get_records(where).by_id[record.id] = record
        made.append(record)
    furnish(primary)
    dr.follow(primary, follower)
    dr.bind(first, made[0])
