# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans a description against its platform: every task in check mode, several at a time, with shared reads."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, cast

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.database import list_databases
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.database_user import list_users
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.host import list_hosts
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import list_instances
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import (
    INSTANCES,
    MADE_ACCOUNTS,
    MADE_DATABASES,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import IDLE_STATES
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.instance import TROUBLED
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import options_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client, Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_prepared

from .checking import Checked, desired_items
from .options import spec_of
from .outcomes import Found, describe, failure_of, owner_of
from .pending import find_pending
from .reads import SharedReads, TaskClient

_TROUBLED = (*TROUBLED, "BUILD_FAILED")


@dataclass
class Survey:
    """What a plan found out about one platform."""

    # What the tasks of the description say.
    found: Found = field(default_factory=Found)
    # What the platform has and the description lacks.
    undescribed: list[dict[str, Any]] = field(default_factory=list)
    # The described instances.
    instances: list[str] = field(default_factory=list)
    # Those of them on which the platform is working, or which are in trouble.
    unsettled: list[dict[str, Any]] = field(default_factory=list)


class Surveyor:
    """Plans one description: ``tasks`` are those of ``estate``, valid. ``connection`` has the connection options that
    all of them share."""

    def __init__(
        self,
        estate: Mapping[str, Any],
        tasks: Sequence[Checked],
        connection: Mapping[str, Any],
        reads: SharedReads,
        threads: int,
    ) -> None:
        self.estate = estate
        self.tasks = [each for each in tasks if not each.task.idle]
        self.reads = reads
        self._threads = threads
        self._connection = dict(connection)
        self._client = cast(Client, TaskClient(reads, Connection(**connection)))
        # The instances of the platform, by name and by ID.
        self._listed: dict[str, dict[str, list[dict[str, Any]]]] = {"name": {}, "instance_id": {}}

    @cached_property
    def _known(self) -> frozenset[str]:
        """The names that the description gives to any object."""
        return frozenset(_names(self.estate))

    def survey(self) -> Survey:
        """Return what differs. What cannot be read is a part of the answer; nothing is raised for it."""
        entries = [entry for entry in self.estate.get(INSTANCES) or () if entry]
        survey = Survey(instances=[_label(entry) for entry in entries])
        try:
            self.reads.login()
            self._list_instances()
        except TpopsError as error:
            place = {"part": "", "instance": "", "path": ""}
            survey.found.failures.append({**place, "kind": "unreadable", "reason": _reason(error)})
            return survey
        survey.unsettled = list(self._unsettled(entries))
        work: list[Callable[[], Found | dict[str, Any]]] = [partial(self._task, task) for task in self.tasks]
        work += [partial(self._undescribed, *each) for each in self._lists(entries)]
        with ThreadPoolExecutor(self._threads) as pool:
            for result in pool.map(lambda each: each(), work):
                if isinstance(result, Found):
                    survey.found.add(result)
                elif result["names"]:
                    survey.undescribed.append(result)
        # A list that cannot be read is reported for the part only, and not again for what it lacks.
        survey.found.failures = _unique(survey.found.failures, "instance", "path", "reason")
        survey.found.notes = _unique(survey.found.notes, "instance", "text")
        return survey

    def _task(self, checked: Checked) -> Found:
        try:
            return self._planned(checked)
        except Exception as error:  # A bug of the collection must not hide the other parts.
            return Found(failures=[failure_of(checked.task, {"msg": _reason(error)})])

    def _planned(self, checked: Checked) -> Found:
        spec, found = spec_of(checked.task.part), Found()
        if checked.task.part.name == INSTANCES:
            checked = self._without_pending(checked, found)
        params = {**checked.params, **self._connection}
        result = run_prepared(spec, checked.task.part.module, params, self._client, check_mode=True)
        found.add(describe(checked.task, spec, checked.items, result, lambda: self._known))
        return found

    def _without_pending(self, checked: Checked, found: Found) -> Checked:
        """Return the task of an instance without what only a procedure can change."""
        task = checked.task
        current = self._instance(task.arguments)
        pending = find_pending(task.arguments, current) if current else []
        if not pending:
            return checked
        for each in pending:
            entry = {"field": each.what, "before": each.before, "after": each.after, "playbook": each.playbook}
            path = task.locate(next(option for option in each.options if option in task.arguments))
            found.pending.append({"instance": owner_of(task), "path": path, **entry})
        defaults = options_of(spec_of(task.part)).defaults
        left_out = {option: defaults[option] for each in pending for option in each.options}
        kept = {name: value for name, value in task.arguments.items() if name not in left_out}
        params = {**checked.params, **left_out}
        return Checked(replace(task, arguments=kept), params, desired_items(task.part, params))

    def _list_instances(self) -> None:
        for listed in self.reads.items(list_instances()):
            for option, attribute in (("name", "name"), ("instance_id", "id")):
                self._listed[option].setdefault(str(listed[attribute]), []).append(listed)

    def _instance(self, entry: Mapping[str, Any]) -> dict[str, Any] | None:
        option = "instance_id" if entry.get("instance_id") else "name"
        listed = self._listed[option].get(str(entry.get(option)), [])
        return listed[0] if len(listed) == 1 else None

    def _unsettled(self, entries: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        for entry in entries:
            current = self._instance(entry) or {}
            status = current.get("status")
            if current.get("busy") or status in _TROUBLED:
                yield {"instance": _label(entry), "status": str(status)}

    # What the description lacks

    def _lists(self, entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
        """Yield what is listed: part, instance, call, the attributes that name an object, and the names that are
        described or made by the platform."""
        hosts = [entry for entry in self.estate.get("hosts") or () if entry]
        names = {str(entry[key]) for entry in hosts for key in ("manage_ip", "name", "host_id") if entry.get(key)}
        yield "hosts", "", list_hosts(), ("name", "manage_ip", "id"), names, None
        names = {str(entry[key]) for entry in entries for key in ("name", "instance_id") if entry.get(key)}
        yield INSTANCES, "", list_instances(), ("name", "id"), names, None
        for entry in entries:
            current = None if entry.get("state") in IDLE_STATES else self._instance(entry)
            if current is None:
                continue
            label, identity = _label(entry), current["id"]
            accounts = _named(entry, "users") | _named(entry, "roles")
            running = current.get("running") is not False
            for part, call, described, made in (
                ("users", list_users(identity), accounts, MADE_ACCOUNTS),
                ("databases", list_databases(identity), _named(entry, "databases"), MADE_DATABASES),
            ):
                if running or entry.get(part):
                    yield part, label, call, ("name",), described, made

    def _undescribed(
        self, part: str, instance: str, call: Call, attributes: Sequence[str], described: set[str], made: str | None
    ) -> Found | dict[str, Any]:
        where = {"part": part, "instance": instance}
        try:
            listed = self.reads.items(call)
        except Exception as error:  # As above.
            path = f"{INSTANCES}[{instance}].{part}" if instance else part
            return Found(failures=[{**where, "path": path, "kind": "unreadable", "reason": _reason(error)}])
        names = []
        for entry in listed:
            known = [str(entry[name]) for name in attributes if entry.get(name) not in (None, "")]
            if known and not described & set(known) and not (made and re.fullmatch(made, known[0])):
                names.append(known[0])
        return {**where, "names": sorted(names)}


def _label(entry: Mapping[str, Any]) -> str:
    return str(entry.get("name") or entry.get("instance_id"))


def _named(entry: Mapping[str, Any], part: str) -> set[str]:
    return {str(each["name"]) for each in entry.get(part) or () if each and each.get("name")}


def _names(data: Any) -> Iterator[str]:
    """Yield the names of all objects of a description."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key in ("name", "manage_ip") and isinstance(value, str):
                yield value
            else:
                yield from _names(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from _names(value)


def _reason(error: Exception) -> str:
    """Return what an error says. The text of a bug may hold a secret."""
    if isinstance(error, TpopsError):
        return str(error.as_result()["msg"])
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
    return f"Internal error of the plan: {type(error).__name__} at {place}. Please report it"


def _unique(entries: Sequence[dict[str, Any]], *keys: str) -> list[dict[str, Any]]:
    seen: dict[tuple[str, ...], dict[str, Any]] = {}
    for entry in entries:
        seen.setdefault(tuple(entry[key] for key in keys), entry)
    return list(seen.values())
