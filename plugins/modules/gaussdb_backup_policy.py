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
  - Options that are not set keep their value. The platform requires O(keep_days), O(start_time), O(period) and
    O(differential_period_minutes) with every change, so the module sends the current value of those that are not set.
  - Instances with XBSA backups have no such policy.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  keep_days:
    description:
      - Number of days to keep a backup, from 1 to 732.
    type: int
  start_time:
    description:
      - Hour in which a full backup begins, in UTC, as V(hh:00-HH:00), where the second hour follows the first. The last
        hour of the day is V(23:00-00:00) or V(23:00-24:00).
    type: str
  period:
    description:
      - Days of the week on which a full backup is created, from V(1) for Monday to V(7) for Sunday.
    type: list
    elements: int
  differential_period_minutes:
    description:
      - Interval between two differential backups in minutes.
    type: int
    choices: [15, 30, 60, 180, 360, 720, 1440]
  rate_limit_mb:
    description:
      - Upload speed limit for backups in MB/s, from 0 to 1024. V(0) means no limit.
    type: int
  prefetch_blocks:
    description:
      - Number of changed pages that a differential backup prefetches, from 1 to 8192.
    type: int
  file_split_size_gb:
    description:
      - Size in GB at which backup files are split, a multiple of 4 from 0 to 1024. V(0) means no limit.
    type: int
  standby_backup:
    description:
      - Whether backups are taken from a standby.
    type: bool
seealso:
  - module: gaussdb.tpops.gaussdb_backup_policy_info
"""

EXAMPLES = r"""
- name: Create a full backup on weekdays and a differential backup every half hour
  gaussdb.tpops.gaussdb_backup_policy:
    instance: orders-prod
    keep_days: 14
    start_time: 19:00-20:00
    period: [1, 2, 3, 4, 5]
    differential_period_minutes: 30

- name: Limit the upload speed
  gaussdb.tpops.gaussdb_backup_policy:
    instance: orders-prod
    rate_limit_mb: 50
  register: limited

- name: Show the policy
  ansible.builtin.debug:
    var: limited.backup_policy
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
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.read_errors import explain_no_backup_policy
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Resource, Write, Writes
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

ALWAYS_SENT = ("keep_days", "start_time", "period", "differential_period_minutes")


def check_hour_window(value: Any) -> str | None:
    begin, dash, end = str(value).partition("-")
    hours = [int(text[:2]) for text in (begin, end) if re.fullmatch("[0-9]{2}:00", text)]
    valid = dash and len(hours) == 2 and hours[0] < 24 and hours[1] in (hours[0] + 1, (hours[0] + 1) % 24)
    return None if valid else f"{value!r} is not allowed; use one full hour in UTC, such as 19:00-20:00"


def same_window(desired: Any, current: Any) -> bool:
    """Midnight can be written in two ways."""
    return equal(desired.replace("24:", "00:"), str(current or "").replace("24:", "00:"))


def check_listed_once(days: Sequence[int]) -> str | None:
    duplicate = next((day for index, day in enumerate(days) if day in days[:index]), None)
    return None if duplicate is None else f"{duplicate} is listed twice"


def set_policy(ctx: Context, item: Item) -> Call:
    """The platform requires four of the values in every request (4.2.1)."""
    values = {name: item.value(name) for name in api.POLICY_NAMES}
    missing = [name for name in ALWAYS_SENT if values[name] in (None, "", [])]
    # An instance that does not exist yet will have default values.
    if missing and ctx.parent.id is not None:
        raise InputError(missing, f"required, because instance {item.label} has no value yet")
    sent = {name: value for name, value in values.items() if name in ALWAYS_SENT or name in item.desired}
    return api.set_backup_policy(ctx.parent.id, sent)


SPEC = Resource(
    name="backup_policy",
    plural="backup_policies",
    single=True,
    parent=INSTANCE,
    states=(),
    fields=(
        Field("keep_days", type="int", validate=checks.between(1, 732)),
        Field("start_time", validate=check_hour_window, equal=same_window),
        Field(
            "period",
            type="list",
            elements="int",
            validate=checks.every(checks.not_empty, checks.each(checks.between(1, 7)), check_listed_once),
        ),
        Field("differential_period_minutes", type="int", choices=(15, 30, 60, 180, 360, 720, 1440)),
        Field("rate_limit_mb", type="int", validate=checks.between(0, 1024)),
        Field("prefetch_blocks", type="int", validate=checks.between(1, 8192)),
        Field("file_split_size_gb", type="int", validate=checks.every(checks.between(0, 1024), checks.multiple_of(4))),
        Field("standby_backup", type="bool"),
    ),
    find=Find(read=lambda ctx: api.get_backup_policy(ctx.parent.id), on_error=explain_no_backup_policy),
    writes=Writes(updates=(Write.each(set_policy, "Set the backup policy of instance {names}"),)),
    returns=api.POLICY,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
