#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_backup_info
short_description: List backups
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the backups of one or all instances, newest first.
  - Unless O(instance) alone says which instance it is, the names of instances cost one list of all of them.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.info
options:
  instance:
    description:
      - List only backups of the instance with this name. If neither this option nor O(instance_id) is set, the backups
        of all instances are listed.
    type: str
  instance_id:
    description:
      - List only backups of the instance with this ID, which may have been deleted. If set, O(instance) is only used in
        messages.
    type: str
  types:
    description:
      - Types of backups to list. Each type needs one list. By default, all full backups that are not on XBSA media are
        listed.
      - V(auto) and V(manual) are full backups. V(differential) lists automatic and manual differential backups, and
        needs an instance. V(snapshot_xbsa) and V(log_xbsa) are full and log backups on XBSA media,
        V(offsite_snapshot_xbsa) and V(offsite_log_xbsa) are those imported from another site. V(auto_database_table)
        and V(manual_database_table) are backups of tables.
      - The platform supports V(snapshot_xbsa) and V(log_xbsa) for instances of version 3.301 or later.
    type: list
    elements: str
    choices:
      - auto
      - manual
      - differential
      - snapshot_xbsa
      - log_xbsa
      - offsite_snapshot_xbsa
      - offsite_log_xbsa
      - auto_database_table
      - manual_database_table
  name:
    description:
      - List only backups of this name.
    type: str
  backup_id:
    description:
      - List only the backup with this ID.
    type: str
  status:
    description:
      - List only backups in this status.
    type: str
    choices: [building, completed, failed]
  since:
    description:
      - List only backups that began at this time or later. Either a time such as V(2026-01-05 08:00:00 UTC) or
        V(2026-01-05T16:00:00+08:00), milliseconds since 1970, or an age such as V(90m), V(2h) or V(7d). A time without
        an offset is UTC.
    type: str
  until:
    description:
      - List only backups that began at this time or earlier, in the same format as O(since).
    type: str
seealso:
  - module: gaussdb.tpops.gaussdb_backup
  - module: gaussdb.tpops.gaussdb_restore_info
"""

EXAMPLES = r"""
- name: List the full backups of an instance
  gaussdb.tpops.gaussdb_backup_info:
    instance: orders-prod
    status: completed
  register: found

- name: Fail if there is none
  ansible.builtin.assert:
    that: found.backups | length > 0

- name: List the differential backups of the last two hours
  gaussdb.tpops.gaussdb_backup_info:
    instance: orders-prod
    types: [differential]
    since: 2h

- name: List the failed backups of all instances since yesterday
  gaussdb.tpops.gaussdb_backup_info:
    status: failed
    since: 1d
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
backups:
  description: The backups, newest first.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the backup.
      type: str
    name:
      description: Name of the backup.
      type: str
    status:
      description: V(BUILDING) while it is in progress, V(COMPLETED) or V(FAILED).
      type: str
    begin_time:
      description: When it began, with the offset from UTC.
      type: str
    end_time:
      description: When it ended. Empty while it is in progress.
      type: str
    size_mb:
      description: Size in MB.
      type: float
    description:
      description: Description of the backup. Empty for differential backups.
      type: str
    detail_message:
      description: More about the backup. Empty for differential backups.
      type: str
    engine_type:
      description: Database engine. Empty for differential backups.
      type: str
    engine_version:
      description: Version of the engine. Empty for differential backups.
      type: str
    instance_id:
      description: ID of the instance. Empty for differential backups.
      type: str
    file_name:
      description: Path of the backup on a NAS. Empty for other media and for differential backups.
      type: str
    type:
      description: Type as the platform calls it, such as V(auto), V(manual) or V(Snapshot_Xbsa), or V(differential).
      type: str
    instance_name:
      description: Name of the instance. Empty if it was removed.
      type: str
  sample:
    - instance_name: orders-prod
"""
# RETURN:end

from collections.abc import Mapping
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.backup import BACKUP
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.backup import (
    TYPES,
    UNFILTERED,
    list_calls,
    sort_newest_first,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.lookup import read_instance_names
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import ANY_INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.period import read_moment_ms
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times


def read(ctx: Context) -> list[Call]:
    params = ctx.params
    types = params["types"] or [UNFILTERED]
    if "differential" in types and not params["instance"] and not params["instance_id"]:
        raise InputError("types", "differential backups are listed for one instance only; give instance or instance_id")
    since, until = (read_moment_ms(ctx, name) for name in ("since", "until"))
    if since is not None and until is not None and since >= until:
        raise InputError("until", "must be later than since")
    # In check mode, an earlier task may be about to create the instance.
    missing = ctx.parent.id is None and ctx.parent.label
    return [] if missing else list_calls(ctx.parent.id, dict.fromkeys(types), since, until, params["backup_id"])


def select(ctx: Context, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    params = ctx.params
    status = params["status"] and params["status"].upper()
    wanted = sort_newest_first(filter_equal(found, id=params["backup_id"], name=params["name"], status=status))
    return [{**entry, "instance_name": name_instance(ctx, entry)} for entry in wanted]


def name_instance(ctx: Context, backup: Mapping[str, Any]) -> str:
    """Return the name of the instance of a backup, ``""`` for a removed one. All instances are read once for all
    backups, unless the task has the name. The list of differential backups does not contain the instance."""
    params = ctx.params
    if not params["instance_id"] and params["instance"]:
        return str(params["instance"])
    shown = read_instance_names(ctx).entries.get(backup["instance_id"] or params["instance_id"], {})
    return str(shown.get("name") or "")


SPEC = Info(
    plural="backups",
    parent=ANY_INSTANCE,
    fields=(
        Field("types", type="list", elements="str", choices=tuple(TYPES)),
        Field("name"),
        Field("backup_id"),
        Field("status", choices=("building", "completed", "failed")),
        Field("since", validate=times.check_past),
        Field("until", validate=times.check_past),
    ),
    find=Find(read=read, select=select),
    returns=BACKUP.plus(
        Attr("instance_name", doc="Name of the instance. Empty if it was removed."),
        sample={"instance_name": "orders-prod"},
    ),
    also_returns=(Attr("backups", doc="The backups, newest first."),),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
