#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_backup_metadata
short_description: Import the records of backups from an XBSA medium
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Reads which backups of an instance an XBSA medium holds, and records them on the platform, so that they can be
    listed and restored. The instance may belong to another site, or may be lost.
  - The agent of an XBSA instance of this platform reads the medium. It reads whole days.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.attributes
options:
  instance:
    description:
      - Name of the XBSA instance whose agent reads the medium. Required unless O(instance_id) is given.
    type: str
  instance_id:
    description:
      - ID of that instance. If set, O(instance) is only used in messages.
    type: str
  source_instance:
    description:
      - Name of the instance to find backups of, if this platform knows it. Required unless O(source_instance_id) is
        given.
    type: str
  source_instance_id:
    description:
      - ID of the instance to find backups of.
    type: str
  since:
    description:
      - First day to read, such as V(2026-01-05) or V(2026-01-05 08:00:00 UTC), as milliseconds since 1970, or as an age
        such as V(7d). A time without an offset is UTC.
    type: str
    required: true
  until:
    description:
      - Last day to read, at most 100 days after O(since), in the same format.
    type: str
    default: now
attributes:
  diff_mode:
    support: none
    details: It is not known in advance what a medium holds.
  idempotent:
    support: none
    details: It is not known in advance what a medium holds, so each run reads it.
seealso:
  - module: gaussdb.tpops.gaussdb_backup
  - module: gaussdb.tpops.gaussdb_backup_info
"""

EXAMPLES = r"""
- name: Switch an instance to the medium
  gaussdb.tpops.gaussdb_backup_medium:
    instance: orders-standby
    medium: xbsa
    discard_backup_policy: true

- name: Import the backups of a lost instance
  gaussdb.tpops.gaussdb_backup_metadata:
    instance: orders-standby
    source_instance_id: 5f2d8c1b7a9e4d3fb6c0e1a2d3f4b5c6in14
    since: 30d
  register: imported

- name: Show the names of the backups
  ansible.builtin.debug:
    msg: "{{ imported.backups | map(attribute='name') }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
backups:
  description: All imported backups of the source instance, newest first, as the platform knows them after this task.
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
job:
  description: The last one of RV(jobs).
  returned: when a job was started
  type: dict
  contains:
    id:
      description: ID of the job.
      type: str
    name:
      description: Type of the job, as the platform calls it.
      type: str
    status:
      description: Status, such as V(Running), V(Completed) or V(Failed).
      type: str
    progress:
      description: Progress in percent.
      type: float
  sample:
    id: 8a0e8d9f-1bb5-4f0b-9a41-32a9b2a6a0c6
    name: StartGaussDBV5Instance
    status: Running
    progress: 45
jobs:
  description: The jobs that the task started, in their order. Without waiting C(name) and C(progress) are empty.
  returned: when a job was started
  type: list
  elements: dict
  contains:
    id:
      description: ID of the job.
      type: str
    name:
      description: Type of the job, as the platform calls it.
      type: str
    status:
      description: Status, such as V(Running), V(Completed) or V(Failed).
      type: str
    progress:
      description: Progress in percent.
      type: float
  sample:
    - id: 8a0e8d9f-1bb5-4f0b-9a41-32a9b2a6a0c6
      name: StartGaussDBV5Instance
      status: Running
      progress: 45
"""
# RETURN:end

from collections.abc import Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.backup import BACKUP, sync_backup_metadata
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import list_instances
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.backup import DAY_MS, list_calls, sort_newest_first
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.period import read_given_moment_ms
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Hooks, Rules
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times

MAX_DAYS = 100


def find_source(ctx: Context) -> tuple[str | None, str]:
    """Return the ID and name of the instance to find backups of."""
    name, source_id = ctx.params["source_instance"], ctx.params["source_instance_id"]
    if source_id:
        return source_id, name or source_id
    found = ctx.cached("source", lambda: ctx.find("instance", "source_instance", name, list_instances(name=name)))
    return (found or {}).get("id"), name


def plan(ctx: Context, items: Sequence[Item]) -> list[Step]:
    since, until = (read_given_moment_ms(ctx, name) for name in ("since", "until"))
    if since >= until:
        raise InputError("until", "must be later than since")
    if until - since > MAX_DAYS * DAY_MS:
        raise InputError("until", f"must be at most {MAX_DAYS} days after since")
    source_id, name = find_source(ctx)
    call = sync_backup_metadata(ctx.parent.id, source_id, since, until)
    return [Step(call, f"Look for backups of instance {name} from {times.utc(since)[:10]} to {times.utc(until)[:10]}")]


def build_result(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    source_id = find_source(ctx)[0]
    types = ("offsite_snapshot_xbsa", "offsite_log_xbsa")
    return {"backups": sort_newest_first(ctx.items(list_calls(source_id, types))) if source_id else []}


SPEC = Action(
    name="backup_metadata",
    parent=INSTANCE,
    starts_jobs=True,
    fields=(
        Field("source_instance"),
        Field("source_instance_id"),
        Field("since", required=True, validate=times.check_past),
        Field("until", default="now", validate=times.check_past),
    ),
    steps=plan,
    # Reading the medium again does no harm.
    sees_writes=True,
    rules=Rules(required_one_of=(("source_instance", "source_instance_id"),)),
    hooks=Hooks(result=build_result),
    also_returns=(
        Attr(
            "backups",
            kind="list",
            shape=BACKUP,
            doc=(
                "All imported backups of the source instance, newest first, as the platform knows them after this task."
            ),
            returned="success",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
