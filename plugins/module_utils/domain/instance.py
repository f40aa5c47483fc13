# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is special about the life of an instance: the rules of ``gaussdb_instance`` that its fields cannot say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..api import instance as api
from ..api import vocabulary as words
from ..api.operation import Call
from ..engine import checks, compare
from ..engine.context import Context
from ..engine.item import Item, Policy, Step
from ..engine.options import Field
from ..http.error_codes import NOT_FOUND_CODES
from ..http.errors import InputError, NotFound, TpopsError
from ..util.certificates import encoded
from ..util.times import checked, epoch_ms
from .restore import check_restore_moment
from .topology import HOST_LISTS, TOPOLOGIES, difference, hosts_of, problem_of_hosts

DAYS = checks.between(0, 10000)
NAME = checks.pattern(r"[A-Za-z][A-Za-z0-9_-]{3,63}", "4 to 64 letters, digits, hyphens or underscores, a letter first")

# An instance in one of these is being worked on, and will be in another one by itself.
PENDING = ("BUILD", "REBOOTING", "MODIFYING", "RESTORING", "DELETING")
# What is known to be no such work. A word that nobody knows is waited for: it says neither that all is done, nor what
# to do.
SETTLED = tuple(word for word in words.INSTANCE_STATUS.spellings if word not in (*PENDING, "BUILD_FAILED"))
# The nodes of an instance in one of these are not yet, or no longer, what they will be.
RESHAPED = frozenset({"BUILD", "BUILD_FAILED", "EXPANDING", "REDUCING", "REPAIRING", "MIGRATING", "DELETING"})
# Somebody has to look at an instance in one of these.
TROUBLED = frozenset({"FAILED", "FROZEN", "STORAGE FULL", "DELETING"})
GONE = tuple(NOT_FOUND_CODES)

# Whether the database runs in the end; nothing about it is wished with the other states.
_RUNNING = {"started": True, "stopped": False, "restarted": True}
# The request that restores has no place for these.
_NOT_RESTORED = ("consistency", "replication_mode", "consistency_protocol", "install_dirs", "component_distributions")
_CERTIFICATES = ("ca_cert", "client_cert", "client_key", "key_password")
_NO_ETCD = "noetcd"


def same_if_shown(wished: Any, current: Any) -> bool:
    """A value that the platform does not show is taken for granted."""
    return current in (None, "") or compare.equal_text(wished, current)


def same_solution(wished: Any, current: Any) -> bool:
    """The platform may make a topology without ETCD of one with it."""
    return same_if_shown(str(wished).removesuffix(_NO_ETCD), str(current or "").casefold().removesuffix(_NO_ETCD))


def read(ctx: Context) -> Call:
    """Look for the one instance by ID, else by name."""
    if ctx.params["instance_id"]:
        return api.list_instances(instance_id=ctx.params["instance_id"])
    return api.list_instances(name=ctx.params["name"])


def wishes(ctx: Context, fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Return the one wish: the options, and whether the database shall run."""
    wish = {each.name: ctx.params[each.name] for each in fields if each.is_option}
    return [{**wish, "running": _RUNNING.get(ctx.params["state"])}]


def check(ctx: Context, item: Item) -> None:
    """Refuse what cannot be created, before any request."""
    if not item.present:
        return
    wish = item.desired
    problem = _problem_of_topology(wish) or _problem_of_engine(wish) or _problem_of_restore(wish)
    if problem:
        raise InputError(f"{problem[0]}: {problem[1]}", option=problem[0])


def _problem_of_topology(wish: Mapping[str, Any]) -> tuple[str, str] | None:
    solution = wish.get("solution")
    if solution is None:
        return None
    topology = TOPOLOGIES[solution]
    if not topology.etcd and wish.get("consistency_protocol") == "quorum":
        return "consistency_protocol", f"solution {solution} needs paxos"
    if topology.mode == api.CENTRALIZED and wish.get("consistency") == "eventual":
        return "consistency", f"eventual cannot be used with solution {solution}, which is centralized"
    if wish.get("float_ip") and (topology.mode != api.CENTRALIZED or topology.hosts == 1):
        return "float_ip", f"cannot be used with solution {solution}, only with a centralized one of more than one host"
    # Without any list the task may be about an instance that is there already.
    return problem_of_hosts(solution, wish, new=False) if any(wish.get(name) for name in HOST_LISTS) else None


def _problem_of_engine(wish: Mapping[str, Any]) -> tuple[str, str] | None:
    if wish.get("engine_type") == "gaussdbv5-dbmind" and not wish.get("engine_version"):
        return "engine_version", "required for engine_type gaussdbv5-dbmind"
    return None


def _problem_of_restore(wish: Mapping[str, Any]) -> tuple[str, str] | None:
    restore = wish.get("restore")
    if restore is None:
        return None
    barred = next((name for name in _NOT_RESTORED if wish.get(name)), None)
    if barred:
        return barred, "cannot be used with restore"
    xbsa = restore.get("xbsa") or {}
    given = [name for name in _CERTIFICATES if xbsa.get(name)]
    if given and len(given) < len(_CERTIFICATES):
        missing = next(name for name in _CERTIFICATES if name not in given)
        return f"restore.xbsa.{missing}", f"required together with restore.xbsa.{given[0]}"
    if restore.get("backup_id") and restore.get("restore_time"):
        return "restore.restore_time", "cannot be used with restore.backup_id"
    # They name the archive on a backup server, which needs no backup or instance of this platform.
    archive = xbsa.get("extensions")
    if not archive and not restore.get("backup_id") and not restore.get("restore_time"):
        return "restore.backup_id", "required, unless restore.restore_time or restore.xbsa.extensions is given"
    if not archive and not restore.get("instance") and not restore.get("instance_id"):
        return "restore.instance", "required, unless restore.instance_id or restore.xbsa.extensions is given"
    return None


def refine(ctx: Context, item: Item) -> Item | None:
    """Compare what is desired with what exists."""
    current, state = item.current, ctx.params["state"]
    if current is None:
        return _assume(ctx, item) if state in _RUNNING else None
    wished = item.desired.get("solution")
    if item.present and wished and current.get("mode") not in (None, TOPOLOGIES[wished].mode):
        raise InputError(
            f"solution: instance {item.label} is of type {current['type']}, and the platform cannot make it {wished}",
            option="solution",
        )
    if state == "present":
        _compare_hosts(ctx, item, current)
    if state == "present" and current.get("status") in TROUBLED:
        ctx.warn(f"Instance {item.label} is there, but in status {current['status']}")
    return None


def _compare_hosts(ctx: Context, item: Item, current: Mapping[str, Any]) -> None:
    """Other modules change the topology and the hosts of an instance: name the one that does."""
    found = difference(item.label, item.desired, current)
    if found is None:
        return
    if current.get("status") in RESHAPED:
        ctx.warn(
            f"Instance {item.label} is in status {current['status']}: its topology and hosts can be compared once that "
            "is over"
        )
        return
    option, text, hint = found
    raise InputError(f"{option}: {text}", option=option, hint=hint)


def _assume(ctx: Context, item: Item) -> Item:
    """There is nothing to start, stop or restart; in check mode an earlier task may be going to make it."""
    if not ctx.check_mode:
        raise NotFound(f"There is no instance {item.label}: it cannot be {ctx.params['state']}")
    ctx.warn(f"There is no instance {item.label} yet; the plan assumes that an earlier task makes it")
    return replace(item, present=False)


def create(ctx: Context, item: Item) -> Call:
    wish = dict(item.desired)
    topology = TOPOLOGIES[wish["solution"]]
    problem = problem_of_hosts(wish["solution"], wish)
    if problem:
        raise InputError(f"{problem[0]}: {problem[1]}", option=problem[0])
    wish["mode"] = topology.mode
    wish["manage_ips"] = wish.get("manage_ips") or hosts_of(wish)
    if not topology.etcd:
        wish["consistency_protocol"] = "paxos"
    restore = wish.get("restore")
    if restore is None:
        return api.create_instance(wish)
    wish["restore"] = {**restore, "xbsa": _encoded(restore.get("xbsa"))}
    source, moment = _source(ctx, restore), restore.get("restore_time")
    if moment is None:
        return api.restore_to_new_instance(wish, source, None)
    instant = checked(epoch_ms(moment))
    # What a backup server can restore the platform does not know.
    if source and not restore.get("xbsa"):
        # Of an instance that was removed nothing but the restore itself tells whether its backups suffice.
        with suppress(NotFound):
            check_restore_moment(ctx, "restore.restore_time", instant, source, restore.get("instance") or source)
    return api.restore_to_new_instance(wish, source, str(instant))


def _source(ctx: Context, restore: Mapping[str, Any]) -> str | None:
    name = restore.get("instance")
    if restore.get("instance_id") or not name:
        return restore.get("instance_id")
    return (ctx.find("instance", "restore.instance", name, api.list_instances(name=name)) or {}).get("id")


def _encoded(xbsa: Mapping[str, Any] | None) -> dict[str, Any]:
    """The platform wants the files in Base64."""
    values = dict(xbsa or {})
    for name in ("ca_cert", "client_cert", "client_key"):
        text = values.get(name)
        if text:
            values[name] = encoded(text)
    return values


def delete(ctx: Context, item: Item) -> Call:
    params = ctx.params
    days = (params["keep_full_backup_days"], params["keep_differential_backup_days"])
    return api.delete_instance((item.current or {}).get("id"), True, *days, force=params["force"])


def power(ctx: Context, items: Sequence[Item]) -> list[Step]:
    """Start, stop or restart. A restart cannot be seen afterwards, so it is not repeated when its reply was lost."""
    item, state = items[0], ctx.params["state"]
    if item.current is None or not item.present or state not in _RUNNING:
        return []
    instance_id, status = item.current["id"], item.current.get("status")
    if status is not None and status not in words.INSTANCE_STATUS:
        raise TpopsError(
            f"Instance {item.label} is in status {status}, which does not tell whether it runs; it is not {state}"
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
