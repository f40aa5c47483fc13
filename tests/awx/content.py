# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The content of examples/awx for one environment, with all expressions filled in, as playbooks/awx.yml has it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml

CONTENT = Path(__file__).resolve().parents[2] / "examples" / "awx"
PROJECT = CONTENT / "project"
# The lists controller_… of the data, in the order in which AWX needs their objects.
KINDS = (
    "credential_types",
    "execution_environments",
    "notifications",
    "credentials",
    "projects",
    "inventories",
    "inventory_sources",
    "templates",
    "workflows",
    "schedules",
    "teams",
    "roles",
)
EDGES = ("success_nodes", "failure_nodes", "always_nodes")
# A value that is one expression keeps its type.
_WHOLE = re.compile(r"\{\{((?:(?!\}\}).)*)\}\}", re.DOTALL)


class Unsafe(str):
    """A text that is not for Ansible, such as an injector, in which AWX fills in the inputs of a credential."""


class _Loader(yaml.SafeLoader):
    pass


_Loader.add_constructor("!unsafe", lambda loader, node: Unsafe(loader.construct_scalar(node)))


def load(environment: str = "prod", **values: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the objects of each kind in ``KINDS``. ``values`` replace those of the environment."""
    variables = read(environment) | values
    render = _renderer(variables)
    return {kind: render(variables.get(f"controller_{kind}") or []) for kind in KINDS}


def read(environment: str = "prod") -> dict[str, Any]:
    """Return the data as it is written."""
    variables: dict[str, Any] = {}
    for folder in ("all", environment):
        for path in sorted((CONTENT / folder).glob("*.yml")):
            variables |= yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    return variables


def _renderer(variables: Mapping[str, Any]) -> Any:
    jinja = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    jinja.globals["lookup"] = _lookup

    def render(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: render(each) for key, each in value.items()}
        if isinstance(value, list):
            return [render(each) for each in value]
        if isinstance(value, str) and not isinstance(value, Unsafe) and "{{" in value:
            if whole := _WHOLE.fullmatch(value):
                return render(jinja.compile_expression(whole[1], undefined_to_none=False)(**variables))
            # What a variable contains may be an expression, too.
            filled = {name: render(each) if isinstance(each, str) else each for name, each in variables.items()}
            return jinja.from_string(value).render(filled)
        return value

    return render


def _lookup(name: str, variable: str) -> str:
    assert name == "ansible.builtin.env", name
    return os.environ.get(variable, "")


def named(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in entries}


def nodes_of(workflow: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["identifier"]: node for node in workflow["simplified_workflow_nodes"]}


def edges_of(workflow: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each edge: its beginning, ``success``, ``failure`` or ``always``, and its end."""
    for node in workflow["simplified_workflow_nodes"]:
        for kind in EDGES:
            for end in node.get(kind) or ():
                yield node["identifier"], kind.removesuffix("_nodes"), end


def variables_of(survey: Mapping[str, Any] | None) -> list[str]:
    return [question["variable"] for question in (survey or {}).get("spec", ())]
