#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_backup_policy
short_description: Manage the automatic backups of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Sets when an instance is backed up automatically and how long the backups are kept.
  - Options that are left out keep their value. The platform wants O(keep_days), O(start_time), O(period) and
    O(differential_period_minutes) with every change, so the module sends the present ones of those that are left out.
  - Instances with XBSA backups have no such policy.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  keep_days:
    description:
      - Days that a backup is kept, from 1 to 732.
    type: int
  start_time:
    description:
      - Hour in which a full backup begins, in UTC, as V(hh:00-HH:00) with one hour between the two. The last one of the
        day is V(23:00-00:00) or V(23:00-24:00).
    type: str
  period:
    description:
      - Days of the week on which a full backup is made, V(1) for Monday to V(7) for Sunday.
    type: list
    elements: int
  differential_period_minutes:
    description:
      - Minutes between two differential backups.
    type: int
    choices: [15, 30, 60, 180, 360, 720, 1440]
  rate_limit_mb:
    description:
      - Highest speed at which backups are uploaded, in MB/s, from 0 to 1024. V(0) sets no limit.
    type: int
  prefetch_blocks:
    description:
      - Number of changed pages that a differential backup reads ahead, from 1 to 8192.
    type: int
  file_split_size_gb:
    description:
      - Size in GB at which backup files are split, from 0 to 1024 and a multiple of 4. V(0) sets no limit.
    type: int
  standby_backup:
    description:
      - Whether backups are taken from a standby.
    type: bool
seealso:
  - module: gaussdb.tpops.gaussdb_backup_policy_info
"""

EXAMPLES = r"""
- name: Make a full backup on weekdays and a differential one every half hour
  gaussdb.tpops.gaussdb_backup_policy:
    instance: orders-prod
    keep_days: 14
    start_time: 19:00-20:00
    period: [1, 2, 3, 4, 5]
    differential_period_minutes: 30

- name: Upload slower
  gaussdb.tpops.gaussdb_backup_policy:
    instance: orders-prod
    rate_limit_mb: 50
  register: slower

- name: Show the policy
  ansible.builtin.debug:
    var: slower.backup_policy
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
backup_policy:
  description: The backup policy as it is now, in check mode as it would be, as far as that is known.
  returned: success
  type: dict
  contains:
    keep_days:
      description: Number of days that a backup is kept.
      type: int
    start_time:
      description: Hour in which full backups begin, in UTC.
      type: str
    period:
      description: Days of the week of full backups, V(1) for Monday.
      type: list
      elements: int
    differential_period_minutes:
      description: Minutes between two differential backups.
      type: int
    rate_limit_mb:
      description: Maximum upload rate in MB/s.
      type: int
    prefetch_blocks:
      description: Number of pages read ahead.
      type: int
    file_split_size_gb:
      description: Size in GB at which files are split.
      type: int
    standby_backup:
      description: Whether backups are taken from a standby.
      type: bool
  sample:
    keep_days: 14
    start_time: 19:00-20:00
    period:
      - 1
      - 2
      - 3
      - 4
      - 5
    differential_period_minutes: 30
    rate_limit_mb: 75
    prefetch_blocks: 64
    file_split_size_gb: 4
    standby_backup: false
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

import re
from collections.abc import Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import backup as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.read_errors import no_backup_policy
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Field, Resource, Write
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

ALWAYS_SENT = ("keep_days", "start_time", "period", "differential_period_minutes")


def hour_window(value: Any) -> str | None:
    begin, dash, end = str(value).partition("-")
    hours = [int(text[:2]) for text in (begin, end) if re.fullmatch("[0-9]{2}:00", text)]
    valid = dash and len(hours) == 2 and hours[0] < 24 and hours[1] in (hours[0] + 1, (hours[0] + 1) % 24)
    return None if valid else f"{value!r} is not allowed; use one full hour in UTC, such as 19:00-20:00"


def same_window(wished: Any, current: Any) -> bool:
    """Midnight has two spellings."""
    return equal(wished.replace("24:", "00:"), str(current or "").replace("24:", "00:"))


def once(days: Sequence[int]) -> str | None:
    twice = next((day for index, day in enumerate(days) if day in days[:index]), None)
    return None if twice is None else f"{twice} is listed twice"


def set_policy(ctx: Context, items: Sequence[Item]) -> Call:
    """The platform wants four of the values in every request (4.2.1)."""
    values = {name: items[0].value(name) for name in api.POLICY_NAMES}
    missing = [name for name in ALWAYS_SENT if values[name] in (None, "", [])]
    # An instance that is yet to be made will have values of its own.
    if missing and ctx.scope_id is not None:
        raise InputError(
            f"{', '.join(missing)}: required, since instance {items[0].label} has no such value yet", option=missing[0]
        )
    sent = {name: value for name, value in values.items() if name in ALWAYS_SENT or name in items[0].desired}
    return api.set_backup_policy(ctx.scope_id, sent)


SPEC = Resource(
    name="backup_policy",
    plural="backup_policies",
    single=True,
    parent=INSTANCE,
    states=(),
    fields=(
        Field("keep_days", type="int", validate=checks.between(1, 732)),
        Field("start_time", validate=hour_window, equal=same_window),
        Field(
            "period",
            type="list",
            elements="int",
            validate=checks.every(checks.not_empty, checks.each(checks.between(1, 7)), once),
        ),
        Field("differential_period_minutes", type="int", choices=(15, 30, 60, 180, 360, 720, 1440)),
        Field("rate_limit_mb", type="int", validate=checks.between(0, 1024)),
        Field("prefetch_blocks", type="int", validate=checks.between(1, 8192)),
        Field("file_split_size_gb", type="int", validate=checks.every(checks.between(0, 1024), checks.multiple_of(4))),
        Field("standby_backup", type="bool"),
    ),
    read=lambda ctx: api.get_backup_policy(ctx.scope_id),
    on_read_error=no_backup_policy,
    updates=(Write(set_policy, "Set the backup policy of instance {names}"),),
    returns=api.POLICY,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
