# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gates: what must be true before a procedure writes.

A gate is a pure function of what was observed and of the limits. It returns the value, the limit, and whether it
passes, as data: the words for people are elsewhere. What could not be read does not pass.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..http.errors import InputError
from ..util.values import as_words, is_number

WAIVED = "gaussdb_gates_waived"
# Databases of every instance.
BUILTIN_DATABASES = ("postgres", "template0", "template1", "templatem", "templatea", "template_pdb")


@dataclass(frozen=True)
class Judged:
    """What a gate found: ``value`` as observed, ``limit`` as allowed, and whether the one is within the other."""

    value: Any
    limit: Any
    passed: bool


Data = Mapping[str, Any]
Judge = Callable[[Data, Data], Judged]


@dataclass(frozen=True)
class Gate:
    """A gate, its function, and whether it ``must`` pass: what cannot work otherwise is never waived."""

    name: str
    judge: Judge
    must: bool = False


GATES: dict[str, Gate] = {}


def gate(name: str, must: bool = False) -> Callable[[Judge], Judge]:
    """Add a function to :data:`GATES`."""

    def add(judge: Judge) -> Judge:
        GATES[name] = Gate(name, judge, must)
        return judge

    return add


def read_names(names: Any, known: Collection[str], option: str = WAIVED) -> list[str]:
    """Return the names in a list, or in a text in which commas separate them.

    Raises :class:`InputError` for a name that is not in ``known``.
    """
    given = names.split(",") if isinstance(names, str) else names if isinstance(names, Sequence) else [names]
    found = [text for text in (str(name).strip() for name in given if name is not None) if text]
    unknown = [name for name in found if name not in known]
    if unknown:
        raise InputError(option, f"can name some of these gates: {', '.join(known)}. Not a gate: {', '.join(unknown)}")
    return found


def judge_gates(
    names: Sequence[str], observed: Data, limits: Data, waived: Any = (), enforced: bool = True
) -> list[dict[str, Any]]:
    """Return an entry for each gate in ``names``: ``name``, ``value``, ``limit``, ``waived`` and ``outcome``.

    The outcome is ``passed``, ``waived``, ``failed``, or ``not_enforced`` for what would have failed but does not stop
    anything, because the operation has already started. What must pass is always enforced. Raises :class:`InputError`
    when ``waived`` names a gate that does not exist or must pass, or all gates of the procedure.
    """
    allowed = read_names(waived, GATES)
    if fixed := [name for name in allowed if GATES[name].must]:
        raise InputError(WAIVED, f"cannot name {', '.join(fixed)}: without it the operation cannot work")
    if len(names) > 1 and set(names) <= set(allowed):
        raise InputError(WAIVED, f"can name some of these gates, but not all of them: {', '.join(names)}")
    found = []
    for name in names:
        judged = GATES[name].judge(observed, limits)
        stops = enforced or GATES[name].must
        outcome = "passed" if judged.passed else "waived" if name in allowed else "failed" if stops else "not_enforced"
        found.append(
            {
                "name": name,
                "value": judged.value,
                "limit": judged.limit,
                "waived": name in allowed,
                "outcome": outcome,
            }
        )
    return found


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


@gate("standby_fits", must=True)
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
# instance. An operation that is under way has passed its gates before.


def _seen(observed: Data, limits: Data) -> Data:
    seen: Data = observed["sites"][limits["site"]]
    return seen


@gate("instance_idle", must=True)
def _instance_idle(observed: Data, limits: Data) -> Judged:
    seen = _seen(observed, limits)
    status = seen["instance_status"]
    return Judged(status, "ACTIVE", status == "ACTIVE" or seen["upgrade"]["stage"] == "observed")


@gate("pair_known", must=True)
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
    upgrade = _seen(observed, limits)["upgrade"]
    unhealthy = upgrade["unhealthy"] if upgrade["nodes"] else None
    return Judged(unhealthy, [], unhealthy == [])


@gate("replicas_in_sync")
def _replicas_in_sync(observed: Data, limits: Data) -> Judged:
    upgrade = _seen(observed, limits)["upgrade"]
    behind = upgrade["out_of_sync"] if upgrade["nodes"] else None
    return Judged(behind, [], behind == [])


@gate("no_long_transaction")
def _no_long_transaction(observed: Data, limits: Data) -> Judged:
    """The ages are computed from the platform's times alone, because the controller's clock may differ."""
    longest = max((_transaction_seconds(each) for each in observed["sessions"]), default=0)
    limit = float(limits["transaction_seconds"])
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


# Upgrades.


@gate("no_other_upgrade", must=True)
def _no_other_upgrade(observed: Data, limits: Data) -> Judged:
    target = _seen(observed, limits)["upgrade"]["target_version"]
    return Judged(target or None, limits["version"], target in ("", limits["version"]))


@gate("strategy_fits", must=True)
def _strategy_fits(observed: Data, limits: Data) -> Judged:
    """What is done in one task would leave the other member of a relation behind, or commit what others observe."""
    seen = _seen(observed, limits)
    reasons = [
        *(["member"] if seen["relation"] or len(observed["sites"]) > 1 else []),
        *(["observed"] if seen["upgrade"]["stage"] == "observed" else []),
    ]
    return Judged(reasons, limits["strategy"], not (limits["at_once"] and reasons))


@gate("version_possible", must=True)
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


@gate("rollback_possible", must=True)
def _rollback_possible(observed: Data, limits: Data) -> Judged:
    """Where no upgrade is under way, there is nothing to roll back. The order of members needs all of them."""
    upgrade = _seen(observed, limits)["upgrade"]
    known = all(each["upgrade"]["stage"] != "unknown" for each in observed["sites"].values())
    target = upgrade["target_version"]
    value = {"target": target or None, "enabled": upgrade["rollback_enabled"]}
    return Judged(value, None, known and (not target or upgrade["rollback_enabled"]))
