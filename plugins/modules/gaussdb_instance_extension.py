#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_instance_extension
short_description: Set the extended information of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Sets one value of the extended information of an instance, such as the settings of backups with XBSA.
  - A value cannot be removed, only set to an empty string. M(gaussdb.tpops.gaussdb_instance_info) returns the values.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  key:
    description:
      - Name of the value, such as V(BackupSet) or V(XbsaRoute).
    type: str
    required: true
  value:
    description:
      - The value to set. V("") clears it.
      - Non-string values are sent as JSON. JSON is compared by its content, not by its formatting.
      - The platform shows the value to everybody who may read the instance, and results and diffs contain it. Use
        C(no_log) on the task for a value that must not be shown.
    type: raw
    required: true
seealso:
  - module: gaussdb.tpops.gaussdb_instance_info
"""

EXAMPLES = r"""
- name: Set the configuration file of the backup system
  gaussdb.tpops.gaussdb_instance_extension:
    instance: orders-prod
    key: BackupSet
    value: /etc/xbsa.conf

- name: Set the address of the backup system
  gaussdb.tpops.gaussdb_instance_extension:
    instance: orders-prod
    key: XbsaRoute
    value:
      ip: 192.0.2.68
      port: "5000"
  register: route

- name: Show the stored value
  ansible.builtin.debug:
    var: route.extension.value
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
extension:
  description: The value as it is now, in check mode as it would be.
  returned: success
  type: dict
  contains:
    key:
      description: Name of the value.
      type: str
    value:
      description: The value.
      type: str
  sample:
    key: BackupSet
    value: /etc/xbsa.conf
plan:
  description: The writes that were sent, in check mode those that would be.
  returned: always
  type: list
  elements: dict
  contains:
    operation:
      description: Name of the operation.
      type: str
    method:
      description: HTTP method.
      type: str
    path:
      description: Path below C(/rds).
      type: str
    summary:
      description: What the request does, in one sentence.
      type: str
"""
# RETURN:end

import json
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import instance as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.read_errors import is_never_set
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Hooks, Resource, Write, Writes
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def parsed(value: Any) -> Any:
    """Return the parsed value of JSON text, and other text unchanged."""
    try:
        return json.loads(str(value))
    except ValueError:
        return value


def same_meaning(desired: Any, current: Any) -> bool:
    return equal(desired, current) or (current is not None and parsed(desired) == parsed(current))


SPEC = Resource(
    name="extension",
    plural="extensions",
    single=True,
    parent=INSTANCE,
    states=(),
    fields=(
        Field("key", required=True, no_log=False, role=Role.CONTROL, identifier=True, validate=checks.length(1, 128)),
        Field("value", type="raw", required=True, equal=same_meaning),
    ),
    find=Find(read=lambda ctx: api.get_instance_extension(ctx.parent.id, ctx.params["key"]), on_error=is_never_set),
    writes=Writes(
        updates=(
            Write.each(
                lambda ctx, item: api.set_instance_extension(ctx.parent.id, item.desired["key"], item.desired["value"]),
                lambda item: f"Set {item.desired['key']} of instance {item.label}",
            ),
        )
    ),
    hooks=Hooks(desired=lambda ctx: [{"key": ctx.params["key"], "value": api.extension_as_text(ctx.params["value"])}]),
    returns=api.EXTENSION,
    also_returns=(Attr("extension", doc="The value as it is now, in check mode as it would be."),),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
