# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: words
short_description: Turn the codes and values of evidence into text
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns the text for a code, in one of the languages of C(vars/words) in the roles of procedures. All texts of a
    record, of P(gaussdb.tpops.dr_state#filter) and of a page come from there.
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
    msg: "{{ 'drill_running' | gaussdb.tpops.words('deviations') }}"  # a drill is running

- name: Show the exceeded RPO in Chinese
  ansible.builtin.debug:
    msg: "{{ {'code': 'rpo_above', 'seconds': 45, 'limit': 10} | gaussdb.tpops.words('deviations', 'zh') }}"
"""

RETURN = r"""
_value:
  description: The text, one for each code.
  type: raw
  sample: a drill is running
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.words import in_words


def words(value: Any, section: str, language: str = "en") -> str | list[str]:
    """Return the text for a code, or for each of several. Raises ``AnsibleFilterError`` for an unknown section or
    language."""
    try:
        return in_words(value, section, str(language))
    except (TpopsError, KeyError) as error:
        raise AnsibleFilterError(str(error.args[0])) from None


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"words": words}
