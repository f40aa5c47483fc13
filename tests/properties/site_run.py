# SPDX-License-Identifier: GPL-3.0-or-later
"""``gaussdb.tpops.site`` inside this process: the tasks of the roles' own files, with their templates filled in by
Ansible, and the modules run by whoever is given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from estates import NOW
from jinja2 import Environment

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import PARTS
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import by_role

ROLES = Path(__file__).parents[2] / "roles"
PREFIX = "gaussdb.tpops."
MODULES = {part.module: part for part in PARTS}
Values = dict[str, Any]
# Runs a module with its arguments and returns its result.
Runner = Callable[[str, Values], Mapping[str, Any]]
_OMIT = "omitted, as Ansible does it"


class Refused(Exception):
    """An assertion of a role is not true."""


class Site:
    """Runs of the roles, as playbooks/site.yml has them. ``confirmed`` are the instances that may lose something."""

    def __init__(self, run: Runner, check_mode: bool, confirmed: Collection[str] = ()) -> None:
        self._run = run
        self._known = {"omit": _OMIT, "ansible_check_mode": check_mode}
        self._confirmed = confirmed

    def play(self, estate: Mapping[str, Any], parts: Mapping[str, Sequence[str]]) -> None:
        """Converge these parts of instances, and of the platform by ``""``."""
        of_platform = list(parts.get("", ()))
        platform = by_role(estate, None, of_platform, NOW)
        self._role("hosts", {"hosts_config": platform["hosts"]})
        for name in filter(None, parts):
            self._instance(name, by_role(estate, name, parts[name], NOW), name in self._confirmed)
        self._role("estate", {"operations_config": platform["estate"]}, "operations")

    def _instance(self, name: str, roles: Mapping[str, Any], confirmed: bool) -> None:
        own = {"instance_config": roles["instance"], "instance_removal_confirmed": confirmed}
        found = self._role("instance", own)
        if roles["instance"].get("state", "present") not in ("present", "started"):
            return
        where = {"instance": name, "instance_id": (found["instance_result"].get("instance") or {}).get("id") or ""}
        if roles["backup"]:
            backup = {"policy": "backup_policy", "config": "backup_config"}
            config = {key: roles["backup"].get(part, {}) for key, part in backup.items()}
            self._role("backup", {"backup_config": {**where, **config}})
        if roles["database"]:
            config = {**roles["database"], **where}
            self._role("database", {"database_config": config, "database_removal_confirmed": confirmed})

    def _role(self, role: str, given: Mapping[str, Any], file: str = "main") -> Values:
        """Run the tasks of a file of a role. Returns the variables of the role with what the tasks registered."""
        known = {**self._known, **_file(role, "defaults"), **given, **_file(role, "vars")}
        self._tasks(role, file, known)
        return known

    def _tasks(self, role: str, file: str, known: Values) -> None:
        for task in _file(role, "tasks", file):
            items = _filled(task["loop"], known) if "loop" in task else [None]
            for item in items:
                here = {**known, **task.get("vars", {}), "item": item}
                done = self._task(role, task, here)
                if "register" in task:
                    known[task["register"]] = done

    def _task(self, role: str, task: Mapping[str, Any], here: Values) -> Mapping[str, Any]:
        if not all(_holds(condition, here) for condition in _listed(task.get("when"))):
            return {"skipped": True, "changed": False}
        action = next(key for key in task if "." in key)
        module = action.removeprefix(PREFIX)
        if action == "ansible.builtin.include_tasks":
            self._tasks(role, Path(task[action]).stem, here)
        elif action == "ansible.builtin.assert":
            if not all(_holds(condition, here) for condition in _listed(task[action]["that"])):
                raise Refused(_filled(task[action]["fail_msg"], here))
        elif module != action:
            defaults = _filled(task.get("module_defaults", {}).get(action, {}), here)
            arguments = {**defaults, **_filled(task[action] or {}, here)}
            return self._run(module, {name: value for name, value in arguments.items() if value != _OMIT})
        return {"changed": False}


@cache
def _file(role: str, folder: str, name: str = "main") -> Any:
    """Return a file of a role, whose texts may be templates."""
    path = ROLES / role / folder / f"{name}.yml"
    return _trusted(yaml.safe_load(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _holds(condition: Any, variables: Values) -> bool:
    held: bool = _with(variables).evaluate_conditional(condition)
    return held


def _filled(value: Any, variables: Values) -> Any:
    return _with(variables).template(value)


def _with(variables: Values) -> Templar:
    templar = _templar()
    templar.available_variables = variables
    return templar


@cache
def _templar() -> Templar:
    """Return the one that fills in all templates. There are some dozens, and to compile one takes longer than a task
    does: each is compiled once."""
    Environment.compile = cache(Environment.compile)
    Environment.compile_expression = cache(Environment.compile_expression)
    return Templar(loader=DataLoader())


def _trusted(value: Any) -> Any:
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, Mapping):
        return {key: _trusted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_trusted(each) for each in value]
    return value
