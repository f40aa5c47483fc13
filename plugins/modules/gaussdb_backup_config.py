#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_backup_config
short_description: Manage the extended backup configuration of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Sets the extended backup configuration of an instance, such as the speed and compression of its backups. Unlike the
    backup policy, it also exists for instances with XBSA backups.
  - Options that are not set keep their value. The platform may reset values that are not sent to their defaults, so the
    module also sends the current values.
  - O(rate_limit_mb), O(prefetch_blocks) and O(standby_backup) are also options of
    M(gaussdb.tpops.gaussdb_backup_policy). Manage each of them in one place only.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  rate_limit_mb:
    description:
      - Upload speed limit for backups in MB/s, from 0 to 1024. V(0) means no limit.
    type: int
  prefetch_blocks:
    description:
      - Number of changed pages that a differential backup prefetches, from 1 to 8192.
    type: int
  standby_backup:
    description:
      - Whether backups are taken from a standby. Not supported for single-node instances or versions before 3.100.0.
    type: bool
  compression:
    description:
      - Whether backups are compressed. For instances with XBSA backups only.
    type: bool
seealso:
  - module: gaussdb.tpops.gaussdb_backup_policy
  - module: gaussdb.tpops.gaussdb_backup_policy_info
"""

EXAMPLES = r"""
- name: Take backups from a standby at a limited speed
  gaussdb.tpops.gaussdb_backup_config:
    instance: orders-prod
    rate_limit_mb: 50
    standby_backup: true
  register: configured

- name: Show the speed limit
  ansible.builtin.debug:
    msg: "{{ configured.backup_config.rate_limit_mb }} MB/s"

- name: Turn off the compression of backups on the XBSA medium
  gaussdb.tpops.gaussdb_backup_config:
    instance: orders-prod
    compression: false
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
backup_config:
  description: The backup config as it is now, in check mode as it would be, as far as that is known.
  returned: success
  type: dict
  contains:
    rate_limit_mb:
      description: Maximum upload rate in MB/s.
      type: int
    prefetch_blocks:
      description: Number of pages read ahead.
      type: int
    standby_backup:
      description: Whether backups are taken from a standby.
      type: bool
    compression:
      description: Whether backups are compressed.
      type: bool
  sample:
    rate_limit_mb: 75
    prefetch_blocks: 64
    standby_backup: false
    compression: true
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


from ansible_collections.gaussdb.tpops.plugins.module_utils.api import backup as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Resource, Write, Writes
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

FIELDS = (
    Field("rate_limit_mb", type="int", validate=checks.between(0, 1024)),
    Field("prefetch_blocks", type="int", validate=checks.between(1, 8192)),
    Field("standby_backup", type="bool"),
    Field("compression", type="bool"),
)


def set_config(ctx: Context, item: Item) -> Call:
    """Values that are not sent may fall back to a default (4.2.4). Compression is on by default, only for XBSA."""
    values = {each.name: item.value(each.name) for each in FIELDS}
    if values["compression"] and "compression" not in item.changes:
        del values["compression"]
    return api.set_backup_config(ctx.parent.id, values)


SPEC = Resource(
    name="backup_config",
    plural="backup_configs",
    single=True,
    parent=INSTANCE,
    states=(),
    fields=FIELDS,
    find=Find(read=lambda ctx: api.get_backup_config(ctx.parent.id)),
    writes=Writes(updates=(Write.each(set_config, "Set the backup configuration of instance {names}"),)),
    returns=api.CONFIG,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
