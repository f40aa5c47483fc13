# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: awx_calls
short_description: Return the calls of modules of awx.awx that make or remove the content of AWX
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Takes the content of AWX in the form that C(infra.aap_configuration) loads, and what exists. The playbook
    C(gaussdb.tpops.awx) makes the calls.
  - To remove the content, only what exists is removed. A credential type that other credentials use is kept.
positional: _input, existing, state, check_mode
options:
  _input:
    description: The lists of the content by their names without C(controller_), such as C(templates) and C(workflows).
    type: dict
    required: true
  existing:
    description: What AWX has, a list for each endpoint of its API, such as C(job_templates).
    type: dict
    required: true
  state:
    description: Whether to make or to remove the content.
    type: str
    choices: [present, absent]
    default: present
  check_mode:
    description:
      - Whether nothing is written. The modules of awx.awx fail if something that they refer to does not exist, so what
        refers to an object that is yet to be made is not compared.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Decide on the calls
  ansible.builtin.set_fact:
    calls: "{{ {'projects': controller_projects} | gaussdb.tpops.awx_calls({'projects': []}) }}"
"""

RETURN = r"""
_value:
  description:
    - A list of calls for each module, each with C(args) and a C(label). C(links) are those of nodes that connect them,
      C(stale) those that remove nodes which are not described.
    - C(later) has the labels of what was not compared, and C(kept) those of what is not removed.
  type: dict
  sample: {project: [{label: GaussDB, args: {name: GaussDB, state: present}}], later: [], kept: []}
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# The lists of the content in the order in which AWX needs their objects: the module and the endpoint of each.
KINDS = {
    "credential_types": ("credential_type", "credential_types"),
    "execution_environments": ("execution_environment", "execution_environments"),
    "notifications": ("notification_template", "notification_templates"),
    "credentials": ("credential", "credentials"),
    "projects": ("project", "projects"),
    "inventories": ("inventory", "inventories"),
    "inventory_sources": ("inventory_source", "inventory_sources"),
    "templates": ("job_template", "job_templates"),
    "workflows": ("workflow_job_template", "workflow_job_templates"),
    "schedules": ("schedule", "schedules"),
    "teams": ("team", "teams"),
}
NODE = "workflow_job_template_node"
NODES = "workflow_job_template_nodes"
# The options that name other objects, and the endpoints that have these.
REFERENCES = {
    "credential": ("credentials",),
    "credential_type": ("credential_types",),
    "credentials": ("credentials",),
    "default_environment": ("execution_environments",),
    "execution_environment": ("execution_environments",),
    "inventory": ("inventories",),
    "job_templates": ("job_templates",),
    "notification_templates_approvals": ("notification_templates",),
    "notification_templates_error": ("notification_templates",),
    "notification_templates_started": ("notification_templates",),
    "notification_templates_success": ("notification_templates",),
    "project": ("projects",),
    "source_project": ("projects",),
    "team": ("teams",),
    "unified_job_template": ("job_templates", "workflow_job_templates"),
    "webhook_credential": ("credentials",),
    "workflow_job_template": ("workflow_job_templates",),
    "workflows": ("workflow_job_templates",),
}
EDGES = ("success_nodes", "failure_nodes", "always_nodes")

Call = dict[str, Any]


def awx_calls(
    content: Mapping[str, Sequence[Mapping[str, Any]]],
    existing: Mapping[str, Sequence[Mapping[str, Any]]],
    state: str = "present",
    check_mode: bool = False,
) -> dict[str, list[Any]]:
    if state == "absent":
        return _removals(content, existing)
    calls: dict[str, list[Any]] = {"later": [], "kept": []}
    for module, call in _wanted(content, existing):
        calls.setdefault(module, [])
        if check_mode and not _is_ready(call["args"], existing):
            calls["later"].append(call["label"])
        else:
            calls[module].append(call)
    return calls


def _wanted(
    content: Mapping[str, Sequence[Mapping[str, Any]]], existing: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Iterator[tuple[str, Call]]:
    """Yield all calls that make the content, each with its module, or the group of calls of nodes."""
    for kind, (module, _endpoint) in KINDS.items():
        for entry in content.get(kind, ()):
            args = {name: value for name, value in entry.items() if name != "simplified_workflow_nodes"}
            yield module, _call(entry["name"], {"state": "present", **args})
    for workflow in content.get("workflows", ()):
        nodes = workflow.get("simplified_workflow_nodes") or ()
        known = {str(node["identifier"]) for node in nodes}
        for node in existing.get(NODES, ()):
            if _workflow_of(node) == workflow["name"] and str(node["identifier"]) not in known:
                yield "stale", _node_call(workflow, node["identifier"], {"state": "absent"})
        for node in nodes:
            args = {name: value for name, value in node.items() if name not in EDGES}
            if "unified_job_template" in args:
                args["lookup_organization"] = workflow.get("organization")
            yield NODE, _node_call(workflow, node["identifier"], args)
        for node in nodes:
            # Also without edges, so that one that is not described is removed.
            edges = {kind: list(node.get(kind) or ()) for kind in EDGES}
            yield "links", _node_call(workflow, node["identifier"], edges)
    for entry in content.get("roles", ()):
        yield "role", _call(f"{entry.get('team', '')}: {entry.get('role', '')}", {"state": "present", **entry})


def _removals(
    content: Mapping[str, Sequence[Mapping[str, Any]]], existing: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, list[Any]]:
    """Return the calls that remove what exists. Nodes and roles end with the objects that they are about."""
    calls: dict[str, list[Any]] = {"later": [], "kept": []}
    used = _types_in_use(content, existing)
    for kind, (module, endpoint) in KINDS.items():
        calls[module] = []
        names = {str(each["name"]) for each in existing.get(endpoint, ())}
        for entry in content.get(kind, ()):
            if kind == "credential_types" and entry["name"] in used:
                calls["kept"].append(entry["name"])
            elif entry["name"] in names:
                args = {name: value for name, value in entry.items() if name != "simplified_workflow_nodes"}
                calls[module].append(_call(entry["name"], {**args, "state": "absent"}))
    return calls


def _types_in_use(
    content: Mapping[str, Sequence[Mapping[str, Any]]], existing: Mapping[str, Sequence[Mapping[str, Any]]]
) -> set[str]:
    """Return the names of the types of the credentials that are not ours."""
    own = {entry["name"] for entry in content.get("credentials", ())}
    others = [each for each in existing.get("credentials", ()) if each["name"] not in own]
    return {str(each.get("summary_fields", {}).get("credential_type", {}).get("name", "")) for each in others}


def _is_ready(args: Mapping[str, Any], existing: Mapping[str, Sequence[Mapping[str, Any]]]) -> bool:
    """Whether everything exists that a call refers to."""
    for option, endpoints in REFERENCES.items():
        value = args.get(option) or ()
        known = {str(each["name"]) for endpoint in endpoints for each in existing.get(endpoint, ())}
        if not set([value] if isinstance(value, str) else value) <= known:
            return False
    ends = {end for kind in EDGES for end in args.get(kind, ())}
    workflow = args.get("workflow_job_template")
    return ends <= {str(node["identifier"]) for node in existing.get(NODES, ()) if _workflow_of(node) == workflow}


def _workflow_of(node: Mapping[str, Any]) -> str:
    return str(node["summary_fields"]["workflow_job_template"]["name"])


def _node_call(workflow: Mapping[str, Any], identifier: str, args: Mapping[str, Any]) -> Call:
    where = {"workflow_job_template": workflow["name"], "organization": workflow.get("organization")}
    return _call(f"{workflow['name']}: {identifier}", {"state": "present", **args, **where, "identifier": identifier})


def _call(label: str, args: Mapping[str, Any]) -> Call:
    return {"label": label, "args": dict(args)}


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"awx_calls": awx_calls}
