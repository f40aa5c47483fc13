#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_backup_config
short_description: Manage how the backups of an instance are made
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Sets the extended backup configuration of an instance, such as the speed and compression of its backups. Unlike the
    backup policy it also is there for instances with XBSA backups.
  - Options that are left out keep their value. The platform names defaults for what is not sent, so the module sends
    the present values too.
  - Speed, pages read ahead and backups from a standby are the same settings as those of
    M(gaussdb.tpops.gaussdb_backup_policy). Manage each of them in one place.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  rate_limit_mb:
    description:
      - Highest speed at which backups are uploaded, in MB/s, from 0 to 1024. V(0) sets no limit.
    type: int
  prefetch_blocks:
    description:
      - Number of changed pages that a differential backup reads ahead, from 1 to 8192.
    type: int
  standby_backup:
    description:
      - Whether backups are taken from a standby. Not for instances of a single node or before version 3.100.0.
    type: bool
  compression:
    description:
      - Whether backups are compressed. For instances with XBSA backups.
    type: bool
seealso:
  - module: gaussdb.tpops.gaussdb_backup_policy
  - module: gaussdb.tpops.gaussdb_backup_policy_info
"""

EXAMPLES = r"""
- name: Take backups from a standby, and slowly
  gaussdb.tpops.gaussdb_backup_config:
    instance: orders-prod
    rate_limit_mb: 50
    standby_backup: true
  register: configured

- name: Say how fast
  ansible.builtin.debug:
    msg: "{{ configured.backup_config.rate_limit_mb }} MB/s"

- name: Send backups to the XBSA medium as they are
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

from collections.abc import Sequence

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import backup as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Field, Resource, Write
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

FIELDS = (
    Field("rate_limit_mb", type="int", validate=checks.between(0, 1024)),
    Field("prefetch_blocks", type="int", validate=checks.between(1, 8192)),
    Field("standby_backup", type="bool"),
    Field("compression", type="bool"),
)


def set_config(ctx: Context, items: Sequence[Item]) -> Call:
    """What is not sent may fall back to a default (4.2.4). That compression is on is the default, and only for XBSA
    instances."""
    values = {each.name: items[0].value(each.name) for each in FIELDS}
    if values["compression"] and "compression" not in items[0].changes:
        del values["compression"]
    return api.set_backup_config(ctx.scope_id, values)


SPEC = Resource(
    name="backup_config",
    plural="backup_configs",
    single=True,
    parent=INSTANCE,
    states=(),
    fields=FIELDS,
    read=lambda ctx: api.get_backup_config(ctx.scope_id),
    updates=(Write(set_config, "Set the backup configuration of instance {names}"),),
    returns=api.CONFIG,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
