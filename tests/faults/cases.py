# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases: the EXAMPLES of every module, and the tasks of cases.yml for writes that these omit.

A case is one task with its preparation: the estate of the site, and the earlier tasks of the same EXAMPLES. The needs
of the examples are defined once, in tests/system/examples.yml.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from virtual import ENDPOINT, PASSWORD, SPEED, USERNAME, Platform

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Resource, build_interface
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_spec

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from common import module_names  # noqa: E402

PREFIX = "gaussdb.tpops."
MODULES = module_names()
# The environment of every task, as in a shell.
ENVIRONMENT = {
    "GAUSSDB_TPOPS_ENDPOINT": ENDPOINT,
    "GAUSSDB_TPOPS_USERNAME": USERNAME,
    "GAUSSDB_TPOPS_PASSWORD": PASSWORD,
    "GAUSSDB_TPOPS_TOKEN_CACHE": "false",
}


# Maximum seconds that a task waits for its jobs: more than a slow one takes, and less than in the examples.
WAIT_TIMEOUT = 900


class Unfit(Exception):
    """A case cannot be run as written: a mistake in an example or in the harness."""


@dataclass(frozen=True)
class Case:
    """A task of a module with its preparation."""

    name: str
    module: str
    tasks: Sequence[Mapping[str, Any]]
    estate: Mapping[str, Any]
    before: Mapping[str, Any]
    variables: Mapping[str, Any]
    # Simulated seconds that pass before the task.
    pause: float = 0

    @property
    def spec(self) -> Any:
        return spec_of(self.module)

    @property
    def is_state(self) -> bool:
        """Whether the module brings objects into a state, so that repeating it changes nothing."""
        return isinstance(self.spec, Resource)


@dataclass
class Run:
    """One run of a case's task: the results of its rounds, several for a task with a loop."""

    results: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    # An exception that escaped from ``execute``, which must not happen.
    escaped: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.escaped) or any(result.get("failed") for result in self.results)

    @property
    def changed(self) -> bool:
        return any(result.get("changed") for result in self.results)

    @property
    def message(self) -> str:
        return self.escaped or "; ".join(str(result.get("msg")) for result in self.results if result.get("failed"))


def spec_of(module: str) -> Any:
    return import_module(f"ansible_collections.gaussdb.tpops.plugins.modules.{module}").SPEC


@cache
def documentation(module: str, name: str) -> Any:
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    text = next(
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name
    )
    return yaml.safe_load(text)


@cache
def _needs() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "tests" / "system" / "examples.yml").read_text(encoding="utf-8"))


@cache
def _extra() -> dict[str, Any]:
    return yaml.safe_load((HERE / "cases.yml").read_text(encoding="utf-8"))


@cache
def cases(module: str) -> tuple[Case, ...]:
    """Return the cases of a module, in the order of its EXAMPLES, and those of cases.yml after them."""
    tasks = documentation(module, "EXAMPLES")
    changed = _extra()["examples"].get(module, {})
    found = [
        _case(module, tasks[: index + 1], changed.get(task["name"], {}))
        for index, task in enumerate(tasks)
        if PREFIX + module in task and "left_out" not in changed.get(task["name"], {})
    ]
    return (*found, *(_case(module, entry["tasks"], entry) for entry in _extra()["cases"].get(module, [])))


@cache
def every_case() -> Mapping[str, Case]:
    """Return the cases of all modules by their names."""
    return {case.name: case for module in MODULES for case in cases(module)}


def _case(module: str, tasks: Sequence[Mapping[str, Any]], entry: Mapping[str, Any]) -> Case:
    needs = _needs()
    own = needs["modules"].get(entry.get("estate_of", module), {})
    return Case(
        name=f"{module.removeprefix('gaussdb_')}: {tasks[-1]['name']}",
        module=module,
        tasks=tasks,
        estate=entry.get("estate", own.get("estate", needs["all"]["estate"])),
        before={**own.get("before", {}), **entry.get("before", {})},
        variables={**needs["all"]["variables"], **own.get("variables", {})},
        pause=entry.get("pause", 0),
    )


class Play:
    """A case on a platform: the preparation runs at once, ``run`` runs the task itself."""

    def __init__(self, platform: Platform, case: Case, folder: Path, seed: int = 1) -> None:
        self.platform, self.case = platform, case
        self._registered: dict[str, Any] = {}
        self._folder = folder
        for old in folder.iterdir():
            old.unlink()
        platform.reset(seed)
        platform.load(self._template(case.estate))
        for task in case.tasks[:-1]:
            self._prepare(task)
            platform.loop.sleep(1)
            if not (module := self._module(task)):
                continue
            done = self._run(module, self._rounds(module, task))
            if done.failed:
                raise Unfit(f"{case.name}: the earlier task {task['name']!r} fails: {done.message}")
            if "register" in task:
                self._registered[task["register"]] = (
                    done.results[0] if "loop" not in task else {"results": done.results}
                )
        platform.loop.sleep(case.pause / SPEED)
        self._prepare(case.tasks[-1])
        self.rounds = self._rounds(case.module, case.tasks[-1])
        if not self.rounds:
            raise Unfit(f"{case.name}: the task is skipped by its condition")

    def run(self, check_mode: bool = False) -> Run:
        """Run the task with its initial values."""
        return self._run(self.case.module, self.rounds, check_mode)

    def _prepare(self, task: Mapping[str, Any]) -> None:
        happened = self.case.before.get(task["name"])
        if happened:
            self.platform.load(self._template(happened))

    @staticmethod
    def _module(task: Mapping[str, Any]) -> str | None:
        return next((key.removeprefix(PREFIX) for key in task if key.startswith(PREFIX)), None)

    def _rounds(self, module: str, task: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the arguments of each round of the task; none if its condition is not met."""
        rounds = []
        for item in self._template(task["loop"]) if "loop" in task else [None]:
            if all(
                self._templar(item).evaluate_conditional(trust_as_template(condition))
                for condition in _listed(task.get("when"))
            ):
                rounds.append(self._templar(item).template(_trusted(task[PREFIX + module] or {})))
        return rounds

    def _run(self, module: str, rounds: Sequence[Mapping[str, Any]], check_mode: bool = False) -> Run:
        done = Run()
        begun = self.platform.loop.time()
        self.platform.begin()
        for arguments in rounds:
            params = validated(module, arguments)
            try:
                result = run_spec(spec_of(module), module, params, check_mode, open_client=self.platform.open_client)
            except Exception as error:
                done.escaped = f"{type(error).__name__} escaped from the runner: {error}"
            else:
                done.results.append(result)
        done.seconds = self.platform.loop.time() - begun
        return done

    def _template(self, value: Any) -> Any:
        return self._templar(None).template(_trusted(value))

    def _templar(self, item: Any) -> Templar:
        variables = {
            **_trusted(self.case.variables),
            "now": self.platform.site.clock.now(),
            "playbook_dir": str(self._folder),
            "ansible_playbook_python": sys.executable,
            "root": str(ROOT),
            "item": item,
            **self._registered,
        }
        return Templar(loader=DataLoader(), variables=variables)


def validated(module: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as Ansible passes them to the module. Raises :class:`Unfit` for what it would reject."""
    described = build_interface(spec_of(module))
    if "wait_timeout" in described.argument_spec:
        arguments = {**arguments, "wait_timeout": min(arguments.get("wait_timeout", WAIT_TIMEOUT), WAIT_TIMEOUT)}
    result = ArgumentSpecValidator(described.argument_spec, **described.rules).validate(dict(arguments))
    if result.error_messages:
        raise Unfit("; ".join(result.error_messages))
    return result.validated_parameters


@contextmanager
def environment() -> Iterator[None]:
    """Take the connection from the environment, and nothing else of this collection."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith("GAUSSDB_") or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _listed(condition: Any) -> list[str]:
    return [] if condition is None else condition if isinstance(condition, list) else [str(condition)]


def _trusted(value: Any) -> Any:
    """Mark the strings of a file of this repository as templates."""
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, Mapping):
        return {key: _trusted(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_trusted(each) for each in value]
    return value
