# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What holds for the content of examples/awx as data, without AWX."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from content import CONTENT, KINDS, PROJECT, edges_of, load, named, nodes_of, read, variables_of

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ("dev", "prod")
# It makes the job templates.
WITHOUT_TEMPLATE = {"awx"}
# What changes nothing on a platform. An inspection of health is a report, too.
READING = {"validate", "plan", "drift", "export", "health", "dr_status", "evidence_page", "event_ticket"}
# What must not be reached in a workflow without an approval.
DANGEROUS = {"site", "dr_drill", "dr_failover", "upgrade", "restore", "decommission"}
# The first run of these only judges the gates.
HARMLESS = {("upgrade", "precheck")}


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def content(request: pytest.FixtureRequest) -> dict[str, list[dict[str, Any]]]:
    return load(request.param)


def playbook_of(template: Mapping[str, Any]) -> str:
    return Path(template["playbook"]).stem


def test_each_list_is_in_the_file_of_its_name() -> None:
    for path in (CONTENT / "all").glob("controller_*.yml"):
        keys = [key for key in yaml.load(path.read_text("utf-8"), Loader=_Any) if not key.startswith("gaussdb_awx_")]
        assert keys == [path.stem]
        assert path.stem.removeprefix("controller_") in KINDS
    for environment in ENVIRONMENTS:
        files = list((CONTENT / environment).iterdir())
        assert [path.name for path in files] == ["values.yml"]
    assert len({frozenset(yaml.safe_load((CONTENT / each / "values.yml").read_text())) for each in ENVIRONMENTS}) == 1


class _Any(yaml.SafeLoader):
    pass


_Any.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def test_names_begin_with_that_of_the_environment_and_are_unique(content: dict[str, list[dict[str, Any]]]) -> None:
    (environment,) = (entry["name"] for entry in content["projects"])
    for kind in KINDS:
        names = [entry["name"] for entry in content[kind] if "name" in entry]
        assert len(set(names)) == len(names)
        if kind != "credential_types":
            assert all(name.startswith(environment) for name in names)
    # A node finds its template by name alone.
    assert not named(content["templates"]).keys() & named(content["workflows"]).keys()


def test_each_playbook_has_a_template_and_the_project_has_the_playbook(
    content: dict[str, list[dict[str, Any]]],
) -> None:
    playbooks = sorted({path.stem for path in (ROOT / "playbooks").glob("*.yml")} - WITHOUT_TEMPLATE)
    assert sorted(map(playbook_of, content["templates"])) == playbooks
    assert all((PROJECT / template["playbook"]).is_file() for template in content["templates"])


def test_only_what_reads_runs_twice_at_the_same_time(content: dict[str, list[dict[str, Any]]]) -> None:
    for template in content["templates"]:
        reads = playbook_of(template) in READING
        assert template["allow_simultaneous"] is reads, template["name"]
        assert template.get("ask_job_type_on_launch", False) is not reads
        # Slices of one job run at the same time, whatever allow_simultaneous says.
        assert reads or template.get("job_slice_count", 1) == 1
    assert all(workflow["allow_simultaneous"] is False for workflow in content["workflows"])


def test_no_survey_asks_for_a_secret_or_for_the_connection(content: dict[str, list[dict[str, Any]]]) -> None:
    for entry in [*content["templates"], *content["workflows"]]:
        assert bool(variables_of(entry.get("survey_spec"))) == entry["survey_enabled"]
        for question in (entry.get("survey_spec") or {}).get("spec", ()):
            assert question["type"] != "password" and not question["variable"].startswith("tpops_")
            if question["type"] == "multiplechoice":
                # An empty answer is no choice.
                assert question["default"] in question["choices"]
        # Whoever may add variables could change the platform, or waive anything.
        if entry.get("ask_variables_on_launch"):
            assert entry["name"].endswith(("event ticket", "site lost"))


def specs_of(playbook: str) -> set[str]:
    """Return the options that the role of a playbook and the role procedure have."""
    source = yaml.safe_load((ROOT / "tools" / "awx_surveys.yml").read_text(encoding="utf-8"))
    role = source["playbooks"][playbook].get("role")
    names: set[str] = set()
    for each in ("procedure", role) if role else ():
        specs = yaml.safe_load((ROOT / "roles" / each / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
        for entry in specs["argument_specs"].values():
            names |= set(entry.get("options") or {})
    return names


def words_of(playbook: str) -> str:
    """Return the text of a playbook and of what it imports."""
    paths = [ROOT / "playbooks" / f"{playbook}.yml", *(ROOT / "playbooks" / "includes").glob("*.yml")]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def test_a_survey_asks_for_options_of_its_role_or_its_playbook(content: dict[str, list[dict[str, Any]]]) -> None:
    for template in content["templates"]:
        if template["survey_enabled"]:
            known, text = specs_of(playbook_of(template)), words_of(playbook_of(template))
            for variable in variables_of(template["survey_spec"]):
                assert variable in known or variable in text, f"{template['name']}: {variable}"


def test_both_languages_ask_the_same() -> None:
    surveys = read()["gaussdb_awx_surveys"]
    english, chinese = surveys["en"], surveys["zh"]
    assert list(english) == list(chinese)
    for name, survey in english.items():
        same = [{k: v for k, v in each.items() if not k.startswith("question_")} for each in survey["spec"]]
        assert same == [
            {k: v for k, v in each.items() if not k.startswith("question_")} for each in chinese[name]["spec"]
        ]
        assert all(each["question_name"].isascii() is False for each in chinese[name]["spec"])


def test_each_node_names_a_template_and_each_edge_leads_somewhere(content: dict[str, list[dict[str, Any]]]) -> None:
    templates = named(content["templates"])
    for workflow in content["workflows"]:
        nodes = nodes_of(workflow)
        assert len(nodes) == len(workflow["simplified_workflow_nodes"])
        for node in nodes.values():
            if "approval_node" in node:
                assert set(node["approval_node"]) == {"name", "description", "timeout"}
                continue
            assert node["unified_job_template"] in templates
        ends = [end for _begin, _kind, end in edges_of(workflow)]
        assert set(ends) <= set(nodes)
        # One begin, from which everything is reached.
        assert len(set(nodes) - set(ends)) == 1


def test_a_node_only_sets_what_its_template_accepts(content: dict[str, list[dict[str, Any]]]) -> None:
    templates = named(content["templates"])
    for workflow in content["workflows"]:
        answers = variables_of(workflow.get("survey_spec"))
        for node in nodes_of(workflow).values():
            if "approval_node" in node:
                continue
            template = templates[node["unified_job_template"]]
            asked = {each["variable"]: each for each in template["survey_spec"]["spec"]}
            for variable, value in node.get("extra_data", {}).items():
                assert value in asked[variable]["choices"]
                # The answers of the workflow's survey are stronger.
                assert variable not in answers
            assert "job_type" not in node or template["ask_job_type_on_launch"]
            required = {variable for variable, each in asked.items() if each["required"]}
            assert required <= {*answers, *node.get("extra_data", {})}, (workflow["name"], node["identifier"])
        # Each answer is of use to a node.
        used = {
            variable
            for node in nodes_of(workflow).values()
            if "unified_job_template" in node
            for variable in variables_of(templates[node["unified_job_template"]]["survey_spec"])
        }
        assert set(answers) <= used


def paths_to(nodes: Mapping[str, Any], end: str, edges: list[tuple[str, str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Yield each way to a node, as the nodes before it with the kind of the edge that leaves them."""
    before = [(begin, kind) for begin, kind, target in edges if target == end]
    if not before:
        yield []
    for begin, kind in before:
        for path in paths_to(nodes, begin, edges):
            yield [*path, (begin, kind)]


def test_no_way_leads_to_a_dangerous_step_without_an_approval(content: dict[str, list[dict[str, Any]]]) -> None:
    templates = named(content["templates"])
    guarded = set()
    for workflow in content["workflows"]:
        nodes, edges = nodes_of(workflow), list(edges_of(workflow))
        for identifier, node in nodes.items():
            if "approval_node" in node or node.get("job_type") == "check":
                continue
            playbook = playbook_of(templates[node["unified_job_template"]])
            if playbook not in DANGEROUS or (playbook, node.get("extra_data", {}).get("gaussdb_until")) in HARMLESS:
                continue
            guarded.add(playbook)
            for path in paths_to(nodes, identifier, edges):
                approved = [begin for begin, kind in path if "approval_node" in nodes[begin] and kind == "success"]
                assert approved, (workflow["name"], identifier, path)
    assert guarded == DANGEROUS


def test_what_is_denied_leads_nowhere_but_back(content: dict[str, list[dict[str, Any]]]) -> None:
    """A timeout counts as denied, so what follows it must not need anybody."""
    for workflow in content["workflows"]:
        nodes = nodes_of(workflow)
        for begin, kind, end in edges_of(workflow):
            if "approval_node" in nodes[begin] and kind != "success":
                assert nodes[end]["unified_job_template"].endswith("upgrade rollback")


def test_roles_schedules_and_sources_name_what_exists(content: dict[str, list[dict[str, Any]]]) -> None:
    names = {kind: set(named(content[kind])) for kind in KINDS if kind != "roles"}
    jobs = names["templates"] | names["workflows"]
    for entry in content["roles"]:
        assert entry["team"] in names["teams"]
        assert set(entry.get("job_templates", ())) <= names["templates"]
        assert set(entry.get("workflows", ())) <= names["workflows"]
    for entry in content["schedules"]:
        assert entry["unified_job_template"] in jobs
    for entry in content["inventory_sources"]:
        assert entry["inventory"] in names["inventories"] and entry["source_project"] in names["projects"]
        assert (PROJECT / entry["source_path"]).is_file()
    for entry in content["templates"]:
        assert set(entry["credentials"]) <= names["credentials"] and entry["inventory"] in names["inventories"]
    # Everybody who may start a workflow only starts what reads, or what asks an approver.
    (operators,) = (entry for entry in content["roles"] if entry["team"].endswith("operators"))
    assert {playbook_of(named(content["templates"])[name]) for name in operators["job_templates"]} <= READING
    (approvers,) = (entry for entry in content["roles"] if entry["role"] == "approval")
    assert set(approvers["workflows"]) == names["workflows"] == set(operators["workflows"])


def test_credentials_have_the_inputs_of_their_type(content: dict[str, list[dict[str, Any]]]) -> None:
    types = named(content["credential_types"])
    own = [entry for entry in content["credentials"] if entry["credential_type"] in types]
    assert len(own) == 1
    fields = types[own[0]["credential_type"]]["inputs"]
    assert set(own[0]["inputs"]) == {field["id"] for field in fields["fields"]} == set(fields["required"])
    for entry in types.values():
        used = str(entry["injectors"])
        assert all(f"{{{{ {field['id']} }}}}" in used for field in entry["inputs"]["fields"])
        assert [field["id"] for field in entry["inputs"]["fields"] if field.get("secret")] == [
            field["id"] for field in entry["inputs"]["fields"] if "password" in field["id"]
        ]


def test_no_value_of_a_secret_is_in_the_data() -> None:
    for path in CONTENT.rglob("*.yml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            key, _colon, value = line.strip().partition(": ")
            if key.endswith(("password", "token")) and "gaussdb_awx" not in key:
                assert value in ("", '""') or "{{" in value or value.startswith("!vault"), f"{path}: {line}"
