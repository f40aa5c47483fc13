# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/awx.yml makes, repairs and removes the content of AWX, with the modules of awx.awx in a double of AWX."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from content import CONTENT, load, named, nodes_of
from double import Double, running

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
COLLECTIONS = ROOT / "build" / "collections"
SECRETS = {
    "PASSWORD": "Sentinel-First-1",
    "SECOND_PASSWORD": "Sentinel-Second-2",
    "VAULT_PASSWORD": "Sentinel-Vault-3",
    "GIT_TOKEN": "Sentinel-Token-4",
}
LOOKED_UP = {
    "ENDPOINT": "tpops-a.example.com",
    "USERNAME": "automation",
    "CA": "-----BEGIN CERTIFICATE-----",
    "SECOND_ENDPOINT": "tpops-b.example.com",
    "SECOND_USERNAME": "automation",
    **SECRETS,
}
LONG = pytest.mark.long
RECAP = re.compile(r"^localhost\s+: ok=\d+\s+changed=(\d+)\s.*failed=(\d+)", re.MULTILINE)


class Run(NamedTuple):
    status: int
    changed: int
    output: str

    @property
    def changes(self) -> list[str]:
        """The tasks that have changed something, each with the label of its item."""
        found, task = [], ""
        for line in self.output.splitlines():
            task = line if line.startswith("TASK [") else task
            if line.startswith("changed: "):
                found.append(f"{task} {line}")
        return found


class Awx:
    """A double, and runs of the playbook for one folder of content."""

    def __init__(self, double: Double, folder: Path) -> None:
        self.double, self.folder, self.environment_name = double, folder, "prod"
        self.environment = {**os.environ, **double.environment, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)}
        self.environment |= {f"GAUSSDB_AWX_{name}": value for name, value in LOOKED_UP.items()}
        self.environment |= {"HOME": str(folder), "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_NOCOLOR": "1"}

    def play(self, *arguments: str, status: int = 0, **environment: str) -> Run:
        self.double.requests.clear()
        given = ["-e", f"gaussdb_awx_content={self.folder}", "-e", f"gaussdb_awx_environment={self.environment_name}"]
        done = subprocess.run(
            [str(PLAYBOOK), "gaussdb.tpops.awx", *given, *arguments],
            env={**self.environment, **environment},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        recap = RECAP.search(done.stdout)
        run = Run(done.returncode, int(recap[1]) if recap else 0, done.stdout)
        assert run.status == status, run.output[-6000:]
        for secret in SECRETS.values():
            assert secret not in run.output
        return run

    def state(self) -> dict[str, Any]:
        """Return everything that AWX has."""
        objects = {kind: list(entries.values()) for kind, entries in self.double.objects.items()}
        members = {" ".join(map(str, owner)): sorted(each) for owner, each in self.double.lists.items() if each}
        return copy.deepcopy({"objects": objects, "members": members, "surveys": list(self.double.surveys.values())})


@pytest.fixture
def awx(tmp_path: Path) -> Iterator[Awx]:
    shutil.copytree(CONTENT, tmp_path / "content", ignore=shutil.ignore_patterns("project"))
    with running(Double()) as double:
        yield Awx(double, tmp_path / "content")


@pytest.fixture
def few(awx: Awx) -> Awx:
    """As much of the content as every kind needs: a module takes half a second of processor time."""
    content = load("prod")
    templates, workflows = named(content["templates"]), named(content["workflows"])
    chosen = [templates["GaussDB plan"]]
    workflow = workflows["GaussDB site change"]
    nodes = [nodes_of(workflow)[identifier] for identifier in ("plan", "approve")]
    nodes[-1].pop("success_nodes")
    nodes[0]["extra_data"] = {"gaussdb_resend": "true"}
    for template in chosen:
        template["credentials"] = ["GaussDB platforms"]
    lists = {
        "credentials": [each for each in content["credentials"] if each["name"] != "GaussDB vault"],
        "inventories": content["inventories"][:1],
        "inventory_sources": content["inventory_sources"][:1],
        "templates": chosen,
        "workflows": [{**workflow, "simplified_workflow_nodes": nodes}],
        "schedules": [{**content["schedules"][0], "unified_job_template": "GaussDB plan"}],
        "teams": content["teams"][1:2],
        "roles": [{**content["roles"][1], "workflows": ["GaussDB site change"]}],
    }
    for entry in lists["credentials"]:
        # A run looks them up, and here nothing is set.
        entry["inputs"] = (
            {"token": "Sentinel-Token-4"} if "token" in entry["inputs"] else dict.fromkeys(entry["inputs"], "x")
        )
    data = {f"controller_{kind}": entries for kind, entries in lists.items()}
    # JSON is YAML.
    (awx.folder / "prod" / "zz_few.yml").write_text(json.dumps(data), encoding="utf-8")
    return awx


# What somebody changes behind the back of the data, one field of each kind.
DRIFTS: dict[str, Callable[[Double], None]] = {
    "credential type": lambda awx: _type(awx)["injectors"]["env"].pop("GAUSSDB_TPOPS_SITE"),
    "credential": lambda awx: awx.named("credentials", "GaussDB platforms")["inputs"].update(endpoint="elsewhere"),
    "environment": lambda awx: awx.named("execution_environments", "GaussDB").update(image="example.com/other"),
    "notification": lambda awx: awx.named("notification_templates", "GaussDB")["notification_configuration"].update(
        url="x"
    ),
    "project": lambda awx: awx.named("projects", "GaussDB").update(scm_branch="old"),
    "inventory": lambda awx: awx.named("inventories", "GaussDB platforms").update(description="changed"),
    "source": lambda awx: awx.named("inventory_sources", "GaussDB platforms").update(overwrite=False),
    "template": lambda awx: awx.named("job_templates", "GaussDB plan").update(allow_simultaneous=False),
    "survey": lambda awx: awx.surveys["job_templates", awx.named("job_templates", "GaussDB plan")["id"]]["spec"].pop(),
    "credentials of a template": lambda awx: _list(awx, "job_templates", "GaussDB plan", "credentials").clear(),
    "workflow": lambda awx: awx.named("workflow_job_templates", "GaussDB site change").update(allow_simultaneous=True),
    "node": lambda awx: awx.named("workflow_job_template_nodes", "plan").update(extra_data={"gaussdb_resend": "false"}),
    "edge": lambda awx: _list(awx, "workflow_job_template_nodes", "approve", "failure_nodes").append(
        awx.named("workflow_job_template_nodes", "plan")["id"]
    ),
    "approval": lambda awx: awx.named("workflow_approval_templates", "Approve the plan").update(timeout=1),
    "schedule": lambda awx: awx.named("schedules", "GaussDB drift, every night").update(enabled=False),
    "team": lambda awx: awx.named("teams", "GaussDB approvers").update(description="changed"),
    "role": lambda awx: awx.lists[_role(awx)].clear(),
}


def _type(awx: Double) -> dict[str, Any]:
    return awx.named("credential_types", "Two GaussDB platforms (TPOPS)")


def _notification(awx: Double) -> dict[str, Any]:
    return awx.named("notification_templates", "GaussDB")


def _list(awx: Double, kind: str, name: str, members: str) -> list[int]:
    return awx.lists.setdefault((kind, awx.named(kind, name)["id"], members), [])


def _role(awx: Double) -> tuple[str, int, str]:
    (key,) = (key for key in awx.lists if key[0] == "roles")
    return key


def test_content_is_made_once_and_removed(few: Awx) -> None:
    before = few.state()
    few.play()
    made = few.state()
    again = few.play()
    assert again.changed == 0 and few.state() == made
    few.play("-e", "gaussdb_awx_state=absent")
    assert few.state()["objects"] == {**before["objects"], "roles": made["objects"]["roles"]}
    assert few.double.refused == []


@LONG
def test_one_field_of_each_kind_is_repaired(few: Awx) -> None:
    few.play()
    made = few.state()
    for drift in DRIFTS.values():
        drifted = few.state()
        drift(few.double)
        assert few.state() != drifted
    # A node that was drawn by hand, past the approval.
    few.double.create(
        "workflow_job_template_nodes",
        {
            "identifier": "bypass",
            "workflow_job_template": few.double.named("workflow_job_templates", "GaussDB site change")["id"],
            "unified_job_template": few.double.named("job_templates", "GaussDB plan")["id"],
        },
    )
    few.play()
    assert few.state() == made
    assert few.play().changed == 0


@LONG
def test_check_mode_writes_nothing(few: Awx) -> None:
    fresh = few.play("--check")
    assert few.double.writes == [] and fresh.changed
    assert "GaussDB plan: is made or compared once what it refers to exists" in fresh.output
    few.play()
    assert few.play("--check").changed == 0 and few.double.writes == []
    for drift in DRIFTS.values():
        drift(few.double)
    checked = few.play("--check")
    assert few.double.writes == []
    done = few.play()
    assert checked.changes == done.changes != []
    removed = few.play("--check", "-e", "gaussdb_awx_state=absent")
    assert removed.changed and few.double.writes == []
    few.play("-e", "gaussdb_awx_state=absent")
    again = few.play("-e", "gaussdb_awx_state=absent")
    assert again.changed == 0 and few.double.writes == []


@LONG
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_all_content_is_made_and_removed(awx: Awx, environment: str) -> None:
    awx.environment_name = environment
    before = awx.state()
    awx.play()
    assert awx.double.refused == []
    content = load(environment)
    double = awx.double
    assert {each["name"] for each in double.objects["job_templates"].values()} == set(named(content["templates"]))
    for workflow in content["workflows"]:
        number = double.named("workflow_job_templates", workflow["name"])["id"]
        nodes = {
            each["identifier"]: each["id"]
            for each in double.objects["workflow_job_template_nodes"].values()
            if each["workflow_job_template"] == number
        }
        assert set(nodes) == {node["identifier"] for node in workflow["simplified_workflow_nodes"]}
        for node in workflow["simplified_workflow_nodes"]:
            for kind in ("success_nodes", "failure_nodes", "always_nodes"):
                ends = double.lists.get(("workflow_job_template_nodes", nodes[node["identifier"]], kind), [])
                assert sorted(ends) == sorted(nodes[end] for end in node.get(kind, ()))
    again = awx.play()
    assert again.changed == 0, again.output[-3000:]
    awx.play("-e", "gaussdb_awx_state=absent")
    assert {kind: len(entries) for kind, entries in awx.state()["objects"].items() if kind != "roles"} == {
        kind: len(entries) for kind, entries in before["objects"].items() if kind != "roles"
    }


@LONG
def test_a_credential_type_that_others_use_is_kept(few: Awx) -> None:
    few.play()
    inputs = {"organization": few.double.named("organizations", "Default")["id"], "inputs": {}}
    few.double.create("credentials", {"name": "theirs", "credential_type": _type(few.double)["id"], **inputs})
    removed = few.play("-e", "gaussdb_awx_state=absent")
    assert "Two GaussDB platforms (TPOPS) is kept" in removed.output
    assert _type(few.double)["name"] and few.double.named("credentials", "theirs")


@LONG
def test_a_secret_is_only_sent_again_when_it_is_asked_for(awx: Awx) -> None:
    awx.play()
    awx.play("-e", "gaussdb_awx_update_secrets=true")
    assert any(request.startswith("PATCH credentials/") for request in awx.double.writes)
    inputs = awx.double.named("credentials", "GaussDB platforms")["inputs"]
    assert inputs["password"] == LOOKED_UP["PASSWORD"]


@pytest.mark.parametrize(
    ("arguments", "environment", "text"),
    [
        pytest.param(["-e", "gaussdb_awx_content="], {}, "gaussdb_awx_content: name the folder", marks=LONG),
        pytest.param(["-e", "gaussdb_awx_environment="], {}, "gaussdb_awx_environment: name the", marks=LONG),
        pytest.param(["-e", "gaussdb_awx_state=gone"], {}, "gaussdb_awx_state: present or", marks=LONG),
        pytest.param([], {"CONTROLLER_HOST": ""}, "CONTROLLER_HOST: set this variable", marks=LONG),
        ([], {"GAUSSDB_AWX_PASSWORD": ""}, "GaussDB platforms: the inputs password are empty"),
        pytest.param([], {"CONTROLLER_PASSWORD": "wrong"}, "AWX cannot be read: ", marks=LONG),
    ],
)
def test_what_is_missing_is_said_before_anything_is_written(
    awx: Awx, arguments: list[str], environment: dict[str, str], text: str
) -> None:
    refused = awx.play(*arguments, status=2, **environment)
    assert text in refused.output, refused.output[-4000:]
    assert awx.double.writes == []


@pytest.mark.skipif(not (ROOT / ".venv-dev" / "bin" / "ansible-playbook").exists(), reason="needs .venv-dev")
def test_without_the_collection_the_run_names_it(awx: Awx, monkeypatch: pytest.MonkeyPatch) -> None:
    """.venv-dev has no awx.awx."""
    monkeypatch.setattr(sys.modules[__name__], "PLAYBOOK", ROOT / ".venv-dev" / "bin" / "ansible-playbook")
    refused = awx.play(status=2)
    assert "The collection awx.awx is not installed" in refused.output
    assert awx.double.requests == []
