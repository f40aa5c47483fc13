# SPDX-License-Identifier: GPL-3.0-or-later
"""The definitions of execution and decision environments: ansible-builder takes them, and they agree with the rest."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from catalogue import ROOT

GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
DEFINITIONS = ("execution-environment", "decision-environment")
BUILDER = str(Path(sys.prefix) / "bin" / "ansible-builder")


def read(definition: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / definition / f"{name}.yml").read_text(encoding="utf-8"))
    return found


def create(definition: str, name: str, folder: Path) -> tuple[str, Path]:
    """Return the Containerfile and the context that ansible-builder makes."""
    copy = folder / definition
    shutil.copytree(ROOT / definition, copy, ignore=shutil.ignore_patterns("offline", "context"))
    for part in ("wheels", "collections"):
        (copy / "offline" / part).mkdir(parents=True)
    (copy / "offline" / "collections" / "gaussdb-tpops-0.1.0.tar.gz").touch()
    command = [BUILDER, "create", "--file", f"{name}.yml", "--context", "context", "--output-filename", "Containerfile"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return (copy / "context" / "Containerfile").read_text(encoding="utf-8"), copy / "context" / "_build"


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_image_and_versions_are_arguments_of_the_build(definition: str, tmp_path: Path) -> None:
    text, build = create(definition, definition, tmp_path)
    for argument in ("EE_BASE_IMAGE", "ANSIBLE_INSTALL_REFS"):
        assert re.search(rf'^ARG {argument}="\S', text, re.MULTILINE)
    assert "FROM $EE_BASE_IMAGE AS base" in text
    requirements = yaml.safe_load((build / "requirements.yml").read_text(encoding="utf-8"))
    assert requirements == {"collections": [{"name": "gaussdb.tpops", "version": GALAXY["version"]}]}


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_offline_nothing_asks_an_index(definition: str, tmp_path: Path) -> None:
    text, build = create(definition, "offline", tmp_path)
    settings = "ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels"
    assert text.index("COPY _build/wheels /wheels") < text.index(settings) < text.index("pip install")
    assert 'ARG ANSIBLE_GALAXY_CLI_COLLECTION_OPTS="--offline"' in text
    tarball = f"collections/gaussdb-tpops-{GALAXY['version']}.tar.gz"
    requirements = yaml.safe_load((build / "requirements.yml").read_text(encoding="utf-8"))
    assert requirements == {"collections": [{"name": tarball, "type": "file"}]}
    assert (build / tarball).exists()


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_the_offline_variant_differs_only_in_where_things_come_from(definition: str) -> None:
    online, offline = read(definition, definition), read(definition, "offline")
    for each in (online, offline):
        del each["dependencies"]["galaxy"]
        each.setdefault("additional_build_steps", {}).pop("prepend_base", None)
    for name in ("build_arg_defaults", "additional_build_files"):
        del offline[name]
    assert online == offline


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_the_locks_are_of_what_the_images_install(definition: str) -> None:
    dependencies = read(definition, definition)["dependencies"]
    wanted = [
        *(dependencies[name]["package_pip"] for name in ("ansible_core", "ansible_runner")),
        *dependencies.get("python", ()),
    ]
    lines = (ROOT / "requirements" / f"{definition}.in").read_text(encoding="utf-8")
    if "-r execution-environment.in" in lines:
        lines += (ROOT / "requirements" / "execution-environment.in").read_text(encoding="utf-8")
    assert set(wanted) <= set(lines.splitlines())


def test_the_collection_says_what_its_environment_needs() -> None:
    """ansible-builder reads meta/execution-environment.yml of each collection in an image."""
    command = [BUILDER, "introspect", str(ROOT / "build" / "collections")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = yaml.safe_load(done.stdout.partition("---")[2])
    lines = [line.strip() for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()]
    needed = [line for line in lines if line and not line.startswith("#")]
    assert [each.partition("  #")[0] for each in found["python"]] == needed
