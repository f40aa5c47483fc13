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
  - Turns regular snapshots for workload diagnosis reports (WDR) on or off in the database kernel, and takes a snapshot
    now if the newest one is too old.
  - A report compares two snapshots. M(gaussdb.tpops.gaussdb_wdr_report) collects one.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    details:
      - With O(max_age) a later run takes another snapshot once the newest is too old. With V(0s), every run does.
options:
  enabled:
    description:
      - Whether snapshots are taken regularly.
    type: bool
  max_age:
    description:
      - Take a snapshot now unless the newest one is younger than this, such as V(30m), V(2h) or V(1d). V(0s) takes one
        on every run, unless the platform takes its own in the meantime.
      - Snapshots must be enabled for this.
    type: str
seealso:
  - module: gaussdb.tpops.gaussdb_wdr_info
  - module: gaussdb.tpops.gaussdb_wdr_report
"""

EXAMPLES = r"""
- name: Take snapshots regularly
  gaussdb.tpops.gaussdb_wdr_snapshot:
    instance: orders-prod
    enabled: true

- name: Make sure that there is a recent snapshot before the nightly batch
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
  description: Whether snapshots are taken, and the time range of the existing ones, in check mode as far as that is
    known.
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
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Find,
    Hooks,
    Resource,
    Rules,
    Write,
    Writes,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times


def take(ctx: Context, items: Sequence[Item]) -> list[Step]:
    """Take a snapshot if they are enabled, unless the newest one is young enough."""
    age, item = ctx.params["max_age"], items[0]
    if age is None:
        return []
    newest = (item.current or {}).get("last_snapshot_ms") or 0
    # Set on the first call, so that a snapshot of this task is younger.
    length = times.checked(times.length_ms(age))
    limit = ctx.cached("limit", lambda: ctx.client.now_ms() - length if length else newest)
    if newest > limit:
        return []
    if item.value("enabled") is False:
        raise InputError("max_age", "snapshots are disabled, so none can be taken; use enabled=true")
    return [Step(api.create_wdr_snapshot(ctx.parent.id), f"Take a snapshot of {item.label}")]


SPEC = Resource(
    name="wdr",
    plural="wdr",
    single=True,
    parent=INSTANCE,
    states=(),
    fields=(Field("enabled", type="bool"),),
    options=(Field("max_age", validate=times.check_duration),),
    find=Find(read=lambda ctx: api.get_wdr_status(ctx.parent.id)),
    writes=Writes(
        updates=(
            Write.each(
                lambda ctx, item: api.set_wdr_status(ctx.parent.id, item.desired["enabled"]),
                lambda item: f"Turn snapshots of {item.label} {'on' if item.desired['enabled'] else 'off'}",
                fields=("enabled",),
            ),
        )
    ),
    rules=Rules(required_one_of=(("enabled", "max_age"),)),
    hooks=Hooks(extra_steps=take),
    returns=api.STATUS,
    also_returns=(
        Attr(
            "wdr",
            doc=(
                "Whether snapshots are taken, and the time range of the existing ones, in check mode as far as that is "
                "known."
            ),
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
