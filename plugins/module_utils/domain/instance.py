# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lifecycle of an instance: the rules of ``gaussdb_instance`` that its fields cannot express."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..api import instance as api
from ..api import vocabulary as words
from ..api.host import list_hosts
from ..api.operation import Call
from ..engine import checks, compare
from ..engine.context import Context
from ..engine.item import Item, Policy, Step
from ..engine.options import Field
from ..http.error_codes import NOT_FOUND_CODES
from ..http.errors import InputError, NotFound, TpopsError
from ..util.certificates import encode_pem
from ..util.times import checked, epoch_ms
from .placement import find_placement
from .restore import check_restore_moment
from .topology import HOST_LISTS, TOPOLOGIES, find_difference, hosts_of, problem_of_hosts

DAYS = checks.between(0, 10000)
NAME = checks.pattern(r"[A-Za-z][A-Za-z0-9_-]{3,63}", "4 to 64 letters, digits, hyphens or underscores, a letter first")

# In these statuses the platform is working on the instance; it leaves them on its own.
PENDING = ("BUILD", "REBOOTING", "MODIFYING", "RESTORING", "DELETING")
# Statuses in which no work is in progress. An unknown status is waited for: it means neither that the work is done nor
# what to do.
SETTLED = tuple(word for word in words.INSTANCE_STATUS.spellings if word not in (*PENDING, "BUILD_FAILED"))
# In these statuses the nodes of an instance are changing.
RESHAPED = frozenset({"BUILD", "BUILD_FAILED", "EXPANDING", "REDUCING", "REPAIRING", "MIGRATING", "DELETING"})
# An instance in one of these statuses needs attention.
TROUBLED = frozenset({"FAILED", "FROZEN", "STORAGE FULL", "DELETING"})
GONE = tuple(NOT_FOUND_CODES)

# Whether the database should run; the other states do not say.
_RUNNING = {"started": True, "stopped": False, "restarted": True}
# The restore request has no fields for these.
_NOT_RESTORED = ("consistency", "replication_mode", "consistency_protocol", "install_dirs", "component_distributions")
_CERTIFICATES = ("ca_cert", "client_cert", "client_key", "key_password")
_NO_ETCD = "noetcd"
# Options whose values an instance has from its hosts, each with their attribute.
_AS_THE_HOSTS = {
    "os_type": "os_type",
    "host_type": "type",
    "cpu_spec": "cpu_spec",
    "arch": "os_arch",
    "float_ip": "float_ip",
}


def same_if_shown(desired: Any, current: Any) -> bool:
    """A value that the platform does not show is assumed to match."""
    return current in (None, "") or compare.equal_text(desired, current)


def same_solution(desired: Any, current: Any) -> bool:
    """The platform may turn a topology with ETCD into one without."""
    return same_if_shown(str(desired).removesuffix(_NO_ETCD), str(current or "").casefold().removesuffix(_NO_ETCD))


def read(ctx: Context) -> Call:
    """Read the instance by ID, otherwise by name."""
    if ctx.params["instance_id"]:
        return api.list_instances(instance_id=ctx.params["instance_id"])
    return api.list_instances(name=ctx.params["name"])


def build_desired(ctx: Context, fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Return the one desired item: the options, and whether the database should run."""
    desired = {each.name: ctx.params[each.name] for each in fields if each.is_option}
    return [{**desired, "running": _RUNNING.get(ctx.params["state"])}]


def check(ctx: Context, item: Item) -> None:
    """Reject what cannot be created, before any request."""
    if not item.present:
        return
    desired = item.desired
    problem = _problem_of_topology(desired) or _problem_of_engine(desired) or _problem_of_restore(desired)
    if problem:
        raise InputError(problem[0], problem[1])


def _problem_of_topology(desired: Mapping[str, Any]) -> tuple[str, str] | None:
    solution = desired.get("solution")
    if solution is None:
        return None
    topology = TOPOLOGIES[solution]
    if not topology.etcd and desired.get("consistency_protocol") == "quorum":
        return "consistency_protocol", f"solution {solution} needs paxos"
    if topology.mode == api.CENTRALIZED and desired.get("consistency") == "eventual":
        return "consistency", f"eventual cannot be used with solution {solution}, which is centralized"
    if desired.get("float_ip") and (topology.mode != api.CENTRALIZED or topology.hosts == 1):
        return "float_ip", f"cannot be used with solution {solution}, only with a centralized one of more than one host"
    # Without any list the instance may already exist.
    return problem_of_hosts(solution, desired, new=False) if any(desired.get(name) for name in HOST_LISTS) else None


def _problem_of_engine(desired: Mapping[str, Any]) -> tuple[str, str] | None:
    if desired.get("engine_type") == "gaussdbv5-dbmind" and not desired.get("engine_version"):
        return "engine_version", "required for engine_type gaussdbv5-dbmind"
    return None


def _problem_of_restore(desired: Mapping[str, Any]) -> tuple[str, str] | None:
    restore = desired.get("restore")
    if restore is None:
        return None
    barred = next((name for name in _NOT_RESTORED if desired.get(name)), None)
    if barred:
        return barred, "cannot be used with restore"
    xbsa = restore.get("xbsa") or {}
    given = [name for name in _CERTIFICATES if xbsa.get(name)]
    if given and len(given) < len(_CERTIFICATES):
        missing = next(name for name in _CERTIFICATES if name not in given)
        return f"restore.xbsa.{missing}", f"required together with restore.xbsa.{given[0]}"
    if restore.get("backup_id") and restore.get("restore_time"):
        return "restore.restore_time", "cannot be used with restore.backup_id"
    # These identify the archive on a backup server, so no backup or instance of this platform is needed.
    archive = xbsa.get("extensions")
    if not archive and not restore.get("backup_id") and not restore.get("restore_time"):
        return "restore.backup_id", "required, unless restore.restore_time or restore.xbsa.extensions is given"
    if not archive and not restore.get("instance") and not restore.get("instance_id"):
        return "restore.instance", "required, unless restore.instance_id or restore.xbsa.extensions is given"
    return None


def describe(ctx: Context, instance: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the instance with what follows from its components and its hosts."""
    hosts = ctx.cached("hosts", lambda: _hosts_by_instance(ctx)).get(instance["id"], [])
    nodes = ctx.items(api.list_components(instance["id"]))
    centers = {host["manage_ip"]: host["data_center"] for host in hosts if host["manage_ip"]}
    found = {**instance, **find_placement(instance, nodes, centers)}
    for name, attribute in _AS_THE_HOSTS.items():
        values = {host[attribute] for host in hosts}
        found[name] = values.pop() if len(values) == 1 else None
    topology = TOPOLOGIES.get(found["solution"] or "")
    if topology and not topology.etcd:
        # It follows from the topology.
        found["consistency_protocol"] = None
    return [{**found, "state": "stopped" if instance["running"] is False else None}]


def _hosts_by_instance(ctx: Context) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for host in ctx.items(list_hosts()):
        found.setdefault(host["instance_id"], []).append(host)
    return found


def refine(ctx: Context, item: Item) -> Item | None:
    """Check the desired values against the existing instance."""
    current, state = item.current, ctx.params["state"]
    if current is None:
        return _assume(ctx, item) if state in _RUNNING else None
    desired = item.desired.get("solution")
    if item.present and desired and current.get("mode") not in (None, TOPOLOGIES[desired].mode):
        raise InputError(
            "solution", f"instance {item.label} is of type {current['type']}, which cannot be changed to {desired}"
        )
    if state == "present":
        _compare_hosts(ctx, item, current)
    if state == "present" and current.get("status") in TROUBLED:
        ctx.warn(f"Instance {item.label} exists, but is in status {current['status']}")
    return None


def _compare_hosts(ctx: Context, item: Item, current: Mapping[str, Any]) -> None:
    """Other modules change the topology and the hosts of an instance: name the right one."""
    found = find_difference(item.label, item.desired, current)
    if found is None:
        return
    if current.get("status") in RESHAPED:
        ctx.warn(
            f"Instance {item.label} is in status {current['status']}: its topology and hosts cannot be "
            "compared until that is over"
        )
        return
    option, text, hint = found
    raise InputError(option, text, hint=hint)


def _assume(ctx: Context, item: Item) -> Item:
    """There is nothing to start, stop or restart; in check mode an earlier task may create it."""
    if not ctx.check_mode:
        raise NotFound(f"There is no instance {item.label}: it cannot be {ctx.params['state']}")
    ctx.warn(f"There is no instance {item.label} yet; the plan assumes that an earlier task creates it")
    return replace(item, present=False)


def create(ctx: Context, item: Item) -> Call:
    desired = dict(item.desired)
    topology = TOPOLOGIES[desired["solution"]]
    problem = problem_of_hosts(desired["solution"], desired)
    if problem:
        raise InputError(problem[0], problem[1])
    desired["mode"] = topology.mode
    desired["manage_ips"] = desired.get("manage_ips") or hosts_of(desired)
    if not topology.etcd:
        desired["consistency_protocol"] = "paxos"
    restore = desired.get("restore")
    if restore is None:
        return api.create_instance(desired)
    desired["restore"] = {**restore, "xbsa": _encoded(restore.get("xbsa"))}
    source, moment = _source(ctx, restore), restore.get("restore_time")
    if moment is None:
        return api.restore_to_new_instance(desired, source, None)
    instant = checked(epoch_ms(moment))
    # The platform does not know what a backup server can restore.
    if source and not restore.get("xbsa"):
        # For a removed instance only the restore itself shows whether its backups suffice.
        with suppress(NotFound):
            check_restore_moment(ctx, "restore.restore_time", instant, source, restore.get("instance") or source)
    return api.restore_to_new_instance(desired, source, str(instant))


def _source(ctx: Context, restore: Mapping[str, Any]) -> str | None:
    name = restore.get("instance")
    if restore.get("instance_id") or not name:
        return restore.get("instance_id")
    return (ctx.find("instance", "restore.instance", name, api.list_instances(name=name)) or {}).get("id")


def _encoded(xbsa: Mapping[str, Any] | None) -> dict[str, Any]:
    """The platform expects the files in Base64."""
    values = dict(xbsa or {})
    for name in ("ca_cert", "client_cert", "client_key"):
        text = values.get(name)
        if text:
            values[name] = encode_pem(text)
    return values


def delete(ctx: Context, item: Item) -> Call:
    params = ctx.params
    days = (params["keep_full_backup_days"], params["keep_differential_backup_days"])
    return api.delete_instance((item.current or {}).get("id"), True, *days, force=params["force"])


def plan_power(ctx: Context, items: Sequence[Item]) -> list[Step]:
    """Start, stop or restart. A restart leaves no trace, so it is not repeated if its reply is lost."""
    item, state = items[0], ctx.params["state"]
    if item.current is None or not item.present or state not in _RUNNING:
        return []
    instance_id, status = item.current["id"], item.current.get("status")
    if status is not None and status not in words.INSTANCE_STATUS:
        raise TpopsError(
            f"Instance {item.label} is in status {status}, which does not show whether it runs; it was not {state}"
        )
    if state == "restarted" and item.current.get("running") is not False:
        return [
            Step(
                api.restart_instance(instance_id),
                f"Restart instance {item.label}",
                items,
                policy=Policy(repeatable=False),
            )
        ]
    if "running" not in item.changes:
        return []
    if item.desired["running"]:
        return [Step(api.start_instance(instance_id), f"Start instance {item.label}", items)]
    return [Step(api.stop_instance(instance_id), f"Stop instance {item.label}", items)]
