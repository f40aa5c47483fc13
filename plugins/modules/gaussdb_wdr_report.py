#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_wdr_report
short_description: Keep a WDR report in a file
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Has the workload diagnosis report (WDR) on a period collected, unless that was done before, and keeps it in a file
    on the machine where the module runs. The file is a ZIP archive of HTML pages as a rule.
  - The file is downloaded from the platform, and where that yields no file from the address that the list of reports
    gives. An address on another host has to be HTTPS, and gets no token. What cannot be a report is an error, and no
    file is written.
  - The platform compares two snapshots within the period. M(gaussdb.tpops.gaussdb_wdr_info) tells from when to when
    there are some.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    details: A period that is told by how long ago it was is another one in each run.
options:
  since:
    description:
      - Where the period begins. This is a time such as V(2026-01-05 08:00:00 UTC), milliseconds since 1970, or how long
        ago, such as V(2h) or V(7d). A time without an offset is UTC.
      - How long ago goes by the clock of the platform, which may cost one more request when the instance is given by
        its ID.
    type: str
    required: true
  until:
    description:
      - Where the period ends, written like O(since), or V(now).
    type: str
    required: true
  components:
    description:
      - IDs of coordinators and data nodes, such as V(dn_6001), for a report on these. Without it the report is on the
        whole instance.
    type: list
    elements: str
  path:
    description:
      - File to keep the report in. Its directory has to exist. The file is replaced in one go when it differs.
    type: path
    required: true
  mode:
    description:
      - Permissions of the file, as octal digits in quotes such as V('0640').
      - Without it an existing file keeps its permissions, and a new one gets those that the umask leaves.
    type: raw
seealso:
  - module: gaussdb.tpops.gaussdb_wdr_info
  - module: gaussdb.tpops.gaussdb_wdr_snapshot
"""

EXAMPLES = r"""
- name: Take a snapshot before the nightly batch
  gaussdb.tpops.gaussdb_wdr_snapshot:
    instance: orders-prod
    max_age: 0s
  register: before_batch

- name: Take another one after it
  gaussdb.tpops.gaussdb_wdr_snapshot:
    instance: orders-prod
    max_age: 0s
  register: after_batch

- name: Keep a report on the time between them
  gaussdb.tpops.gaussdb_wdr_report:
    instance: orders-prod
    since: "{{ before_batch.wdr.last_snapshot }}"
    until: "{{ after_batch.wdr.last_snapshot }}"
    path: "{{ playbook_dir }}/orders-batch.zip"
    mode: '0640'
  register: kept

- name: Show how large it is
  ansible.builtin.debug:
    msg: "{{ kept.report.size_kb }} KB"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
report:
  description: The report. Missing while nothing has been collected, which in check mode is what would be done.
  returned: when there is one
  type: dict
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
    path:
      description: Path of the file.
      returned: when the report was downloaded
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

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import wdr as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.period import period
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks, files
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InvalidReply, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.replies import Reply
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times


def whole_period(ctx: Context) -> tuple[int, int]:
    """Return begin and end in milliseconds, out to whole seconds. Read once: how long ago it was means another moment
    each time."""
    start, end = ctx.cached("period", lambda: period(ctx))
    return start // 1000 * 1000, -(-end // 1000) * 1000


def find(ctx: Context) -> dict[str, Any] | None:
    """Return the report on the period that is there, or is being collected, ``None`` when there is none."""
    wanted = (*whole_period(ctx), set(ctx.params["components"] or ()))
    found = [
        entry
        for entry in ctx.items(api.list_wdr_reports(ctx.scope_id))
        if (entry["start_ms"], entry["end_ms"], set(entry["components"])) == wanted
    ]
    return next(
        (entry for status in (api.SUCCESS, api.EXPORTING) for entry in found if entry["status"] == status), None
    )


def plan(ctx: Context) -> list[Step]:
    start, end = (times.with_offset(moment) for moment in whole_period(ctx))
    files.check_option(ctx, "path")
    found = find(ctx)
    if found is None:
        components = ctx.params["components"] or ()
        about = ", ".join(components) or ctx.scope_label
        return [
            Step(
                api.collect_wdr_report(ctx.scope_id, start, end, components),
                f"Collect a report on {about} from {start} to {end}",
            )
        ]
    if found["status"] == api.EXPORTING:
        ctx.attach(found["job_id"])
    return []


def problem_of(ctx: Context, found: Mapping[str, Any] | None) -> str | None:
    if found is not None and found["status"] == api.SUCCESS:
        return None
    return f"The report on {ctx.scope_label} was collected, but the platform does not list it as finished"


def left(ctx: Context) -> dict[str, str]:
    problem = problem_of(ctx, find(ctx))
    return {"": problem} if problem else {}


def download(ctx: Context, report: Mapping[str, Any]) -> bytes:
    """Return the file. The reference's own example of the download has none in it (4.5.12): then it is where the list
    says."""
    try:
        return ctx.content(api.download_wdr_report(ctx.scope_id, report["job_id"]))
    except InvalidReply:
        call = api.download_wdr_file(report["download_url"], ctx.client.connection.address)
        if call is None:
            raise
        return ctx.content(call)


def keep(ctx: Context, replies: Sequence[Reply]) -> dict[str, Any]:
    found = find(ctx)
    problem = problem_of(ctx, found)
    if problem and ctx.may_wait:
        raise TpopsError(problem)
    if problem or found is None:
        return {**({"report": found} if found else {}), **files.put_option(ctx, "path", None)}
    content = download(ctx, found)
    return {
        "report": {**found, "path": ctx.params["path"]},
        **files.put_option(ctx, "path", content, ctx.params["mode"]),
    }


SPEC = Action(
    name="wdr_report",
    parent=INSTANCE,
    starts_jobs=True,
    fields=(
        Field("since", required=True, validate=times.check_past),
        Field("until", required=True, validate=times.check_past),
        Field("components", type="list", elements="str", validate=checks.not_empty),
        Field("path", type="path", required=True),
        Field("mode", type="raw", validate=files.check_mode_bits),
    ),
    plan=plan,
    shortfall=left,
    result=keep,
    decides=True,
    also_returns=(
        Attr(
            "report",
            kind="dict",
            shape=api.REPORT.plus(Attr("path", doc="Path of the file.", returned="when the report was downloaded")),
            doc="The report. Missing while nothing has been collected, which in check mode is what would be done.",
            returned="when there is one",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
