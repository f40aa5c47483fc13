# SPDX-License-Identifier: GPL-3.0-or-later
"""Scaffold a module: ``new_module.py gaussdb_thing`` or ``gaussdb_thing_info``.

Writes the module, the file of its operations, its integration target and its line of the Chinese catalogue, all from
tools/templates, and lists the remaining steps. Existing files are not overwritten.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path
from string import Template

import yaml

from common import ROOT

TEMPLATES = ROOT / "tools" / "templates"
CATALOGUE = ROOT / "docs" / "modules.zh-CN.yml"


class Scaffold:
    """The names of one new module, and its files."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.info = module.endswith("_info")
        thing = module.removeprefix("gaussdb_").removesuffix("_info")
        version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
        noun = thing.replace("_", " ")
        self.names = {
            "module": module,
            "thing": thing,
            "upper": thing.upper(),
            "api": thing,
            "noun": noun,
            "words": f"{noun}s of an instance",
            "version": version,
        }

    def files(self) -> dict[Path, str]:
        """Return the files to write, with their content."""
        target = ROOT / "tests" / "integration" / "targets" / self.module
        kind = "info" if self.info else "state"
        files = {
            # The first line is not in the template: linters would treat the template as a program.
            ROOT / "plugins" / "modules" / f"{self.module}.py": "#!/usr/bin/python\n" + self._text(f"{kind}.py"),
            target / "aliases": "gather_facts/no\n",
            target / "meta" / "main.yml": self._text("meta.yml"),
            target / "tasks" / "main.yml": self._text(f"{kind}_target.yml"),
        }
        operations = ROOT / "plugins" / "module_utils" / "api" / f"{self.names['api']}.py"
        if not operations.exists():
            files[operations] = self._text("api.py")
        return files

    def _text(self, template: str) -> str:
        # The templates contain braces of Jinja and Python, but dollar signs only for names.
        return Template((TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")).substitute(self.names)


def add_to_catalogue(module: str) -> bool:
    """Add a line for the module in alphabetical order; return whether it was missing."""
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()
    if any(line.startswith(f"{module}:") for line in lines):
        return False
    entries = [index for index, line in enumerate(lines) if line.startswith("gaussdb_")]
    place = next((index for index in entries if lines[index].partition(":")[0] > module), len(lines))
    lines.insert(place, f"{module}: {module.removeprefix('gaussdb_')}")
    CATALOGUE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="gaussdb_ and a singular noun; ends in _info if the module only reads")
    name = parser.parse_args().name
    if not re.fullmatch(r"gaussdb_[a-z][a-z0-9_]*[a-z0-9]", name):
        parser.error(f"{name}: a module is named gaussdb_ and a singular noun, in small letters")
    files = Scaffold(name).files()
    there = [path.relative_to(ROOT) for path in files if path.exists()]
    if there:
        parser.error(f"{there[0]} exists already")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"written: {path.relative_to(ROOT)}")
    # The line breaks depend on the length of the name.
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--quiet", *(path for path in files if path.suffix == ".py")],
        check=True,
    )
    if add_to_catalogue(name):
        print(f"added a line to {CATALOGUE.relative_to(ROOT)}: add the Chinese text")
    subprocess.run([sys.executable, str(ROOT / "tools" / "generate.py")], check=True)
    print(
        "\nRemaining steps:\n"
        "  1. the operations: names, paths, sections and shapes as in docs/operations.tsv and the simulator's "
        "contract\n"
        "  2. the documentation and the options\n"
        f"  3. the target: make integration ARGS={name}\n"
        "  4. tests/system/examples.yml, if the examples need more than an instance named orders-prod"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
