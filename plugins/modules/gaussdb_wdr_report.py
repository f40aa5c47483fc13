#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_wdr_report
short_description: Save a WDR report to a file
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Collects the workload diagnosis report (WDR) for a period, unless it already exists, and saves it to a file on the
    machine where the module runs. The file is usually a ZIP archive of HTML pages.
  - The file is downloaded from the platform or, if that returns no file, from the address in the list of reports. An
    address on another host must use HTTPS, and no token is sent to it. It is an error if the reply cannot be a report,
    and then no file is written.
  - The platform compares two snapshots within the period. M(gaussdb.tpops.gaussdb_wdr_info) returns the time range of
    the existing snapshots.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    details: A period that is given as an age differs in each run.
options:
  since:
    description:
      - Start of the period. The value is a time such as V(2026-01-05 08:00:00 UTC), in milliseconds since 1970, or an
        age such as V(2h) or V(7d). A time without an offset is UTC.
      - An age is measured by the clock of the platform, which may cost one more request if the instance is given by its
        ID.
    type: str
    required: true
  until:
    description:
      - End of the period, in the same formats as O(since), or V(now).
    type: str
    required: true
  components:
    description:
      - IDs of coordinators and data nodes, such as V(dn_6001), to report on. If omitted, the report covers the whole
        instance.
    type: list
    elements: str
  path:
    description:
      - File to save the report to. Its directory must exist. The file is replaced atomically if it differs.
    type: path
    required: true
  mode:
    description:
      - Permissions of the file, as octal digits in quotes such as V('0640').
      - If omitted, an existing file keeps its permissions, and a new one gets its permissions from the umask.
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

- name: Take another snapshot after it
  gaussdb.tpops.gaussdb_wdr_snapshot:
    instance: orders-prod
    max_age: 0s
  register: after_batch

- name: Save a report on the time between them
  gaussdb.tpops.gaussdb_wdr_report:
    instance: orders-prod
    since: "{{ before_batch.wdr.last_snapshot }}"
    until: "{{ after_batch.wdr.last_snapshot }}"
    path: "{{ playbook_dir }}/orders-batch.zip"
    mode: '0640'
  register: saved

- name: Show how large it is
  ansible.builtin.debug:
    msg: "{{ saved.report.size_kb }} KB"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
report:
  description: The report. Missing until it has been collected, and in check mode if it would be collected.
  returned: when it exists
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


from ansible_collections.gaussdb.tpops.plugins.module_utils.api import wdr as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import wdr as reports
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks, files
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Hooks
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times

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
    steps=reports.plan,
    shortfall=reports.find_missing,
    sees_writes=True,
    hooks=Hooks(result=reports.save_report),
    also_returns=(
        Attr(
            "report",
            kind="dict",
            shape=api.REPORT.plus(Attr("path", doc="Path of the file.", returned="when the report was downloaded")),
            doc="The report. Missing until it has been collected, and in check mode if it would be collected.",
            returned="when it exists",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
