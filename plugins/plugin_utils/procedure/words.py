# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The words of evidence: the text for each code of a record, in English and Chinese.

They are in the folder ``vars/words`` of the roles, a file for each language: by section, then by code. Several roles
may have words of one section.
"""

from __future__ import annotations

import functools
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError

ROLES = Path(__file__).resolve().parents[3] / "roles"
LANGUAGES = ("en", "zh")
OPTION = "gaussdb_evidence_language"

Words = Mapping[str, Mapping[str, str]]


@functools.cache
def read_words(language: str) -> Words:
    """Return the texts of a language: by section, then by code. Raises :class:`TpopsError` for an unknown
    language."""
    if language not in LANGUAGES:
        raise TpopsError(f"{OPTION} must be one of {', '.join(LANGUAGES)}, not {language}")
    words: dict[str, dict[str, str]] = {}
    for path in sorted(ROLES.glob(f"*/vars/words/{language}.yml")):
        for section, texts in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            words.setdefault(section, {}).update(texts)
    return words


def in_words(value: Any, section: str, language: str = "en") -> str | list[str]:
    """Return the text for a code, or for each of several. Raises :class:`KeyError` for an unknown section."""
    words = read_words(language)
    if section not in words:
        raise KeyError(f"there is no section {section} of texts")
    return [_word(each, section, words) for each in value] if _is_list(value) else _word(value, section, words)


class Sentence(string.Formatter):
    """A sentence whose placeholders are names of values, with dots into dictionaries. After a colon comes the section
    of the value's codes, or its unit: ``{status:statuses}``, ``{limit:seconds}``. With ``also`` a value follows a
    comma, and a missing value is left out.
    """

    def __init__(self, words: Words) -> None:
        self.words = words

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        value: Any = kwargs
        for key in field_name.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        return value, field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "also":
            return f"{self.words['marks']['also']}{_word(value, 'values', self.words)}" if value else ""
        if format_spec in self.words["units"]:
            number = isinstance(value, (int, float))
            text = _word(value, "values", self.words)
            return f"{text} {self.words['units'][format_spec]}" if number else text
        return _word(value, format_spec or "values", self.words)


def _word(value: Any, section: str, words: Words) -> str:
    """Return the text for one value: an empty list is the code ``none``, and null the code ``unknown``."""
    if value is None:
        value = "unknown"
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:.10g}"
    if _is_list(value):
        return words["marks"]["between"].join(_word(each, section, words) for each in value or ["none"])
    if isinstance(value, Mapping):
        code = str(value.get("code", value.get("name", "")))
        found = words[section].get(code) or words[section].get("other")
        return Sentence(words).vformat(found, (), value) if found else code
    found = words[section].get(str(value)) or words["values"].get(str(value))
    return Sentence(words).vformat(found, (), {}) if found else str(value)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))
