# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code that the roles and filters of procedures can produce has a text in both languages, and none is unused."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from catalogue import ROOT

from ansible_collections.gaussdb.tpops.plugins.filter import dr_state
from ansible_collections.gaussdb.tpops.plugins.module_utils.api import disaster_recovery, vocabulary
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.gates import GATES
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.health import judgement
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.health.reading import DEEP_PARTS, PARTS
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import (
    adopt,
    decommission,
    nodes,
    proof,
    record,
    upgrade,
    verification,
    workload,
    zones,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.view import FIGURES
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.words import LANGUAGES, ROLES, read_words

ROLES_WITH_WORDS = tuple(sorted(path.parts[-3] for path in ROOT.glob("roles/*/vars/words")))
WORDS = {language: read_words(language) for language in LANGUAGES}
FILES = sorted(
    path
    for role in ROLES_WITH_WORDS
    for path in (ROLES / role).rglob("*")
    if path.suffix in (".yml", ".j2") and path.parent.name != "words"
)
FILES += sorted((ROOT / "playbooks").rglob("*.yml"))
ALL = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
# A user's own verification, which may use these texts.
EXAMPLE = (ROOT / "examples" / "dr" / "verify.yml").read_text(encoding="utf-8")
LIMITS = ("slow_factor", "min_calls", "new_slow_statements", "cpu_points")
# Replacements for values by the shapes and the filter words, and the marks that join texts.
ANYWHERE = {"none", "unknown", "other"}
STATE = ast.parse(Path(dr_state.__file__).read_text(encoding="utf-8"))


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


def marked(section: str) -> set[str]:
    """Return the codes that pages and tasks use with a section."""
    calls = found(rf"(?:mark|word)\(([^()]*(?:\([^()]*\))?[^()]*), '{section}'\)")
    calls |= found(rf"(\S*'\w+'(?: if .* else '\w+')?) \| gaussdb\.tpops\.words\('{section}'\)")
    plain = [re.sub(r"\w*\['?\w+'?\]|default\([^()]*\)|\w+\('\w+'\)", "", call) for call in calls]
    codes = {code for call in plain for code in re.findall(r"(?:^|else |'code': )'(\w+)'", call)}
    return codes | {code for call in calls for code in re.findall(r"default\('(\w+)', true\)", call)}


def written(module: Any, name: str) -> set[str]:
    """Return the texts that a module of Python gives a key of this name."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    found = [dict(zip(node.keys, node.values)) for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    values = [value for each in found for key, value in each.items() if getattr(key, "value", "") == name]
    return {leaf.value for value in values for leaf in ast.walk(value) if isinstance(leaf, ast.Constant) and leaf.value}


def of_health() -> set[str]:
    """Return the codes of the findings of a report on health."""
    tree = ast.parse(Path(judgement.__file__).read_text(encoding="utf-8"))
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_finding"
    ]
    chosen = [
        node for node in ast.walk(tree) if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code"
    ]
    values = [*(call.args[2] for call in calls), *(branch for each in chosen for branch in _branches(each.value))]
    return {value.value for value in values if isinstance(value, ast.Constant)}


def _branches(value: Any) -> tuple[Any, ...]:
    return (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,)


def operations() -> set[str]:
    """Return the writes of 4.18, except those that only gaussdb_dr_log_keep sends."""
    writes = {
        each.name for each in vars(disaster_recovery).values() if type(each).__name__ == "Operation" and not each.read
    }
    return {each for each in writes if "log_keep" not in each}


COMPARED = {each["name"] for each in workload.compare_workload({}, {}, dict.fromkeys(LIMITS, 1))} | {"parameters"}
CODES: dict[str, set[str]] = {
    "page": found(r"label\('(\w+)'\)") | {"before", "after"},
    "procedures": found(r"procedure_name: (\w+)"),
    # What fails outside of all steps is recorded as a step of its own.
    "steps": found(r"step: (\w+)$") | {"between"},
    "verdicts": {*record.OUTCOMES, record.RUNNING},
    "outcomes": {"ok", "changed", record.RUNNING, "passed", "waived", "noted", "not_enforced", "not_compared"}
    | marked("outcomes"),
    "figures": {name for name, _limit in FIGURES},
    "notes": found(r"- code: (\w+)")
    | found(r"\[\{'code': '(rung_failed)'")
    | found(r"- code: \"\{\{ '(\w+)'")
    | found(r"- code: \"\{\{ .* else '(\w+)'")
    | found(r"\[\{'code': '(agents_unknown|expanded|describe_hosts)'")
    | {proof.BEGUN, decommission.KEPT, adopt.FOUND, adopt.FOUND_WITH_MISSING, adopt.NOTHING_FOUND},
    "operations": operations()
    | {"upgrade_agent", "create_backup", "create_wdr_snapshot", "upgrade_instance"}
    | {"switch_shard", "stop_instance", "start_instance", "repair_nodes", "replace_node"}
    | {"repair_availability_zone", "set_parameters", "restart_instance"}
    | {"restore_to_new_instance", "set_backup_policy", "delete_instance"}
    | {"manage_instance", "create_inspection", "expand_instance", "change_solution", "delete_hosts"}
    | {"lock_user", "manage_dbmind_instances", "delete_inspections", "modify_inspection"}
    | {"restore_instance", "confirm_restore_data", "flashback_tables"}
    | {"init_builtin_passwords", "reset_user_password", "install_backup_certificates"}
    | {"create_key_pair", "modify_hosts", "delete_key_pair"},
    "jobs": set(vocabulary.JOB_STATUS.spellings),
    "statuses": set(vocabulary.DR_STATUS.spellings),
    "severities": set(vocabulary.ALARM_SEVERITY.spellings),
    "sides": marked("sides") | {"primary", "standby", "former_primary"},
    "acting": {"primary", "standby", "former_primary", "unknown"},
    "protections": marked("protections"),
    "limits": marked("limits"),
    "losses": found(r"\{'code': '(\w+)' if [^}]*? else 'lost'")
    | found(r"'code': '\w+' if [^}]*? else '(lost)'")
    | found(r"      code: (zones_lost)$"),
    "instance_statuses": {"unreachable"},
    "deviations": of_state("_deviations"),
    "summary": of_state("_summary")
    | {f"upgrade_{stage}" for stage in upgrade.STAGES}
    | {"nodes_healthy", "nodes_unhealthy", "nodes_unknown", "backed_up", "not_backed_up", "gone"},
    "sites": of_state("_site") | {"unreachable", "unreadable"},
    "members": {"member"},
    "logs": returned_by("_log"),
    "gates": set(GATES),
    "gate_values": set(GATES),
    "gate_limits": set(GATES),
    "ways_out": set(GATES),
    "alarms": {"unread"},
    "checks": written(verification, "name")
    | written(upgrade, "name")
    | written(nodes, "name")
    | written(zones, "name")
    | found(r"'name': '(\w+)'", ALL + EXAMPLE)
    | {"databases", "users", "databases_kept", "users_kept"}
    | {"instances_left", "hosts_in_use", "hosts_left", "last_backup"}
    | written(adopt, "name")
    | {"databases_restored", "users_restored", "proof_rto", "proof_rpo", "proof_rpo_data"}
    | found(r"- name: (full_backup)$"),
    "values": {"yes", "no"} | found(r"'value': '(\w+)'", EXAMPLE),
    "windows": {"open", "closed"},
    "workloads": COMPARED,
    "workload_values": COMPARED,
    "workload_limits": COMPARED,
    "schemas": {"not_listed"},
    "findings": of_health(),
    "colors": set(judgement.COLORS),
    "parts": {*PARTS, *DEEP_PARTS, judgement.ESTATE},
    # These only have texts for none, unknown or other.
    "nodes": set(),
    "replicas": set(),
    "agents": set(),
    "upgrades": {"unread"},
    "accounts": set(),
    "majorities": set(),
    "spares": {"missing", "in_use", "differs", "number"},
    "figure_limits": set(),
    "clients": set(),
    "expansions": {"removed", "topology"},
    "sizes": {"differs"},
    "found_databases": set(),
    "added": {"missing", "in_use"},
    "owners": set(),
    "given_versions": set(),
    "unapproved_facts": set(),
    "rungs": set(nodes.RUNGS),
    "conditions": {"healthy", "unhealthy", "stopped"},
    "relations": set(),
    "points": {"backup", "missing"},
    "obstacles": {"member", "observed"},
    "statements": set(),
    "changes": set(),
    "inspections": set(),
    "restores": set(),
    "described": set(),
    "dbminds": set(),
    "compared": set(),
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
    asked = found(r"\bwords\('(\w+)'\)") | found(r"(?:mark|words?)\(.*?, '(\w+)'(?:, '\w+')?\) \}\}")
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


def test_each_role_has_both_languages() -> None:
    folders = {path.parent for path in ROLES.glob("*/vars/words/*.yml")}
    assert {folder.parents[1].name for folder in folders} == set(ROLES_WITH_WORDS)
    assert all({path.stem for path in folder.iterdir()} == set(LANGUAGES) for folder in folders)


def test_no_role_has_the_words_of_another_one() -> None:
    codes = [
        f"{section}.{code}"
        for path in ROLES.glob("*/vars/words/en.yml")
        for section, texts in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        for code in texts
    ]
    assert len(set(codes)) == len(codes)
