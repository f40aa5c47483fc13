#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_restore_info
short_description: Gather information about possible restores of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Reads the time ranges that an instance can be restored to. For a backup or a point in time, it can also read the
    configuration of the instance at that time and the instances that it can be restored to.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
options:
  gather:
    description:
      - Information to read. V(times) reads the time ranges, with one request for each day. V(snapshot) reads the
        configuration of the instance, V(instances) the instances that a backup or point in time can be restored to. The
        latter two need O(backup), O(backup_id) or O(restore_time).
      - V(times) is not available for instances with XBSA backups.
    type: list
    elements: str
    choices: [times, snapshot, instances]
    default: [times]
  since:
    description:
      - Start of the period to search, such as V(2026-01-05 08:00:00 UTC) or V(2026-01-05T16:00:00+08:00), in
        milliseconds since 1970, or as an age such as V(90m), V(2h) or V(7d). A time without an offset is UTC. Whole
        days are searched.
    type: str
    default: 1d
  until:
    description:
      - End of the period to search, at most 732 days after O(since), in the same formats.
    type: str
    default: now
  backup:
    description:
      - Name of a backup. If several have this name, the newest completed one is used.
    type: str
  backup_id:
    description:
      - ID of a backup.
    type: str
  restore_time:
    description:
      - Point in time, in the same formats as O(since).
    type: str
seealso:
  - module: gaussdb.tpops.gaussdb_restore
  - module: gaussdb.tpops.gaussdb_backup_info
"""

EXAMPLES = r"""
- name: Find the times of the last week that an instance can be restored to
  gaussdb.tpops.gaussdb_restore_info:
    instance: orders-prod
    since: 7d
  register: possible

- name: Show the latest one
  ansible.builtin.debug:
    msg: "{{ possible.restore_times | map(attribute='end') | list | last | default('none') }}"

- name: Find out which instances a backup can be restored to
  gaussdb.tpops.gaussdb_restore_info:
    instance: orders-prod
    backup: before-release-42
    gather: [snapshot, instances]
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
restore_times:
  description: Time ranges that the instance can be restored to, on the searched days. Empty unless O(gather) contains
    V(times).
  returned: success
  type: list
  elements: dict
  contains:
    start:
      description: Start of the span, in readable form, as O(restore_time) accepts it.
      type: str
    end:
      description: End of the span.
      type: str
    start_ms:
      description: Start of the span in milliseconds since 1970.
      type: int
    end_ms:
      description: End of the span in milliseconds since 1970.
      type: int
  sample:
    - start: 2026-01-05 08:00:00 UTC
      end: 2026-01-06 17:30:00 UTC
      start_ms: 1767600000000
      end_ms: 1767720600000
snapshot:
  description: The configuration of the instance at that time.
  returned: when O(gather) has V(snapshot)
  type: dict
  contains:
    mode:
      description: V(combined) for a distributed instance, V(centralization_standard) for a centralized one.
      type: str
    instance_mode:
      description: Edition, V(enterprise).
      type: str
    solution:
      description: Topology, such as V(triset).
      type: str
    node_num:
      description: Number of nodes.
      type: int
    coordinator_num:
      description: Number of coordinators.
      type: int
    sharding_num:
      description: Number of shards.
      type: int
    replica_num:
      description: Number of replicas of each shard.
      type: int
    data_volume_size_gb:
      description: Size of the data disk in GB.
      type: int
    engine_version:
      description: Version of the engine.
      type: str
instances:
  description: Instances that it can be restored to, including the instance itself if it is suitable.
  returned: when O(gather) has V(instances)
  type: list
  elements: dict
  contains:
    id:
      description: ID of the instance.
      type: str
    name:
      description: Name of the instance.
      type: str
    mode:
      description: V(combined) for a distributed instance, V(centralization_standard) for a centralized one.
      type: str
    instance_mode:
      description: Edition, V(enterprise).
      type: str
    volume_type:
      description: Type of the data disk.
      type: str
    data_volume_size_gb:
      description: Size of the data disk in GB.
      type: int
    engine_version:
      description: Version of the engine.
      type: str
"""
# RETURN:end

from collections.abc import Callable
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import restore as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.backup import (
    DAY_MS,
    RESTORE_TIME,
    days_between,
    find_backup,
    merged,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.period import read_given_moment_ms, read_moment_ms
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info, Rules
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.times import check_past

POINTS = ("backup", "backup_id", "restore_time")
MOST_DAYS = 732


def read(ctx: Context) -> list[Call]:
    params = ctx.params
    wanted = [name for name in ("snapshot", "instances") if name in params["gather"]]
    if wanted and not any(params[name] for name in POINTS):
        raise InputError("gather", f"{wanted[0]} needs one of {', '.join(POINTS)}")
    since, until = read_given_moment_ms(ctx, "since"), read_given_moment_ms(ctx, "until")
    if since >= until:
        raise InputError("until", "must be later than since")
    if until - since > MOST_DAYS * DAY_MS:
        raise InputError("until", f"must be at most {MOST_DAYS} days after since")
    if "times" not in params["gather"]:
        return []
    return [api.get_restore_time(ctx.parent.id, day) for day in days_between(since, until)]


def read_instances_at_moment(ctx: Context, found: list[dict[str, Any]]) -> dict[str, Any]:
    """Read the requested information about a backup or a point in time."""
    params = ctx.params
    reads: dict[str, Callable[[], Any]] = {"snapshot": lambda: None, "instances": list}
    if ctx.parent.id is not None:
        point = (ctx.parent.id, backup_of(ctx), read_moment_ms(ctx, "restore_time"))
        reads = {
            "snapshot": lambda: ctx.item(api.get_instance_snapshot(*point)),
            "instances": lambda: ctx.items(api.list_restorable_instances(*point)),
        }
    return {name: reads[name]() for name in reads if name in params["gather"]}


def backup_of(ctx: Context) -> str | None:
    name = ctx.params["backup"]
    found: str | None = find_backup(ctx, "backup", "name", name)["id"] if name else ctx.params["backup_id"]
    return found


SPEC = Info(
    plural="restore_times",
    parent=INSTANCE,
    fields=(
        Field("gather", type="list", elements="str", choices=("times", "snapshot", "instances"), default=["times"]),
        Field("since", default="1d", validate=check_past),
        Field("until", default="now", validate=check_past),
        Field("backup"),
        Field("backup_id"),
        Field("restore_time", validate=check_past),
    ),
    find=Find(read=read, select=lambda ctx, found: merged(found)),
    rules=Rules(mutually_exclusive=(POINTS,)),
    result=read_instances_at_moment,
    returns=RESTORE_TIME,
    also_returns=(
        Attr(
            "restore_times",
            doc=(
                "Time ranges that the instance can be restored to, on the searched days. Empty unless O(gather) "
                "contains V(times)."
            ),
        ),
        Attr(
            "snapshot",
            kind="dict",
            shape=api.SNAPSHOT,
            doc="The configuration of the instance at that time.",
            returned="when O(gather) has V(snapshot)",
        ),
        Attr(
            "instances",
            kind="list",
            shape=api.RESTORABLE_INSTANCE,
            doc="Instances that it can be restored to, including the instance itself if it is suitable.",
            returned="when O(gather) has V(instances)",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
