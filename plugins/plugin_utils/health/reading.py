# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a report on health reads of a site, with the specs of the info modules.

Without a deep look it is a fixed number of lists, whatever the number of instances: each list is read once, with all
its pages. All sites are read at the same time, and one that does not answer is asked once and left alone.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import prepare_arguments
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import CONNECTION, build_argument_spec
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Info, build_interface
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_spec
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times
from ansible_collections.gaussdb.tpops.plugins.modules import (
    gaussdb_agent_info,
    gaussdb_alarm_info,
    gaussdb_backup_info,
    gaussdb_dr_info,
    gaussdb_host_info,
    gaussdb_inspection_record_info,
    gaussdb_instance_info,
    gaussdb_metric_info,
    gaussdb_restore_info,
    gaussdb_slow_sql_info,
)

from ..estate.reads import SharedReads, TaskClient, open_reads
from ..procedure.observer import is_silence

Data = Mapping[str, Any]

# Connections to each site.
CONNECTIONS = 4
DISK_USAGE = "sys065_disk_usage"
# How long ago a disk was measured at most.
DISK_AGE = "1h"
# The parts of a report. What is read for each instance or relation, and only for a deep one, are the last ones.
INSTANCES, BACKUPS, ALARMS, DISKS, AGENTS, RELATIONS, HOSTS, PASSWORD = (
    "instances",
    "backups",
    "alarms",
    "disks",
    "agents",
    "relations",
    "hosts",
    "password",
)
INSPECTION, RESTORE, SLOW_SQL, REPLICATION = "inspection", "restore", "slow_sql", "replication"
PARTS = (INSTANCES, BACKUPS, ALARMS, DISKS, AGENTS, RELATIONS, HOSTS, PASSWORD)
DEEP_PARTS = (INSPECTION, RESTORE, SLOW_SQL, REPLICATION)


@dataclass(frozen=True)
class Look:
    """One read: the spec of a module, and what is kept of each entry."""

    module: str
    spec: Info
    keys: tuple[str, ...]

    def read(self, options: Data, connection: Data, reads: SharedReads) -> dict[str, Any]:
        """Return ``entries``, or why there are none as ``error``, which is ``silent`` if there was no answer."""
        validated = VALIDATORS[self.module].validate({**connection, **options})
        if validated.error_messages:
            return {"error": "; ".join(validated.error_messages), "silent": False}
        result = run_spec(
            self.spec,
            self.module,
            validated.validated_parameters,
            open_client=lambda known, **_options: cast(Client, TaskClient(reads, known)),
        )
        if self.spec.plural not in result:
            return _failed(result)
        return {"entries": [{key: each.get(key) for key in self.keys} for each in result[self.spec.plural]]}


LOOKS = {
    INSTANCES: Look(
        "gaussdb_instance_info",
        gaussdb_instance_info.SPEC,
        ("id", "name", "status", "running", "busy", "engine_version", "updated", "nodes"),
    ),
    BACKUPS: Look(
        "gaussdb_backup_info",
        gaussdb_backup_info.SPEC,
        ("id", "name", "status", "begin_time", "instance_id"),
    ),
    ALARMS: Look(
        "gaussdb_alarm_info",
        gaussdb_alarm_info.SPEC,
        ("alarm_id", "name", "severity", "instance_id", "instance_name", "component_name", "first_time"),
    ),
    DISKS: Look("gaussdb_metric_info", gaussdb_metric_info.SPEC, ("instance_id", "dimension", "latest")),
    AGENTS: Look(
        "gaussdb_agent_info", gaussdb_agent_info.SPEC, ("id", "up_to_date", "current_version", "target_version")
    ),
    RELATIONS: Look(
        "gaussdb_dr_info",
        gaussdb_dr_info.SPEC,
        ("name", "status", "acts_as", "protected", "drill", "instance_id", "instance_name"),
    ),
    REPLICATION: Look(
        "gaussdb_dr_info", gaussdb_dr_info.SPEC, ("name", "protected", "instance_id", "instance_name", "monitor")
    ),
    HOSTS: Look("gaussdb_host_info", gaussdb_host_info.SPEC, ("name", "manage_ip", "status", "error_message")),
    RESTORE: Look("gaussdb_restore_info", gaussdb_restore_info.SPEC, ("end", "end_ms")),
    SLOW_SQL: Look("gaussdb_slow_sql_info", gaussdb_slow_sql_info.SPEC, ("sql_id", "calls", "avg_exec_time_ms")),
    INSPECTION: Look(
        "gaussdb_inspection_record_info",
        gaussdb_inspection_record_info.SPEC,
        (
            "id",
            "inspection",
            "instance_id",
            "status",
            "end_time",
            "normal_count",
            "abnormal_count",
            "failed_count",
            "results",
        ),
    ),
}
RESULT_KEYS = ("check", "name", "status", "result", "suggestions")
# Made once, before the workers are forked.
VALIDATORS = {look.module: ArgumentSpecValidator(build_interface(look.spec).argument_spec) for look in LOOKS.values()}
CONNECTION_VALIDATOR = ArgumentSpecValidator(build_argument_spec(CONNECTION))


def read_sites(connections: Mapping[str, Data], settings: Data) -> dict[str, dict[str, Any]]:
    """Return what was read of each site, all of them at the same time. See :func:`read_site`."""
    with warnings.catch_warnings(), ThreadPoolExecutor(max_workers=max(len(connections), 1)) as pool:
        # The threads cannot each have filters of their own, which a request without verification needs.
        warnings.simplefilter("ignore")
        results = pool.map(lambda site: read_site(connections[site], settings), connections)
        return dict(zip(connections, results))


def read_site(connection: Data, settings: Data) -> dict[str, Any]:
    """Return what was read of a site: ``parts``, each with its ``entries`` or an ``error``.

    A site of which nothing could be read has an ``error`` itself, and is ``silent`` if there was no answer at all.
    ``now_ms`` is the time by the clock of the platform. ``settings`` are ``backup_age``, ``backup_types``, ``deep``,
    ``slow_sql_seconds``, ``inspection_age`` and the name of the ``inspection``.
    """
    try:
        reads = _open(connection)
    except TpopsError as error:
        return {**_failed(error.as_result()), "parts": {}}
    secrets = {str(connection[name]) for name in ("password", "token") if connection.get(name)}
    try:
        return dict(remove_values(_read(connection, settings, reads), secrets))
    finally:
        reads.close()


def _open(connection: Data) -> SharedReads:
    validated = CONNECTION_VALIDATOR.validate(dict(connection))
    if validated.error_messages:
        raise TpopsError("; ".join(validated.error_messages))
    prepared = prepare_arguments(CONNECTION, validated.validated_parameters)
    return open_reads({each.name: prepared[each.name] for each in CONNECTION}, CONNECTIONS)


def _read(connection: Data, settings: Data, reads: SharedReads) -> dict[str, Any]:
    try:
        reads.login()
    except TpopsError as error:
        return {**_failed(error.as_result()), "parts": {}}
    # The token may be from an earlier run. So this is the first read that shows whether the platform answers, and what
    # time it has there.
    instances = LOOKS[INSTANCES].read({}, connection, reads)
    if instances.get("silent"):
        return {**instances, "parts": {}}
    login = reads.informed.token_info()
    parts = {INSTANCES: _labelled(instances), PASSWORD: _password(login, bool(connection.get("token")))}
    now_ms = reads.informed.now_ms()
    asked: dict[str, Data] = {
        BACKUPS: {"since": settings["backup_age"], "types": list(settings["backup_types"]) or None},
        ALARMS: {},
        AGENTS: {},
        # Its figures would need one request for each relation.
        RELATIONS: {"monitor": False},
        HOSTS: {},
    }
    found = instances.get("entries") or []
    identities = [each["id"] for each in found if each["id"]]
    if identities:
        asked[DISKS] = {
            "metrics": [DISK_USAGE],
            "instances": identities,
            "since": DISK_AGE,
            "latest_only": True,
        }
    elif "error" not in instances:
        parts[DISKS] = {"entries": []}
    with ThreadPoolExecutor(max_workers=CONNECTIONS) as pool:
        results = pool.map(lambda name: LOOKS[name].read(_given(asked[name]), connection, reads), asked)
        parts |= dict(zip(asked, results))
        if settings["deep"]:
            parts |= _read_deep(found, connection, settings, reads, pool)
    return {"error": "", "silent": False, "now_ms": now_ms, "parts": parts}


def _read_deep(
    instances: Sequence[Data], connection: Data, settings: Data, reads: SharedReads, pool: ThreadPoolExecutor
) -> dict[str, Any]:
    """Return the parts with one read for each instance whose database runs, or each relation, and the inspections."""
    running = [str(each["id"]) for each in instances if each["running"]]
    restores = pool.map(lambda each: LOOKS[RESTORE].read({"instance_id": each}, connection, reads), running)
    slow = {"since": "1d", "threshold_seconds": settings["slow_sql_seconds"]}
    statements = pool.map(lambda each: LOOKS[SLOW_SQL].read({"instance_id": each, **slow}, connection, reads), running)
    return {
        RESTORE: {"by_instance": dict(zip(running, restores))},
        SLOW_SQL: {"by_instance": dict(zip(running, statements))},
        INSPECTION: _read_inspections(connection, settings, reads),
        REPLICATION: LOOKS[REPLICATION].read({"monitor": True}, connection, reads),
    }


def _read_inspections(connection: Data, settings: Data, reads: SharedReads) -> dict[str, Any]:
    """Return the newest records of the inspections, with the results of those that found something."""
    # One moment for all reads of the list, so that it is sent once.
    since = times.past_ms(settings["inspection_age"], reads.informed.now_ms())
    options = {"since": str(since), "latest_only": True}
    listed = LOOKS[INSPECTION].read(options, connection, reads)
    if "error" in listed:
        return listed
    name = re.compile(rf"{re.escape(settings['inspection'])}-\d+")
    found = [entry for entry in listed["entries"] if name.fullmatch(str(entry["inspection"]))]
    for entry in found:
        entry["results"] = []
        if entry["abnormal_count"] or entry["failed_count"]:
            one = LOOKS[INSPECTION].read(
                {**options, "record_id": entry["id"], "gather": ["results"]}, connection, reads
            )
            if "error" in one:
                return one
            entry["results"] = [
                {key: result.get(key) for key in RESULT_KEYS}
                for each in one["entries"]
                for result in each["results"] or ()
                if result["status"] != "normal"
            ]
    return {"entries": found}


def _labelled(part: dict[str, Any]) -> dict[str, Any]:
    """Give each instance a ``label``: its name, unless others have it, too. Of its nodes less is kept."""
    names = Counter(each["name"] for each in part.get("entries", ()))
    for each in part.get("entries", ()):
        each["label"] = str(each["name"] if each["name"] and names[each["name"]] == 1 else each["id"])
        each["nodes"] = [{key: node.get(key) for key in ("name", "status")} for node in each["nodes"] or ()]
    return part


def _password(login: Data, by_token: bool) -> dict[str, Any]:
    """Return how long the password stays valid. A token that was given as an option does not depend on it."""
    days = login.get("password_expiration_remaining_days")
    if days is None and not by_token:
        return {"error": "", "silent": False}
    return {"entries": [{"days": days}] if days is not None else []}


def _given(options: Data) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _failed(result: Data) -> dict[str, Any]:
    return {"error": str(result.get("msg")), "silent": is_silence(result)}


def read_parts(reading: Data, names: Iterable[str]) -> list[str]:
    """Return which of the parts could be read."""
    parts = reading["parts"]
    return [name for name in names if name in parts and "error" not in parts[name]]
