# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the result of a task in check mode says about the objects of the description."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES, Form
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import Task
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.privilege import can_be_compared
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.planning import HIDDEN
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Resource

# What is shown of a secret.
SET = "set"
# Kinds of errors that say what the platform or the module refuses; the others say that nothing is known.
_REFUSED = ("InputError", "NotFound")
_OPTION = re.compile(r"([A-Za-z_]\w*(?:\[\d+\]|\.[\w-]+)*)(?: \([^:]*\))?: ")
_ASSUMED = re.compile(r"There is no (.+) named (.+) yet; the plan assumes that an earlier task creates it")


@dataclass
class Found:
    """What is known of the objects of a task, as plain data."""

    differences: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    not_compared: list[dict[str, Any]] = field(default_factory=list)
    pending: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    # The task, if all that it would send is what the platform does not show.
    blind: Task | None = None

    def add(self, other: Found) -> None:
        for each in fields(self):
            if each.name != "blind":
                getattr(self, each.name).extend(getattr(other, each.name))

    def withhold(self) -> None:
        """Send nothing of what cannot be compared."""
        self.steps = []
        self.not_compared = [{**entry, "sent": False, "withheld": entry["sent"]} for entry in self.not_compared]


def owner_of(task: Task) -> str:
    """Return the instance that a task is about or inside of; nothing for a task of the platform."""
    names = ("name", "instance_id") if task.part.name == INSTANCES else ("instance", "instance_id")
    if task.part.name != INSTANCES and task.part.parent == "":
        return ""
    return str(next((task.arguments[name] for name in names if task.arguments.get(name)), ""))


def place_of(task: Task) -> dict[str, Any]:
    return {"part": task.part.name, "instance": owner_of(task)}


def failure_of(task: Task, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return why a task could not be planned, by the path in the description."""
    error = result.get("error") or {}
    text, path = str(result.get("msg", "")), task.path
    named = _OPTION.match(text) if error.get("kind") == "InputError" else None
    if named:
        path, text = task.locate(named[1]), text[named.end() :]
    kind = "refused" if error.get("kind") in _REFUSED else "unreadable"
    return {**place_of(task), "path": path, "kind": kind, "reason": text}


def describe(
    task: Task,
    spec: Resource | Action,
    items: Sequence[Item],
    result: Mapping[str, Any],
    known: Callable[[], frozenset[str]],
) -> Found:
    """Return what the result of a task says. ``items`` are its objects as they should be; ``known`` returns the names
    that the description gives to any object."""
    found = Found()
    _take_warnings(task, result, known, found)
    if result.get("failed"):
        found.failures.append(failure_of(task, result))
        return found
    found.steps = [
        {**place_of(task), **{key: step[key] for key in ("operation", "method", "summary")}} for step in result["plan"]
    ]
    reader = _Reader(task, spec, result)
    for index, item in enumerate(items):
        reader.read(item, index, found)
    if found.steps and not found.differences and any(map(reader.is_never_compared, items)):
        found.blind = task
    return found


class _Reader:
    """Reads the result of one task, object by object."""

    def __init__(self, task: Task, spec: Resource | Action, result: Mapping[str, Any]) -> None:
        self.task = task
        self.spec = spec
        self.result = result
        diffs = result.get("diff") or {}
        listed = diffs if isinstance(diffs, list) else [diffs]
        self.diff: Mapping[str, Any] = next((each for each in listed if "before_header" not in each), {})
        self.files = [each for each in listed if "before_header" in each]
        self.outcomes = {entry["name"]: entry["outcome"] for entry in result.get("outcomes", ())}
        self.fields = {each.name: each for each in spec.fields}
        written = [each.name for each in spec.fields if each.role is Role.WRITE_ONLY]
        self.hidden = (*written, *task.part.not_shown)

    def read(self, item: Item, index: int, found: Found) -> None:
        outcome = self._outcome(item)
        hidden = self._hidden(item, index)
        if outcome != "unchanged":
            hidden = self._take_change(item, index, outcome, hidden, found)
        if hidden and outcome in ("unchanged", "updated"):
            found.not_compared.append({**self._where(item), "fields": hidden, "sent": False})

    def _take_change(self, item: Item, index: int, outcome: str, hidden: Sequence[str], found: Found) -> list[str]:
        """Take over that an object changes; return which of its hidden options are not sent with that."""
        before, after = (self._side(name, item) for name in ("before", "after"))
        fields = self._differing(item, before, after)
        never = self.is_never_compared(item)
        sent = list(hidden) if never else self._sent_always(item)
        if never or (outcome == "updated" and self._only_sent(sent, before, after)):
            sent = sorted({each["name"] for each in fields} | set(sent))
            found.not_compared.append({**self._where(item), "fields": sent, "sent": True})
            return [name for name in hidden if name not in sent]
        entry = {**self._where(item), "path": self._path(index), "outcome": outcome, "fields": fields}
        if item.label in self.result.get("restart_pending", ()):
            entry["restart_pending"] = True
        found.differences.append(entry)
        return list(hidden)

    def _where(self, item: Item) -> dict[str, Any]:
        return {**place_of(self.task), "object": self._name(item)}

    def _side(self, name: str, item: Item) -> Mapping[str, Any]:
        side = self.diff.get(name) or {}
        return (side.get(item.label) or {}) if self.spec.batch else side

    def _outcome(self, item: Item) -> str:
        if self.spec.batch:
            outcome = str(self.outcomes.get(item.label, "unchanged"))
            return "updated" if outcome == "changed" else outcome
        if not self.result["changed"]:
            return "unchanged"
        if not item.present:
            return "removed"
        new = self.spec.writes.create and self._side("after", item) and not self._side("before", item)
        return "created" if new else "updated"

    def _differing(self, item: Item, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
        fields = []
        for name in dict.fromkeys((*after, *before)):
            old, new = before.get(name), after.get(name)
            each = self.fields.get(name)
            if old == new or (name == "name" and item.label in (old, new)):
                continue
            if (each is not None and each.no_log) or HIDDEN in (old, new):
                fields.append({"name": name, "secret": True, "before": old and SET, "after": new and SET})
            else:
                fields.append({"name": name, "before": _shown(old), "after": _shown(new)})
        if self.task.part.name == "privileges":
            fields.append({"name": "granted", "before": not item.present, "after": item.present})
        for file in self.files:
            fields.append({"name": str(file["after_header"]), "before": file["before"], "after": file["after"]})
        return fields

    def _name(self, item: Item) -> str:
        """Return what people call the object inside of its instance."""
        part, arguments = self.task.part, self.task.arguments
        if part.form is Form.PAIRS:
            return str(arguments["key"])
        if part.form is Form.ONE:
            return ""
        if arguments.get("database") and part.parent:
            return f"{arguments['database']}.{item.label}"
        if self.spec.find is None and not self.spec.batch:
            # Nothing of it is shown, so that its values are what it is known by.
            return " to ".join(_joined(arguments[name]) for name in part.not_shown if arguments.get(name))
        if self.spec.parent and not part.parent:
            above = next((str(arguments[n.name]) for n in self.spec.parent.fields if arguments.get(n.name)), "")
            return f"{above}: {item.label}"
        within = [str(arguments[name]) for name in part.within if arguments.get(name)]
        return " on ".join((item.label or str(arguments.get(self.spec.fields[0].name, "")), *within))

    def _path(self, index: int) -> str:
        part, path = self.task.part, self.task.path
        if part.form is not Form.WHOLE or not isinstance(self.task.arguments.get(part.option), (list, tuple)):
            return path
        if isinstance(self.spec, Action) or self.spec.hooks.desired:
            return path
        return self.task.locate(f"{part.option}[{index}]")

    def _given(self, index: int) -> Mapping[str, Any]:
        """Return the options that the description gives of an object."""
        entries = self.task.arguments.get(self.task.part.option)
        if isinstance(entries, (list, tuple)) and not (isinstance(self.spec, Resource) and self.spec.hooks.desired):
            entry = entries[index] if index < len(entries) else {}
            return entry if isinstance(entry, Mapping) else {}
        return self.task.arguments

    def _hidden(self, item: Item, index: int) -> list[str]:
        """Return the given options that the platform does not show."""
        part = self.task.part
        if not item.present:
            return []
        if part.name == "privileges":
            return [] if can_be_compared(item.desired) else [n for n in part.not_shown if item.desired.get(n)]
        given = self._given(index)
        return [name for name in self.hidden if given.get(name) not in (None, "", [], {})]

    def is_never_compared(self, item: Item) -> bool:
        """Whether the platform shows nothing of the object, so that it is sent in each run."""
        if self.spec.find is not None or not self.task.part.not_shown:
            return False
        return not (self.task.part.name == "privileges" and can_be_compared(item.desired))

    def _sent_always(self, item: Item) -> list[str]:
        """Return the options of an object that the description wants sent in each run."""
        given = self.task.arguments
        asked = [
            each for each in self.spec.fields if each.send_always_if and given.get(each.send_always_if) == "always"
        ]
        return [each.name for each in asked if item.desired.get(each.name) is not None]

    def _only_sent(self, sent: Sequence[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Whether nothing of an object differs as far as it is shown, and only what is sent in each run is sent."""
        differing = [name for name in after if after[name] != before.get(name)]
        known = [self.fields[name] for name in differing if name in sent]
        equal = (each.role is Role.WRITE_ONLY or each.equal(after[each.name], before.get(each.name)) for each in known)
        return bool(sent) and len(known) == len(differing) and all(equal)


def _shown(value: Any) -> Any:
    """Return a value without secrets in it."""
    if value == HIDDEN:
        return f"({SET})"
    if isinstance(value, Mapping):
        return {str(name): _shown(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shown(each) for each in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _take_warnings(task: Task, result: Mapping[str, Any], known: Callable[[], frozenset[str]], found: Found) -> None:
    """Take over the warnings of a task. That something is missing is none where the description creates it, and
    otherwise an error of every run that is no check."""
    for text in map(str, result.get("warnings", ())):
        assumed = _ASSUMED.fullmatch(text)
        if assumed is None:
            found.notes.append({**place_of(task), "text": text})
        elif assumed[2] not in known():
            reason = f"there is no {assumed[1]} named {assumed[2]}"
            found.failures.append({**place_of(task), "path": task.path, "kind": "refused", "reason": reason})
