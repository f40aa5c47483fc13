# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values of replies, options and files, converted to the expected type; ``None`` for anything else."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

_WORD_GAPS = re.compile(r"[\s_-]+")
# No count, size or moment has more digits, and Python refuses to parse thousands of them.
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}(?:\.0+)?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_TRUE = "true t on yes y 1 enabled open 是 开启 已开启 启用 已启用 打开"
_FALSE = "false f off no n 0 disabled closed close 否 关闭 已关闭 停用 已停用 禁用"
_BOOLEANS = {**dict.fromkeys(_TRUE.split(), True), **dict.fromkeys(_FALSE.split(), False)}


@lru_cache(maxsize=4096)
def fold_case(text: str) -> str:
    """Return a word without case, width, white space, hyphens and underscores."""
    return _WORD_GAPS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def lookup(raw: Any, source: str) -> Any:
    """Return the value at a dotted path, or ``None``."""
    return find(raw, source.split("."))


def find(raw: Any, path: Sequence[str]) -> Any:
    """Return the value at a path, or ``None``."""
    for step in path:
        if not is_mapping(raw):
            return None
        raw = raw.get(step)
    return raw


def is_mapping(value: Any) -> bool:
    """Return whether a value is one of JSON's objects. Replies have thousands, nearly all of them of Python's own type,
    which is recognized ten times faster than an abstract one, so it comes first."""
    return isinstance(value, (dict, Mapping))


def has_attribute(raw: Any, source: str) -> bool:
    """Return whether the path exists, with any value."""
    parent, _dot, key = source.rpartition(".")
    holder = lookup(raw, parent) if parent else raw
    return is_mapping(holder) and key in holder


def as_int(value: Any) -> int | None:
    """Return an integer for ``30``, ``30.0``, ``"30"`` and ``" 30 "``; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    text = value.strip()
    return int(text.partition(".")[0]) if _INTEGER.fullmatch(text) else None


def as_number(value: Any) -> int | float | None:
    """Return a number for ``0.5``, ``"0.5"`` and ``"0.5%"``; ``None`` for anything else, such as ``"--"`` for a gap."""
    if isinstance(value, str):
        text = value.strip().removesuffix("%").strip()
        value = as_int(text) if _INTEGER.fullmatch(text) else float(text) if _NUMBER.fullmatch(text) else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return as_int(value)


def is_number(value: Any) -> bool:
    """Return whether a value is a number already; ``true`` and ``false`` are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def as_bool(value: Any) -> bool | None:
    """Return a boolean for the spellings of one; ``None`` for anything else."""
    if isinstance(value, str):
        return _BOOLEANS.get(fold_case(value))
    return bool(value) if isinstance(value, int) else None


def as_str(value: Any) -> str | None:
    """Return a string for scalars, with booleans as in JSON; ``None`` for objects and lists."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None


def as_list(value: Any) -> list[Any]:
    """Return a list: a scalar becomes a list of one, ``None`` an empty one."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def as_words(value: Any, separators: str = "") -> list[str]:
    """Return the strings of a list or of one string with separators; anything that is not a scalar is left out."""
    found = [text for text in map(as_str, as_list(value)) if text is not None]
    if separators:
        found = [part for text in found for part in re.split(f"[{re.escape(separators)}]", text)]
    return [text.strip() for text in found if text.strip()]


def split_names(value: Any) -> list[str]:
    """Return the names in a name, in a list, or in text with commas. Raises :class:`ValueError` for anything else."""
    for part in as_list(value):
        if part is not None and as_str(part) is None:
            raise ValueError(f"names are text, a list of text, or text with commas, not {part!r}")
    return as_words(value, ",")


def as_dict(value: Any) -> dict[str, Any] | None:
    """Return an object; ``None`` for anything else."""
    return dict(value) if isinstance(value, Mapping) else None


def version_key(version: str) -> list[int]:
    """Return the numbers of an engine version, by which versions are ordered."""
    return [int(number) for number in re.findall(r"\d+", version)]
