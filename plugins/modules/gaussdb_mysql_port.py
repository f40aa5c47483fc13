#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_mysql_port
short_description: Open, change or close the M-compatibility port of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Manages the port on which an instance serves MySQL clients (M-compatibility).
  - The platform does not show which port is open. The module infers only what the platform's replies prove, and does
    not guess.
  - The module first waits until no other operation is running on the instance. With O(wait=false) it waits for at most
    O(busy_timeout) seconds.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  check_mode:
    support: partial
    details: Whether a port is open cannot be read, so check mode always predicts a change.
  idempotent:
    support: partial
    details:
      - With O(state=present) and O(state=absent) the platform refuses the request if the port is already open or
        closed, and the module reports no change. With O(state=changed) every run sets the port.
options:
  state:
    description:
      - V(present) opens port O(port). If any port is already open, nothing is changed.
      - V(changed) changes the open port to O(port), on every run. It fails if no port is open.
      - V(absent) closes the port.
    type: str
    choices: [present, changed, absent]
    default: present
  port:
    description:
      - The port, from 1024 to 39989, except those used by the platform itself, the port of the database and the ten
        ports after it.
      - Required if O(state=present) or O(state=changed).
    type: int
seealso:
  - module: gaussdb.tpops.gaussdb_instance
"""

EXAMPLES = r"""
- name: Open a port for MySQL clients
  gaussdb.tpops.gaussdb_mysql_port:
    instance: orders-prod
    port: 3306

- name: Change the port
  gaussdb.tpops.gaussdb_mysql_port:
    instance: orders-prod
    port: 3308
    state: changed
  register: moved

- name: Show the status of the job
  ansible.builtin.debug:
    var: moved.job.status

- name: Close the port
  gaussdb.tpops.gaussdb_mysql_port:
    instance: orders-prod
    state: absent
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

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import instance_operations as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import IDLE_INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.topology import PORTS, RESERVED_PORTS
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Policy, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Rules
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

# The status does not allow it. For a healthy instance that can only mean that the port is already open or closed.
ALREADY = ("DBS.216009",)
HEALTHY = ("ACTIVE", "")
CLOSED = 0
OWN_PORTS = 10


def plan(ctx: Context, items: Sequence[Item]) -> list[Step]:
    state, port, instance = ctx.params["state"], ctx.params["port"], ctx.parent.data
    own = instance.get("port")
    if state != "absent" and port is None:
        raise InputError("port", f"required with state={state}")
    if state != "absent" and own is not None and own <= port <= own + OWN_PORTS:
        raise InputError("port", f"{port} is one of the instance's own ports, {own} to {own + OWN_PORTS}")
    if (instance.get("status") or "") not in HEALTHY:
        raise TpopsError(
            f"Instance {ctx.parent.label} has status {instance['status']}, and the port can only be set "
            "in status ACTIVE"
        )
    if state == "present":
        ctx.warn(
            "The platform does not show which M-compatibility port is open. If one is, it is left as it is; "
            "state=changed sets it"
        )
        return [
            Step(
                api.enable_mysql_port(ctx.parent.id, port),
                f"Open the M-compatibility port {port}",
                policy=Policy(done_codes=ALREADY),
            )
        ]
    if state == "changed":
        return [
            Step(
                api.modify_mysql_port(ctx.parent.id, port),
                f"Set the M-compatibility port to {port}",
                policy=Policy(repeatable=False),
            )
        ]
    return [
        Step(
            api.modify_mysql_port(ctx.parent.id, CLOSED),
            "Close the M-compatibility port",
            policy=Policy(done_codes=ALREADY),
        )
    ]


SPEC = Action(
    name="mysql_port",
    parent=IDLE_INSTANCE,
    starts_jobs=True,
    fields=(
        Field("state", choices=("present", "changed", "absent"), default="present"),
        Field(
            "port",
            type="int",
            validate=checks.every(
                checks.between(*PORTS), checks.not_in(RESERVED_PORTS, "a port of the platform itself")
            ),
        ),
    ),
    steps=plan,
    sees_writes=True,
    rules=Rules(required_if=(("state", "present", ("port",)), ("state", "changed", ("port",)))),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
