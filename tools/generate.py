# SPDX-License-Identifier: GPL-3.0-or-later
"""Write all generated texts: the RETURN of modules, module tables, action group, actions, role READMEs, joined
assumptions, the parts of an estate, surveys of AWX, links.

``generate.py`` writes; ``generate.py --check`` only lists what is out of date and fails. Needs PyYAML, and Ansible for
the specs of the modules.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomllib
import yaml
from awx_surveys import SURVEYS, SurveyError, surveys_text, wrappers
from estate_page import PAGE, parts_page
from estate_schema import EXAMPLES, schemas, with_schema_line
from event_schema import SCHEMA, event_schema
from plugin_docs import IndentedDumper
from return_docs import MODULES, ReturnError, module_text
from role_specs import RoleSpecError, with_module_options

from common import documented_actions, module_names

ROOT = Path(__file__).resolve().parent.parent
COLLECTION = "gaussdb.tpops"
GROUP = "tpops"
# The shared action plugin has the name of a real module, because sanity requires a module for each action plugin.
SHARED_ACTION = "gaussdb_api"
# A redirect in meta/runtime.yml would do the same, but ansible-lint and antsibull-docs treat it as a renamed module:
# they would ask users to write gaussdb_api in every task, and omit the modules from the documentation.
ACTION_MARK = "# Made by tools/generate.py, one for each module: run `make generate`."
ACTION_TEXT = f"""\
# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
{ACTION_MARK}
from __future__ import annotations

from ansible_collections.{COLLECTION}.plugins.action.{SHARED_ACTION} import ActionModule

__all__ = ["ActionModule"]
"""
INTEGRATION_TEXT = """\
# Made by tools/generate.py from requirements.txt and simulator/pyproject.toml: run `make generate`.
# Requirements of the targets if ansible-test installs them (--requirements): those of the modules, and those of the
# simulator, which setup_simulator runs from source.
"""
# Where the pages are that link to files of the repository. They are also read where relative links do not work, so a
# link is written as [text][path], and the addresses are in a block at the end, after this mark.
PAGES = ("*.md", "docs/**/*.md", "examples/*/README.md")
LINKS_MARK = "<!-- links:begin"
LABEL = re.compile(r"\]\[([\w./-]+)\]")
# The fragment with the options of the connection.
CONNECTS = "- gaussdb.tpops.connection"
CHINESE_NAMES = ROOT / "docs" / "modules.zh-CN.yml"


class GenerateError(Exception):
    """A source text lacks what a generated text needs."""


@dataclass(frozen=True)
class Module:
    """The data of one module in the tables."""

    name: str
    summary: str
    kind: str
    chinese: str


KINDS = {
    "state": ("State modules", "状态模块"),
    "action": ("Action modules", "操作模块"),
    "info": ("Info modules", "查询模块"),
}


def read_modules() -> list[Module]:
    """Return the modules by name, from their own documentation."""
    chinese = yaml.safe_load(CHINESE_NAMES.read_text(encoding="utf-8")) or {}
    return [_read_module(MODULES / f"{name}.py", chinese) for name in module_names()]


def _read_module(path: Path, chinese: dict[str, str]) -> Module:
    documentation = _documentation(path)
    name = path.stem
    if name not in chinese:
        raise GenerateError(f"{CHINESE_NAMES.relative_to(ROOT)} has no line for {name}")
    return Module(
        name, documentation["short_description"], _kind(name, path.read_text(encoding="utf-8")), chinese[name]
    )


def _documentation(path: Path) -> dict[str, Any]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(
            getattr(target, "id", "") == "DOCUMENTATION" for target in node.targets
        ):
            documentation: dict[str, Any] = yaml.safe_load(ast.literal_eval(node.value))
            return documentation
    raise GenerateError(f"{path.relative_to(ROOT)} has no DOCUMENTATION")


def _kind(name: str, source: str) -> str:
    """Return what the module is to people: one that looks first and does what is missing is a state module."""
    if name.endswith("_info"):
        return "info"
    spec = re.search(r"^SPEC = Action\(.*?^\)", source, re.MULTILINE | re.DOTALL)
    return "action" if spec and "\n    find=" not in spec[0] else "state"


def runtime_text(modules: list[Module], current: str) -> str:
    """Return meta/runtime.yml: the manual part is kept, the action group is generated."""
    data = yaml.safe_load(current) if current else {}
    data.setdefault("requires_ansible", ">=2.16.0")
    # Actions that connect take the same defaults.
    actions = [name for name in documented_actions() if CONNECTS in (MODULES / f"{name}.py").read_text("utf-8")]
    data["action_groups"] = {GROUP: sorted([*(module.name for module in modules), *actions])}
    header = "---\n# Made by tools/generate.py from plugins/modules: run `make generate`.\n"
    return header + yaml.dump(data, Dumper=IndentedDumper, sort_keys=False, width=150)


def module_table(modules: list[Module], home: Home, chinese: bool) -> str:
    """Return the module tables of a README, one for each kind of module."""
    parts = []
    for kind, titles in KINDS.items():
        rows = [module for module in modules if module.kind == kind]
        if not rows:
            continue
        heading, what = ("模块", "用途") if chinese else ("Module", "What it does")
        lines = [f"| {titles[chinese]} | {what} |" if chinese else f"| {titles[0]} | {what} |", "|---|---|"]
        lines += [
            f"| [`{m.name}`]({home.address(f'plugins/modules/{m.name}.py')}) | {m.chinese if chinese else m.summary} |"
            for m in rows
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) or ("（暂无模块）" if chinese else "(no module yet)")


def replace_marked(text: str, marker: str, new: str) -> str:
    """Return ``text`` with the part between the two comments of ``marker`` replaced."""
    pattern = re.compile(rf"(<!-- {marker}:begin[^>]*-->\n).*?(<!-- {marker}:end -->)", re.DOTALL)
    if not pattern.search(text):
        raise GenerateError(f"no place marked {marker}:begin … {marker}:end")
    return pattern.sub(lambda match: f"{match[1]}{new}\n{match[2]}", text)


@dataclass(frozen=True)
class Home:
    """Where the project is published, from galaxy.yml."""

    repository: str
    issues: str
    files: str
    """The prefix of a file's path."""
    version: str

    def address(self, label: str) -> str:
        """Return the URL of a file of the repository, of the repository, or of its issues."""
        if label in ("repository", "issues"):
            return str(getattr(self, label))
        if not (ROOT / label).is_file():
            raise GenerateError(f"there is no file {label} to link to")
        return self.url_of(label)

    def url_of(self, path: str) -> str:
        """Return the URL of a file of the repository, which may be yet to be written."""
        return self.files + path


def read_home() -> Home:
    data = _load(ROOT / "galaxy.yml")
    documentation = str(data["documentation"])
    if not documentation.endswith("/README.md"):
        raise GenerateError("galaxy.yml: documentation is the URL of README.md")
    return Home(data["repository"], data["issues"], documentation.removesuffix("README.md"), str(data["version"]))


def link_block(text: str, home: Home) -> str:
    """Return the definitions of the labels that a page uses."""
    return (
        "\n".join(f"[{label}]: {home.address(label)}" for label in sorted(set(LABEL.findall(text))))
        or "<!-- no link -->"
    )


def install_blocks(home: Home) -> dict[str, str]:
    """Return code of the pages about installation by the name of its marker: it depends on the home and the version."""
    tarball = f"{COLLECTION.replace('.', '-')}-{home.version}.tar.gz"
    requirements = f"collections:\n  - name: {COLLECTION}\n    version: {home.version}"
    source = f"collections:\n  - name: {home.repository}\n    type: git\n    version: main"
    build = f"$ git clone {home.repository} && cd {COLLECTION.split('.')[1]}\n$ ansible-galaxy collection build"
    lock = "requirements/execution-environment.txt"
    download = f"python3.12 -m pip download --requirement {lock} --dest wheels"
    carried = (
        "python3.12 -m venv /opt/gaussdb",
        f"/opt/gaussdb/bin/pip install --no-index --find-links wheels --requirement {lock}",
        f"/opt/gaussdb/bin/ansible-galaxy collection install --offline {tarball}",
    )
    image = (
        "mkdir -p execution-environment/offline/collections",
        "cp -r wheels execution-environment/offline/",
        f"cp {tarball} execution-environment/offline/collections/",
        "ansible-builder create -f execution-environment/offline.yml -c context --output-filename Containerfile",
    )
    return {
        "install-pinned": f"```yaml\n{requirements}\n```",
        "install-git": f"```yaml\n{source}\n```",
        "install-tarball": f"```console\n{build}\n$ ansible-galaxy collection install {tarball}\n```",
        "install-carry": f"```console\n{build}\n$ {download}\n```",
        "install-carried": "```console\n{}\n```".format("\n".join(f"$ {each}" for each in carried)),
        "install-image": "```console\n{}\n```".format("\n".join(f"$ {each}" for each in image)),
    }


def docsite_links(home: Home) -> str:
    """Return docs/docsite/links.yml, which antsibull-docs puts on each generated page of the collection."""
    links = (
        ("Issue tracker", home.issues),
        ("Repository", home.repository),
        ("Changelog", home.address("CHANGELOG.md")),
    )
    lines = ["---", "# Made by tools/generate.py from galaxy.yml: run `make generate`.", "extra_links:"]
    lines += [f"  - description: {name}\n    url: {url}" for name, url in links]
    return "\n".join(lines) + "\n"


def role_table(home: Home, chinese: bool) -> str:
    """Return the table of roles for a README."""
    rows = []
    for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml")):
        role = path.parent.parent.name
        # A role without an entry point of its own is described as a whole.
        whole = {"short_description": _load(path.parent / "main.yml")["galaxy_info"]["description"]}
        main = _load(path)["argument_specs"].get("main", whole)
        rows.append(
            f"| [`{role}`]({home.address(f'roles/{role}/README.md')}) | {_plain(main.get('short_description', ''))} |"
        )
    if not rows:
        return "（暂无角色）" if chinese else "(no role yet)"
    head = "| 角色 | 用途 |" if chinese else "| Role | What it does |"
    return "\n".join([head, "|---|---|", *rows])


def role_readme(path: Path, text: str) -> str:
    """Return the README of the role whose argument_specs.yml is at ``path`` and contains ``text``."""
    role = path.parent.parent.name
    specs = yaml.safe_load(text)["argument_specs"]
    defaults_path = path.parent.parent / "defaults" / "main.yml"
    defaults = _load(defaults_path) if defaults_path.exists() else {}
    lines = [
        (
            "<!-- Made by tools/generate.py from meta/argument_specs.yml: run `make generate`. -->\n# Role "
            f"`{COLLECTION}.{role}`\n"
        ),
    ]
    # The suboptions of an option that several entry points share are listed once.
    described: set[int] = set()
    for entry, spec in specs.items():
        if entry != "main":
            lines.append(f"## Entry point `{entry}`\n")
        lines.append(_plain(spec.get("short_description", "")) + "\n")
        lines += [paragraph + "\n" for paragraph in _paragraphs(spec.get("description"))]
        options = spec.get("options") or {}
        if options:
            lines.append("## Variables\n" if entry == "main" else "### Variables\n")
            lines.append("| Variable | Type | Required | Default | Meaning |\n|---|---|---|---|---|")
            lines[-1] += "".join("\n" + row for row in _option_rows(options, defaults, "", described))
            lines.append("")
    example = path.parent.parent / "meta" / "example.yml"
    if example.exists():
        lines.append(f"## Example\n\n```yaml\n{example.read_text(encoding='utf-8').strip()}\n```\n")
    return "\n".join(lines).rstrip() + "\n"


def _option_rows(options: dict[str, Any], defaults: dict[str, Any], prefix: str, described: set[int]) -> Iterator[str]:
    for name, option in options.items():
        kind = option.get("type", "str")
        if kind == "list":
            kind = f"list of {option.get('elements', 'raw')}"
        value = option.get("default", defaults.get(name) if not prefix else None)
        meaning = " ".join(_paragraphs(option.get("description")))
        if option.get("choices"):
            meaning += " One of " + ", ".join(f"`{choice}`" for choice in option["choices"]) + "."
        default = "" if value is None else f"`{_short(value)}`"
        required = "yes" if option.get("required") else ""
        yield f"| `{prefix}{name}` | {kind} | {required} | {default} | {meaning.replace('|', chr(92) + '|')} |"
        if option.get("options") and id(option) not in described:
            described.add(id(option))
            suffix = "[]." if option.get("type") == "list" else "."
            yield from _option_rows(option["options"], {}, f"{prefix}{name}{suffix}", described)


def _short(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000).strip().removesuffix("...").strip()
    return text.replace("|", "\\|")


def _paragraphs(description: Any) -> list[str]:
    if description is None:
        return []
    return [_plain(text) for text in ([description] if isinstance(description, str) else description)]


def _plain(text: str) -> str:
    """Turn Ansible's documentation markup into Markdown."""
    text = re.sub(r"\bM\(([^)]+)\)", r"`\1`", text)
    text = re.sub(r"\b(?:O|V|RV|E|C)\(([^)]+)\)", r"`\1`", text)
    text = re.sub(r"\bB\(([^)]+)\)", r"**\1**", text)
    text = re.sub(r"\bI\(([^)]+)\)", r"*\1*", text)
    text = re.sub(r"\bU\(([^)]+)\)", r"<\1>", text)
    text = re.sub(r"\bL\(([^,)]+),\s*([^)]+)\)", r"[\1](\2)", text)
    return " ".join(text.split())


def assumptions_text(folder: Path) -> str:
    """Return docs/assumptions.md: an introduction and one part per chapter."""
    intro = folder / "_intro.md"
    default = (
        "# Assumptions\n\nNo real platform was available. All that the API reference leaves open or contradicts is "
        "listed here: what is open, what the contract and the simulator do, and how the modules cope if the platform "
        "behaves differently.\n"
    )
    parts = [intro.read_text(encoding="utf-8") if intro.exists() else default]
    parts += [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md")) if path != intro]
    note = "<!-- Made by tools/generate.py from docs/assumptions/*.md: run `make generate`. -->\n"
    return note + "\n".join(part.strip() + "\n" for part in parts)


def generated_files(modules: list[Module]) -> dict[Path, str]:
    """Return each generated file with its desired text."""
    runtime = ROOT / "meta" / "runtime.yml"
    files = {runtime: runtime_text(modules, runtime.read_text(encoding="utf-8") if runtime.exists() else "")}
    home = read_home()
    for page in sorted({page for pages in PAGES for page in ROOT.glob(pages)}):
        text = page.read_text(encoding="utf-8")
        if LINKS_MARK not in text:
            continue
        if page.parent == ROOT:
            chinese = "zh-CN" in page.name
            text = replace_marked(text, "modules", module_table(modules, home, chinese))
            text = replace_marked(text, "roles", role_table(home, chinese))
        for marker, block in install_blocks(home).items():
            if f"<!-- {marker}:begin" in text:
                text = replace_marked(text, marker, block)
        files[page] = replace_marked(text, "links", link_block(text, home))
    files[ROOT / "docs" / "docsite" / "links.yml"] = docsite_links(home)
    for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml")):
        files[path] = with_module_options(path.read_text(encoding="utf-8"))
        files[path.parent.parent / "README.md"] = role_readme(path, files[path])
    actions = ROOT / "plugins" / "action"
    files |= {actions / f"{module.name}.py": ACTION_TEXT for module in modules if module.name != SHARED_ACTION}
    files |= {path: module_text(path) for path in (MODULES / f"{module.name}.py" for module in modules)}
    files |= {ROOT / path: text for path, text in schemas(home.url_of, _plain).items()}
    files[ROOT / SCHEMA] = event_schema(ROOT, home.url_of(SCHEMA.as_posix()), _plain)
    for path, schema in EXAMPLES.items():
        text = (ROOT / path).read_text(encoding="utf-8")
        # An address of the repository would lead to a page about the file.
        files[ROOT / path] = with_schema_line(text, os.path.relpath(schema, path.parent))
    files[ROOT / PAGE] = parts_page()
    files[ROOT / SURVEYS] = surveys_text(_plain)
    files |= {ROOT / path: text for path, text in wrappers().items()}
    files[ROOT / "tests" / "integration" / "requirements.txt"] = integration_requirements()
    folder = ROOT / "docs" / "assumptions"
    if folder.is_dir():
        files[ROOT / "docs" / "assumptions.md"] = assumptions_text(folder)
    return files


def obsolete_files(modules: list[Module]) -> list[Path]:
    """Return the actions of modules that no longer exist."""
    names = {module.name for module in modules}
    actions = sorted((ROOT / "plugins" / "action").glob("*.py"))
    return [path for path in actions if path.stem not in names and ACTION_MARK in path.read_text(encoding="utf-8")]


def integration_requirements() -> str:
    """Return tests/integration/requirements.txt."""
    own = [
        line
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    project = tomllib.loads((ROOT / "simulator" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return INTEGRATION_TEXT + "".join(f"{line}\n" for line in [*own, *sorted(project["dependencies"], key=str.lower)])


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail if something is out of date")
    check = parser.parse_args().check
    try:
        modules = read_modules()
        files = generated_files(modules)
    except (GenerateError, ReturnError, RoleSpecError, SurveyError, yaml.YAMLError) as error:
        print(f"generate: {error}", file=sys.stderr)
        return 1
    stale = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{'out of date' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
    gone = obsolete_files(modules)
    for path in gone:
        print(f"{'obsolete' if check else 'removed'}: {path.relative_to(ROOT)}")
        if not check:
            path.unlink()
    if check and (stale or gone):
        print("Run `make generate` and commit the result.", file=sys.stderr)
        return 1
    print(f"{len(files)} generated files are up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
