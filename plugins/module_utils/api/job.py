# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Task center (reference: 4.17)."""

from __future__ import annotations

from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape

# A job ends with one of these; every other word is one that still runs.
SUCCEEDED = frozenset({"Completed"})
FAILED = frozenset({"Failed", "Canceled", "Aborted", "Terminated"})

# ``created`` and ``ended`` are milliseconds since 1970, ``progress`` is a percentage.
JOB = Shape(
    (
        Attr("id", ("job.id", "id")),
        Attr("name", ("job.name", "name")),
        Attr("status", ("job.status", "status"), words=words.JOB_STATUS),
        Attr("progress", ("job.progress", "progress"), kind="number"),
        Attr("instance_id", ("job.instance_id", "job.instance.id", "instance_id")),
        Attr("created", ("job.created", "created"), kind="int"),
        Attr("ended", ("job.ended", "ended"), kind="int"),
        Attr("fail_reason", ("job.fail_reason", "fail_reason")),
    )
)

GET_JOB = Operation("get_job", "GET", "/v3/jobs", "4.17.1", read=True, shape=JOB)


def get_job(job_id: str) -> Call:
    """Read the state of a job."""
    return GET_JOB.call(query={"id": job_id})
