# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbooks do with a description, inside this process: validate it, plan it, check it, and carry it out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from estates import EXTENSION_KEYS, NODE, NOW, WORLD
from site_run import MODULES, Site
from virtual import ENDPOINT, PASSWORD, USERNAME, Platform

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES, Part
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import drop_unset
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import build_interface, options_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_spec
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate import document
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.export import Export, export_platform
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.limit import Limit
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import MODULES as FOLDER
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import Secrets
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.problems import Problem
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reading import Description, Reader
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import LimitedClient, SharedReads, SharedToken
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.secrets import ManySecrets
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.survey import Selection, Surveyor
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.validation import examine, validate

CONNECTION = {"endpoint": ENDPOINT, "username": USERNAME, "password": PASSWORD, "token_cache": False}
_NODE = re.compile(re.escape(NODE).replace(r"\{\}", "(.+)"))
_ASSUMED = "the plan assumes that an earlier task creates it"
# What is done to what: instance, part, operation and sentence.
Step = tuple[str, str, str, str]


@dataclass
class Done:
    """A task of a part: what it returned, and the writes that the platform saw."""

    part: Part
    owner: str
    result: Mapping[str, Any]
    writes: list[str]

    @property
    def is_assumed(self) -> bool:
        """Whether what it is about did not exist, so that its defaults were not known."""
        return any(_ASSUMED in text for text in self.result.get("warnings", ()))

    @property
    def steps(self) -> list[Step]:
        return [(self.owner, self.part.name, each["operation"], each["summary"]) for each in self.result["plan"]]


class Failed(Exception):
    """A task has failed, which ends a run."""


class Runs:
    """Descriptions on one platform."""

    def __init__(self, platform: Platform, world: Mapping[str, Any] = WORLD) -> None:
        self.platform = platform
        platform.reset()
        platform.load(world)

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

    def plan(self, estate: Mapping[str, Any], resend: bool = False) -> dict[str, Any]:
        """Return the plan of a description."""
        with self._reads() as reads:
            tasks = examine(Description(dict(estate), exists=True), "gaussdb_estate", allow_empty=True).tasks
            survey = Surveyor(estate, tasks, CONNECTION, reads, 1, Selection(resend=resend, now=NOW)).survey()
        return document.build("site-a", survey, ManySecrets().censor)

    def export(self) -> Export:
        with self._reads() as reads:
            return export_platform(reads, threads=1, extension_keys=EXTENSION_KEYS)

    @contextmanager
    def _reads(self) -> Iterator[SharedReads]:
        self._begin()
        known, limit, token = Connection(**CONNECTION), Limit(1), SharedToken(False)
        reads = SharedReads(lambda: LimitedClient(known, limit, token))
        try:
            yield reads
        finally:
            reads.close()

    def site(self, estate: Mapping[str, Any], parts: Mapping[str, Sequence[str]], check_mode: bool) -> list[Done]:
        """Run the roles for some parts, and return their tasks. All removals are confirmed."""
        done: list[Done] = []

        def run(module: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
            self._begin()
            spec = import_module(f"{FOLDER}.{module}").SPEC
            params = _prepared(spec, {**arguments, **CONNECTION})
            result = run_spec(spec, module, params, check_mode, open_client=self.platform.open_client)
            if result.get("failed"):
                raise Failed(f"{module} {arguments.get('instance') or arguments.get('name') or ''}: {result['msg']}")
            if module in MODULES:
                part = MODULES[module]
                name = arguments.get("name" if part.name == INSTANCES else "instance")
                owner = str(name) if part.parent or part.name == INSTANCES else ""
                done.append(Done(part, owner, result, self.writes()))
            return result

        Site(run, check_mode, confirmed=parts).play(estate, parts)
        return done

    def _begin(self) -> None:
        self.platform.begin()
        self.platform.simulator.requests.clear()

    def writes(self) -> list[str]:
        """Return the writes that the platform got since the last run began."""
        return [entry["operation_id"] for entry in self.platform.requests if entry["write"]]


def _prepared(spec: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as Ansible hands them to a module."""
    interface = build_interface(spec)
    values = drop_unset(options_of(spec), given, [])
    validation = ArgumentSpecValidator(interface.argument_spec, **interface.rules).validate(values)
    if validation.error_messages:
        raise Failed("; ".join(validation.error_messages))
    return dict(validation.validated_parameters)


def _no_variable(template: str) -> Any:
    raise AssertionError(f"{template} is a template")


def everything_of(estate: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the parts of a run that does not plan first."""
    owners = ["", *(str(entry["name"]) for entry in estate.get(INSTANCES) or ())]
    return {owner: Selection().parts_of(owner) for owner in owners}


def problems_of(estate: Mapping[str, Any]) -> Sequence[Problem]:
    reader = Reader({"gaussdb_estate": estate}, _no_variable, _no_variable, Secrets(part=""))
    return validate(reader.read_variable("gaussdb_estate"), "gaussdb_estate", allow_empty=True)
