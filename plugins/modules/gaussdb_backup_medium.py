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
  - Lets an instance make its backups on an XBSA medium, that of a backup system of your own, instead of the platform's.
  - There is no way back. The instance loses its backup policy, so that its backup system has to decide when backups are
    made, and the platform no longer knows to which moments it can be restored.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  medium:
    description:
      - Kind of the medium. The platform only switches to V(xbsa).
    type: str
    choices: [xbsa]
    required: true
  discard_backup_policy:
    description:
      - Says that the automatic backups of the instance may go for good. Required unless the instance is on the medium
        already.
    type: bool
    default: false
attributes:
  diff_mode:
    support: none
    details: The platform does not show the medium of an instance.
  idempotent:
    support: full
    details:
      - The platform does not show the medium of an instance. The module takes an instance that the platform refuses to
        tell a backup policy of, with the code C(DBS.280125), for one with XBSA backups.
seealso:
  - module: gaussdb.tpops.gaussdb_backup_certificate
  - module: gaussdb.tpops.gaussdb_backup_policy
"""

EXAMPLES = r"""
- name: Let the backup system of the company take over
  gaussdb.tpops.gaussdb_backup_medium:
    instance: orders-prod
    medium: xbsa
    discard_backup_policy: true
  register: switched

- name: Say so
  ansible.builtin.debug:
    msg: The backup system has to make backups of orders-prod from now on
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

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.backup import change_backup_media
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.read_errors import on_xbsa
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def plan(ctx: Context) -> list[Step]:
    if on_xbsa(ctx, ctx.scope_id):
        return []
    if not ctx.params["discard_backup_policy"]:
        raise InputError(
            f"discard_backup_policy: instance {ctx.scope_label} loses its automatic backups for good; it is only "
            "switched with"
            " discard_backup_policy=true",
            option="discard_backup_policy",
        )
    return [
        Step(change_backup_media(ctx.scope_id), f"Switch the backups of instance {ctx.scope_label} to an XBSA medium")
    ]


def left(ctx: Context) -> dict[str, str]:
    return (
        {}
        if on_xbsa(ctx, ctx.scope_id)
        else {"": f"The platform accepted the switch, but still shows a backup policy of {ctx.scope_label}"}
    )


SPEC = Action(
    name="backup_medium",
    parent=INSTANCE,
    fields=(
        Field("medium", choices=("xbsa",), required=True),
        Field("discard_backup_policy", type="bool", default=False),
    ),
    plan=plan,
    shortfall=left,
    starts_jobs=True,
    decides=True,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
