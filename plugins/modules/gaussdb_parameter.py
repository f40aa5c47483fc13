#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_parameter
short_description: Set parameters of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Sets parameters of one instance with a single request and leaves all others unchanged. If the platform refuses one
    of the values, it sets none of them.
  - Some parameters take effect only after a restart of the instance. The module returns which ones, and restarts the
    instance if O(restart=if_required).
  - The platform shows the new value of such a parameter before the restart, and does not show whether the restart is
    still pending. A task therefore returns the pending parameters and warns about them, but no later run of the task
    restarts the instance. Use M(gaussdb.tpops.gaussdb_instance) with
    O(gaussdb.tpops.gaussdb_instance#module:state=restarted) to restart it.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    details:
      - The platform does not show whether a parameter that was set earlier still needs a restart.
        O(restart=if_required) therefore restarts only for the changes of the same task. A task that fails between the
        change and the end of the restart names the pending parameters. A task that is killed cannot do that.
options:
  parameters:
    description:
      - Names of parameters and their values. M(gaussdb.tpops.gaussdb_parameter_info) lists the names and the allowed
        values. On a distributed instance most names have a prefix, such as V(dn:) or V(cn:).
      - A value is validated against the C(value_range) that the platform shows before anything is changed, also in
        check mode. This works for numeric ranges and lists of words. Other ranges are left to the platform.
      - V(true) and V(false) are converted to V(on) and V(off) if the parameter takes these. V("") clears a string.
    type: dict
    required: true
  restart:
    description:
      - Whether to restart the instance if a changed parameter requires it. A restart interrupts all sessions.
      - With V(never), the parameters that need a restart are returned in RV(restart_pending) and named in a warning.
      - With V(if_required), the task fails if the instance could not be restarted, or if the outcome is unknown. A
        later run does not restart the instance.
      - With V(defer), the parameters that need a restart keep their values and are returned in RV(restart_deferred);
        the others are set. A run with V(if_required) in a maintenance window sets them and restarts the instance.
    type: str
    choices: [never, if_required, defer]
    default: never
seealso:
  - module: gaussdb.tpops.gaussdb_parameter_info
"""

EXAMPLES = r"""
- name: Lock users after four failed logins
  gaussdb.tpops.gaussdb_parameter:
    instance: orders-prod
    parameters:
      failed_login_attempts: 4

- name: Allow more connections, and restart the instance
  gaussdb.tpops.gaussdb_parameter:
    instance: orders-prod
    parameters:
      max_connections: 2000
    restart: if_required
  register: changed_parameters

- name: Show the parameters that still need a restart
  ansible.builtin.debug:
    var: changed_parameters.restart_pending
  when: changed_parameters.restart_pending | length > 0
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
parameters:
  description: The parameters of the task as they are now, in check mode as they would be, as far as that is known.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the parameter.
      type: str
    value:
      description: Value of the parameter.
      type: str
    restart_required:
      description: Whether a change takes effect only after a restart.
      type: bool
    value_range:
      description: Allowed values.
      type: str
    type:
      description: Type of the value, such as V(integer) or V(boolean).
      type: str
    description:
      description: Description, in the language of O(language).
      type: str
  sample:
    - name: failed_login_attempts
      value: '10'
      value_range: 0-1000
      type: integer
      restart_required: false
      description: Failed logins after which a user is locked.
restart_pending:
  description: Names of the parameters of the task that still need a restart of the instance to take effect. Empty if
    nothing was changed, no change needs a restart, or the task has restarted the instance. Only the run that makes a
    change can return them. A later run finds the new value and returns an empty list.
  returned: success, or when the task fails after it has sent something
  type: list
  elements: str
  sample:
    - max_connections
restart_required:
  description: Whether the changes of this task need a restart of the instance that the task has not done. The platform
    may report this for the change as a whole, without reporting it for any parameter.
  returned: success
  type: bool
restart_parameters:
  description: Names of the changed parameters that take effect only after a restart.
  returned: success
  type: list
  elements: str
  sample:
    - max_connections
restart_deferred:
  description: Parameters that keep their values, because O(restart=defer) and the new values need a restart.
  returned: success
  type: list
  elements: str
  sample: []
outcomes:
  description: What became of each parameter of the task.
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(updated), V(unchanged) or V(failed).
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


from ansible_collections.gaussdb.tpops.plugins.module_utils.api import parameter as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import parameter as parameters
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import equal_number
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Hooks, Resource, Write, Writes
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Resource(
    name="parameter",
    plural="parameters",
    batch=True,
    parent=INSTANCE,
    states=(),
    starts_jobs=True,
    fields=(Field("name"), Field("value", type="raw", equal=equal_number)),
    options=(
        Field("parameters", type="dict", required=True),
        Field("restart", choices=("never", "if_required", "defer"), default="never"),
    ),
    find=Find(read=lambda ctx: api.get_parameters(ctx.parent.id)),
    writes=Writes(
        updates=(
            Write.batch(
                lambda ctx, items: api.set_parameters(
                    ctx.parent.id, {item.desired["name"]: item.desired["value"] for item in items}
                ),
                parameters.set_summary,
            ),
        )
    ),
    hooks=Hooks(
        desired=parameters.build_desired,
        refine=parameters.spell,
        extra_steps=parameters.restart,
        result=parameters.build_result,
        interrupted=parameters.build_interrupted_result,
    ),
    returns=api.PARAMETER,
    also_returns=(
        Attr(
            "restart_pending",
            kind="list",
            doc=(
                "Names of the parameters of the task that still need a restart of the instance to take effect. Empty "
                "if nothing was changed, no change needs a restart, or the task has restarted the instance. Only the "
                "run that makes a change can return them. A later run finds the new value and returns an empty list."
            ),
            returned="success, or when the task fails after it has sent something",
            sample=["max_connections"],
        ),
        Attr(
            "restart_required",
            kind="bool",
            doc=(
                "Whether the changes of this task need a restart of the instance that the task has not done. The "
                "platform may report this for the change as a whole, without reporting it for any parameter."
            ),
            returned="success",
        ),
        Attr(
            "restart_parameters",
            kind="list",
            doc="Names of the changed parameters that take effect only after a restart.",
            returned="success",
            sample=["max_connections"],
        ),
        Attr(
            "restart_deferred",
            kind="list",
            doc="Parameters that keep their values, because O(restart=defer) and the new values need a restart.",
            returned="success",
            sample=[],
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
