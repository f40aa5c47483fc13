#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_backup_medium
short_description: Switch the backups of an instance to an XBSA medium
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Stores the backups of an instance on an XBSA medium, which belongs to your own backup system, instead of the
    platform's medium.
  - This cannot be undone. The instance loses its backup policy, so the backup system must schedule the backups, and the
    platform no longer knows to which points in time the instance can be restored.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  medium:
    description:
      - Type of the medium. The platform can only switch to V(xbsa).
    type: str
    choices: [xbsa]
    required: true
  discard_backup_policy:
    description:
      - Confirms that the instance permanently loses its automatic backups. Required unless the instance already uses
        the medium.
    type: bool
    default: false
attributes:
  diff_mode:
    support: none
    details: The platform does not show the medium of an instance.
  idempotent:
    support: full
    details:
      - The platform does not show the medium of an instance. If the platform refuses to return the backup policy of an
        instance with the code C(DBS.280125), the module assumes that the instance has XBSA backups.
seealso:
  - module: gaussdb.tpops.gaussdb_backup_certificate
  - module: gaussdb.tpops.gaussdb_backup_policy
"""

EXAMPLES = r"""
- name: Switch the backups to the company's backup system
  gaussdb.tpops.gaussdb_backup_medium:
    instance: orders-prod
    medium: xbsa
    discard_backup_policy: true
  register: switched

- name: Show who creates the backups
  ansible.builtin.debug:
    msg: From now on, the backup system must create the backups of orders-prod
  when: switched is changed
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
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

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.backup import change_backup_media
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.read_errors import is_on_xbsa
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def plan(ctx: Context, items: Sequence[Item]) -> list[Step]:
    if is_on_xbsa(ctx, ctx.parent.id):
        return []
    if not ctx.params["discard_backup_policy"]:
        raise InputError(
            "discard_backup_policy",
            (
                f"instance {ctx.parent.label} permanently loses its automatic backups; "
                "to confirm this, set discard_backup_policy=true"
            ),
        )
    return [
        Step(change_backup_media(ctx.parent.id), f"Switch the backups of instance {ctx.parent.label} to an XBSA medium")
    ]


def find_missing(ctx: Context, items: Sequence[Item]) -> dict[str, str]:
    return (
        {}
        if is_on_xbsa(ctx, ctx.parent.id)
        else {"": f"The platform accepted the switch, but still returns a backup policy for {ctx.parent.label}"}
    )


SPEC = Action(
    name="backup_medium",
    parent=INSTANCE,
    starts_jobs=True,
    fields=(
        Field("medium", choices=("xbsa",), required=True),
        Field("discard_backup_policy", type="bool", default=False),
    ),
    steps=plan,
    shortfall=find_missing,
    sees_writes=True,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
