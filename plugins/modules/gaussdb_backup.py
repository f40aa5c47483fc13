#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_backup
short_description: Create, stop and delete backups of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Creates a named backup of an instance. Does nothing if a backup of this name exists. If one of this name is being
    created, the task waits for it instead of creating another one.
  - Names are not unique on the platform. With O(state=present), the module uses the newest backup of this name that has
    not failed. A failed backup is deleted if possible, and created again.
  - Backups remain after their instance is deleted. To delete such a backup, give the O(instance_id).
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  name:
    description:
      - Name of the backup, 4 to 64 letters, digits, hyphens and underscores, starting with a letter. Names are
        case-sensitive.
      - Required if O(state=present). If O(state=absent), one of O(name), O(backup_id) and O(backup_ids) is required.
    type: str
  backup_id:
    description:
      - ID of the backup.
    type: str
  backup_ids:
    description:
      - IDs of backups to delete, any number, with as few requests as possible. Only with O(state=absent).
    type: list
    elements: str
  type:
    description:
      - Type of the backup. A new backup is V(full) by default. A V(differential) backup needs an earlier full backup.
        V(log) is for instances with XBSA backups, version 3.301 or later.
      - With O(state=present), the module only looks for backups of this type. With O(state=absent), it looks for
        backups of all types unless this option is set.
    type: str
    choices: [full, differential, log]
  medium:
    description:
      - Where to look for backups, V(nas) for the platform's own medium, V(xbsa) for XBSA media. By default, both are
        searched if the platform supports both for the version of the instance.
      - This option does not determine where a new backup is stored. Use M(gaussdb.tpops.gaussdb_backup_medium) for
        that.
    type: str
    choices: [nas, xbsa]
  description:
    description:
      - Description of a new backup, up to 256 characters except C(>!<"&'=). It cannot be changed later.
    type: str
  depends_on:
    description:
      - IDs of the full and differential backups that a log backup depends on. Only with O(type=log).
    type: list
    elements: str
  force:
    description:
      - With O(state=absent), also delete automatic backups, backups on XBSA media, and records imported by
        M(gaussdb.tpops.gaussdb_backup_metadata). By default, only manual backups on the platform's own medium are
        deleted. The backup data is lost.
    type: bool
    default: false
  state:
    description:
      - V(present) creates the backup if it does not exist, V(absent) deletes it.
      - V(stopped) stops the backup of the instance that is being created, even if it is an automatic one. It ends with
        status V(FAILED). The platform cannot stop a particular backup, so no backup can be named.
    type: str
    choices: [present, absent, stopped]
    default: present
attributes:
  idempotent:
    support: partial
    details:
      - A failed backup on an XBSA medium is not deleted, so another backup of the same name is created.
seealso:
  - module: gaussdb.tpops.gaussdb_backup_info
  - module: gaussdb.tpops.gaussdb_backup_policy
  - module: gaussdb.tpops.gaussdb_restore
"""

EXAMPLES = r"""
- name: Create a backup before a release
  gaussdb.tpops.gaussdb_backup:
    instance: orders-prod
    name: before-release-42
    description: Before the release of April
  register: result

- name: Show its file name and size
  ansible.builtin.debug:
    msg: "{{ result.backup.file_name }}, {{ result.backup.size_mb }} MB"

- name: Create a differential backup without waiting for it
  gaussdb.tpops.gaussdb_backup:
    instance: orders-prod
    name: noon
    type: differential
    wait: false

- name: Stop the backup that is being created
  gaussdb.tpops.gaussdb_backup:
    instance: orders-prod
    state: stopped

- name: Delete a backup
  gaussdb.tpops.gaussdb_backup:
    instance: orders-prod
    name: before-release-42
    state: absent

- name: List the backups that were imported from another site
  gaussdb.tpops.gaussdb_backup_info:
    instance: orders-prod
    types: [offsite_snapshot_xbsa]
  register: offsite

- name: Delete these backups
  gaussdb.tpops.gaussdb_backup:
    instance: orders-prod
    backup_ids: "{{ offsite.backups | map(attribute='id') }}"
    force: true
    state: absent
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
backups:
  description: The backups of the task. Removed backups are left out.
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
backup:
  description: The backup after the task, in check mode as far as it is known.
  returned: when O(state=present)
  type: dict
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
outcomes:
  description: What became of each backup of the task.
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(created), V(removed), V(unchanged) or V(failed). V(created) also stands for a failed one that was
        replaced.
      type: str
    msg:
      description: Why it failed.
      returned: when it failed
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


from ansible_collections.gaussdb.tpops.plugins.module_utils.api import backup as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import backup_task as backups
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Policy
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Find,
    Hooks,
    Resource,
    Status,
    Write,
    Writes,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Resource(
    name="backup",
    plural="backups",
    batch=True,
    parent=INSTANCE,
    states=("present", "absent", "stopped"),
    status=Status(
        pending=("BUILDING",),
        settled=("COMPLETED", "STOPPED"),
        failed=("FAILED",),
        detail=lambda backup: backup["detail_message"] or "",
    ),
    starts_jobs=True,
    fields=backups.FIELDS,
    options=(
        *backups.FIELDS,
        Field("backup_ids", type="list", elements="str"),
        Field("medium", choices=("nas", "xbsa")),
        Field("force", type="bool", default=False),
    ),
    find=Find(identified_by=("backup_id", "name"), read=backups.read, select=backups.choose),
    writes=Writes(
        replace_failed=True,
        create=Write.each(backups.create_backup, "Create backup {names}", fields=("type", "description", "depends_on")),
        delete=(
            Write.each(
                lambda ctx, item: api.delete_backup(item.existing["id"]),
                "Delete backup {names}",
                applies_to=backups.is_plain,
                policy=Policy(done_codes=(backups.GONE,)),
            ),
            Write.batch(
                lambda ctx, items: api.delete_backup_data(ctx.parent.id, [item.existing["id"] for item in items]),
                "Delete the data of backup {names}",
                applies_to=lambda ctx, item: not backups.is_plain(ctx, item),
                policy=Policy(item_errors=backups.refused),
            ),
        ),
    ),
    hooks=Hooks(
        desired=backups.build_desired,
        validate=backups.check,
        refine=backups.look_closer,
        extra_steps=backups.stop,
        result=backups.build_result,
    ),
    returns=api.BACKUP,
    also_returns=(
        Attr(
            "backup",
            kind="dict",
            shape=api.BACKUP,
            doc="The backup after the task, in check mode as far as it is known.",
            returned="when O(state=present)",
        ),
        Attr("backups", doc="The backups of the task. Removed backups are left out."),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
