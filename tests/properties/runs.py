# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbooks do with a description, inside this process: plan it, check it, and carry it out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from estates import DBMIND, NODE
from virtual import ENDPOINT, PASSWORD, USERNAME, Platform

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import Part
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import Task, expand
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import drop_unset
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Action,
    Resource,
    build_interface,
    options_of,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_spec
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.limit import Limit
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import Secrets, spec_of
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.problems import Problem
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reading import Description, Reader
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import LimitedClient, SharedReads, SharedToken
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.survey import Selection, Survey, Surveyor
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.validation import examine, validate

CONNECTION = {"endpoint": ENDPOINT, "username": USERNAME, "password": PASSWORD, "token_cache": False}
_NODE = re.compile(re.escape(NODE).replace(r"\{\}", "(.+)"))


@dataclass
class Done:
    """A task and its result, with the writes that the platform saw."""

    task: Task
    result: Mapping[str, Any]
    writes: list[str]

    @property
    def is_assumed(self) -> bool:
        """Whether what it is about did not exist, so that its defaults were not known."""
        return any(
            "the plan assumes that an earlier task creates it" in text for text in self.result.get("warnings", ())
        )

    @property
    def steps(self) -> list[tuple[str, str, str]]:
        """What is done to what: part, operation and sentence."""
        return [(self.task.part.name, each["operation"], each["summary"]) for each in self.result["plan"]]


class Runs:
    """Descriptions on one platform."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        platform.reset()
        platform.load({"dbmind_instances": [{"name": name, "arch": arch} for arch, name in DBMIND.items()]})

    def known(self, data: Any) -> Any:
        """Return a description with the IDs of nodes, which the platform has given out by now."""
        if isinstance(data, Mapping):
            return {key: self.known(value) for key, value in data.items()}
        if isinstance(data, list):
            return [self.known(value) for value in data]
        found = _NODE.fullmatch(data) if isinstance(data, str) else None
        if found is None:
            return data
        instance = next(each for each in self.platform.site.instances.values() if each.name == found[2])
        return [node.id for node in instance.nodes if not node.arbiter][int(found[1])]

    def plan(self, estate: Mapping[str, Any]) -> Survey:
        self._begin()
        known, limit, token = Connection(**CONNECTION), Limit(1), SharedToken(False)
        reads = SharedReads(lambda: LimitedClient(known, limit, token))
        try:
            tasks = examine(Description(dict(estate), exists=True), "gaussdb_estate", allow_empty=True).tasks
            # A run of all tasks sends what cannot be compared, too.
            return Surveyor(estate, tasks, CONNECTION, reads, 1, Selection(resend=True)).survey()
        finally:
            reads.close()

    def run(self, estate: Mapping[str, Any], check_mode: bool) -> Iterator[Done]:
        """Run the tasks of a description one after the other, up to one that fails."""
        for task in expand(estate):
            self._begin()
            spec, name = spec_of(task.part), task.part.module
            params = prepared(task.part, task.arguments)
            result = run_spec(spec, name, params, check_mode, open_client=self.platform.open_client)
            yield Done(task, result, self.writes())
            if result.get("failed"):
                return

    def _begin(self) -> None:
        self.platform.begin()
        self.platform.simulator.requests.clear()

    def writes(self) -> list[str]:
        return [
            entry["operation_id"]
            for entry in self.platform.requests
            if entry["write"] and entry["operation_id"] != "login"
        ]


def _prepared(spec: Resource | Action, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as Ansible hands them to a module."""
    interface = build_interface(spec)
    values = drop_unset(options_of(spec), given, [])
    validation = ArgumentSpecValidator(interface.argument_spec, **interface.rules).validate(values)
    assert not validation.error_messages
    return dict(validation.validated_parameters)


def prepared(part: Part, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as Ansible hands them to a module."""
    return _prepared(spec_of(part), {**arguments, **CONNECTION})


def _no_variable(template: str) -> Any:
    raise AssertionError(f"{template} is a template")


def problems_of(estate: Mapping[str, Any]) -> Sequence[Problem]:
    reader = Reader({"gaussdb_estate": estate}, _no_variable, _no_variable, Secrets(part=""))
    return validate(reader.read_variable("gaussdb_estate"), "gaussdb_estate", allow_empty=True)
