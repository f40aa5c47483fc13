# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The examples of every module run, and return exactly what RETURN documents: all of them in the controller, and the
first one of each module as a process.

One playbook has a play for each module. The needs of the examples are in examples.yml next to this file.
"""

from __future__ import annotations

import ast
import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, Platform, common, simulator

HERE = Path(__file__).parent
HARNESS = ROOT / "tests" / "integration" / "targets" / "setup_harness"
NEEDS = yaml.safe_load((HERE / "examples.yml").read_text(encoding="utf-8"))
MODULES = common.module_names()
# Keys that ansible-core adds, or documents for all modules.
COMMON_KEYS = frozenset(
    {"changed", "failed", "skipped", "diff", "warnings", "deprecations", "invocation", "attempts", "retries"}
)
ALWAYS = ("always", "success", "success, and when some failed")
# Its example hides the token with no_log; its integration target checks the result.
HIDDEN = ("gaussdb_token",)


def documentation(module: str, name: str) -> Any:
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    text = next(
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name
    )
    return yaml.safe_load(text)


def play(module: str, endpoint: str, ca_path: str, *, first_only: bool) -> dict[str, Any]:
    """Return the play of one module: empty the site, fill it for its examples, run them or the first one of them."""
    own = NEEDS["modules"].get(module, {})

    def load(estate: Mapping[str, Any], *before: Mapping[str, Any]) -> dict[str, Any]:
        requests = [*before, {"method": "POST", "path": "estate", "body": estate}]
        return {"harness_admin": {"platform": {"endpoint": endpoint, "ca_path": ca_path}, "requests": requests}}

    tasks: list[dict[str, Any]] = []
    for task in documentation(module, "EXAMPLES"):
        happened = own.get("before", {}).get(task["name"])
        tasks += [load(happened), task] if happened else [task]
        if first_only and f"gaussdb.tpops.{module}" in task:
            break
    return {
        "name": module,
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "clock_url": f"https://{endpoint}/_simulator/clock",
            "ca_path": ca_path,
            "root": str(ROOT),
            **NEEDS["all"]["variables"],
            **own.get("variables", {}),
        },
        "tasks": [
            load(own.get("estate", NEEDS["all"]["estate"]), {"method": "DELETE", "path": "estate"}),
            # A failure of one module does not affect the others.
            {"block": list(tasks), "rescue": [{"ansible.builtin.debug": {"msg": f"EXAMPLES of {module} failed"}}]},
        ],
    }


@pytest.fixture(scope="module", params=["in the controller", pytest.param("as processes", marks=pytest.mark.long)])
def results(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """The results of all tasks of the examples."""
    folder = tmp_path_factory.mktemp("examples")
    with simulator.running(speed=600) as server:
        platform = Platform(server, folder / "home")
        playbook = folder / "examples.yml"
        in_controller = request.param == "in the controller"
        plays = [play(module, server.endpoint, str(server.ca_path), first_only=not in_controller) for module in MODULES]
        playbook.write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
        output = folder / "results"
        done = subprocess.run(
            [
                *(str(common.venv_bin() / "ansible-playbook"), "-i", "localhost,", "-c", "local", str(playbook)),
                *("-e", json.dumps({"run_in_controller": in_controller})),
            ],
            env=platform.environment
            | {
                "ANSIBLE_ACTION_PLUGINS": str(HARNESS / "action_plugins"),
                "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
                "ANSIBLE_CALLBACKS_ENABLED": "example_results",
                "EXAMPLE_RESULTS": str(output),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    (folder / "output").write_text(done.stdout, encoding="utf-8")
    assert output.exists(), done.stdout
    return [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]


def returned_by(results: list[dict[str, Any]], module: str) -> list[Mapping[str, Any]]:
    """Return the results of the module in all examples, each round of a loop separately."""
    found: list[Mapping[str, Any]] = []
    for entry in results:
        if entry["action"].rpartition(".")[2] == module and "censored" not in entry["result"]:
            found += entry["result"].get("results", [entry["result"]])
    return [result for result in found if not result.get("skipped")]


def differences(documented: Mapping[str, Any], value: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Return what is returned but not documented, or the other way round, recursively."""
    for name in sorted(set(value) - set(documented)):
        if (path or name not in COMMON_KEYS) and not name.startswith("_ansible"):
            yield f"{path}{name} is returned, but not documented"
    for name, entry in documented.items():
        if name not in value:
            if entry.get("returned", ALWAYS[0]) in ALWAYS:
                yield f"{path}{name} is documented, but not returned"
            continue
        if "contains" in entry:
            parts = value[name] if isinstance(value[name], list) else [value[name]]
            for part in parts:
                if isinstance(part, Mapping):
                    yield from differences(entry["contains"], part, f"{path}{name}.")


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_run(results: list[dict[str, Any]], module: str) -> None:
    marks = [
        index for index, entry in enumerate(results) if entry["result"].get("msg") == f"EXAMPLES of {module} failed"
    ]
    problem = next(
        (entry for mark in marks for entry in reversed(results[:mark]) if entry["result"].get("failed")), None
    )
    assert not marks, problem
    assert any(entry["action"].rpartition(".")[2] == module for entry in results)


@pytest.mark.parametrize("module", [module for module in MODULES if module not in HIDDEN])
def test_what_is_returned_is_what_is_documented(results: list[dict[str, Any]], module: str) -> None:
    documented = documentation(module, "RETURN") or {}
    succeeded = [result for result in returned_by(results, module) if not result.get("failed")]
    assert documented and succeeded
    assert {text for result in succeeded for text in differences(documented, result)} == set()
