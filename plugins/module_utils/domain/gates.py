# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gates: what must be true before a procedure writes.

A gate is a pure function of what was observed and of the limits. It returns the value, the limit, and whether it
passes, as data: the words for people are elsewhere. What could not be read does not pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..api.database_user import BUILTIN_USERS
from ..http.errors import InputError
from ..util.values import as_int, as_words, is_number, split_names
from .components import describe_parts, out_of_sync, unhealthy_of, without_majority
from .estate import MADE_ACCOUNTS

WAIVED = "gaussdb_gates_waived"
# What a gate that does not pass does: it stops whatever happens, it stops unless it is waived, or it is only recorded.
MUST, GATE, NOTE = "must", "gate", "note"
NEVER_WAIVED = {MUST: "without it the operation cannot work", NOTE: "it stops nothing"}
HOUR_MS = 3_600_000
# Statuses of hosts that an instance can use, what their size is, and what all hosts of an instance have in common.
FREE = ("initialized", "unmanaged")
SIZES = ("vcpus", "memory", "data_disk_size", "storage_type")
TRAITS = ("os_type", "type", "cpu_spec", "os_arch")
# The built-in users that only the platform uses.
PLATFORM_USERS = tuple(name for name in BUILTIN_USERS.values() if name != "root")
# Databases of every instance.
BUILTIN_DATABASES = ("postgres", "template0", "template1", "templatem", "templatea", "template_pdb")


@dataclass(frozen=True)
class Judged:
    """What a gate found: ``value`` as observed, ``limit`` as allowed, and whether the one is within the other.

    ``passed`` is None where platforms need not show what the gate looks at: that is recorded, and stops nothing.
    """

    value: Any
    limit: Any
    passed: bool | None


Data = Mapping[str, Any]
Judge = Callable[[Data, Data], Judged]


@dataclass(frozen=True)
class Gate:
    """A gate, its function, and its kind. One that ``changes`` may pass by itself after a while."""

    name: str
    judge: Judge
    kind: str = GATE
    changes: bool = False


GATES: dict[str, Gate] = {}


def gate(name: str, kind: str = GATE, *, changes: bool = False) -> Callable[[Judge], Judge]:
    """Add a function to :data:`GATES`."""

    def add(judge: Judge) -> Judge:
        GATES[name] = Gate(name, judge, kind, changes)
        return judge

    return add


def read_names(names: Any, known: Collection[str], option: str = WAIVED) -> list[str]:
    """Return the names in a list, or in a text in which commas separate them.

    Raises :class:`InputError` for a name that is not in ``known``.
    """
    try:
        found = split_names(names)
    except ValueError as error:
        raise InputError(option, str(error)) from None
    unknown = [name for name in found if name not in known]
    if unknown:
        raise InputError(option, f"can name some of these gates: {', '.join(known)}. Not a gate: {', '.join(unknown)}")
    return found


def judge_gates(
    names: Sequence[str], observed: Data, limits: Data, waived: Any = (), enforced: bool = True
) -> list[dict[str, Any]]:
    """Return an entry for each gate in ``names``: ``name``, ``value``, ``limit``, ``waived`` and ``outcome``.

    The outcome is ``passed``, ``waived``, ``failed``, ``noted`` for what is only recorded, or ``not_enforced`` for what
    would have failed but does not stop anything, because the operation has already started. What must pass is always
    enforced. Raises :class:`InputError` when ``waived`` names a gate that does not exist or cannot be waived, or all
    gates of the procedure.
    """
    allowed = read_names(waived, GATES)
    for kind, why in NEVER_WAIVED.items():
        if fixed := [name for name in allowed if GATES[name].kind == kind]:
            raise InputError(WAIVED, f"cannot name {', '.join(fixed)}: {why}")
    if len(names) > 1 and set(names) <= set(allowed):
        raise InputError(WAIVED, f"can name some of these gates, but not all of them: {', '.join(names)}")
    found = []
    for name in names:
        judged = GATES[name].judge(observed, limits)
        found.append(
            {
                "name": name,
                "value": judged.value,
                "limit": judged.limit,
                "waived": name in allowed,
                "outcome": _outcome(GATES[name], judged, name in allowed, enforced),
            }
        )
    return found


def _outcome(judging: Gate, judged: Judged, waived: bool, enforced: bool) -> str:
    if judged.passed:
        return "passed"
    if judging.kind == NOTE or judged.passed is None:
        return "noted"
    if waived:
        return "waived"
    return "failed" if enforced or judging.kind == MUST else "not_enforced"


def may_pass_later(judged: Sequence[Data]) -> bool:
    """Return whether all gates that failed may pass by themselves after a while."""
    failed = [GATES[entry["name"]] for entry in judged if entry["outcome"] == "failed"]
    return bool(failed) and all(each.changes for each in failed)


# Disaster recovery. ``observed`` has ``state`` from the filter dr_state, and ``sites`` with the data of each site.


@gate("relation_normal")
def _relation_normal(observed: Data, _limits: Data) -> Judged:
    statuses = list(observed["state"]["statuses"])
    return Judged(list(dict.fromkeys(statuses)), "normal", statuses == ["normal", "normal"])


@gate("rpo")
def _rpo(observed: Data, _limits: Data) -> Judged:
    return _figure(observed["state"], "rpo")


@gate("rto")
def _rto(observed: Data, _limits: Data) -> Judged:
    return _figure(observed["state"], "rto")


@gate("no_critical_alarm")
def _no_critical_alarm(observed: Data, _limits: Data) -> Judged:
    alarms: list[Any] = []
    for each in observed["sites"].values():
        alarms += [alarm.get("name") for alarm in critical_alarms(each)]
    found = list(dict.fromkeys(alarms))
    found += [{"site": site, "code": "unread"} for site, each in observed["sites"].items() if not each["alarms_read"]]
    return Judged(found, [], not found)


def critical_alarms(seen: Data) -> list[Data]:
    return [alarm for alarm in seen["alarms"] if alarm.get("severity") == "critical"]


@gate("recent_backup")
def _recent_backup(observed: Data, limits: Data) -> Judged:
    backups = observed["backups"]
    limit = {"instance": limits["instance"], "age": limits["backup_age"]}
    return Judged(backups[0].get("begin_time") if backups else None, limit, bool(backups))


@gate("no_other_job")
def _no_other_job(observed: Data, _limits: Data) -> Judged:
    statuses = [each["instance_status"] for each in observed["sites"].values()]
    passed = set(statuses) == {"ACTIVE"} and not observed["state"]["pending"]
    return Judged(statuses, "ACTIVE", passed)


@gate("versions_equal")
def _versions_equal(observed: Data, _limits: Data) -> Judged:
    versions = [each["engine_version"] or None for each in observed["sites"].values()]
    return Judged(versions, "equal", None not in versions and len(set(versions)) == 1)


@gate("log_space")
def _log_space(observed: Data, limits: Data) -> Judged:
    known = [used for used in observed["disks"] if is_number(used)]
    used, keep = max(known, default=None), int(limits["log_keep_percent"])
    share = None if used is None else round(max(100 - used, 0) * keep / 100, 1)
    limit = float(limits["disk_used_percent"])
    return Judged({"used": used, "keep": keep, "share": share}, limit, used is not None and used <= limit)


@gate("standby_fits", MUST)
def _standby_fits(observed: Data, limits: Data) -> Judged:
    candidates = list(observed["candidates"])
    return Judged(candidates, {"instance": limits["instance"]}, limits["instance"] in candidates)


@gate("standby_empty")
def _standby_empty(observed: Data, limits: Data) -> Judged:
    own = [name for name in observed["databases"] if name not in BUILTIN_DATABASES]
    return Judged(own, {"instance": limits["instance"]}, not own)


@gate("primary_down")
def _primary_down(observed: Data, limits: Data) -> Judged:
    """An instance that is backed up or restarted is in use; one that the platform does not list may be in use."""
    site = limits["site"]
    primary, silent = observed["sites"][site], site in observed["state"]["silent"]
    other = observed["sites"][limits["promoted_site"]]
    value = {
        "status": primary["instance_status"],
        "relation": (other["relation"] or {}).get("status") or None,
        "error": "" if silent else primary["error"],
    }
    stopped = primary["instance_status"] != "unknown" and not primary["instance_running"]
    return Judged(value, {"site": site, "instance": limits["instance"]}, silent or stopped)


def _figure(state: Data, name: str) -> Judged:
    return Judged(state[f"{name}_seconds"], state[f"{name}_limit"], state[f"{name}_within"])


# Operations on one instance. ``observed`` has ``sites`` with the data of each site, ``limits`` the ``site`` of the
# instance, and for an operation on nodes their IDs as ``nodes``. An operation that is under way has passed its gates
# before.


def _seen(observed: Data, limits: Data) -> Data:
    seen: Data = observed["sites"][limits["site"]]
    return seen


def _others(observed: Data, limits: Data) -> list[Data] | None:
    """Return the nodes besides those of the operation, ``None`` if no node is known."""
    nodes, apart = _seen(observed, limits)["nodes"], limits.get("nodes", ())
    return [node for node in nodes if node["id"] not in apart] if nodes else None


@gate("instance_idle", MUST)
def _instance_idle(observed: Data, limits: Data) -> Judged:
    seen = _seen(observed, limits)
    status = seen["instance_status"]
    return Judged(status, "ACTIVE", status == "ACTIVE" or seen["upgrade"]["stage"] == "observed")


@gate("pair_known", MUST)
def _pair_known(observed: Data, limits: Data) -> Judged:
    """A relation is that of the members, if there are two of them; otherwise there is none."""
    sites, relation = observed["sites"], _seen(observed, limits)["relation"]
    others = [each["instance_id"] for site, each in sites.items() if site != limits["site"]]
    passed = relation["other_instance_id"] in others if relation else not others
    return Judged([relation["name"]] if relation else [], None, passed)


@gate("pair_protected")
def _pair_protected(observed: Data, _limits: Data) -> Judged:
    state = observed["state"]
    value = {
        "statuses": list(dict.fromkeys(state["statuses"])),
        "rpo": state["rpo_seconds"],
        "rto": state["rto_seconds"],
    }
    limit = {"rpo": state["rpo_limit"], "rto": state["rto_limit"]}
    return Judged(value, limit, state["protected"] and state["rpo_within"] and state["rto_within"])


@gate("nodes_healthy")
def _nodes_healthy(observed: Data, limits: Data) -> Judged:
    nodes = _others(observed, limits)
    unhealthy = None if nodes is None else unhealthy_of(nodes)
    return Judged(unhealthy, [], unhealthy == [])


@gate("replicas_in_sync", changes=True)
def _replicas_in_sync(observed: Data, limits: Data) -> Judged:
    nodes = _others(observed, limits)
    behind = None if nodes is None else out_of_sync(nodes)
    return Judged(behind, [], behind == [])


@gate("no_long_transaction", changes=True)
def _no_long_transaction(observed: Data, limits: Data) -> Judged:
    """The ages are computed from the platform's times alone, because the controller's clock may differ."""
    sessions, limit = observed["sessions"], float(limits["transaction_seconds"])
    if sessions is None:
        return Judged(None, limit, False)
    longest = max((_transaction_seconds(each) for each in sessions), default=0)
    return Judged(longest, limit, longest <= limit)


def _transaction_seconds(session: Data) -> int:
    started, begun = session.get("started_at_ms"), session.get("transaction_started_at_ms")
    if not started or not begun:
        return 0
    return max(int(session.get("age_seconds") or 0) - (int(begun) - int(started)) // 1000, 0)


@gate("in_window")
def _in_window(observed: Data, limits: Data) -> Judged:
    is_open = _seen(observed, limits)["upgrade"]["window_open"]
    return Judged("open" if is_open else "closed", limits["window"], is_open)


@gate("disks")
def _disks(observed: Data, limits: Data) -> Judged:
    """The fullest disk. A disk whose usage was not reported may be full."""
    disks, limit = observed["disks"], float(limits["disk_used_percent"])
    used = max(disks) if disks and all(is_number(each) for each in disks) else None
    return Judged(used, limit, used is not None and used <= limit)


@gate("inspection_clean")
def _inspection_clean(observed: Data, limits: Data) -> Judged:
    """The newest record of an inspection with the checks of a scene, which is the first one."""
    record = next(iter(observed["inspections"] or ()), None)
    limit = {"scene": limits["inspection"], "age": limits["inspection_age"]}
    if record is None:
        return Judged(None, limit, False)
    wrong = [str(each["name"]) for each in record["results"] if each["status"] != "normal"]
    return Judged(wrong, limit, bool(record["results"]) and not wrong)


@gate("can_be_restored", NOTE)
def _can_be_restored(observed: Data, limits: Data) -> Judged:
    """A moment of the last hour. The platform's own time decides, because the controller's clock may differ."""
    spans, now = observed["restore_times"], _seen(observed, limits)["now_ms"]
    newest = max(spans or (), key=lambda span: span["end_ms"], default=None)
    passed = newest is not None and is_number(now) and newest["end_ms"] >= now - HOUR_MS
    return Judged(newest["end"] if newest else None, None, passed)


# Upgrades.


@gate("public_schema")
def _public_schema(observed: Data, _limits: Data) -> Judged:
    """A platform that does not list the schema in the database postgres, which has it, lists it nowhere."""
    schemas: Data = observed["schemas"]

    def has(database: str) -> bool:
        return "public" in [schema["name"] for schema in schemas.get(database) or ()]

    if not has("postgres"):
        return Judged({"code": "not_listed"}, None, None)
    own = [name for name in observed["databases"] or () if name not in BUILTIN_DATABASES]
    if observed["databases"] is None or any(schemas.get(name) is None for name in own):
        return Judged(None, None, False)
    without = [name for name in own if not has(name)]
    return Judged(without, None, not without)


@gate("estate_agrees", NOTE)
def _estate_agrees(_observed: Data, limits: Data) -> Judged:
    described = limits["engine_version"] or None
    return Judged(described, limits["version"], described is None or described in as_words(limits["version"], ","))


@gate("dbmind_fits", NOTE)
def _dbmind_fits(observed: Data, limits: Data) -> Judged:
    """Which version of DBMind goes with which engine is not known here."""
    known = observed["dbminds"]
    if known is None:
        return Judged(None, None, False)
    managing = [
        {"name": each["name"], "version": each["engine_version"]}
        for each in known
        if limits["instance"] in [managed["name"] for managed in each["managed"]]
    ]
    return Judged(managing, None, not managing)


@gate("no_other_upgrade", MUST)
def _no_other_upgrade(observed: Data, limits: Data) -> Judged:
    target = _seen(observed, limits)["upgrade"]["target_version"]
    return Judged(target or None, limits["version"], target in ("", limits["version"]))


@gate("strategy_fits", MUST)
def _strategy_fits(observed: Data, limits: Data) -> Judged:
    """What is done in one task would leave the other member of a relation behind, or commit what others observe."""
    seen = _seen(observed, limits)
    reasons = [
        *(["member"] if seen["relation"] or len(observed["sites"]) > 1 else []),
        *(["observed"] if seen["upgrade"]["stage"] == "observed" else []),
    ]
    return Judged(reasons, limits["strategy"], not (limits["at_once"] and reasons))


@gate("version_possible", MUST)
def _version_possible(observed: Data, limits: Data) -> Judged:
    """The platform allows the upgrade of a member of a pair when it is its turn, which for some is ``later``."""
    upgrade, versions = _seen(observed, limits)["upgrade"], as_words(limits["version"], ",")
    missing = set(versions) - {*upgrade["candidates"], *upgrade["hotfixes"]}
    allowed = upgrade["allowed"] or limits.get("later", False)
    passed = (allowed and not missing) or upgrade["stage"] in ("observed", "new")
    return Judged({"version": upgrade["version"], "candidates": upgrade["candidates"]}, limits["version"], passed)


@gate("package_uploaded")
def _package_uploaded(observed: Data, limits: Data) -> Judged:
    versions = observed["versions"]
    return Judged(versions, limits["version"], limits["version"] in versions)


@gate("agents_up_to_date")
def _agents_up_to_date(observed: Data, _limits: Data) -> Judged:
    nodes = [node for agent in observed["agents"] for node in agent["nodes"]]
    old = [str(node["name"]) for node in nodes if not node["up_to_date"] or node["agent_status"] != "WORKING"]
    return Judged(old if nodes else None, [], bool(nodes) and not old)


@gate("rollback_possible", MUST)
def _rollback_possible(observed: Data, limits: Data) -> Judged:
    """Where no upgrade is under way, there is nothing to roll back. The order of members needs all of them."""
    upgrade = _seen(observed, limits)["upgrade"]
    known = all(each["upgrade"]["stage"] != "unknown" for each in observed["sites"].values())
    target = upgrade["target_version"]
    value = {"target": target or None, "enabled": upgrade["rollback_enabled"]}
    return Judged(value, None, known and (not target or upgrade["rollback_enabled"]))


# Nodes.


@gate("instance_rests", MUST)
def _instance_rests(observed: Data, limits: Data) -> Judged:
    """What a repair begins with may be a failed instance, but not one that the platform is working on."""
    seen = _seen(observed, limits)
    known = seen["instance_status"] not in ("unknown", "unreachable")
    return Judged(seen["instance_status"], None, known and not seen["instance_busy"])


@gate("no_upgrade", MUST)
def _no_upgrade(observed: Data, limits: Data) -> Judged:
    upgrade = _seen(observed, limits)["upgrade"]
    # What cannot be read may be one.
    found = "unread" if upgrade["stage"] == "unknown" else upgrade["target_version"] or None
    return Judged(found, None, found is None)


@gate("really_broken", MUST)
def _really_broken(observed: Data, limits: Data) -> Judged:
    """A node that somebody has stopped may not be broken, unless its start was tried and has not helped."""
    found = [node for node in _seen(observed, limits)["nodes"] or () if node["id"] in limits["nodes"]]
    broken = [
        node for node in found if node["healthy"] is False and (not node["stopped"] or "started" in limits["tried"])
    ]
    value = [f"{node['name']} {describe_parts(node)}".strip() for node in found]
    return Judged(value, [], bool(found) and broken == found)


@gate("hosts_free", MUST)
def _hosts_free(observed: Data, limits: Data) -> Judged:
    """Hosts that nothing is on, as many as are ``needed`` if that is given, and like those of the instance, as far as
    these are known."""
    known = {host["manage_ip"]: host for host in observed["hosts"]}
    nodes = _seen(observed, limits)["nodes"] or ()
    own = [known[node["management_ip"]] for node in nodes if node["management_ip"] in known]
    wrong: list[Any] = []
    needed = as_int(limits.get("needed"))
    if needed is not None and len(limits["hosts"]) != needed:
        wrong.append({"code": "number", "number": len(limits["hosts"]), "needed": needed})
    for address in limits["hosts"]:
        host = known.get(address)
        if host is None:
            wrong.append({"code": "missing", "host": address})
        elif host["status"] not in FREE:
            wrong.append({"code": "in_use", "host": address, "status": host["status"]})
        else:
            wrong += [
                {"code": "differs", "host": address, "trait": trait, "value": host[trait], "others": other[trait]}
                for trait in TRAITS
                for other in own[:1]
                if host[trait] != other[trait]
            ]
    return Judged(wrong, list(limits["hosts"]), bool(limits["hosts"]) and not wrong)


@gate("zones_lost", MUST)
def _zones_lost(observed: Data, limits: Data) -> Judged:
    """A zone all of whose nodes run is not lost."""
    nodes = _seen(observed, limits)["nodes"] or ()
    running: dict[str, list[bool]] = {}
    for node in nodes:
        running.setdefault(str(node["availability_zone_id"]), []).append(node["running"] is not False)
    healthy = sorted(zone for zone, found in running.items() if zone != limits["zone"] and all(found))
    return Judged(healthy if nodes else None, limits["zone"], bool(nodes) and not healthy)


@gate("instance_down")
def _instance_down(observed: Data, limits: Data) -> Judged:
    """An instance that is ACTIVE has its majority, and loses nothing without a forced start."""
    status = _seen(observed, limits)["instance_status"]
    return Judged(status, None, status != "ACTIVE")


@gate("no_other_proof", MUST)
def _no_other_proof(observed: Data, _limits: Data) -> Judged:
    """An interrupted proof leaves one instance. Several are more than a proof can take over."""
    found = list(observed["proofs"])
    return Judged(found, None, len(found) <= 1)


@gate("no_relation", MUST)
def _no_relation(observed: Data, limits: Data) -> Judged:
    seen = _seen(observed, limits)
    relation = seen["relation"]
    found = [relation["name"]] if relation else []
    return Judged(found if seen["reachable"] else None, [], bool(seen["reachable"]) and not found)


@gate("not_described", MUST)
def _not_described(observed: Data, limits: Data) -> Judged:
    """What is described would be created again."""
    described = limits["instance"] in observed["described"]
    return Judged(limits["instance"] if described else None, None, not described)


@gate("as_approved")
def _as_approved(observed: Data, _limits: Data) -> Judged:
    """Facts that are not those that somebody has approved."""
    found = observed["unapproved_facts"]
    return Judged(found, [], not found)


@gate("hosts_not_described", MUST)
def _hosts_not_described(observed: Data, limits: Data) -> Judged:
    """What is described would be added again."""
    names = {host["manage_ip"]: host["name"] for host in observed["hosts"]}
    described = set(observed["described_hosts"])
    found = [host for host in limits["hosts"] if {host, names.get(host)} & described]
    return Judged(found, [], not found)


@gate("no_sessions")
def _no_sessions(observed: Data, _limits: Data) -> Judged:
    """Sessions of others than the accounts of the platform and the engine."""
    sessions = observed["sessions"]
    if sessions is None:
        return Judged(None, [], False)
    users = [str(each["user"]) for each in sessions if not re.fullmatch(MADE_ACCOUNTS, str(each["user"]))]
    found = list(dict.fromkeys(users))
    return Judged(found, [], not found)


@gate("majority_left", MUST)
def _majority_left(observed: Data, limits: Data) -> Judged:
    nodes = _seen(observed, limits)["nodes"]
    lost = without_majority(nodes, limits["nodes"]) if nodes else None
    return Judged(lost, [], lost == [])


# Rotations of passwords. ``observed`` has the ``users`` of the instance, ``None`` if they cannot be read. ``limits``
# have the ``accounts`` to rotate, and ``relation_users``, the accounts that a described relation was built with, or
# ``None``.


@gate("accounts_exist", MUST)
def _accounts_exist(observed: Data, limits: Data) -> Judged:
    """An account that does not exist would be created. The platform lists only one of the built-in users, root, and
    roles cannot log in."""
    users = observed["users"]
    own = [name for name in limits["accounts"] if name not in BUILTIN_USERS.values()]
    if users is None:
        return Judged(None, [], not own)
    known = [str(each["name"]) for each in users if (each.get("attributes") or {}).get("login") is not False]
    missing = [name for name in own if name not in known]
    return Judged(missing, [], not missing)


@gate("not_standby", MUST)
def _not_standby(observed: Data, limits: Data) -> Judged:
    """A DR instance has the passwords of its primary. Those that are set in a drill are lost at its end."""
    seen = _seen(observed, limits)
    role = seen["relation"].get("acts_as")
    found = [role] if role else []
    return Judged(found if seen["reachable"] else None, [], bool(seen["reachable"]) and role != "standby")


@gate("no_relation_account", MUST)
def _no_relation_account(observed: Data, limits: Data) -> Judged:
    """The DR instance of a streaming relation logs in to the primary as the replication user, and as the account that
    the relation was built with, which the platform does not show. It keeps their passwords."""
    seen = _seen(observed, limits)
    relation, users = seen["relation"], limits["relation_users"]
    limit, replication = {"users": users}, BUILTIN_USERS["repl"]
    if not seen["reachable"]:
        return Judged(None, limit, False)
    if not relation or relation.get("disaster_type") == "dorado" or relation.get("in_force") is False:
        return Judged([], limit, True)

    def is_needed(name: str) -> bool:
        # Where it is not known, it may be any account but those that only the platform uses.
        return name == replication or (name not in PLATFORM_USERS if users is None else name in users)

    found = [name for name in limits["accounts"] if is_needed(name)]
    return Judged(found, limit, not found)


# Expansions. ``observed`` has what is added as ``expansion``, from the filter expansion_state, and the ``hosts`` of the
# platform; ``limits`` the ``hosts`` to add.


@gate("expandable", MUST)
def _expandable(observed: Data, _limits: Data) -> Judged:
    found = list(observed["expansion"]["obstacles"])
    return Judged(found, [], not found)


@gate("groups_fit", MUST)
def _groups_fit(observed: Data, limits: Data) -> Judged:
    number, group = len(limits["hosts"]), int(observed["expansion"]["group"])
    return Judged(number, group or None, group > 0 and number > 0 and number % group == 0)


@gate("hosts_alike")
def _hosts_alike(observed: Data, limits: Data) -> Judged:
    """What the platform shows of the size of the hosts. What it does not show is not compared."""
    known = {host["manage_ip"]: host for host in observed["hosts"]}
    nodes = _seen(observed, limits)["nodes"] or ()
    own = [known[node["management_ip"]] for node in nodes if node["management_ip"] in known]
    wrong = [
        {"code": "differs", "host": address, "trait": size, "value": host[size], "others": other[size]}
        for address in limits["hosts"]
        for host in [known.get(address)]
        for size in SIZES
        for other in own[:1]
        if host and None not in (host.get(size), other.get(size)) and host[size] != other[size]
    ]
    return Judged(wrong, [], not wrong)


# Databases that are not managed yet. ``observed`` has the hosts of the one that was found as ``database`` (4.11.12),
# the ``hosts`` of the platform, and its ``instances`` of the same name; ``limits`` the ``hosts`` that were given.


@gate("database_found", MUST)
def _database_found(observed: Data, limits: Data) -> Judged:
    """One host is enough to find the others. Several have to be all of them."""
    found = [str(host["manage_ip"]) for host in observed["database"]]
    given = list(limits["hosts"])
    return Judged(found, given, bool(given) and set(given) <= set(found) and len(set(given)) in (1, len(found)))


@gate("hosts_added", MUST)
def _hosts_added(observed: Data, limits: Data) -> Judged:
    known = {host["manage_ip"]: host for host in observed["hosts"]}
    wrong: list[Any] = []
    for host in observed["database"]:
        address, shown = host["manage_ip"], known.get(host["manage_ip"])
        if shown is None or not host["added"]:
            wrong.append({"code": "missing", "host": address})
        elif shown["status"] not in FREE:
            wrong.append({"code": "in_use", "host": address, "status": shown["status"]})
    return Judged(wrong, list(limits["hosts"]), bool(observed["database"]) and not wrong)


@gate("name_free", MUST)
def _name_free(observed: Data, limits: Data) -> Judged:
    """The instance of this name may be the database itself, after its adoption."""
    own = [str(node["management_ip"]) for each in observed["instances"] for node in each["nodes"]]
    if not observed["instances"] or (own and set(limits["hosts"]) <= set(own)):
        return Judged([], limits["instance"], True)
    return Judged(own or None, limits["instance"], False)


@gate("engine_known")
def _engine_known(observed: Data, limits: Data) -> Judged:
    """The platform does not show the version before the adoption: somebody has to say it."""
    version, versions = limits["engine_version"] or None, list(observed["versions"])
    return Judged(version, versions, version in versions if version else None)


# Restores in place. ``observed`` has what the restore loses as ``restore``, from the filter restore_state.


@gate("moment_restorable")
def _moment_restorable(observed: Data, limits: Data) -> Judged:
    """A backup has to exist; a moment has to be in one of the spans, which are not known for XBSA backups."""
    point, moment, spans = observed["restore"]["point"], as_int(limits["moment_ms"]), observed["restore_times"]
    if observed["restore"]["backup_id"]:
        return Judged({"code": "backup", "point": point}, None, True)
    if moment is None:
        return Judged({"code": "missing", "point": point}, None, False)
    if spans is None:
        return Judged(None, None, False)
    shown = [f"{span['start']} - {span['end']}" for span in spans]
    return Judged(shown, None, any(span["start_ms"] <= moment <= span["end_ms"] for span in spans))


@gate("sessions_lost", NOTE)
def _sessions_lost(observed: Data, _limits: Data) -> Judged:
    """The sessions that are lost, each kind once."""
    sessions = observed["sessions"]
    if sessions is None:
        return Judged(None, None, False)
    found = [f"{each['application_name']} {each['user']}@{each['client_ip']}".strip() for each in sessions]
    return Judged(list(dict.fromkeys(found)), None, not found)


@gate("loss_confirmed", MUST)
def _loss_confirmed(observed: Data, limits: Data) -> Judged:
    restore = observed["restore"]
    value = {name: restore[name] for name in ("point", "now", "minutes")}
    return Judged(value, {"instance": limits["instance"]}, limits["confirmed"])
