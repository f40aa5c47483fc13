# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles make of a description: the tasks of their files, with all templates filled in by Ansible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import PARTS
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import by_role

ROLES = Path(__file__).parents[2] / "roles"
PREFIX = "gaussdb.tpops."
MODULES = {PREFIX + part.module: part for part in PARTS}


def tasks_of_roles(estate: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield module and arguments of each task that the roles run, in their order, with variables as in site.yml."""
    platform = by_role(estate)
    yield from _role("hosts", {"hosts_config": platform["hosts"]})
    for entry in estate.get("instances") or ():
        name = str(entry["name"])
        roles = by_role(estate, name)
        yield from _role("instance", {"instance_config": roles["instance"]})
        if roles["instance"].get("state", "present") not in ("present", "started"):
            continue
        backup = roles["backup"]
        config = {"policy": backup.get("backup_policy", {}), "config": backup.get("backup_config", {})}
        yield from _role("backup", {"backup_config": {"instance": name, **config}})
        yield from _role("database", {"database_config": {"instance": name, **roles["database"]}})
    yield from _role("estate", {"operations_config": platform["estate"]}, "operations")


@cache
def _tasks(role: str, file: str) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = yaml.safe_load((ROLES / role / "tasks" / f"{file}.yml").read_text(encoding="utf-8"))
    return [task for task in tasks if set(task) & set(MODULES)]


def _role(role: str, variables: Mapping[str, Any], file: str = "main") -> Iterator[tuple[str, dict[str, Any]]]:
    omit = "__omit_place_holder__"
    for task in _tasks(role, file):
        (module,) = set(task) & set(MODULES)
        made = {"instance_result": {}, "instance_pending": []}
        known = {**variables, **made, "omit": omit, **task.get("vars", {})}
        items = _filled(task["loop"], known) if "loop" in task else [None]
        for item in items:
            here = {**known, "item": item}
            conditions = task.get("when") or []
            conditions = conditions if isinstance(conditions, list) else [conditions]
            if not all(_templar(here).evaluate_conditional(trust_as_template(each)) for each in conditions):
                continue
            defaults = _filled(task.get("module_defaults", {}).get(module, {}), here)
            arguments = {**defaults, **_filled(task[module] or {}, here)}
            yield module.removeprefix(PREFIX), {name: value for name, value in arguments.items() if value != omit}


def _templar(variables: Mapping[str, Any]) -> Templar:
    return Templar(loader=DataLoader(), variables={name: _trusted(value, name) for name, value in variables.items()})


def _filled(value: Any, variables: Mapping[str, Any]) -> Any:
    return _templar(variables).template(_trusted(value))


def _trusted(value: Any, name: str = "") -> Any:
    """Mark the texts of the role's files as templates; what is described has none."""
    if name.endswith("_config") or name in ("item", "omit"):
        return value
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, Mapping):
        return {key: _trusted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_trusted(each) for each in value]
    return value
