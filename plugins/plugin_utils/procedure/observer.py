# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a procedure looks at: the members of its subject, all at the same time, with the specs of the info modules.

A platform that does not answer must not delay a run: each member gets one attempt, in its own thread and with one
connection for all its reads.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.node import nodes_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Info, build_interface
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client, Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_spec
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_number
from ansible_collections.gaussdb.tpops.plugins.modules import (
    gaussdb_alarm_info,
    gaussdb_backup_info,
    gaussdb_component_info,
    gaussdb_database_info,
    gaussdb_dr_info,
    gaussdb_instance_info,
    gaussdb_parameter_info,
    gaussdb_session_info,
    gaussdb_upgrade_info,
    gaussdb_user_info,
)

from .upgrade import upgrade_state

Data = Mapping[str, Any]
Progress = Callable[[str], None] | None

# There was no answer, or something in between answered.
NO_ANSWER = ("ConnectionFailed", "InvalidReply")
# Records of relations that have ended.
ENDED = ("completed", "pre_check_failed")


@dataclass(frozen=True)
class Look:
    """One read of an instance: the spec of a module, its option for the name of the instance, and other options."""

    module: str
    spec: Info
    option: str = "instance"
    more: Data = field(default_factory=dict)

    def read(self, instance: str, connection: Data, open_client: Callable[..., Client]) -> dict[str, Any]:
        """Return the result of the module. Every error is a result, too."""
        validated = VALIDATORS[self.module].validate({self.option: instance, **self.more, **connection})
        if validated.error_messages:
            return {"failed": True, "msg": "; ".join(validated.error_messages)}
        return run_spec(self.spec, self.module, validated.validated_parameters, open_client=open_client)


LOOKS = {
    "relations": Look("gaussdb_dr_info", gaussdb_dr_info.SPEC),
    "instances": Look("gaussdb_instance_info", gaussdb_instance_info.SPEC, "name"),
    "alarms": Look("gaussdb_alarm_info", gaussdb_alarm_info.SPEC),
    "databases": Look("gaussdb_database_info", gaussdb_database_info.SPEC),
    "users": Look("gaussdb_user_info", gaussdb_user_info.SPEC),
    "parameters": Look("gaussdb_parameter_info", gaussdb_parameter_info.SPEC),
    "sessions": Look("gaussdb_session_info", gaussdb_session_info.SPEC),
    "upgrades": Look("gaussdb_upgrade_info", gaussdb_upgrade_info.SPEC),
    "components": Look("gaussdb_component_info", gaussdb_component_info.SPEC),
    "backups": Look("gaussdb_backup_info", gaussdb_backup_info.SPEC, more={"status": "completed"}),
}
# The first of them shows whether the platform answers.
STATE = ("relations", "instances", "alarms")
# Made once, before the workers are forked.
VALIDATORS = {look.module: ArgumentSpecValidator(build_interface(look.spec).argument_spec) for look in LOOKS.values()}


class SharedClient(Client):
    """A client for several tasks: it keeps its connection until :meth:`finish`."""

    def close(self) -> None:
        pass

    def finish(self) -> None:
        super().close()


def read(instance: str, connection: Data, looks: Sequence[str], progress: Progress = None) -> dict[str, dict[str, Any]]:
    """Return the result of each look at an instance, with the platform's clock as ``now_ms`` if it has shown it. After
    one that fails the rest is not read."""
    clients: list[SharedClient] = []

    def open_client(known: Connection, **_options: Any) -> Client:
        if not clients:
            clients.append(SharedClient(known, on_wait=progress))
        return clients[0]

    found: dict[str, dict[str, Any]] = {}
    try:
        for name in looks:
            found[name] = LOOKS[name].read(instance, connection, open_client)
            if clients and clients[0].knows_time:
                found[name]["now_ms"] = clients[0].now_ms()
            if name not in found[name] and name == looks[0]:
                break
    finally:
        for client in clients:
            client.finish()
    return found


def read_all(
    members: Mapping[str, str], connections: Mapping[str, Data], looks: Sequence[str], progress: Progress = None
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the result of each look at each member, by site. All sites are read at the same time."""
    with warnings.catch_warnings(), ThreadPoolExecutor(max_workers=max(len(members), 1)) as pool:
        # The threads cannot each have filters of their own, which a request without verification needs.
        warnings.simplefilter("ignore")
        results = pool.map(lambda site: read(members[site], connections[site], looks, progress), members)
        return dict(zip(members, results))


@dataclass(frozen=True)
class Part:
    """What a look adds to the state of an instance: a key, and a function of the state so far, of all results, of the
    upgrade that is desired, and of the moment."""

    key: str
    read: Callable[[Data, Mapping[str, Data], Data, datetime], Any]


# What procedures can ask for besides STATE, each by the name of its look. A part may use those before it.
PARTS = {
    "components": Part("nodes", lambda _seen, found, _upgrade, _moment: _nodes(found)),
    "backups": Part("newest_backup", lambda _seen, found, _upgrade, _moment: _newest_backup(found)),
    "upgrades": Part("upgrade", upgrade_state),
}


def check_looks(looks: Sequence[str]) -> None:
    """Raise :class:`InputError` for a look that no procedure can ask for."""
    if unknown := [look for look in looks if look not in PARTS]:
        raise InputError("procedure_looks", f"can have {', '.join(PARTS)}. Unknown: {', '.join(unknown)}")


def seen_of(
    instance: str, found: Mapping[str, Data], looks: Sequence[str], upgrade: Data, moment: datetime
) -> dict[str, Any]:
    """Return what is known of an instance from its results of :data:`STATE` and of these looks.

    ``unanswered`` are those that got no answer, which a platform may still give.
    """
    seen = state_of(instance, found)
    seen["unanswered"] = unanswered(found, (*STATE, *looks))
    for look, part in PARTS.items():
        if look in looks:
            seen[part.key] = part.read(seen, found, upgrade, moment)
    return seen


def unanswered(found: Mapping[str, Data], looks: Sequence[str]) -> list[str]:
    """Return those of the looks that got no answer, with those that were not read for that reason."""
    silent = [look for look in looks if look in found and look not in found[look] and is_silence(found[look])]
    unread = [look for look in looks if look not in found]
    return silent + unread if silent else []


def is_silence(result: Data) -> bool:
    """Return whether there was no answer, or only one from something in between."""
    error = result.get("error") or {}
    return error.get("kind") in NO_ANSWER or (as_number(error.get("status")) or 0) >= 500


def _nodes(found: Mapping[str, Data]) -> list[dict[str, Any]] | None:
    """Return the nodes with their components, condition and addresses, ``None`` if they cannot be read."""
    listed = found.get("components", {}).get("nodes")
    return None if listed is None else nodes_of(found.get("instances", {}).get("instances") or (), listed)


def _newest_backup(found: Mapping[str, Data]) -> dict[str, Any] | None:
    """Return the newest complete backup, which is the first one. ``None`` if there is none, or it cannot be read."""
    return next(iter(found.get("backups", {}).get("backups") or ()), None)


def state_of(instance: str, found: Mapping[str, Data]) -> dict[str, Any]:
    """Return what is known of an instance from its results of :data:`STATE`.

    A platform that does not answer is ``silent``. One that answers with an error, for example because the instance does
    not exist, is not, although nothing could be read either.
    """
    relation, alarms = found["relations"], found.get("alarms", {})
    reachable = "relations" in relation
    silent = not reachable and is_silence(relation)
    current = [each for each in relation.get("relations") or () if each.get("status") not in ENDED]
    shown: Data = next(iter(found.get("instances", {}).get("instances") or ()), {})
    return {
        "reachable": reachable,
        "silent": silent,
        "missing": (relation.get("error") or {}).get("kind") == "NotFound",
        "error": "" if reachable else relation.get("msg") or "no answer",
        "now_ms": relation.get("now_ms"),
        "instance": instance,
        "instance_id": shown.get("id") or "",
        "instance_status": shown.get("status") or ("unreachable" if silent else "unknown"),
        "instance_busy": bool(shown.get("busy")),
        "instance_running": shown.get("running"),
        "engine_version": shown.get("engine_version") or "",
        "relation": current[0] if current else {},
        "alarms_read": "alarms" in alarms,
        "alarms": alarms.get("alarms") or [],
    }
