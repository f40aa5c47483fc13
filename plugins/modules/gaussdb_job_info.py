#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_job_info
short_description: Gather information about a job
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Reads the state of one job. Many modules start jobs and return them as C(job).
  - The platform cannot list jobs, so the ID is needed.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.info
options:
  job_id:
    description:
      - ID of the job.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Start an instance and do not wait
  gaussdb.tpops.gaussdb_instance:
    name: orders-prod
    state: started
    wait: false
  register: started

- name: Wait for the job that this task started
  gaussdb.tpops.gaussdb_job_info:
    job_id: "{{ started.job.id }}"
  register: found
  until: found.jobs[0].status in ['Completed', 'Failed']
  delay: 10
  retries: 60
  when: started is changed
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
jobs:
  description: The job, or an empty list if the platform does not know it.
  returned: success
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
    instance_id:
      description: ID of the instance.
      type: str
    created:
      description: When it started, in milliseconds since 1970.
      type: int
    ended:
      description: When it ended, in milliseconds since 1970.
      type: int
    fail_reason:
      description: Reason for the failure.
      type: str
  sample:
    - id: 8a0e8d9f-1bb5-4f0b-9a41-32a9b2a6a0c6
      name: StartGaussDBV5Instance
      status: Running
      progress: 45
      instance_id: 4f2e1d0c9b8a79685746352413020100in14
      created: 1767600000000
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import job as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import NotFound
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

# "Does not exist, or you may not see it".
_HIDDEN_CODE = "DBS.200044"

SPEC = Info(
    plural="jobs",
    single=True,
    fields=(Field("job_id", required=True),),
    find=Find(
        read=lambda ctx: api.get_job(ctx.params["job_id"]),
        on_error=lambda ctx, error: isinstance(error, NotFound) or getattr(error, "code", None) == _HIDDEN_CODE,
        # For a deleted job the platform may also return an empty object.
        select=lambda ctx, found: [job for job in found if job["id"] or job["status"]],
    ),
    returns=api.JOB,
    also_returns=(Attr("jobs", doc="The job, or an empty list if the platform does not know it."),),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
