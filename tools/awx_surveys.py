# SPDX-License-Identifier: GPL-3.0-or-later
"""The surveys of examples/awx, made from the argument specs of the roles and from tools/awx_surveys.yml, and the
playbooks of its project, one for each playbook of the collection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from plugin_docs import IndentedDumper

from common import ROOT

SOURCE = ROOT / "tools" / "awx_surveys.yml"
SURVEYS = Path("examples/awx/all/surveys.yml")
HEADER = """\
# SPDX-License-Identifier: GPL-3.0-or-later
# Made by tools/generate.py from the roles' meta/argument_specs.yml and tools/awx_surveys.yml: run `make generate`.
---
"""
WRAPPERS = Path("examples/awx/project/playbooks")
WRAPPER = """\
# SPDX-License-Identifier: GPL-3.0-or-later
# Made by tools/generate.py: run `make generate`.
---
- name: Run the playbook {name} of the collection
  ansible.builtin.import_playbook: gaussdb.tpops.{name}
"""
# It makes the job templates, and is no job itself.
NOT_WRAPPED = {"awx"}
# The type of a question by that of an option. Whatever is not in it is a text, with commas where it is a list.
TYPES = {"int": "integer", "float": "float"}
LONGEST = 1024
LARGEST = 2_000_000_000
LANGUAGES = ("en", "zh")
# The options that all procedures share.
SHARED = ("procedure", "begin")


class SurveyError(Exception):
    """A survey asks what does not exist, must not be asked, or has no text."""


def surveys_text(plain: Callable[[str], str]) -> str:
    """Return examples/awx/all/surveys.yml. ``plain`` removes the markup of descriptions."""
    source = _load(SOURCE)
    surveys: dict[str, dict[str, Any]] = {language: {} for language in LANGUAGES}
    used: set[str] = set()
    for name, entry in _all_surveys(source["playbooks"]):
        options = options_of(entry, source["options"])
        chosen = {variable: options[variable] for variable in _checked(name, entry["ask"], options)}
        required = {*entry.get("required", ()), *(each for each, option in chosen.items() if option.get("required"))}
        for language in LANGUAGES:
            spec = []
            for variable, option in chosen.items():
                if language == "zh":
                    texts = [_chinese(source["zh"], entry["playbook"], variable, used)]
                else:
                    texts = _sentences(plain, option["description"])
                spec.append(question(variable, option, texts, variable in required))
            surveys[language][name] = {"name": name, "description": "", "spec": spec}
    if unused := sorted(set(source["zh"]) - used):
        raise SurveyError(f"{SOURCE.name}: zh has texts that no survey asks: {', '.join(unused)}")
    data = {"gaussdb_awx_surveys": surveys}
    return HEADER + yaml.dump(data, Dumper=_Repeating, sort_keys=False, width=110, allow_unicode=True)


def wrappers() -> dict[Path, str]:
    """Return the playbooks of the project by path: AWX only starts playbooks that are in a project."""
    texts = {}
    for path in sorted((ROOT / "playbooks").glob("*.yml")):
        if path.stem not in NOT_WRAPPED:
            texts[WRAPPERS / path.name] = WRAPPER.format(name=path.stem)
    return texts


class _Repeating(IndentedDumper):
    """Repeats what occurs twice, where YAML would refer to it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _all_surveys(playbooks: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the survey of each playbook, and of each workflow that is about it."""
    for playbook, entry in playbooks.items():
        yield playbook, {**entry, "playbook": playbook}
        for workflow, change in (entry.get("workflows") or {}).items():
            without = change.get("without", ())
            yield (
                workflow,
                {
                    **entry,
                    "playbook": playbook,
                    "ask": [each for each in entry["ask"] if each not in without],
                    "required": [*entry.get("required", ()), *change.get("required", ())],
                },
            )


def options_of(entry: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that a playbook has: its own, those of all procedures, and those of its role."""
    options = dict(own)
    if role := entry.get("role"):
        options |= _role_options(*SHARED)
        for name in entry.get("entries", ["main"]):
            options |= _role_options(role, name)
    return options


def _role_options(role: str, entry: str) -> dict[str, Any]:
    specs = _load(ROOT / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"]
    return dict(specs[entry].get("options") or {})


def _checked(name: str, asked: list[str], options: Mapping[str, Any]) -> list[str]:
    for variable in asked:
        if variable not in options:
            raise SurveyError(f"{SOURCE.name}: {name} asks {variable}, which is no option of its role")
        if options[variable].get("no_log"):
            raise SurveyError(f"{SOURCE.name}: {name} asks {variable}, which is secret")
        if options[variable].get("type") == "dict":
            raise SurveyError(f"{SOURCE.name}: {name} asks {variable}, which is a dictionary")
    return asked


def question(variable: str, option: Mapping[str, Any], texts: list[str], required: bool) -> dict[str, Any]:
    """Return a question of a survey. The first of ``texts`` is the question, the others explain it."""
    kind, choices, default = option.get("type", "str"), option.get("choices"), option.get("default")
    asked: dict[str, Any] = {
        "question_name": texts[0],
        "question_description": " ".join([*texts[1:], f"({variable})"]),
        "required": required,
        "variable": variable,
    }
    if kind == "bool":
        return {**asked, "type": "multiplechoice", "choices": ["true", "false"], "default": str(bool(default)).lower()}
    if choices:
        lists = kind == "list"
        value = "\n".join(default or ()) if lists else default or choices[0]
        return {**asked, "type": "multiselect" if lists else "multiplechoice", "choices": choices, "default": value}
    if kind in TYPES:
        given = {} if default is None else {"default": default}
        return {**asked, "type": TYPES[kind], "min": 0, "max": LARGEST, **given}
    value = ",".join(map(str, default)) if isinstance(default, list) else str(default or "")
    return {**asked, "type": "text", "min": 0, "max": LONGEST, "default": value}


def _sentences(plain: Callable[[str], str], description: Any) -> list[str]:
    """Return the first sentence and what follows it, without the marks of Markdown."""
    paragraphs = [description] if isinstance(description, str) else description
    text = " ".join(plain(each) for each in paragraphs).replace("`", "").replace("**", "")
    first, dot, rest = text.partition(". ")
    return [first + dot.strip(), rest] if rest else [first]


def _chinese(texts: Mapping[str, str], playbook: str, variable: str, used: set[str]) -> str:
    for key in (f"{playbook}.{variable}", variable):
        if key in texts:
            used.add(key)
            return texts[key]
    raise SurveyError(f"{SOURCE.name}: zh has no text for {variable}")


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
