# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small model of how AWX walks through a workflow: ``awx/main/scheduler/dag_workflow.py`` and ``models/workflow.py``.

A node runs when all its parents have ended or will not run, and one of them (with ``all_parents_must_converge`` each)
leads to it. Its job gets the statistics that all jobs before it have set as variables, and over them the variables of
the workflow. An approval that is denied or not given in time counts as failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from walker import FAILED, PROMPTS, SUCCESSFUL, Controller, Job, LaunchError, defaults_of

APPROVE, DENY, TIME_OUT = "approve", "deny", "time out"
SUCCESS, FAILURE, ALWAYS = "success", "failure", "always"
TAKEN_BY = {SUCCESSFUL: (SUCCESS, ALWAYS), FAILED: (FAILURE, ALWAYS)}


class Edge(NamedTuple):
    workflow: str
    parent: str
    kind: str
    child: str


@dataclass
class Walked:
    """What became of a workflow: its jobs by node, and the edges that were taken."""

    name: str
    status: str = SUCCESSFUL
    jobs: dict[str, Job] = field(default_factory=dict)
    edges: set[Edge] = field(default_factory=set)
    artifacts: dict[str, Any] = field(default_factory=dict)

    @property
    def order(self) -> list[str]:
        return list(self.jobs)


def nodes_of(workflow: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["identifier"]: node for node in workflow.get("simplified_workflow_nodes") or ()}


def edges_of(workflow: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield all edges, and fail on one that leads nowhere."""
    nodes = nodes_of(workflow)
    for name, node in nodes.items():
        for kind in (SUCCESS, FAILURE, ALWAYS):
            for child in node.get(f"{kind}_nodes") or ():
                if child not in nodes:
                    raise LaunchError(f"{workflow['name']}: {name} leads to {child}, which is not one of its nodes")
                yield Edge(workflow["name"], name, kind, child)


def walk(
    controller: Controller,
    name: str,
    answers: Mapping[str, Any] | None = None,
    decide: Callable[[str], str] = lambda _node: APPROVE,
    before: Callable[[str], None] = lambda _node: None,
) -> Walked:
    """Launch a workflow and walk to its end. ``decide`` answers each approval; ``before`` is called for each node."""
    workflow = controller.find("workflows", name)
    accepted, ignored, errors = controller.accept(workflow, answers or {})
    if errors:
        raise LaunchError(f"{name}: {'; '.join(errors)}")
    own = {**(workflow.get("extra_vars") or {}), **defaults_of(workflow), **accepted}
    run = Walk(controller, workflow, own, decide, before)
    run.to_the_end()
    for job in run.walked.jobs.values():
        job.ignored |= ignored
    return run.walked


class Walk:
    def __init__(
        self,
        controller: Controller,
        workflow: Mapping[str, Any],
        variables: Mapping[str, Any],
        decide: Callable[[str], str],
        before: Callable[[str], None],
    ) -> None:
        self._controller = controller
        self._workflow = workflow
        self._variables = variables
        self._decide, self._before = decide, before
        self._nodes = nodes_of(workflow)
        self._edges = list(edges_of(workflow))
        self._passed_on: dict[str, dict[str, Any]] = {}
        self._left: set[str] = set()
        self.walked = Walked(workflow["name"])

    def to_the_end(self) -> None:
        while True:
            self._leave_out()
            ready = [name for name in self._nodes if self._is_ready(name)]
            if not ready:
                break
            for name in ready:
                self._before(name)
                self.walked.jobs[name] = self._run(name)
                self.walked.edges |= {edge for edge in self._incoming(name) if self._is_taken(edge)}
        open_nodes = set(self._nodes) - set(self.walked.jobs) - self._left
        assert not open_nodes, f"{self.walked.name}: {open_nodes} are not decided"
        for name, job in self.walked.jobs.items():
            handled = any(edge.kind != SUCCESS for edge in self._edges if edge.parent == name)
            if job.status == FAILED and not handled:
                self.walked.status = FAILED
            self.walked.artifacts |= job.artifacts

    def _incoming(self, name: str) -> list[Edge]:
        return [edge for edge in self._edges if edge.child == name]

    def _is_taken(self, edge: Edge) -> bool:
        job = self.walked.jobs.get(edge.parent)
        return job is not None and edge.kind in TAKEN_BY[job.status]

    def _is_decided(self, name: str) -> bool:
        return name in self.walked.jobs or name in self._left

    def _is_ready(self, name: str) -> bool:
        incoming = self._incoming(name)
        return not self._is_decided(name) and all(self._is_decided(edge.parent) for edge in incoming)

    def _leave_out(self) -> None:
        """Decide which nodes will not run."""
        while True:
            found = {
                name
                for name in self._nodes
                if not self._is_decided(name) and self._incoming(name) and self._is_left(name)
            }
            if not found:
                return
            self._left |= found

    def _is_left(self, name: str) -> bool:
        incoming = self._incoming(name)
        parents = {edge.parent for edge in incoming}
        if self._nodes[name].get("all_parents_must_converge"):
            ended = parents & set(self.walked.jobs)
            led = {edge.parent for edge in incoming if self._is_taken(edge)}
            return bool(parents & self._left) or bool(ended - led)
        return all(map(self._is_decided, parents)) and not any(map(self._is_taken, incoming))

    def _run(self, name: str) -> Job:
        node = self._nodes[name]
        passed_on: dict[str, Any] = {}
        for edge in self._incoming(name):
            passed_on |= self._passed_on.get(edge.parent, {})
            if edge.parent in self.walked.jobs:
                passed_on |= self.walked.jobs[edge.parent].artifacts
        self._passed_on[name] = passed_on
        if node.get("approval_node"):
            return Job(name, SUCCESSFUL if self._decide(name) == APPROVE else FAILED)
        template = node["unified_job_template"]
        template = template["name"] if isinstance(template, Mapping) else template
        if self._controller.kind_of(template) == "workflows":
            raise LaunchError(f"{self.walked.name}: {name} is a workflow, which this model does not walk through")
        template = self._controller.find("templates", template)
        given = dict(node.get("extra_data") or {})
        accepted, ignored, errors = self._controller.accept(template, given, needed=False)
        if ignored or errors:
            raise LaunchError(f"{self.walked.name}: AWX refuses extra_data of {name}: {ignored} {errors} (awx#12763)")
        prompts = {prompt: node[prompt] for prompt in PROMPTS if node.get(prompt)}
        for prompt in prompts:
            if not template.get(PROMPTS[prompt]):
                raise LaunchError(f"{self.walked.name}: AWX refuses {prompt} of {name}: {PROMPTS[prompt]} is not set")
        # Neither statistics nor variables of the workflow are asked whether the template prompts for them.
        variables = {**accepted, **passed_on, **self._variables}
        variables.pop("_ansible_no_log", None)
        more = {"job_launch_type": "workflow", "workflow_job_id": 1, "workflow_job_name": self.walked.name}
        return self._controller.run(template, variables, prompts, more=more)
