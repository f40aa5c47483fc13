# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: names
short_description: Return names that were given as one, as a list, or with commas
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - All options of playbooks and roles that take several names, such as C(gaussdb_target) and C(gaussdb_confirm), take
    them in each of these forms. A command line and the surveys of AWX give text, variables give lists.
positional: _input, option
options:
  _input:
    description: A name, names separated by commas, a list of both, or nothing. Null and V("") are nothing.
    type: raw
    required: true
  option:
    description: The name of the option, for the error about anything else, such as a dictionary.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the instances that were asked for
  ansible.builtin.debug:
    msg: "{{ gaussdb_target | default([]) | gaussdb.tpops.names('gaussdb_target') }}"
"""

RETURN = r"""
_value:
  description: The names in their order, without blanks around them.
  type: list
  elements: str
  sample: [orders-prod, core-*]
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import split_names


def names_of(value: Any, option: str) -> list[str]:
    try:
        return split_names(value)
    except ValueError as error:
        raise AnsibleFilterError(f"{option}: {error}") from None


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"names": names_of}
