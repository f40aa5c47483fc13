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
  - Brings an instance back to one of its backups, or to a moment. All that was written since then is lost.
  - A moment is first compared with those that the platform can restore; the nearest possible one is named when it is
    none of them.
  - An instance that is being restored already is waited for, and not restored once more.
  - After a restore the platform archives no log until the data is confirmed. This is only done when
    O(accept_restored_data) asks for it, in the same task or in one of its own.
  - To restore to a new instance, use O(gaussdb.tpops.gaussdb_instance#module:restore).
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  backup:
    description:
      - Name of the backup to restore, of several the newest that is completed.
    type: str
  backup_id:
    description:
      - ID of the backup to restore.
    type: str
  restore_time:
    description:
      - Moment to go back to, as V(2026-01-05 08:00:00 UTC), V(2026-01-05T16:00:00+08:00), or milliseconds since 1970. A
        time without an offset is UTC.
      - Of an instance with XBSA backups only its backup system knows the possible moments, so that nothing is compared.
    type: str
  discard_current_data:
    description:
      - Says that all that was written since the backup or moment may be lost. A restore needs it.
    type: bool
    default: false
  accept_restored_data:
    description:
      - Tells the platform that the data after a restore is right. It then deletes the archived log of the time after
        the restored moment, so that there is no way back to it, and archives again.
      - Without O(backup), O(backup_id) and O(restore_time) nothing is restored, and the data of an earlier restore is
        confirmed.
    type: bool
    default: false
attributes:
  diff_mode:
    support: none
    details: The platform cannot tell what a restore changes.
  idempotent:
    support: partial
    details:
      - The platform does not show to what an instance was restored, so that each run restores it again, unless a
        restore is going on.
      - Whether data waits to be confirmed cannot be seen either. It is not confirmed twice, but check mode announces it
        each time.
seealso:
  - module: gaussdb.tpops.gaussdb_restore_info
  - module: gaussdb.tpops.gaussdb_backup
"""

EXAMPLES = r"""
- name: Go back to the time before the accident
  gaussdb.tpops.gaussdb_restore:
    instance: orders-prod
    restore_time: "{{ before_the_accident }}"
    discard_current_data: true

- name: Go back to a backup instead
  gaussdb.tpops.gaussdb_restore:
    instance: orders-prod
    backup: before-release-42
    discard_current_data: true
  register: restored

- name: Say that it runs again
  ansible.builtin.debug:
    msg: "{{ restored.instance.name }} is {{ restored.instance.status }}"

- name: Archive again, now that the data has been looked at
  gaussdb.tpops.gaussdb_restore:
    instance: orders-prod
    accept_restored_data: true
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
instance:
  description: The instance as it is now. M(gaussdb.tpops.gaussdb_instance_info) tells more of it.
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
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.replies import Reply
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.times import check_moment, checked, epoch_ms, utc

SOURCES = ("backup", "backup_id", "restore_time")
NOTHING_TO_CONFIRM = "DBS.216009"


def restore(ctx: Context, option: str) -> Step:
    """Return the step that restores, once it is certain that this is possible."""
    wished, start = ctx.params[option], f"Restore instance {ctx.scope_label}"
    if option == "restore_time":
        instant = checked(epoch_ms(wished))
        if ctx.scope_id is not None:
            check_restore_moment(ctx, option, instant, ctx.scope_id, ctx.scope_label)
        call, point = api.restore_instance(ctx.scope_id, restore_ms=instant), f"to {utc(instant)}"
    else:
        found = {"id": wished, "begin_time": None}
        if ctx.scope_id is not None:
            found = find_backup(ctx, option, "id" if option == "backup_id" else "name", wished)
        begun = found["begin_time"] or "an unknown time"
        call, point = api.restore_instance(ctx.scope_id, found["id"]), f"from backup {wished} of {begun}"
    return Step(call, f"{start} {point}; what was written since is lost", repeatable=False)


def plan(ctx: Context) -> list[Step]:
    option = next((name for name in SOURCES if ctx.params[name]), None)
    accept = ctx.params["accept_restored_data"]
    if option is None and not accept:
        raise InputError(
            f"{SOURCES[0]}: one of {', '.join(SOURCES)} or accept_restored_data is required", option=SOURCES[0]
        )
    if option and not ctx.params["discard_current_data"]:
        raise InputError(
            f"discard_current_data: instance {ctx.scope_label} loses all that was written since the backup or moment; "
            "it is only"
            " restored with discard_current_data=true",
            option="discard_current_data",
        )
    restoring = is_restoring(ctx)
    steps = [restore(ctx, option)] if option and not restoring else []
    if accept:
        # An instance that runs and may not confirm has nothing to confirm, or no more.
        running = option or look(ctx).get("status") == "ACTIVE"
        call = api.confirm_restore_data(ctx.scope_id)
        summary = f"Confirm the restored data of instance {ctx.scope_label}; it archives again"
        steps.append(Step(call, summary, done_codes=(NOTHING_TO_CONFIRM,) if running else ()))
    return steps


def shown(ctx: Context, replies: Sequence[Reply]) -> dict[str, Any]:
    instance = look(ctx)
    return {"instance": {name: instance[name] for name in ("id", "name", "status")}} if instance else {}


SPEC = Action(
    name="restore",
    # A restore that is going on is attached to, so that it must not be over when the task looks for it.
    parent=replace(INSTANCE, wait_until_idle=None),
    fields=(
        Field("backup"),
        Field("backup_id"),
        Field("restore_time", validate=check_moment),
        Field("discard_current_data", type="bool", default=False),
        Field("accept_restored_data", type="bool", default=False),
    ),
    mutually_exclusive=(SOURCES,),
    plan=plan,
    result=shown,
    starts_jobs=True,
    decides=True,
    also_returns=(
        Attr(
            "instance",
            kind="dict",
            shape=INSTANCE_SHAPE.only("id", "name", "status"),
            doc="The instance as it is now. M(gaussdb.tpops.gaussdb_instance_info) tells more of it.",
            returned="when it exists",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
