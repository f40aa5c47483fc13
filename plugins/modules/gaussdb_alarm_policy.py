#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_alarm_policy
short_description: Copy the alarm policy of an instance to other instances
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Copies the alarm policy that is configured on the platform for one instance to other instances, with one request.
  - The previous policy of the target instances is lost. The platform cannot show what it was.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.attributes
attributes:
  diff_mode:
    support: none
    details: The platform does not show which policy an instance has.
  idempotent:
    support: none
    details: The platform does not show which policy an instance has, so the policy is copied each time. Copying it
      again does no harm.
options:
  source:
    description:
      - Name or ID of the instance whose policy is copied.
    type: str
    required: true
  targets:
    description:
      - Names or IDs of the instances that get the policy.
    type: list
    elements: str
    required: true
seealso:
  - module: gaussdb.tpops.gaussdb_alarm_info
"""

EXAMPLES = r"""
- name: Copy the alarm policy to two instances
  gaussdb.tpops.gaussdb_alarm_policy:
    source: orders-prod
    targets: [billing-prod, archive-prod]
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
  sample:
    - operation: copy_alarm_config
      method: POST
      path: /v3/alarm/update/configs
      summary: Give billing-prod and archive-prod the alarm policy of orders-prod
"""
# RETURN:end

from collections.abc import Sequence

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import alarm as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.lookup import read_instance_names
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.checks import not_empty
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def plan(ctx: Context, items: Sequence[Item]) -> list[Step]:
    params, instances = ctx.params, read_instance_names(ctx)
    source, targets = instances.identity(params["source"], "source"), instances.identities(params["targets"], "targets")
    if source and source in targets:
        raise InputError("targets", f"{params['source']} is the source itself")
    names = " and ".join(dict.fromkeys(instances.label(target) for target in params["targets"]))
    summary = f"Give {names} the alarm policy of {instances.label(params['source'])}"
    return [Step(api.copy_alarm_config(source, targets), summary)]


SPEC = Action(
    name="alarm_policy",
    fields=(
        Field("source", identifier=True, required=True),
        Field("targets", identifier=True, type="list", elements="str", required=True, validate=not_empty),
    ),
    steps=plan,
    sees_writes=True,
    also_returns=(
        Attr(
            "plan",
            sample=[
                {
                    "operation": "copy_alarm_config",
                    "method": "POST",
                    "path": "/v3/alarm/update/configs",
                    "summary": "Give billing-prod and archive-prod the alarm policy of orders-prod",
                }
            ],
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
