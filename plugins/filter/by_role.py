# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: by_role
short_description: Split the description of a platform into what each role converges
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns what a description says of the platform without its instances, or of one instance, by the names of the roles
    that converge it.
  - Null is left out. The values of C(host_defaults) and C(instance_defaults) are in each entry that does not replace
    them, and C(kylin) is spelled as the module of the part spells it.
  - While the C(window) of an instance is closed, what would interrupt its service is left out.
positional: _input, instance, parts
options:
  _input:
    description: The description of the platform, C(gaussdb_estate).
    type: dict
    required: true
  instance:
    description: Name of the instance. Without it the platform without its instances is meant.
    type: str
  parts:
    description: Names of parts to return, such as C(users). Without them all parts are returned.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Converge the databases of one instance
  ansible.builtin.include_role:
    name: gaussdb.tpops.database
  vars:
    database_config: "{{ (gaussdb_estate | gaussdb.tpops.by_role('orders-prod')).database
      | combine({'instance': 'orders-prod'}) }}"
"""

RETURN = r"""
_value:
  description: The parts of the description, by the name of the role.
  type: dict
  sample:
    instance: {name: orders-prod, solution: triset}
    backup: {backup_policy: {keep_days: 14}}
    database: {databases: [{name: orders}]}
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import by_role


def split(
    estate: Mapping[str, Any], instance: Any = None, parts: Collection[str] | None = None
) -> dict[str, dict[str, Any]]:
    try:
        return by_role(estate, None if instance is None else str(instance), parts, datetime.now(timezone.utc))
    except LookupError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"by_role": split}
