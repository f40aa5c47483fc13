# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of this repository that no linter checks."""

from __future__ import annotations

import ast
import builtins
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from catalogue import MODULES, ROOT
from imports import imports_of

PLUGINS = ROOT / "plugins"
ENGINE = sorted((PLUGINS / "module_utils").rglob("*.py"))
# Only these may import Ansible: one runs modules, the other yields their argument specs. The layers below do not need
# it.
KNOW_ANSIBLE = {"runner.py", "options.py"}
# Only these may read this machine's date: for the offset of the platform's clock, the age of a cached token, and
# records and until when people accept a difference.
# A window is open by the clock of the controller: a role that has not asked the platform yet has no other.
KNOW_THE_DATE = {
    "client.py",
    "token_cache.py",
    "disaster_recovery.py",
    "survey.py",
    "by_role.py",
    "gaussdb_drift.py",
    "record.py",
}
# Only these may wait.
WAIT = {"client.py", "waiting.py", "source.py"}
# The layers of module_utils: each may import the ones before it. runner.py is above all of them.
ROOMS = ("util", "api", "http", "engine", "domain")


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def code_of(path: Path) -> str:
    """Return the code without docstrings, which may mention check mode."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [
        node
        for node in tree.body
        if not (
            isinstance(node, ast.Assign)
            and getattr(node.targets[0], "id", "") in ("DOCUMENTATION", "EXAMPLES", "RETURN")
        )
    ]
    return ast.unparse(tree)


def test_what_is_relative_goes_by_the_clock_of_the_platform() -> None:
    asks = re.compile(r"\btime\.time\b|\bdatetime\.(now|utcnow|today)\b|\bdate\.today\b")
    found = {path.name for path in PLUGINS.rglob("*.py") if asks.search(code_of(path))}
    assert found == KNOW_THE_DATE


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(PLUGINS))) for path in ENGINE])
def test_rooms_import_only_rooms_before_them(path: Path) -> None:
    wrong = [str(file.relative_to(PLUGINS)) for file in imports_of(path) if rank(file) > rank(path)]
    assert not wrong


def test_nothing_imports_itself_by_way_of_others() -> None:
    # It raises CycleError, which names the cycle.
    graphlib.TopologicalSorter({path: imports_of(path) for path in PLUGINS.rglob("*.py")}).prepare()


def test_module_utils_has_its_rooms_and_no_others() -> None:
    inside = {path.name for path in (PLUGINS / "module_utils").iterdir() if path.name != "__pycache__"}
    assert inside == {*ROOMS, "runner.py", "__init__.py"}


def rank(path: Path) -> int:
    """Return the layer of a file: in module_utils, above all its layers, or outside it, where modules are."""
    place = path.relative_to(PLUGINS).parts
    if place[0] != "module_utils":
        return len(ROOMS) + 1
    return ROOMS.index(place[1]) if place[1] in ROOMS else len(ROOMS)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_leaves_the_work_to_the_runner(module: str) -> None:
    words = re.findall(r"\b(check_mode|exit_json|fail_json|sleep)\b", code_of(PLUGINS / "modules" / f"{module}.py"))
    assert not words


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in ENGINE if path.name not in KNOW_ANSIBLE])
def test_what_lies_below_the_runner_does_not_know_ansible(path: Path) -> None:
    names = [name for name in imported(ast.parse(path.read_text(encoding="utf-8"))) if name.split(".")[0] == "ansible"]
    assert not names


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in ENGINE if path.name not in WAIT])
def test_only_the_client_and_the_poller_wait(path: Path) -> None:
    assert "time.sleep" not in ast.unparse(ast.parse(path.read_text(encoding="utf-8")))


def test_the_two_halves_share_no_code() -> None:
    for path in sorted(PLUGINS.rglob("*.py")):
        assert not [
            name for name in imported(ast.parse(path.read_text(encoding="utf-8"))) if name.startswith("tpops_simulator")
        ], path
    for path in sorted((ROOT / "simulator" / "src").rglob("*.py")):
        assert not [
            name for name in imported(ast.parse(path.read_text(encoding="utf-8"))) if name.startswith("ansible")
        ], path


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_an_integration_target_of_its_own(module: str) -> None:
    target = ROOT / "tests" / "integration" / "targets" / module
    use = re.compile(rf"gaussdb\.tpops\.{module}\b")
    assert (target / "aliases").is_file()
    assert any(use.search(path.read_text(encoding="utf-8")) for path in target.rglob("*.yml"))


def test_sanity_knows_no_exceptions() -> None:
    assert not list((ROOT / "tests" / "sanity").glob("ignore*"))


PAGES = sorted(
    path for folder in (".", "docs", "examples", "roles", "simulator") for path in (ROOT / folder).glob("*.md")
)
PAGES += sorted(path for folder in ("docs", "examples", "roles") for path in (ROOT / folder).glob("*/**/*.md"))


@pytest.mark.parametrize("page", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in PAGES])
def test_a_page_has_no_relative_link(page: Path) -> None:
    """Pages are read on hubs and in execution environments, where relative links do not work: tools/generate.py writes
    full ones."""
    text = page.read_text(encoding="utf-8")
    assert [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not link.startswith(("https://", "#"))] == []
    labels, defined = (
        set(re.findall(r"\]\[([\w./-]+)\]", text)),
        set(re.findall(r"^\[([^\]\s]+)\]: https://", text, re.MULTILINE)),
    )
    assert labels <= defined


def test_only_galaxy_yml_says_where_the_project_is_published() -> None:
    """Everywhere else the address is in what tools/generate.py writes, and `generate.py --check` finds what it did not
    write."""
    (base,) = re.findall(r"^repository: (\S+)$", (ROOT / "galaxy.yml").read_text(encoding="utf-8"), re.MULTILINE)
    folders = ("plugins", "roles", "playbooks", "tools", "simulator/src", "meta", "changelogs/fragments")
    paths = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".yml", ".md", ".j2", ".sh")
    ]
    assert paths
    assert [str(path) for path in paths if base in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in sorted(PLUGINS.rglob("*.py"))])
def test_a_docstring_names_what_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    names = set(vars(builtins))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    named = re.findall(r":(?:func|class|meth):`([\w.]+)`", text)
    assert [each for each in named if each.partition(".")[0] not in names] == []


CONTENT = sorted(path for folder in ("playbooks", "roles") for path in (ROOT / folder).rglob("*.yml"))


def test_names_are_read_in_one_way() -> None:
    """As one, as a list and with commas: the filter names does that."""
    split = re.compile(r"split(\(|', )'?,'?")
    assert [str(path) for path in CONTENT if split.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.stem) for path in sorted((PLUGINS / "filter").glob("*.py"))]
)
def test_each_filter_is_used(path: Path) -> None:
    places = CONTENT + sorted((ROOT / "roles").rglob("*.j2")) + sorted((ROOT / "examples").rglob("*.yml"))
    places += sorted((ROOT / "extensions").rglob("*.yml")) + sorted((PLUGINS / "plugin_utils").rglob("*.py"))
    use = re.compile(rf"gaussdb\.tpops\.{path.stem}\b|plugins\.filter\.{path.stem} import")
    assert any(use.search(each.read_text(encoding="utf-8")) for each in places)


class Tasks(yaml.SafeLoader):
    """Reads files of tasks, in which a tag such as ``!vault`` may come."""


Tasks.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def conditional_imports(tasks: list[dict[str, Any]], condition: bool = False) -> Iterator[str]:
    """Yield the names of imports under a condition, also under that of a block."""
    for task in tasks:
        under = condition or "when" in task
        for part in ("block", "rescue", "always"):
            yield from conditional_imports(task.get(part) or [], under)
        if under and any(key.rpartition(".")[2] in ("import_tasks", "import_role") for key in task):
            yield task["name"]


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in CONTENT])
def test_no_import_has_a_condition(path: Path) -> None:
    """Each of its tasks is skipped then, and a task that is skipped still overwrites what it registers."""
    if path.parent.name == "tasks":
        tasks = yaml.load(path.read_text(encoding="utf-8"), Loader=Tasks)
        assert list(conditional_imports(tasks or [])) == []
