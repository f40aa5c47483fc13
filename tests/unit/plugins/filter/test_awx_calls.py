# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.filter.awx_calls import awx_calls

NODES = [
    {"identifier": "plan", "unified_job_template": "plan", "success_nodes": ["approve"]},
    {"identifier": "approve", "approval_node": {"name": "Approve", "timeout": 60}},
]
CONTENT: dict[str, list[dict[str, Any]]] = {
    "credential_types": [{"name": "platform"}],
    "credentials": [{"name": "login", "credential_type": "platform", "organization": "o"}],
    "projects": [{"name": "project", "organization": "o"}],
    "templates": [{"name": "plan", "project": "project", "credentials": ["login"], "organization": "o"}],
    "workflows": [{"name": "change", "organization": "o", "simplified_workflow_nodes": NODES}],
    "roles": [{"team": "dba", "role": "execute", "workflows": ["change"]}],
}


def node(identifier: str, workflow: str = "change") -> dict[str, Any]:
    return {"identifier": identifier, "summary_fields": {"workflow_job_template": {"name": workflow}}}


def credential(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "summary_fields": {"credential_type": {"name": kind}}}


EVERYTHING: dict[str, list[dict[str, Any]]] = {
    "credential_types": [{"name": "platform"}, {"name": "Vault"}],
    "credentials": [credential("login", "platform"), credential("theirs", "Vault")],
    "projects": [{"name": "project"}, {"name": "other"}],
    "job_templates": [{"name": "plan"}],
    "workflow_job_templates": [{"name": "change"}],
    "workflow_job_template_nodes": [node("plan"), node("approve")],
    "teams": [{"name": "dba"}],
}


def labels(calls: dict[str, list[Any]], module: str) -> list[str]:
    return [call["label"] for call in calls[module]]


def test_each_object_has_a_call_with_its_own_data() -> None:
    calls = awx_calls(CONTENT, {})
    assert calls["project"] == [
        {"label": "project", "args": {"state": "present", "name": "project", "organization": "o"}}
    ]
    assert "simplified_workflow_nodes" not in calls["workflow_job_template"][0]["args"]
    assert calls["later"] == calls["kept"] == [] and labels(calls, "role") == ["dba: execute"]


def test_nodes_are_made_before_they_are_connected_and_others_are_removed() -> None:
    calls = awx_calls(
        CONTENT, {"workflow_job_template_nodes": [node("plan"), node("bypass"), node("bypass", "theirs")]}
    )
    where = {"state": "present", "workflow_job_template": "change", "organization": "o"}
    made = [call["args"] for call in calls["workflow_job_template_node"]]
    assert made == [
        {**where, "identifier": "plan", "unified_job_template": "plan", "lookup_organization": "o"},
        {**where, "identifier": "approve", "approval_node": {"name": "Approve", "timeout": 60}},
    ]
    edges = {"success_nodes": [], "failure_nodes": [], "always_nodes": []}
    assert [call["args"] for call in calls["links"]] == [
        {**where, **edges, "identifier": "plan", "success_nodes": ["approve"]},
        {**where, **edges, "identifier": "approve"},
    ]
    assert [call["args"] for call in calls["stale"]] == [{**where, "state": "absent", "identifier": "bypass"}]


def test_check_mode_leaves_out_what_refers_to_what_does_not_exist() -> None:
    fresh = awx_calls(CONTENT, {"credential_types": [{"name": "Vault"}]}, check_mode=True)
    assert labels(fresh, "credential_type") == ["platform"] and labels(fresh, "project") == ["project"]
    assert labels(fresh, "workflow_job_template") == ["change"]
    assert fresh["later"] == [
        "login",
        "plan",
        "change: plan",
        "change: approve",
        "change: plan",
        "change: approve",
        "dba: execute",
    ]
    complete = awx_calls(CONTENT, EVERYTHING, check_mode=True)
    assert complete["later"] == [] and labels(complete, "links") == ["change: plan", "change: approve"]
    partial = {**EVERYTHING, "workflow_job_template_nodes": [node("plan")]}
    assert awx_calls(CONTENT, partial, check_mode=True)["later"] == ["change: plan"]


def test_only_what_exists_is_removed() -> None:
    calls = awx_calls(CONTENT, EVERYTHING, "absent")
    removed = {module: labels(calls, module) for module in calls if module not in ("later", "kept") and calls[module]}
    assert removed == {
        "credential_type": ["platform"],
        "credential": ["login"],
        "project": ["project"],
        "job_template": ["plan"],
        "workflow_job_template": ["change"],
    }
    assert calls["project"][0]["args"]["state"] == "absent"
    nothing = awx_calls(CONTENT, {}, "absent")
    assert not any(nothing.values())


def test_a_type_of_the_credentials_of_others_is_kept() -> None:
    used = {**EVERYTHING, "credentials": [credential("login", "platform"), credential("theirs", "platform")]}
    calls = awx_calls(CONTENT, used, "absent")
    assert calls["kept"] == ["platform"] and calls["credential_type"] == []
