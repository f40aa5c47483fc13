# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""WDR snapshots and reports (reference 4.5.7 to 4.5.12)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

from ..util.times import epoch_ms
from ..util.values import as_str
from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape

SUCCESS, FAILED, EXPORTING = "SUCCESS", "FAILED", "EXPORTING"
CLUSTER = "cluster"


def _component_ids(value: Any) -> list[str]:
    return re.findall(r"[A-Za-z]+_\d+", as_str(value) or "")


STATUS = Shape(
    (
        Attr("enabled", ("status",), "bool", doc="Whether snapshots are taken regularly."),
        Attr(
            "first_snapshot",
            ("start_time",),
            doc="When the oldest snapshot was taken, as the platform writes it. Empty if there is none.",
        ),
        Attr(
            "first_snapshot_ms",
            ("start_time",),
            "int",
            convert=epoch_ms,
            doc="The same in milliseconds since 1970. Empty if there is none.",
        ),
        Attr(
            "last_snapshot",
            ("end_time",),
            doc="When the newest snapshot was taken, as the platform writes it. Empty if there is none.",
        ),
        Attr(
            "last_snapshot_ms",
            ("end_time",),
            "int",
            convert=epoch_ms,
            doc="The same in milliseconds since 1970. Empty if there is none.",
        ),
    ),
    sample={
        "enabled": True,
        "first_snapshot": "2026-01-10 18:00:00.119531+00",
        "first_snapshot_ms": 1768068000120,
        "last_snapshot": "2026-01-12 11:00:00.850324+00",
        "last_snapshot_ms": 1768215600850,
    },
)
REPORT = Shape(
    (
        Attr("job_id", doc="ID of the job that collected it."),
        Attr(
            "status",
            words=words.REPORT_STATUS,
            doc="V(EXPORTING) while it is collected, then V(SUCCESS) or V(FAILED).",
        ),
        Attr(
            "type",
            ("wdr_type",),
            words=words.REPORT_TYPE,
            doc="V(cluster) for a report on the whole instance, V(component) for a report on components.",
        ),
        # Only reports on components have a note, and it names these.
        Attr(
            "components",
            ("notes",),
            "list",
            convert=_component_ids,
            doc="Components in the report. Empty for a report on the whole instance.",
        ),
        Attr("start_time", doc="Start of its period, as requested."),
        Attr("start_ms", ("start_time",), "int", convert=epoch_ms, doc="The same in milliseconds since 1970."),
        Attr("end_time", doc="End of its period, as requested."),
        Attr("end_ms", ("end_time",), "int", convert=epoch_ms, doc="The same in milliseconds since 1970."),
        Attr("size_kb", ("file_size",), "int", doc="Size of the file in KB."),
        Attr("download_url", doc="Download address, valid for 30 minutes."),
        Attr("notes", doc="Notes of the platform."),
    )
)

# Formats of a report: ZIP, gzip, or the HTML page itself, as the kernel writes it.
_REPORT_FILES = (b"PK", b"\x1f\x8b", b"<html", b"<!doctype html")

_BASE = "/gaussdb/v3/instances/{instance_id}/wdr-snapshots"
_STATUS_PATH = "/gaussdb/v3/instances/{instance_id}/wdr-snapshot/status"

GET_WDR_STATUS = Operation("get_wdr_status", "GET", _STATUS_PATH, "4.5.7", read=True, shape=STATUS)
SET_WDR_STATUS = Operation("set_wdr_status", "PUT", _STATUS_PATH, "4.5.8")
LIST_WDR_SNAPSHOTS = Operation(
    "list_wdr_snapshots", "GET", _BASE, "4.5.9", read=True, items=("wdr_snapshots",), page_size=100, shape=REPORT
)
CREATE_WDR_SNAPSHOT = Operation("create_wdr_snapshot", "POST", _BASE, "4.5.10")
COLLECT_WDR_REPORT = Operation("collect_wdr_report", "POST", _BASE + "/collect", "4.5.11", job=True)
DOWNLOAD_WDR_REPORT = Operation(
    "download_wdr_report", "POST", _BASE + "/download", "4.5.12", read=True, file=True, begins=_REPORT_FILES
)


def get_wdr_status(instance_id: str | None) -> Call:
    """Get whether snapshots are taken, and the times of the oldest and newest (4.5.7)."""
    return GET_WDR_STATUS.call({"instance_id": instance_id})


def set_wdr_status(instance_id: str | None, enabled: bool) -> Call:
    """Enable or disable regular snapshots (4.5.8)."""
    return SET_WDR_STATUS.call({"instance_id": instance_id}, body={"status": "ON" if enabled else "OFF"})


def create_wdr_snapshot(instance_id: str | None) -> Call:
    """Take a snapshot now (4.5.10). Error ``DBS.06013004``: snapshots are off."""
    return CREATE_WDR_SNAPSHOT.call({"instance_id": instance_id})


def list_wdr_reports(instance_id: str | None, start: str | None = None, end: str | None = None) -> Call:
    """List the reports that were collected (4.5.9), of a period given as ``2026-01-05T08:00:00+0000``."""
    return LIST_WDR_SNAPSHOTS.call({"instance_id": instance_id}, query={"start_time": start, "end_time": end})


def collect_wdr_report(instance_id: str | None, start: str, end: str, components: Sequence[str] = ()) -> Call:
    """Create a report on a period, for components or, without any, for the whole instance (4.5.11).

    Error ``DBS.06013003``: there are fewer than two snapshots in the period.
    """
    body = {"start_time": start, "end_time": end, "wdr_type": list(components) or [CLUSTER]}
    return COLLECT_WDR_REPORT.call({"instance_id": instance_id}, body=body)


def download_wdr_report(instance_id: str | None, job_id: str) -> Call:
    """Download the report of a job: a file, usually an archive (4.5.12)."""
    return DOWNLOAD_WDR_REPORT.call({"instance_id": instance_id}, body={"job_id": job_id})


def download_wdr_file(url: str | None, address: str) -> Call | None:
    """Download the same from the address in the list of reports (4.5.9), which is valid for half an hour.

    ``address`` is that of the platform. Another host gets no token. ``None`` if nothing may be sent: there is no
    address, or it is not HTTPS.
    """
    try:
        parts = urlsplit(urljoin(f"https://{address}/rds/", url or ""))
        port = parts.port or 443
    except ValueError:
        return None
    if not url or parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    place = parts.geturl().replace("{", "%7B").replace("}", "%7D")
    foreign = f"{host}:{port}" != address
    return Operation(
        "download_wdr_file", "GET", place, "4.5.9", read=True, file=True, begins=_REPORT_FILES, anonymous=foreign
    ).call()
