# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans a description against its platform: every task in check mode, several at a time, with shared reads."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from functools import cached_property, partial
from typing import Any, TypeAlias, cast

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.database import list_databases
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.database_user import list_users
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.host import list_hosts
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import list_instances
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import (
    INSTANCES,
    MADE_ACCOUNTS,
    MADE_DATABASES,
    PARTS,
    Part,
    part_named,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import (
    IDLE_STATES,
    Task,
    complete_entry,
    top_of,
    window_of,
    without_interruption,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.exclusive import accounts_of, find_surplus
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.instance import TROUBLED
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.window import describe as describe_window
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.window import is_open
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client, Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_prepared

from .checking import Checked
from .options import spec_of
from .outcomes import Found, describe, failure_of, owner_of, place_of
from .pending import SITE, Pending, find_pending, of_window
from .reads import SharedReads, TaskClient
from .shares import cores, in_processes

_Result: TypeAlias = "Found | dict[str, Any]"
# What is done about an instance, or about the platform for ``""``.
_Job: TypeAlias = "tuple[str, Callable[[], _Result]]"
# Another process takes longer than fewer jobs.
_WORTH_A_PROCESS = 150

_TROUBLED = (*TROUBLED, "BUILD_FAILED")


@dataclass(frozen=True)
class Selection:
    """What of a description is planned, and how."""

    # Names or globs of instances; none for all of the platform.
    instances: Collection[str] = ()
    # Names of parts; none for all.
    parts: Collection[str] = ()
    # Whether what cannot be compared is sent although nothing about it is new.
    resend: bool = False
    # The moment for which windows are open or closed.
    now: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    def takes(self, part: Part, owner: str) -> bool:
        names = {top_of(part_named(name)).name for name in self.parts}
        return (not names or top_of(part).name in names) and (not self.instances or self.takes_instance(owner))

    def takes_instance(self, name: str) -> bool:
        return bool(name) and any(fnmatchcase(name, pattern) for pattern in self.instances or ("*",))

    def parts_of(self, owner: str) -> list[str]:
        """Return the selected parts of an instance with those inside, or of the platform for ``""``."""
        tops = (
            part
            for part in PARTS
            if top_of(part) is part and bool(part.name == INSTANCES or part.parent) == bool(owner)
        )
        return [part.name for part in tops if self.takes(part, owner)]

    def matched(self, names: Collection[str]) -> list[str]:
        """Return the names and globs that select any of the instances."""
        return [pattern for pattern in self.instances if any(fnmatchcase(name, pattern) for name in names)]


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
    # The instances of which something is removed that has to be confirmed.
    to_confirm: list[str] = field(default_factory=list)


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
        selection: Selection | None = None,
    ) -> None:
        self.estate = estate
        self.selection = selection or Selection()
        self.tasks = [
            each for each in tasks if not each.task.idle and self.selection.takes(each.task.part, owner_of(each.task))
        ]
        self.reads = reads
        self._threads = threads
        self._connection = dict(connection)
        self._client = cast(Client, TaskClient(reads, Connection(**connection)))
        # The instances of the platform, by name and by ID.
        self._listed: dict[str, dict[str, list[dict[str, Any]]]] = {"name": {}, "instance_id": {}}
        instances = part_named(INSTANCES)
        entries = [complete_entry(instances, estate, entry) for entry in estate.get(INSTANCES) or () if entry]
        self._entries = {_label(entry): entry for entry in entries if self.selection.takes_instance(_label(entry))}

    @cached_property
    def _known(self) -> frozenset[str]:
        """The names that the description gives to any object."""
        return frozenset(_names(self.estate))

    def survey(self) -> Survey:
        """Return what differs. What cannot be read is a part of the answer; nothing is raised for it."""
        survey = Survey(instances=list(self._entries))
        try:
            self.reads.login()
            self._list_instances()
        except TpopsError as error:
            place = {"part": "", "instance": "", "path": ""}
            survey.found.failures.append({**place, "kind": "unreadable", "reason": reason_of(error)})
            return survey
        survey.unsettled = list(self._unsettled())
        work: list[_Job] = [(owner_of(each.task), partial(self._task, each)) for each in self.tasks]
        work += [
            (name, partial(self._exclusive, part, name))
            for name in self._entries
            for part in self._exclusive_parts(name)
        ]
        work += [(each[1], partial(self._undescribed, *each)) for each in self._lists()]
        tasks: list[Found] = []
        for result in self._done(work):
            if isinstance(result, Found):
                tasks.append(result)
            elif result["names"]:
                survey.undescribed.append(result)
        created = {
            (entry["part"], entry["instance"])
            for found in tasks
            for entry in found.differences
            if entry["outcome"] == "created"
        }
        for found in tasks:
            if found.blind and not (self.selection.resend or _concerns(found.blind, created)):
                found.withhold()
            survey.found.add(found)
        survey.to_confirm = list(
            dict.fromkeys(each["instance"] for each in survey.found.differences if each.get("confirm"))
        )
        # A list that cannot be read is reported for the part only, and not again for what it lacks.
        survey.found.failures = _unique(survey.found.failures, "instance", "path", "reason")
        survey.found.notes = _unique(survey.found.notes, "instance", "text")
        return survey

    def _done(self, work: Sequence[_Job]) -> list[_Result]:
        """Return the results in the order of the work, which several processes share where there is much of it.

        All that is about one instance is done by one of them, which has its reads, and all that is about the platform
        by this one.
        """
        count = max(1, min(cores(), self._threads, len(work) // _WORTH_A_PROCESS))
        owners = dict.fromkeys(["", *(owner for owner, _job in work)])
        places = {owner: number % count for number, owner in enumerate(owners)}
        shares: list[list[int]] = [[] for _number in range(count)]
        for index, (owner, _job) in enumerate(work):
            shares[places[owner]].append(index)
        if count > 1:
            # Two processes cannot use one connection.
            self.reads.close()
        parts = [partial(self._share, [work[index][1] for index in share], count) for share in shares]
        done: dict[int, _Result] = {}
        for share, (results, counts, warnings) in zip(shares, in_processes(parts)):
            done.update(zip(share, results))
            if share is not shares[0]:
                self.reads.take_over(counts, warnings)
        return [done[index] for index in range(len(work))]

    def _share(
        self, jobs: Sequence[Callable[[], _Result]], processes: int
    ) -> tuple[list[_Result], Mapping[str, int], Sequence[str]]:
        """Do what one process does; return the results, and what its reads have counted and warned of meanwhile."""
        self.reads.divide(processes)
        before = Counter(self.reads.counts)
        with ThreadPoolExecutor(self._threads // processes) as pool:
            results = list(pool.map(lambda job: job(), jobs))
        return results, self.reads.counts - before, self.reads.warnings

    def _task(self, checked: Checked) -> Found:
        try:
            return self._planned(checked)
        except InputError as error:
            return Found(failures=[failure_of(checked.task, error.as_result())])
        except Exception as error:  # A bug of the collection must not hide the other parts.
            return Found(failures=[failure_of(checked.task, {"msg": reason_of(error)})])

    def _planned(self, checked: Checked) -> Found:
        found, part = Found(), checked.task.part
        closed = self._closed(owner_of(checked.task))
        if part.name == INSTANCES:
            checked = self._without_pending(checked, found, closed)
        elif closed:
            calm = without_interruption(part, checked.task.arguments)
            checked = checked.changed(**{name: calm[name] for name in part.outside_window if name in calm})
        task, spec = checked.task, spec_of(part)
        params = {**checked.params, **self._connection}
        result = run_prepared(spec, part.module, params, self._client, check_mode=True)
        described = describe(task, spec, checked.items, result, lambda: self._known)
        found.add(described)
        found.blind = described.blind
        for parameter in result.get("restart_deferred", ()):
            before = next(each["value"] for each in result["parameters"] if each["name"] == parameter)
            after = task.arguments["parameters"][parameter]
            pending = Pending((f"parameters.{parameter}",), parameter, before, after, SITE)
            found.pending.append(self._pending(task, pending, closed))
        if part.name == INSTANCES:
            for entry in found.differences:
                entry["confirm"] = entry["outcome"] == "removed"
        return found

    def _closed(self, owner: str) -> str:
        """Return the window of an instance while it is closed."""
        window = window_of(self.estate, self._entries.get(owner, {}))
        return "" if window is None or is_open(window, self.selection.now) else describe_window(window)

    def _without_pending(self, checked: Checked, found: Found, closed: str) -> Checked:
        """Return the task of an instance without what only a procedure can change, and what waits for its window."""
        task = checked.task
        current = self._instance(task.arguments)
        if current is None:
            return checked
        if self._entries[owner_of(task)].get("protected") and task.arguments.get("state") == "absent":
            reason = f"{owner_of(task)} is protected; no run removes it as long as its description says protected"
            where = {**place_of(task), "path": task.locate("state")}
            found.failures.append({**where, "kind": "refused", "reason": reason})
            return checked.changed(state=None)
        pending = find_pending(task.arguments, current)
        waiting = of_window(task.arguments, current) if closed else None
        for each in [*pending, *filter(None, (waiting,))]:
            found.pending.append(self._pending(task, each, closed if each is waiting else ""))
            checked = checked.changed(**dict.fromkeys(each.options))
        return checked

    def _pending(self, task: Task, each: Pending, window: str) -> dict[str, Any]:
        path = task.locate(next((option for option in each.options if task.arguments.get(option)), each.options[0]))
        entry = {"field": each.what, "before": each.before, "after": each.after, "playbook": each.playbook}
        return {"instance": owner_of(task), "path": path, **entry, **({"window": window} if window else {})}

    # What an exclusive list does not have

    def _exclusive_parts(self, name: str) -> list[Part]:
        entry = self._entries[name]
        if entry.get("state") in IDLE_STATES:
            return []
        parts = [part for part in PARTS if part.exclusively and entry.get(part.exclusively)]
        return [part for part in parts if self.selection.takes(part, name)]

    def _exclusive(self, part: Part, name: str) -> Found:
        """Return the removal of what is not described."""
        entry = self._entries[name]
        scope = {
            option: entry[key] for option, key in part_named(INSTANCES).scope.items() if entry.get(key) is not None
        }
        path = f"{INSTANCES}[{name}].{part.exclusively}"
        task = Task(part, scope, path)
        try:
            surplus = self._surplus(part, name)
        except Exception as error:  # As below.
            return Found(failures=[failure_of(task, {"msg": reason_of(error)})])
        if not surplus:
            return Found()
        arguments = {part.option: [{"name": each} for each in surplus], "state": "absent", **scope}
        task = replace(task, arguments=arguments, inherited=dict.fromkeys(range(len(surplus)), frozenset()))
        found = self._task(Checked.of(task))
        for difference in found.differences:
            difference |= {"path": path, "confirm": True}
        return found

    def _surplus(self, part: Part, name: str) -> list[str]:
        entry = self._entries[name]
        current = self._instance(entry)
        if current is None:
            return []
        return find_surplus(part.name, self.reads.items(list_users(current["id"])), accounts_of(entry))

    def _list_instances(self) -> None:
        for listed in self.reads.items(list_instances()):
            for option, attribute in (("name", "name"), ("instance_id", "id")):
                self._listed[option].setdefault(str(listed[attribute]), []).append(listed)

    def _instance(self, entry: Mapping[str, Any]) -> dict[str, Any] | None:
        option = "instance_id" if entry.get("instance_id") else "name"
        listed = self._listed[option].get(str(entry.get(option)), [])
        return listed[0] if len(listed) == 1 else None

    def _unsettled(self) -> Iterator[dict[str, Any]]:
        for entry in self._entries.values():
            current = self._instance(entry) or {}
            status = current.get("status")
            if current.get("busy") or status in _TROUBLED:
                yield {"instance": _label(entry), "status": str(status)}

    # What the description lacks

    def _lists(self) -> Iterator[tuple[Any, ...]]:
        """Yield what is listed: part, instance, call, the attributes that name an object, and the names that are
        described or made by the platform."""
        if not self.selection.instances:
            hosts = [entry for entry in self.estate.get("hosts") or () if entry]
            names = {str(entry[key]) for entry in hosts for key in ("manage_ip", "name", "host_id") if entry.get(key)}
            yield "hosts", "", list_hosts(), ("name", "manage_ip", "id"), names, None
            entries = self._entries.values()
            names = {str(entry[key]) for entry in entries for key in ("name", "instance_id") if entry.get(key)}
            yield INSTANCES, "", list_instances(), ("name", "id"), names, None
        for entry in self._entries.values():
            current = None if entry.get("state") in IDLE_STATES else self._instance(entry)
            if current is None:
                continue
            label, identity = _label(entry), current["id"]
            accounts = accounts_of(entry)
            running = current.get("running") is not False
            for part, call, described, made in (
                ("users", list_users(identity), accounts, MADE_ACCOUNTS),
                ("databases", list_databases(identity), _named(entry, "databases"), MADE_DATABASES),
            ):
                if (running or entry.get(part)) and self.selection.takes(part_named(part), label):
                    yield part, label, call, ("name",), described, made

    def _undescribed(
        self, part: str, instance: str, call: Call, attributes: Sequence[str], described: set[str], made: str | None
    ) -> Found | dict[str, Any]:
        where = {"part": part, "instance": instance}
        try:
            listed = self.reads.items(call)
        except Exception as error:  # As above.
            path = f"{INSTANCES}[{instance}].{part}" if instance else part
            return Found(failures=[{**where, "path": path, "kind": "unreadable", "reason": reason_of(error)}])
        if part == "users":
            described |= {each for kind in self._exclusive_parts(instance) for each in self._surplus(kind, instance)}
        names = []
        for entry in listed:
            known = [str(entry[name]) for name in attributes if entry.get(name) not in (None, "")]
            if known and not described & set(known) and not (made and re.fullmatch(made, known[0])):
                names.append(known[0])
        return {**where, "names": sorted(names)}


def _label(entry: Mapping[str, Any]) -> str:
    return str(entry.get("name") or entry.get("instance_id"))


def _concerns(task: Task, created: Collection[tuple[str, str]]) -> bool:
    """Whether a task is about something that the same run creates."""
    owner = owner_of(task)
    about = {INSTANCES, *(part for reference in task.part.references for part, _option in reference.to)}
    return any(part in about and owner in ("", instance) for part, instance in created)


def _named(entry: Mapping[str, Any], part: str) -> set[str]:
    return {str(each["name"]) for each in entry.get(part) or () if each and each.get("name")}


def _names(data: Any) -> Iterator[str]:
    """Yield the names of all objects of a description."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key in ("name", "manage_ip") and isinstance(value, (str, int)):
                yield str(value)
            else:
                yield from _names(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from _names(value)


def reason_of(error: Exception) -> str:
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
