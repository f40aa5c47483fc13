# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code that the roles and filters of disaster recovery can produce has a text in both languages, and no text is
unused."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from catalogue import ROOT

from ansible_collections.gaussdb.tpops.plugins.filter import dr_words
from ansible_collections.gaussdb.tpops.plugins.module_utils.api import disaster_recovery, vocabulary

ROLES = ROOT / "roles"
WORDS = {language: dr_words.read_words(language) for language in dr_words.LANGUAGES}
FILES = sorted(
    path for path in ROLES.glob("dr_*/**/*") if path.suffix in (".yml", ".j2") and path.parent.name != "words"
)
FILES += sorted((ROOT / "playbooks").rglob("dr_*.yml"))
TEXTS = {path: path.read_text(encoding="utf-8") for path in FILES}
ALL = "\n".join(TEXTS.values())
# A user's own verification, which may use these texts.
EXAMPLE = (ROOT / "examples" / "dr" / "verify.yml").read_text(encoding="utf-8")
# Replacements for values by the shapes and the filter dr_words, and the marks that join texts.
ANYWHERE = {"none", "unknown", "other"}
STATE = ast.parse((ROOT / "plugins" / "filter" / "dr_state.py").read_text(encoding="utf-8"))


def of_state(function: str) -> set[str]:
    """Return the codes that a function of the filter dr_state creates."""
    (body,) = [node for node in ast.walk(STATE) if isinstance(node, ast.FunctionDef) and node.name == function]
    calls = [node for node in ast.walk(body) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_code"]
    codes = {leaf.value for call in calls for leaf in ast.walk(call.args[0]) if isinstance(leaf, ast.Constant)}
    # The sites of an entry of _summary are a separate section.
    return codes - {"member"}


def returned_by(function: str) -> set[str]:
    (body,) = [node for node in ast.walk(STATE) if isinstance(node, ast.FunctionDef) and node.name == function]
    results = [node.value for node in ast.walk(body) if isinstance(node, ast.Return) and node.value]
    leaves = [leaf for each in results for leaf in ast.walk(each) if isinstance(leaf, ast.Constant)]
    return {leaf.value for leaf in leaves if isinstance(leaf.value, str)} - {"log_keep", "drill"}


def found(pattern: str, text: str = ALL) -> set[str]:
    return set(re.findall(pattern, text, re.MULTILINE))


def outcomes(file: str) -> set[str]:
    """Return the possible codes of the expressions named outcome in a file."""
    expressions = found(r"'outcome': ((?:.|\n)*?)(?:,\n *'\w+':|\} ?\)? \}\})", TEXTS[ROLES / file])
    return {code for text in expressions for code in re.findall(r"(?:^|else )'(\w+)'", text)}


def marked(section: str) -> set[str]:
    """Return the codes that pages and tasks use with a section."""
    calls = found(rf"(?:mark|word)\(([^()]*(?:\([^()]*\))?[^()]*), '{section}'\)")
    calls |= found(rf"(\S*'\w+'(?: if .* else '\w+')?) \| gaussdb\.tpops\.dr_words\('{section}'\)")
    plain = [re.sub(r"\w*\['?\w+'?\]|default\([^()]*\)|\w+\('\w+'\)", "", call) for call in calls]
    codes = {code for call in plain for code in re.findall(r"(?:^|else |'code': )'(\w+)'", call)}
    return codes | {code for call in calls for code in re.findall(r"default\('(\w+)', true\)", call)}


def gates() -> set[str]:
    return {gate["name"] for gate in yaml.safe_load(TEXTS[ROLES / "dr_gates/vars/main.yml"])["dr_gates_table"]}


def operations() -> set[str]:
    """Return the writes of 4.18, except those that only gaussdb_dr_log_keep sends."""
    writes = {
        each.name for each in vars(disaster_recovery).values() if type(each).__name__ == "Operation" and not each.read
    }
    return {each for each in writes if "log_keep" not in each}


CODES: dict[str, set[str]] = {
    "page": found(r"label\('(\w+)'\)") | {"before", "after"},
    "procedures": found(r"dr_procedure: (\w+)"),
    "steps": found(r"\{name: (\w+), tasks:"),
    "verdicts": outcomes("dr_evidence/tasks/end.yml") | found(r"^      outcome: (\w+)$"),
    "outcomes": outcomes("dr_evidence/tasks/step.yml") | outcomes("dr_gates/tasks/main.yml") | marked("outcomes"),
    "operations": operations(),
    "jobs": set(vocabulary.JOB_STATUS.spellings),
    "statuses": set(vocabulary.DR_STATUS.spellings),
    "severities": set(vocabulary.ALARM_SEVERITY.spellings),
    "sides": marked("sides") | {"primary", "standby", "former_primary"},
    "acting": {"primary", "standby", "former_primary", "unknown"},
    "protections": marked("protections"),
    "limits": marked("limits"),
    "losses": found(r"\{'code': '(\w+)' if [^}]*? else 'lost'") | found(r"'code': '\w+' if [^}]*? else '(lost)'"),
    "instance_statuses": {"unreachable"},
    "deviations": of_state("_deviations"),
    "summary": of_state("_summary"),
    "sites": of_state("_site") | {"unreachable", "unreadable"},
    "members": {"member"},
    "logs": returned_by("_log"),
    "gates": gates(),
    "gate_values": gates(),
    "gate_limits": gates(),
    "alarms": {"unread"},
    "checks": found(r"'name': '(\w+)'", TEXTS[ROLES / "dr_verify/tasks/main.yml"] + EXAMPLE),
    "values": {"yes", "no"} | found(r"'value': '(\w+)'", EXAMPLE),
    # These only have texts for none, unknown or other.
    "backups": set(),
    "databases": set(),
    "comparisons": set(),
}
# Most checks show their value and expectation unchanged.
MAY_LACK = {"check_values": CODES["checks"], "check_expectations": CODES["checks"]}


@pytest.mark.parametrize("section", sorted(CODES))
def test_every_code_has_words_and_no_words_are_left_over(section: str) -> None:
    assert set(WORDS["en"][section]) - ANYWHERE == CODES[section] - ANYWHERE


def test_every_section_is_known() -> None:
    assert set(WORDS["en"]) == set(CODES) | set(MAY_LACK) | {"marks", "units"}
    for section, codes in MAY_LACK.items():
        assert set(WORDS["en"][section]) - ANYWHERE < codes


def test_every_section_that_is_asked_for_exists() -> None:
    asked = found(r"dr_words\('(\w+)'\)") | found(r"(?:mark|words?)\(.*?, '(\w+)'(?:, '\w+')?\) \}\}")
    assert asked > {"deviations", "summary", "gates", "steps", "statuses"}
    asked |= {spec for words in WORDS.values() for _path, text in leaves(words) for _name, spec in placeholders(text)}
    units = {"", "also", *WORDS["en"]["units"]}
    assert asked - units <= set(WORDS["en"])
    assert set(WORDS["en"]) - asked == {"marks", "units", "values"} - asked


def leaves(words: Any) -> Iterator[tuple[str, str]]:
    for section, codes in words.items():
        for code, text in codes.items():
            yield f"{section}.{code}", text


def placeholders(text: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _text, name, spec, _how in string.Formatter().parse(text) if name is not None}


def test_both_languages_say_the_same() -> None:
    english, chinese = (dict(leaves(WORDS[language])) for language in ("en", "zh"))
    assert english.keys() == chinese.keys()
    for code, text in english.items():
        assert isinstance(text, str) and isinstance(chinese[code], str), code
        assert placeholders(text) == placeholders(chinese[code]), code


def test_chinese_is_chinese() -> None:
    """Only signs, units and texts made of names and values are the same in both languages."""
    english, chinese = (dict(leaves(WORDS[language])) for language in ("en", "zh"))
    same = {code for code, text in english.items() if text == chinese[code]}
    assert all(not re.search(r"[a-z]{2,}", re.sub(r"\{[^}]*\}", "", english[code])) for code in same)


def test_the_role_offers_these_languages() -> None:
    assert {path.stem for path in dr_words.FOLDER.iterdir()} == set(dr_words.LANGUAGES)
    offered = yaml.safe_load(TEXTS[ROLES / "dr_evidence/vars/main.yml"])["dr_evidence_languages"]
    spec = yaml.safe_load(TEXTS[ROLES / "dr_evidence/meta/argument_specs.yml"])["argument_specs"]["main"]["options"]
    assert tuple(offered) == tuple(spec["dr_evidence_language"]["choices"]) == dr_words.LANGUAGES
