# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of disaster recovery relations, and what the two platforms of a relation exchange.

Each side keeps its own record: a platform that is down learns nothing until it is back. Two instances of one platform
may also form a relation; then both records are here and are shown as one.
"""

from __future__ import annotations

import copy
import hashlib
import math
from dataclasses import dataclass, field

from .entities import Instance
from .errors import ApiError
from .site import Site
from .topology import find_grey

UNREACHABLE = "The platform of the other instance cannot be reached."
DENIED = "The primary rejects the DR instance: a password of the relation was changed."
# The built-in account of the replication; the other one is the account that the relation was built with.
REPLICATION_USER = "rdsRepl"
MASTER, DISASTER = "master", "disaster"
PENDING, NORMAL, FAILED, COMPLETED = "pending", "normal", "failed", "completed"
FAILOVER, SIMULATION, LOG_KEEP = "failover", "simulation", "dr_log_keep"
PRE_CHECKING, PRE_CHECK_FAILED = "pre_checking", "pre_check_failed"
# In these states a relation no longer binds its instances, and its record may be deleted.
OVER = frozenset({COMPLETED, FAILED, PRE_CHECK_FAILED, FAILOVER})
BUSY = frozenset({PENDING, PRE_CHECKING})
# In these the DR instance follows the primary.
FOLLOWING = frozenset({NORMAL, LOG_KEEP})
STREAM, DORADO = "stream", "dorado"
DEFAULT_KEEP_RATIO = 10
# One percent of the free disk holds the log of so many seconds; a longer drill requires a full rebuild.
KEPT_SECONDS_PER_PERCENT = 600


@dataclass(frozen=True)
class Side:
    """One end of a relation, as both platforms describe it."""

    instance_id: str
    project_id: str
    project_name: str
    region_code: str
    ip_address: str

    def as_reply(self) -> dict[str, str]:
        return dict(vars(self))


@dataclass
class Record:
    """What one platform knows about a relation of its instance. Times are epoch seconds."""

    id: str
    synchronization_id: str
    name: str
    disaster_type: str
    role: str
    status: str
    instance_id: str
    instance_name: str
    master: Side
    # Unknown until the precheck has found the other platform.
    slave: Side | None
    created: float
    updated: float
    precheck_failed_reason: str = ""
    support_restore: bool = False
    # The operation that runs, and the job that runs it.
    operation: str | None = None
    job_id: str | None = None
    # State to return to when the running operation fails, or when a drill ends.
    before: str = NORMAL
    log_keep_ratio: int | None = None
    log_kept_since: float | None = None
    # Since when the other side has not been reachable.
    broken_since: float | None = None
    # The account that it was built with.
    user: str = "root"
    # The passwords with which the DR instance logs in to the primary, by account, and since when one of them is wrong.
    credentials: dict[str, str | None] = field(default_factory=dict)
    denied_since: float | None = None
    # From when to when the DR instance did not apply what the primary sent, because it was upgraded.
    pauses: list[tuple[float, float]] = field(default_factory=list)

    @property
    def over(self) -> bool:
        return self.status in OVER

    @property
    def other(self) -> Side | None:
        return self.slave if self.role == MASTER else self.master


@dataclass
class DrRecords:
    """All records of one platform, oldest first."""

    by_id: dict[str, Record] = field(default_factory=dict)

    def of_instance(self, instance_id: str) -> list[Record]:
        """Records of the instance: those still active before those that have ended, newest first."""
        found = [r for r in reversed(self.by_id.values()) if r.instance_id == instance_id]
        return sorted(found, key=lambda r: r.over)

    def live(self, instance_id: str) -> Record | None:
        return next((r for r in self.of_instance(instance_id) if not r.over), None)


def get_records(site: Site) -> DrRecords:
    return site.extension("disaster_recovery", DrRecords)


def is_standby(site: Site, instance_id: str) -> bool:
    """Whether the instance follows a primary now, so it cannot be written to. In a drill it is writable."""
    record = get_records(site).live(instance_id)
    return record is not None and record.role == DISASTER and record.status not in (SIMULATION, PRE_CHECKING)


def in_relation(site: Site, instance_id: str) -> bool:
    return get_records(site).live(instance_id) is not None


def lag(record: Record, at: float) -> tuple[int, int]:
    """RPO and RTO at a moment, in seconds: how far the DR instance is behind, and how long a failover takes.

    The RTO of a primary is 0: it does not have to take over.
    """
    drill = record.log_kept_since if record.status == SIMULATION else record.broken_since
    moments = [begin for begin, end in record.pauses if begin <= at < end]
    moments += [since for since in (drill, record.denied_since) if since is not None]
    since = min(moments, default=at)
    behind = 0 if record.over else max(0, int(at - since))
    return behind, 0 if record.role == MASTER else min(behind, 60) + 1


def bind(site: Site, record: Record) -> None:
    """A streaming relation has been built: from now on it depends on the passwords that the primary's accounts have."""
    instances = pair(site, record)
    if instances is None or record.disaster_type != STREAM:
        return
    users = instances[0].users
    known = {name: users[name].password for name in (record.user, REPLICATION_USER) if name in users}
    for entry in list_both(site, record):
        entry.user, entry.credentials, entry.denied_since = record.user, known, None


def _check_credentials(site: Site, record: Record) -> None:
    """Notice that the primary has other passwords than the relation was built with, or has these again."""
    if record.role == DISASTER:
        found = counterpart(site, record)
        record.denied_since = found[1].denied_since if found else record.denied_since
        return
    primary = site.instances.get(record.instance_id)
    if primary is None or not record.credentials:
        return
    users = primary.users
    wrong = any(name not in users or users[name].password != known for name, known in record.credentials.items())
    since = (site.clock.now() if record.denied_since is None else record.denied_since) if wrong else None
    for entry in list_both(site, record):
        entry.denied_since = since


def pause_replay(site: Site, instance: Instance) -> None:
    """From now on the instance does not apply what its primary sends; a primary goes on."""
    for entry in _as_standby(site, instance):
        entry.pauses.append((site.clock.now(), math.inf))


def resume_replay(site: Site, instance: Instance) -> None:
    for entry in _as_standby(site, instance):
        entry.pauses = [(begin, min(end, site.clock.now())) for begin, end in entry.pauses]


def _as_standby(site: Site, instance: Instance) -> list[Record]:
    record = get_records(site).live(instance.id)
    return list_both(site, record) if record is not None and record.role == DISASTER else []


def not_found() -> ApiError:
    return ApiError("DBS.06020105", status=400, message="The disaster recovery relation does not exist.")


def reachable(site: Site) -> Site | None:
    """The linked platform, if it responds."""
    return site.peer if site.peer is not None and site.peer.up and site.up else None


def counterpart(site: Site, record: Record) -> tuple[Site, Record] | None:
    """The other side's record, or None if the other platform does not respond or does not know the relation."""
    for where in (site, reachable(site)):
        if where is None:
            continue
        for other in get_records(where).by_id.values():
            if other.synchronization_id == record.synchronization_id and other is not record:
                return where, other
    return None


def other_site(site: Site, record: Record) -> Site | None:
    """The platform that has the other instance, if it responds."""
    side = record.other
    if side is None:
        return None
    if side.instance_id in site.instances:
        return site
    peer = reachable(site)
    return peer if peer is not None and side.instance_id in peer.instances else None


def find_by_data_ip(site: Site, address: str, *, apart_from: str) -> tuple[Site, Instance] | None:
    """The instance with this data IP, on the linked platform, otherwise here: two sites may use the same networks."""
    for where in (reachable(site), site):
        if where is None:
            continue
        for instance in where.instances.values():
            if instance.id != apart_from and any(address in (n.data_ip, n.manage_ip) for n in instance.nodes):
                return where, instance
    return None


def side_of(site: Site, instance: Instance) -> Side:
    """A platform is one region with one project; its name determines both."""
    project = hashlib.sha256(f"{site.seed}:{site.name}:project".encode()).hexdigest()[:32]
    addresses = ",".join(node.data_ip or node.manage_ip for node in instance.nodes)
    return Side(instance.id, project, f"{site.name}_GaussDB", site.name, addresses)


def follow(master: Instance, standby: Instance) -> None:
    """From now on the standby has the primary's data: both share the same objects until `part()`.

    The primary must already have its built-in users and databases (`furnish`).
    """
    standby.databases, standby.users, standby.roles = master.databases, master.users, master.roles
    standby.root_password = master.root_password


def part(instance: Instance) -> None:
    """The instance keeps its current data and no longer follows."""
    instance.databases = copy.deepcopy(instance.databases)
    instance.users = copy.deepcopy(instance.users)
    instance.roles = copy.deepcopy(instance.roles)


def pair(site: Site, record: Record) -> tuple[Instance, Instance] | None:
    """Primary and DR instance of a relation whose two platforms both respond."""
    own = site.instances.get(record.instance_id)
    where = other_site(site, record)
    if own is None or where is None or record.other is None:
        return None
    other = where.instances[record.other.instance_id]
    return (own, other) if record.role == MASTER else (other, own)


def reconcile(site: Site) -> None:
    """What the platform notices on its own: that the other side is down or back, and what happened there meanwhile."""
    now = site.clock.now()
    for record in get_records(site).by_id.values():
        if record.over:
            continue
        _check_credentials(site, record)
        if record.job_id:
            continue
        if other_site(site, record) is None:
            # This may be the first check since then.
            lost = site.peer.down_since if site.peer is not None else None
            if record.broken_since is None:
                record.broken_since = now if lost is None else lost
            if record.status in BUSY:
                _give_up(site, record)
            continue
        record.broken_since = None
        found = counterpart(site, record)
        if found is not None:
            _catch_up(site, record, found[1])


def _give_up(site: Site, record: Record) -> None:
    """The platform that ran the operation is down, so the operation is cancelled."""
    record.status = FAILED if record.operation == "construct" else record.before
    record.operation = None
    record.updated = site.clock.now()


def _catch_up(site: Site, record: Record, other: Record) -> None:
    """Apply what the other platform did while this one was away: promoted, released, or ended an operation."""
    if other.status in (FAILOVER, COMPLETED):
        if record.role == DISASTER and (instance := site.instances.get(record.instance_id)):
            part(instance)
        record.status = other.status
    elif record.status in BUSY and other.operation is None:
        # A primary that kept its log before continues to keep it.
        record.status = LOG_KEEP if record.before == LOG_KEEP and other.status == NORMAL else other.status
    else:
        return
    record.operation = None
    record.updated = site.clock.now()


def incompatible(master: Instance, standby: Instance) -> str | None:
    """Why the two cannot form a relation, or None."""
    if master.solution.startswith("hcs") != standby.solution.startswith("hcs"):
        return "one instance is distributed, the other centralized"
    if master.version != standby.version:
        return f"the engine versions differ: {master.version} and {standby.version}"
    if find_grey(master) or find_grey(standby):
        return "one instance is being upgraded"
    if shards(master) != shards(standby):
        return "the numbers of shards differ"
    return None


def check_compatible(site: Site, record: Record) -> None:
    """Refuse what needs two instances of one version; a platform that does not respond makes the task fail later."""
    instances = pair(site, record)
    if instances and (reason := incompatible(*instances)):
        raise ApiError("DBS.216009", detail=reason)


def shards(instance: Instance) -> int:
    return len({c.shard for node in instance.nodes for c in node.components if c.type == "DN"})


def swap_sides(site: Site, record: Record) -> None:
    """Primary and DR instance swap roles, in both records; the new DR instance takes over the data."""
    instances = pair(site, record)
    if instances is None or record.slave is None:
        return
    master, standby = instances
    part(standby)
    follow(master=standby, standby=master)
    new_master, new_slave = record.slave, record.master
    for entry in list_both(site, record):
        entry.role = DISASTER if entry.role == MASTER else MASTER
        entry.master, entry.slave = new_master, new_slave
        entry.status = NORMAL
        # The log that the old primary kept was for the old direction.
        entry.log_keep_ratio = entry.log_kept_since = None
    bind(site, record)


def list_both(site: Site, record: Record) -> list[Record]:
    found = counterpart(site, record)
    return [record, found[1]] if found else [record]


def keep_log(site: Site, record: Record, ratio: int | None) -> None:
    record.log_keep_ratio = ratio if record.log_keep_ratio is None else record.log_keep_ratio
    record.log_keep_ratio = record.log_keep_ratio or DEFAULT_KEEP_RATIO
    record.log_kept_since = record.log_kept_since or site.clock.now()


def is_log_overflown(site: Site, record: Record) -> bool:
    kept = site.clock.now() - (record.log_kept_since or site.clock.now())
    return kept > (record.log_keep_ratio or DEFAULT_KEEP_RATIO) * KEPT_SECONDS_PER_PERCENT


def check_name(site: Site, name: str) -> None:
    if any(r.name == name and not r.over for r in get_records(site).by_id.values()):
        raise ApiError("DBS.200001", detail=f"dr_task_name {name} exists already")


def find_free_name(site: Site) -> str:
    taken = {r.name for r in get_records(site).by_id.values()}
    while (name := f"DR-task-{site.ids.number(0, 9999):04d}") in taken:
        pass
    return name


def list_relations(site: Site) -> list[list[Record]]:
    """The records of each relation, newest first: the primary's before that of the DR instance if both are here."""
    found: dict[str, list[Record]] = {}
    for record in reversed(get_records(site).by_id.values()):
        found.setdefault(record.synchronization_id, []).append(record)
    return [sorted(records, key=lambda record: record.role != MASTER) for records in found.values()]
