# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad inputs: the arguments of a working case, with one or two options replaced by invalid values.

The options and the values that are wrong for their type come from the module's argument spec, at any depth. The choice
is the same in every run.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

# This must not be in any result. It is part of secrets that are otherwise odd, so no one-to-one replacement hides it.
SENTINEL = "Sentinel9Secret"

_TEXTS = (
    *(
        "",
        " ",
        "\t",
        "\n",
        "\x00",
        "a\x00b",
        "\x1b[31mred",
        "a\r\nX-Evil: 1",
        "\x7f",
        "\x9b31m",
        "\ud800",
        "a\udc80b",
        "\ufeff",
        "\u202egnp",
    ),
    *("x" * 300, "x" * 100_000, "ß" * 64, "订单", "ＦＵＬＬ", "１２", "²", "İ", "😀" * 20),
    *("../../nowhere", "a/b", ".", "..", "/", "?x=1", "#x", "%2e%2e%2f", "%s%n", "a b", "-", "--help", "~nobody/x"),
    *("{{ 7 * 7 }}", "{% raw %}", "{{", "${jndi:ldap://x}", "' or 1=1 --", "$(id)", "<script>", "!vault |"),
    *("null", "None", "true", "NaN", "-1", "0", "1e400", "[]", "{}", "0x10", "00000000000000000000000000000000in14"),
)
_TIMES = (
    *(
        "999999w",
        "-1d",
        "0s",
        "1.5h",
        "d",
        "99999999999999999999s",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
    ),
    *(
        "2026-02-30 00:00:00 UTC",
        "2026-01-01",
        "2026-01-01T25:00:00Z",
        "-5",
        "1767225600000",
        "9" * 30,
        "１d",
        "now",
        "00:00",
        "25:61:61",
    ),
    *("2026-01-01 00:00:00 UTC", "2026-01-01T00:00:00+99:99"),
)
_NUMBERS = (
    -1,
    0,
    1,
    2,
    100,
    65536,
    2**31,
    2**63,
    10**10,
    10**30,
    -(10**30),
    1.5,
    -0.0,
    1e308,
    float("inf"),
    float("nan"),
    "²",
    "1e3",
    " 7 ",
)
_ADDRESSES = (
    "::1:36259",
    "[::1",
    "[::1]:x",
    "host:0",
    "host:99999",
    "https://",
    "http://a/b",
    "a@b",
    "ho st",
    "192.0.2.256",
    "::",
    "%",
    "x" * 300,
)
_JUNK = (
    None,
    True,
    False,
    [],
    {},
    [None],
    [""],
    [[]],
    [{}],
    {"": ""},
    {"a": None},
    {"\ud800": 1},
    [1, [2, [3]]],
    b"bytes",
)


@dataclass(frozen=True)
class Bad:
    """Arguments of a module, and the bad options in them, with their path: ``users[0].name``."""

    arguments: dict[str, Any]
    options: tuple[str, ...]
    check_mode: bool


def strange_files(folder: Path) -> None:
    """Create what a path may refer to other than a file. A link to a device can safely be replaced by a file."""
    for name, target in (("zero", "/dev/zero"), ("random", "/dev/urandom"), ("loop", "loop"), ("gone", "nowhere")):
        if not (folder / name).is_symlink():
            os.symlink(target, folder / name)
    if not (folder / "pipe").exists():
        os.mkfifo(folder / "pipe")
    (folder / "empty").touch()
    (folder / "folder").mkdir(exist_ok=True)
    (folder / "latin").write_bytes(b"\xff\xfe\x00garbage")


def bad_inputs(base: Mapping[str, Any], argument_spec: Mapping[str, Any], folder: Path) -> st.SearchStrategy[Bad]:
    """Return a strategy for bad variants of arguments."""
    options = list(_options(argument_spec))
    change = st.sampled_from(options).flatmap(
        lambda option: st.tuples(st.just(option[0]), _values(option[1], str(folder)))
    )
    return st.builds(
        lambda changes, check_mode: _changed(base, changes, check_mode),
        st.lists(change, min_size=1, max_size=2),
        st.booleans(),
    )


def _options(
    argument_spec: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    for name, entry in argument_spec.items():
        yield (*path, name), entry
        if entry.get("options"):
            yield from _options(entry["options"], (*path, name))


def _changed(base: Mapping[str, Any], changes: list[tuple[tuple[str, ...], Any]], check_mode: bool) -> Bad:
    arguments = copy.deepcopy(dict(base))
    for path, value in changes:
        place: Any = arguments
        for step in path[:-1]:
            inner = place.get(step)
            if isinstance(inner, list):
                inner = next((each for each in inner if isinstance(each, dict)), None)
            if not isinstance(inner, dict):
                # It does not matter whether it is a list: Ansible converts it to one.
                inner = place[step] = {}
            place = inner
        place[path[-1]] = copy.deepcopy(value)
    return Bad(arguments, tuple(".".join(path) for path, _value in changes), check_mode)


def _values(entry: Mapping[str, Any], folder: str) -> st.SearchStrategy[Any]:
    kind = entry.get("type", "str")
    if entry.get("no_log"):
        return st.one_of(
            st.sampled_from([SENTINEL + text for text in _TEXTS if len(text) < 100]),
            st.sampled_from([_JUNK[0], "", [], {}]),
        )
    fitting = _of(kind, folder)
    if kind == "list":
        inner = _of(entry.get("elements", "str"), folder)
        fitting = st.one_of(
            st.lists(inner, max_size=3), inner.map(lambda value: [value, value]), inner.map(lambda value: [value] * 300)
        )
    if entry.get("choices"):
        fitting = st.one_of(fitting, st.sampled_from([str(choice).upper() for choice in entry["choices"]]))
    return st.one_of(fitting, fitting, st.sampled_from(_JUNK))


@cache
def _of(kind: str, folder: str) -> st.SearchStrategy[Any]:
    texts = st.one_of(
        st.sampled_from(_TEXTS),
        st.sampled_from(_TIMES),
        st.sampled_from(_ADDRESSES),
        st.text(max_size=40),
        st.text(st.characters(categories=["Cs", "Cc", "Cf", "Co"]), min_size=1, max_size=5),
    )
    if kind in ("int", "float"):
        return st.one_of(st.sampled_from(_NUMBERS), st.integers())
    if kind == "bool":
        return st.sampled_from(["yes", "maybe", 2, "", "TRUE"])
    if kind == "path":
        names = (
            "zero",
            "random",
            "pipe",
            "loop",
            "gone",
            "empty",
            "folder",
            "latin",
            "gone/deeper",
            "folder/new",
            "x" * 300,
            "a\x00b",
            "\ud800",
        )
        return st.sampled_from([f"{folder}/{name}" for name in names] + [folder, "", " "])
    if kind in ("dict", "raw"):
        return st.one_of(st.dictionaries(texts, texts, max_size=2), texts)
    return texts
