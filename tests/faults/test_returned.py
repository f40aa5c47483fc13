# SPDX-License-Identifier: GPL-3.0-or-later
"""Each case returns, in check mode too, what RETURN documents: its keys, at any depth, and their types.

RETURN is generated from the specs and shapes, so a difference is one between these and the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cases import Play, documentation, every_case
from judge import Judge

CASES = every_case()
# What ansible-core documents for all modules.
COMMON = frozenset({"changed", "diff", "warnings"})
ALWAYS = ("always", "success", "success, and when some failed")
TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "list": (list,),
    "dict": (dict,),
    "raw": (object,),
}


@pytest.mark.parametrize("name", CASES)
def test_a_case_returns_what_is_documented(name: str, judge: Judge) -> None:
    documented = documentation(CASES[name].module, "RETURN")
    play = Play(judge.platform, CASES[name], judge.folder)
    planned, done = play.run(check_mode=True), play.run()
    assert not planned.escaped and not done.failed, done.message
    assert {text for result in planned.results for text in differences(documented, result, whole=False)} == set()
    assert {text for result in done.results for text in differences(documented, result)} == set()


def differences(
    documented: Mapping[str, Any], value: Mapping[str, Any], path: str = "", whole: bool = True
) -> Iterator[str]:
    """Return what is undocumented or has another type, and what is missing from a ``whole`` result."""
    for key, found in value.items():
        if key in documented:
            yield from _misfits(documented[key], found, f"{path}{key}", whole)
        elif path or key not in COMMON:
            yield f"{path}{key} is not documented"
    for key in documented if whole else ():
        if key not in value and documented[key].get("returned", ALWAYS[0]) in ALWAYS:
            yield f"{path}{key} is missing"


def _misfits(entry: Mapping[str, Any], value: Any, path: str, whole: bool) -> Iterator[str]:
    if value is None:
        return
    if not _fits(entry["type"], value):
        yield f"{path} is of type {type(value).__name__}, not {entry['type']}"
    elif isinstance(value, list):
        for each in value:
            yield from _misfits({**entry, "type": entry["elements"]}, each, f"{path}[]", whole)
    elif isinstance(value, dict) and "contains" in entry:
        yield from differences(entry["contains"], value, f"{path}.", whole)


def _fits(kind: str, value: Any) -> bool:
    return isinstance(value, TYPES[kind]) and (kind in ("bool", "raw") or not isinstance(value, bool))


DOCUMENTED = {
    "thing": {
        "type": "dict",
        "returned": "success",
        "contains": {"name": {"type": "str"}, "size": {"type": "int"}, "part": {"type": "str", "returned": "at times"}},
    },
    "tags": {"type": "list", "elements": "str", "returned": "when there are some"},
}


@pytest.mark.parametrize(
    ("result", "found"),
    [
        ({"thing": {"name": "a", "size": None}, "tags": ["b"], "changed": True}, []),
        ({"thing": {"name": "a", "size": 1, "doubt": 2}}, ["thing.doubt is not documented"]),
        ({"thing": {"name": "a", "size": True}}, ["thing.size is of type bool, not int"]),
        ({"thing": {"size": 1}, "tags": [3]}, ["thing.name is missing", "tags[] is of type int, not str"]),
        ({"other": 1}, ["other is not documented", "thing is missing"]),
    ],
)
def test_a_difference_is_found(result: dict[str, Any], found: list[str]) -> None:
    assert list(differences(DOCUMENTED, result)) == found
