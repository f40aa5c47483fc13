#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_restore
short_description: Restore an instance in place
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Restores an instance in place from one of its backups or to a point in time. All later changes are lost.
  - A point in time is first validated against the times that the platform can restore. If it cannot be restored, the
    error names the nearest possible one.
  - If the instance is already being restored, the module waits for that instead of restoring it again.
  - After a restore the platform archives no logs until the data is confirmed. Use O(accept_restored_data) for this, in
    the same task or in a separate one.
  - To restore to a new instance, use O(gaussdb.tpops.gaussdb_instance#module:restore).
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  backup:
    description:
      - Name of the backup to restore. If several have this name, the newest completed one is used.
    type: str
  backup_id:
    description:
      - ID of the backup to restore.
    type: str
  restore_time:
    description:
      - Point in time to restore to, such as V(2026-01-05 08:00:00 UTC) or V(2026-01-05T16:00:00+08:00), or in
        milliseconds since 1970. A time without an offset is UTC.
      - With XBSA backups, only the backup system knows the possible times, so this option is not validated.
    type: str
  discard_current_data:
    description:
      - Confirms that all changes since the backup or point in time may be lost. Required for a restore.
    type: bool
    default: false
  accept_restored_data:
    description:
      - Confirms to the platform that the restored data is correct. The platform then deletes the archived logs from
        after the restored point in time, so later states can no longer be restored, and resumes archiving.
      - Without O(backup), O(backup_id) and O(restore_time), nothing is restored, and the data of an earlier restore is
        confirmed.
    type: bool
    default: false
attributes:
  diff_mode:
    support: none
    details: The platform does not show what a restore changes.
  idempotent:
    support: partial
    details:
      - The platform does not show what an instance was restored to, so every run restores it again unless a restore is
        in progress.
      - The platform does not show whether data needs to be confirmed either. It is not confirmed twice, but check mode
        always predicts the confirmation.
seealso:
  - module: gaussdb.tpops.gaussdb_restore_info
  - module: gaussdb.tpops.gaussdb_backup
"""

EXAMPLES = r"""
- name: Restore to the time before the accident
  gaussdb.tpops.gaussdb_restore:
    instance: orders-prod
    restore_time: "{{ before_the_accident }}"
    discard_current_data: true

- name: Restore from a backup
  gaussdb.tpops.gaussdb_restore:
    instance: orders-prod
    backup: before-release-42
    discard_current_data: true
  register: restored

- name: Show the status of the instance
  ansible.builtin.debug:
    msg: "{{ restored.instance.name }} is {{ restored.instance.status }}"

- name: Confirm the data after it has been checked
  gaussdb.tpops.gaussdb_restore:
    instance: orders-prod
    accept_restored_data: true
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
instance:
  description: The instance as it is now. M(gaussdb.tpops.gaussdb_instance_info) returns more details.
  returned: when it exists
  type: dict
  contains:
    id:
      description: ID of the instance.
      type: str
    name:
      description: Name of the instance.
      type: str
    status:
      description: Status, such as V(BUILD), V(ACTIVE), V(FAILED), V(REBOOTING) or V(SHUTDOWN).
      type: str
  sample:
    id: 4f2e1d0c9b8a79685746352413020100in14
    name: orders-prod
    status: ACTIVE
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
from dataclasses import replace
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import restore as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import INSTANCE as INSTANCE_SHAPE
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.backup import find_backup
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.restore import (
    check_restore_moment,
    is_restoring,
    look,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Plan, Policy, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Hooks, Rules
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.times import check_moment, checked, epoch_ms, utc

SOURCES = ("backup", "backup_id", "restore_time")
NOTHING_TO_CONFIRM = "DBS.216009"


def restore(ctx: Context, option: str) -> Step:
    """Return the step that restores, after checking that this is possible."""
    desired, start = ctx.params[option], f"Restore instance {ctx.parent.label}"
    if option == "restore_time":
        instant = checked(epoch_ms(desired))
        if ctx.parent.id is not None:
            check_restore_moment(ctx, option, instant, ctx.parent.id, ctx.parent.label)
        call, point = api.restore_instance(ctx.parent.id, restore_ms=instant), f"to {utc(instant)}"
    else:
        found = {"id": desired, "begin_time": None}
        if ctx.parent.id is not None:
            found = find_backup(ctx, option, "id" if option == "backup_id" else "name", desired)
        begun = found["begin_time"] or "an unknown time"
        call, point = api.restore_instance(ctx.parent.id, found["id"]), f"from backup {desired} of {begun}"
    return Step(call, f"{start} {point}; later changes are lost", policy=Policy(repeatable=False))


def plan(ctx: Context, items: Sequence[Item]) -> Plan:
    option = next((name for name in SOURCES if ctx.params[name]), None)
    accept = ctx.params["accept_restored_data"]
    if option is None and not accept:
        raise InputError(SOURCES[0], f"one of {', '.join(SOURCES)} or accept_restored_data is required")
    if option and not ctx.params["discard_current_data"]:
        raise InputError(
            "discard_current_data",
            (
                f"instance {ctx.parent.label} would lose all changes since the backup or point in "
                "time; it is only restored with discard_current_data=true"
            ),
        )
    restoring = is_restoring(ctx)
    steps = [restore(ctx, option)] if option and not restoring else []
    if accept:
        # If a running instance refuses the confirmation, it has nothing to confirm (any more).
        running = option or look(ctx).get("status") == "ACTIVE"
        call = api.confirm_restore_data(ctx.parent.id)
        summary = f"Confirm the restored data of instance {ctx.parent.label}, which resumes archiving"
        steps.append(Step(call, summary, policy=Policy(done_codes=(NOTHING_TO_CONFIRM,) if running else ())))
    return Plan(steps, {"restoring": restoring})


def build_result(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    instance = look(ctx)
    return {"instance": {name: instance[name] for name in ("id", "name", "status")}} if instance else {}


SPEC = Action(
    name="restore",
    # The task attaches to a restore in progress, so it must not wait for its end before it looks for it.
    parent=replace(INSTANCE, wait_until_idle=None),
    starts_jobs=True,
    fields=(
        Field("backup"),
        Field("backup_id"),
        Field("restore_time", validate=check_moment),
        Field("discard_current_data", type="bool", default=False),
        Field("accept_restored_data", type="bool", default=False),
    ),
    steps=plan,
    sees_writes=True,
    rules=Rules(mutually_exclusive=(SOURCES,)),
    hooks=Hooks(result=build_result),
    also_returns=(
        Attr(
            "instance",
            kind="dict",
            shape=INSTANCE_SHAPE.only("id", "name", "status"),
            doc="The instance as it is now. M(gaussdb.tpops.gaussdb_instance_info) returns more details.",
            returned="when it exists",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
