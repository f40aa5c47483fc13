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
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Info, build_interface
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client, Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_spec
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_number
from ansible_collections.gaussdb.tpops.plugins.modules import (
    gaussdb_alarm_info,
    gaussdb_component_info,
    gaussdb_database_info,
    gaussdb_dr_info,
    gaussdb_instance_info,
    gaussdb_parameter_info,
    gaussdb_session_info,
    gaussdb_upgrade_info,
    gaussdb_user_info,
)

Data = Mapping[str, Any]
Progress = Callable[[str], None] | None

# There was no answer, or something in between answered.
NO_ANSWER = ("ConnectionFailed", "InvalidReply")
# Records of relations that have ended.
ENDED = ("completed", "pre_check_failed")


@dataclass(frozen=True)
class Look:
    """One read of an instance: the spec of a module, and its option for the name of the instance."""

    module: str
    spec: Info
    option: str = "instance"

    def read(self, instance: str, connection: Data, open_client: Callable[..., Client]) -> dict[str, Any]:
        """Return the result of the module. Every error is a result, too."""
        validated = VALIDATORS[self.module].validate({self.option: instance, **connection})
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
    """Return the result of each look at an instance. After one that fails the rest is not read."""
    clients: list[SharedClient] = []

    def open_client(known: Connection, **_options: Any) -> Client:
        if not clients:
            clients.append(SharedClient(known, on_wait=progress))
        return clients[0]

    found: dict[str, dict[str, Any]] = {}
    try:
        for name in looks:
            found[name] = LOOKS[name].read(instance, connection, open_client)
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


def state_of(instance: str, found: Mapping[str, Data]) -> dict[str, Any]:
    """Return what is known of an instance from its results of :data:`STATE`.

    A platform that does not answer is ``silent``. One that answers with an error, for example because the instance does
    not exist, is not, although nothing could be read either.
    """
    relation, alarms = found["relations"], found.get("alarms", {})
    reachable = "relations" in relation
    error = relation.get("error") or {}
    silent = not reachable and (error.get("kind") in NO_ANSWER or (as_number(error.get("status")) or 0) >= 500)
    current = [each for each in relation.get("relations") or () if each.get("status") not in ENDED]
    shown: Data = next(iter(found.get("instances", {}).get("instances") or ()), {})
    return {
        "reachable": reachable,
        "silent": silent,
        "error": "" if reachable else relation.get("msg") or "no answer",
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
