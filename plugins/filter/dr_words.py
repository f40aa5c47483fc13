# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: dr_words
short_description: Turn the codes and values of disaster recovery into text
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns the text for a code, in one of the languages of C(roles/dr_evidence/vars/words). All texts of a record, of
    P(gaussdb.tpops.dr_state#filter) and of a page come from there.
  - The input is a code, a dictionary with C(code) or C(name) and the values of its sentence, or a list of these, for
    which a list is returned.
  - Input that is not a code of the section, such as the name of an alarm, is returned unchanged. A missing value
    becomes the word for unknown, and an empty list in a sentence the word for none.
positional: _input, section, language
options:
  _input:
    description: The codes and values.
    type: raw
    required: true
  section:
    description: The section of the texts, such as V(deviations) or V(steps).
    type: str
    required: true
  language:
    description: Language of the texts.
    type: str
    choices: [en, zh]
    default: en
seealso:
  - plugin: gaussdb.tpops.dr_state
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show that a drill is running
  ansible.builtin.debug:
    msg: "{{ 'drill_running' | gaussdb.tpops.dr_words('deviations') }}"  # a drill is running

- name: Show the exceeded RPO in Chinese
  ansible.builtin.debug:
    msg: "{{ {'code': 'rpo_above', 'seconds': 45, 'limit': 10} | gaussdb.tpops.dr_words('deviations', 'zh') }}"
"""

RETURN = r"""
_value:
  description: The text, one for each code.
  type: raw
  sample: a drill is running
"""

import functools
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleFilterError

FOLDER = Path(__file__).resolve().parents[2] / "roles" / "dr_evidence" / "vars" / "words"
LANGUAGES = ("en", "zh")

Words = Mapping[str, Mapping[str, str]]


@functools.cache
def read_words(language: str) -> Words:
    """Return the texts of a language: by section, then by code. Raises ``AnsibleFilterError`` for an unknown one."""
    if language not in LANGUAGES:
        raise AnsibleFilterError(f"dr_evidence_language must be one of {', '.join(LANGUAGES)}, not {language}")
    words: Words = yaml.safe_load((FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
    return words


def dr_words(value: Any, section: str, language: str = "en") -> str | list[str]:
    """Return the text for a code, or for each of several. Raises ``AnsibleFilterError`` for an unknown section."""
    words = read_words(str(language))
    if section not in words:
        raise AnsibleFilterError(f"there is no section {section} of texts")
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


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"dr_words": dr_words}
