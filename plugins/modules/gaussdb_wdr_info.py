#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_wdr_info
short_description: Gather information about WDR snapshots and reports of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Returns whether the database kernel takes snapshots for workload diagnosis reports (WDR), the time range of the
    existing snapshots, and the collected reports.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
options:
  since:
    description:
      - List only reports whose period starts at this time or later. The value is a time such as V(2026-01-05 08:00:00
        UTC), in milliseconds since 1970, or an age such as V(2h) or V(7d). A time without an offset is UTC.
    type: str
  until:
    description:
      - List only reports whose period ends at this time or earlier, in the same formats as O(since).
    type: str
  status:
    description:
      - List only reports with this status.
    type: str
    choices: [SUCCESS, FAILED, EXPORTING]
seealso:
  - module: gaussdb.tpops.gaussdb_wdr_snapshot
  - module: gaussdb.tpops.gaussdb_wdr_report
"""

EXAMPLES = r"""
- name: List the reports of this week
  gaussdb.tpops.gaussdb_wdr_info:
    instance: orders-prod
    since: 7d
    status: SUCCESS
  register: wdr

- name: Show the reports, and the time range of the snapshots
  ansible.builtin.debug:
    msg:
      - "{{ wdr.reports | map(attribute='start_time') | list }}"
      - "{{ wdr.wdr.first_snapshot }} to {{ wdr.wdr.last_snapshot }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
reports:
  description: The collected reports.
  returned: success
  type: list
  elements: dict
  contains:
    job_id:
      description: ID of the job that collected it.
      type: str
    status:
      description: V(EXPORTING) while it is collected, then V(SUCCESS) or V(FAILED).
      type: str
    type:
      description: V(cluster) for a report on the whole instance, V(component) for a report on components.
      type: str
    components:
      description: Components in the report. Empty for a report on the whole instance.
      type: list
      elements: str
    start_time:
      description: Start of its period, as requested.
      type: str
    start_ms:
      description: The same in milliseconds since 1970.
      type: int
    end_time:
      description: End of its period, as requested.
      type: str
    end_ms:
      description: The same in milliseconds since 1970.
      type: int
    size_kb:
      description: Size of the file in KB.
      type: int
    download_url:
      description: Download address, valid for 30 minutes.
      type: str
    notes:
      description: Notes of the platform.
      type: str
wdr:
  description: Whether snapshots are taken, and the time range of the existing ones.
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
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import wdr as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.period import read_moment_ms
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times


def read(ctx: Context) -> Call:
    moments = (read_moment_ms(ctx, name) for name in ("since", "until"))
    start, end = (None if moment is None else times.with_offset(moment) for moment in moments)
    return api.list_wdr_reports(ctx.parent.id, start, end)


SPEC = Info(
    plural="reports",
    parent=INSTANCE,
    fields=(
        Field("since", validate=times.check_past),
        Field("until", validate=times.check_past),
        Field("status", choices=(api.SUCCESS, api.FAILED, api.EXPORTING)),
    ),
    find=Find(read=read, select=lambda ctx, reports: filter_equal(reports, status=ctx.params["status"])),
    result=lambda ctx, reports: {"wdr": ctx.item(api.get_wdr_status(ctx.parent.id)) or {}},
    returns=api.REPORT,
    also_returns=(
        Attr("reports", doc="The collected reports."),
        Attr(
            "wdr",
            kind="dict",
            shape=api.STATUS,
            doc="Whether snapshots are taken, and the time range of the existing ones.",
            returned="success",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
