# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: parts_of_tags
short_description: Return the parts of a description that the tags of a run select
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - The parts of a description, such as C(users), are the tags of C(gaussdb.tpops.site). It fails for tags that select
    no part, because such a run would do nothing.
positional: _input, skipped
options:
  _input:
    description: The variable C(ansible_run_tags).
    type: list
    elements: str
    required: true
  skipped:
    description: The variable C(ansible_skip_tags).
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show the selected parts
  ansible.builtin.debug:
    msg: "{{ ansible_run_tags | gaussdb.tpops.parts_of_tags(ansible_skip_tags) }}"
"""

RETURN = r"""
_value:
  description: The names of the parts.
  type: list
  elements: str
  sample: [users, databases]
"""

from collections.abc import Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import PARTS

# The tags that stand for all tasks: without --tags, and for tasks with tags.
ALL = {"all", "tagged"}


def parts_of_tags(tags: Sequence[str], skipped: Sequence[str] = ()) -> list[str]:
    names = [part.name for part in PARTS]
    left = [name for name in names if (ALL & set(tags) or name in tags) and name not in skipped]
    if not left:
        raise AnsibleFilterError(f"The tags of this run select nothing. Tags are the parts: {', '.join(names)}")
    return left


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"parts_of_tags": parts_of_tags}
