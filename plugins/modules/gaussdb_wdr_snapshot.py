#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_wdr_snapshot
short_description: Manage WDR snapshots of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Decides whether the kernel takes snapshots for workload diagnosis reports (WDR) regularly, and takes one now when
    the newest is too old.
  - Two snapshots are what a report compares. M(gaussdb.tpops.gaussdb_wdr_report) makes one.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    details:
      - With O(max_age) a later run takes another snapshot once the newest is too old, which V(0s) makes of every run.
options:
  enabled:
    description:
      - Whether snapshots are taken regularly.
    type: bool
  max_age:
    description:
      - Take a snapshot now unless the newest one is younger than this, such as V(30m), V(2h) or V(1d). V(0s) takes one
        on every run, unless the platform takes one of its own meanwhile.
      - Snapshots have to be on for this.
    type: str
seealso:
  - module: gaussdb.tpops.gaussdb_wdr_info
  - module: gaussdb.tpops.gaussdb_wdr_report
"""

EXAMPLES = r"""
- name: Have snapshots taken regularly
  gaussdb.tpops.gaussdb_wdr_snapshot:
    instance: orders-prod
    enabled: true

- name: Have one that is fresh, before the nightly batch begins
  gaussdb.tpops.gaussdb_wdr_snapshot:
    instance: orders-prod
    max_age: 5m
  register: before_batch

- name: Show when it was taken
  ansible.builtin.debug:
    var: before_batch.wdr.last_snapshot
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
wdr:
  description: Whether snapshots are taken, and from when to when there are some, in check mode as far as that is known.
  returned: success
  type: dict
  contains:
    enabled:
      description: Whether snapshots are taken regularly.
      type: bool
    first_snapshot:
      description: When the oldest snapshot was taken, as the platform writes it. Empty if there is none.
      type: str
    first_snapshot_ms:
      description: The same in milliseconds since 1970. Empty if there is none.
      type: int
    last_snapshot:
      description: When the newest snapshot was taken, as the platform writes it. Empty if there is none.
      type: str
    last_snapshot_ms:
      description: The same in milliseconds since 1970. Empty if there is none.
      type: int
  sample:
    enabled: true
    first_snapshot: '2026-01-10 18:00:00.119531+00'
    first_snapshot_ms: 1768068000120
    last_snapshot: '2026-01-12 11:00:00.850324+00'
    last_snapshot_ms: 1768215600850
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
"""
# RETURN:end

from collections.abc import Sequence

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import wdr as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Field, Resource, Write
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times


def take(ctx: Context, items: Sequence[Item]) -> list[Step]:
    """Take a snapshot once the switch is on, unless there is one that is young enough."""
    age, item = ctx.params["max_age"], items[0]
    if age is None:
        return []
    newest = (item.current or {}).get("last_snapshot_ms") or 0
    # Fixed by the first look: what the task takes itself is younger than that.
    length = times.checked(times.length_ms(age))
    limit = ctx.cached("limit", lambda: ctx.client.now_ms() - length if length else newest)
    if newest > limit:
        return []
    if item.value("enabled") is False:
        raise InputError(
            "max_age: snapshots are off, and none can be taken; enabled=true turns them on", option="max_age"
        )
    return [Step(api.create_wdr_snapshot(ctx.scope_id), f"Take a snapshot of {item.label}")]


SPEC = Resource(
    name="wdr",
    plural="wdr",
    single=True,
    parent=INSTANCE,
    states=(),
    fields=(Field("enabled", type="bool"),),
    options=(Field("max_age", validate=times.check_duration),),
    required_one_of=(("enabled", "max_age"),),
    read=lambda ctx: api.get_wdr_status(ctx.scope_id),
    updates=(
        Write(
            lambda ctx, items: api.set_wdr_status(ctx.scope_id, items[0].desired["enabled"]),
            lambda items: f"Turn snapshots of {items[0].label} {'on' if items[0].desired['enabled'] else 'off'}",
            fields=("enabled",),
        ),
    ),
    extra_steps=take,
    returns=api.STATUS,
    also_returns=(
        Attr(
            "wdr",
            doc=(
                "Whether snapshots are taken, and from when to when there are some, in check mode as far as that is "
                "known."
            ),
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
