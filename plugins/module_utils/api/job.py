# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Task center (reference: 4.17)."""

from __future__ import annotations

from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape

# Final statuses of a job; with any other status it is still running.
SUCCEEDED = frozenset({"Completed"})
FAILED = frozenset({"Failed", "Canceled", "Aborted", "Terminated"})

# ``created`` and ``ended`` are milliseconds since 1970, ``progress`` is a percentage.
JOB = Shape(
    (
        Attr("id", ("job.id", "id"), doc="ID of the job."),
        Attr(
            "name",
            ("job.name", "name"),
            doc="Type of the job, as the platform calls it.",
        ),
        Attr(
            "status",
            ("job.status", "status"),
            words=words.JOB_STATUS,
            doc="Status, such as V(Running), V(Completed) or V(Failed).",
        ),
        Attr(
            "progress",
            ("job.progress", "progress"),
            kind="number",
            doc="Progress in percent.",
        ),
        Attr(
            "instance_id",
            ("job.instance_id", "job.instance.id", "instance_id"),
            doc="ID of the instance.",
        ),
        Attr("created", ("job.created", "created"), kind="int", doc="When it started, in milliseconds since 1970."),
        Attr("ended", ("job.ended", "ended"), kind="int", doc="When it ended, in milliseconds since 1970."),
        Attr("fail_reason", ("job.fail_reason", "fail_reason"), doc="Reason for the failure."),
    ),
    sample={
        "id": "8a0e8d9f-1bb5-4f0b-9a41-32a9b2a6a0c6",
        "name": "StartGaussDBV5Instance",
        "status": "Running",
        "progress": 45,
        "instance_id": "4f2e1d0c9b8a79685746352413020100in14",
        "created": 1767600000000,
    },
)

GET_JOB = Operation("get_job", "GET", "/v3/jobs", "4.17.1", read=True, shape=JOB)


def get_job(job_id: str) -> Call:
    """Read the state of a job."""
    return GET_JOB.call(query={"id": job_id})
