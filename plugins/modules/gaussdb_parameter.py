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
  - Sets parameters of one instance, all of them with one request, and leaves the others as they are. Where the platform
    refuses one of the values it sets none of them.
  - Some parameters take effect only when the instance restarts. The module says which, and restarts the instance if it
    is told to.
  - The platform shows the new value of such a parameter before the restart, and nothing that tells whether the restart
    is still to come. What a task leaves to a restart is therefore in its result and in a warning, and no later run of
    the task takes it up. M(gaussdb.tpops.gaussdb_instance) with
    O(gaussdb.tpops.gaussdb_instance#module:state=restarted) restarts it.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    details:
      - The platform does not tell whether a parameter that was set earlier still waits for a restart.
        O(restart=if_required) therefore restarts only for the changes of the same task. A task that ends between the
        change and the end of the restart fails and names what waits; one that is killed cannot.
options:
  parameters:
    description:
      - Names of parameters and their values. M(gaussdb.tpops.gaussdb_parameter_info) lists the names and what is
        allowed. On a distributed instance most names have a prefix, such as V(dn:) or V(cn:).
      - A value outside the C(value_range) that the platform shows is refused before anything is changed, in check mode
        too, where that range is one of numbers or a list of words. Other ranges are left to the platform.
      - V(true) and V(false) stand for V(on) and V(off) where that is what the parameter takes. V("") clears a text.
    type: dict
    required: true
  restart:
    description:
      - Whether the instance is restarted when a changed parameter needs it. A restart interrupts all sessions.
      - With V(never) the parameters that wait for a restart are in RV(restart_pending) and in a warning.
      - With V(if_required) the task fails when the instance could not be restarted, or when nobody can tell whether it
        was. It does not restart it when it is run again.
    type: str
    choices: [never, if_required]
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

- name: Allow more connections, and restart for it
  gaussdb.tpops.gaussdb_parameter:
    instance: orders-prod
    parameters:
      max_connections: 2000
    restart: if_required
  register: changed_parameters

- name: Say what still waits for a restart
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
  description: Names of the parameters of the task that take effect only when somebody restarts the instance. Empty when
    nothing was changed, when no change needs a restart, and when the task has restarted the instance. Only the run that
    makes a change can tell. A later one finds the new value and returns an empty list.
  returned: success, or when the task fails after it has sent something
  type: list
  elements: str
  sample:
    - max_connections
restart_required:
  description: Whether the instance has to be restarted for the changes of this task, and the task does not do it. The
    platform may say so of a change although it says it of none of the parameters.
  returned: success
  type: bool
restart_parameters:
  description: Names of the changed parameters that take effect only after a restart.
  returned: success
  type: list
  elements: str
  sample:
    - max_connections
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

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import parameter as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import restart_instance
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import value_range as value_ranges
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import equal_number
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Field, Resource, Write
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

# How parameters spell yes and no.
SWITCHES = (("on", "off"), ("true", "false"), ("yes", "no"), ("1", "0"))


def text(value: Any) -> str:
    """Spell a value as text. Python would write a small number as 1e-05."""
    return format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value)


def wishes(ctx: Context) -> list[dict[str, Any]]:
    wished = []
    for name, value in ctx.params["parameters"].items():
        if value is None or isinstance(value, (list, dict)):
            problem = 'a value is missing; "" clears a text' if value is None else "has to be one value"
            raise InputError(f"parameters.{name}: {problem}", option=f"parameters.{name}")
        if not str(name).strip():
            raise InputError("parameters: a name is empty", option="parameters")
        wished.append({"name": str(name), "value": value if isinstance(value, bool) else text(value)})
    return wished


def spell(ctx: Context, item: Item) -> None:
    """YAML and templates make true and false of on and off: spell them, and any other word, as the parameter does.

    Raises :class:`InputError` for what the platform would refuse.
    """
    value, current = str(item.desired["value"]), item.current or {}
    if value.lower() in ("true", "false"):
        known = [
            word.strip()
            for word in f"{current.get('value_range') or ''},{current.get('value') or ''}".lower().split(",")
        ]
        words = next((pair for pair in SWITCHES if pair[0] in known or pair[1] in known), None)
        if words:
            value = words[value.lower() == "false"]
        elif isinstance(item.desired["value"], bool):
            value = SWITCHES[0][not item.desired["value"]]
    item.desired["value"] = value_ranges.spelled(value, current)
    problem = (
        None if equal_number(value, current.get("value")) else value_ranges.problem_of(item.desired["value"], current)
    )
    if problem:
        raise InputError(f"parameters.{item.label}: {problem}", option=f"parameters.{item.label}")


def changed(items: Sequence[Item]) -> list[Item]:
    """Return the parameters that this task has changed, or would."""
    return [item for item in items if item.first_changes and not item.failed]


def needs_restart(item: Item) -> bool:
    return bool((item.current or {}).get("restart_required"))


def waiting(items: Sequence[Item]) -> list[Item]:
    """Return those of them that take effect only after a restart."""
    return [item for item in changed(items) if needs_restart(item)]


def names_of(items: Iterable[Item]) -> str:
    return ", ".join(item.label for item in items)


def set_summary(items: Sequence[Item]) -> str:
    """Say in the plan what a restart will be needed for."""
    due = names_of(item for item in items if needs_restart(item))
    return f"Set {names_of(items)}" + (f"; only a restart makes {due} effective" if due else "")


def restart(ctx: Context, items: Sequence[Item]) -> list[Step]:
    due = waiting(items)
    if not due or ctx.params["restart"] == "never":
        return []
    summary = f"Restart instance {ctx.scope_label} so that {names_of(due)} takes effect"
    return [Step(restart_instance(ctx.scope_id), summary, due, repeatable=False, closing=True)]


def pending(ctx: Context, items: Sequence[Item]) -> list[Item]:
    """Return the parameters that wait for somebody to restart the instance, once all steps have been carried out.

    The platform says it of each parameter, and of the change as a whole; the latter only once it is sent, and not of
    which.
    """
    due = waiting(items)
    if due:
        return [] if ctx.params["restart"] == "if_required" else due
    return changed(items) if any(api.needs_restart(reply.data) for reply in ctx.replies) else []


def catch_up(ctx: Context, names: str) -> str:
    """Say how to bring about what no later run of the task can see is missing."""
    return (
        f"Only a restart makes {names} effective, and no later run of this task restarts instance {ctx.scope_label}:"
        " gaussdb_instance with state=restarted does"
    )


def summary(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    due = pending(ctx, items)
    if due:
        ctx.warn(catch_up(ctx, names_of(due)))
    names = [item.label for item in due]
    return {
        "restart_pending": names,
        "restart_required": bool(names),
        "restart_parameters": [item.label for item in waiting(items)],
    }


def interrupted(ctx: Context, items: Sequence[Item], error: TpopsError) -> dict[str, Any]:
    """A change that was sent is likely to be there, now or soon, and its restart is not known to have taken place."""
    due = waiting(items)
    if due:
        error.hint = f"Look whether the instance has restarted. {catch_up(ctx, names_of(due))}"
    return {"restart_pending": [item.label for item in due]}


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
        Field("restart", choices=("never", "if_required"), default="never"),
    ),
    desired=wishes,
    refine=spell,
    read=lambda ctx: api.get_parameters(ctx.scope_id),
    updates=(
        Write(
            lambda ctx, items: api.set_parameters(
                ctx.scope_id, {item.desired["name"]: item.desired["value"] for item in items}
            ),
            set_summary,
            batch_size=0,
        ),
    ),
    extra_steps=restart,
    result=summary,
    interrupted=interrupted,
    returns=api.PARAMETER,
    also_returns=(
        Attr(
            "restart_pending",
            kind="list",
            doc=(
                "Names of the parameters of the task that take effect only when somebody restarts the instance. Empty "
                "when nothing was changed, when no change needs a restart, and when the task has restarted the "
                "instance. Only the run that makes a change can tell. A later one finds the new value and returns an "
                "empty list."
            ),
            returned="success, or when the task fails after it has sent something",
            sample=["max_connections"],
        ),
        Attr(
            "restart_required",
            kind="bool",
            doc=(
                "Whether the instance has to be restarted for the changes of this task, and the task does not do it. "
                "The platform may say so of a change although it says it of none of the parameters."
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
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
