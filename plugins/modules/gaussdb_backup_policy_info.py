#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_backup_policy_info
short_description: Gather information about the automatic backups of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Returns the backup policy of an instance and, on request, the extended configuration and the path of the archived
    log.
  - Instances with XBSA backups have an extended configuration, but neither a policy nor a path.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
options:
  gather:
    description:
      - Additional information to gather, with one more request each. V(config) is the extended configuration,
        V(archive_log_path) the path of the archived log.
    type: list
    elements: str
    choices: [config, archive_log_path]
    default: []
seealso:
  - module: gaussdb.tpops.gaussdb_backup_policy
"""

EXAMPLES = r"""
- name: Gather the backup settings of an instance
  gaussdb.tpops.gaussdb_backup_policy_info:
    instance: orders-prod
    gather: [config, archive_log_path]
  register: backups

- name: Fail if the log is not archived
  ansible.builtin.assert:
    that: backups.archive_log_path != ''
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
backup_policies:
  description: A list with the policy, or an empty list for instances with XBSA backups.
  returned: success
  type: list
  elements: dict
  contains:
    keep_days:
      description: Number of days that a backup is kept.
      type: int
    start_time:
      description: Hour in which full backups begin, in UTC.
      type: str
    period:
      description: Days of the week of full backups, V(1) for Monday.
      type: list
      elements: int
    differential_period_minutes:
      description: Minutes between two differential backups.
      type: int
    rate_limit_mb:
      description: Maximum upload rate in MB/s.
      type: int
    prefetch_blocks:
      description: Number of pages read ahead.
      type: int
    file_split_size_gb:
      description: Size in GB at which files are split.
      type: int
    standby_backup:
      description: Whether backups are taken from a standby.
      type: bool
  sample:
    - keep_days: 14
      start_time: 19:00-20:00
      period:
        - 1
        - 2
        - 3
        - 4
        - 5
      differential_period_minutes: 30
      rate_limit_mb: 75
      prefetch_blocks: 64
      file_split_size_gb: 4
      standby_backup: false
config:
  description: The extended configuration.
  returned: when O(gather) has V(config)
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
archive_log_path:
  description: Path of the archived log. An empty string if the instance does not archive it, null for instances with
    XBSA backups.
  returned: when O(gather) has V(archive_log_path)
  type: str
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import backup as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.read_errors import is_policy_refused
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def build_result(ctx: Context, policies: list[dict[str, Any]]) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if "config" in ctx.params["gather"]:
        more["config"] = ctx.item(api.get_backup_config(ctx.parent.id))
    if "archive_log_path" in ctx.params["gather"]:
        # An instance without a policy does not have this path either (4.2.16).
        found = ctx.item(api.get_archive_log_path(ctx.parent.id)) if policies else None
        more["archive_log_path"] = found["path"] if found else None
    return more


SPEC = Info(
    plural="backup_policies",
    parent=INSTANCE,
    single=True,
    fields=(Field("gather", type="list", elements="str", choices=("config", "archive_log_path"), default=[]),),
    find=Find(
        read=lambda ctx: api.get_backup_policy(ctx.parent.id), on_error=lambda ctx, error: is_policy_refused(error)
    ),
    result=build_result,
    returns=api.POLICY,
    also_returns=(
        Attr("backup_policies", doc="A list with the policy, or an empty list for instances with XBSA backups."),
        Attr(
            "config",
            kind="dict",
            shape=api.CONFIG,
            doc="The extended configuration.",
            returned="when O(gather) has V(config)",
        ),
        Attr(
            "archive_log_path",
            doc=(
                "Path of the archived log. An empty string if the instance does not archive it, null for instances "
                "with XBSA backups."
            ),
            returned="when O(gather) has V(archive_log_path)",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
