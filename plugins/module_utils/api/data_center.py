# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Data centers (reference 4.9.9 to 4.9.12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .operation import Call, Operation
from .shape import Attr, Shape

DATA_CENTER = Shape(
    (
        Attr("id", doc="ID of the data center."),
        Attr("name", doc="Name of the data center."),
        Attr("description", doc="Description of the data center."),
        Attr("hosts_num", ("hosts_num", "host_num"), "int", doc="Number of its hosts."),
    ),
    sample={
        "id": "59ec7944-757a-4429-b448-bad7207ce7c6",
        "name": "AZ1",
        "description": "Hall 1, row A to F",
        "hosts_num": 4,
    },
)

LIST_DATA_CENTERS = Operation(
    "list_data_centers",
    "GET",
    "/gaussdb/v3/data-centers",
    "4.9.9",
    read=True,
    items=("data_centers",),
    page_size=100,
    shape=DATA_CENTER,
)
ADD_DATA_CENTERS = Operation("add_data_centers", "POST", "/gaussdb/v3/data-centers", "4.9.10")
MODIFY_DATA_CENTERS = Operation("modify_data_centers", "PUT", "/gaussdb/v3/data-centers", "4.9.11")
DELETE_DATA_CENTERS = Operation("delete_data_centers", "DELETE", "/gaussdb/v3/data-centers", "4.9.12")

BATCH = 50


def list_data_centers(data_center_id: str | None = None, name: str | None = None) -> Call:
    """List data centers (4.9.9): ``id``, ``name``, ``description``, ``hosts_num`` of each."""
    return LIST_DATA_CENTERS.call(query={"id": data_center_id, "name": name})


def add_data_centers(data_centers: Sequence[Mapping[str, Any]]) -> Call:
    """Add up to 50 data centers of ``name`` and ``description`` (4.9.10)."""
    return ADD_DATA_CENTERS.call(
        body={"data_centers": [{key: entry.get(key) for key in ("name", "description")} for entry in data_centers]}
    )


def modify_data_centers(data_centers: Sequence[dict[str, Any]]) -> Call:
    """Change ``name`` or ``description`` of up to 50 data centers, each with its ``id`` (4.9.11)."""
    return MODIFY_DATA_CENTERS.call(
        body={
            "data_centers": [{key: entry.get(key) for key in ("id", "name", "description")} for entry in data_centers]
        }
    )


def delete_data_centers(data_center_ids: Sequence[str]) -> Call:
    """Delete up to 50 data centers without hosts (4.9.12). Error ``DBS.06025030``: there are hosts."""
    return DELETE_DATA_CENTERS.call(body={"data_center_ids": list(data_center_ids)})
