# SPDX-License-Identifier: GPL-3.0-or-later
"""4.9.9 to 4.9.12 data centers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..model.entities import DataCenter
from ..model.errors import ApiError
from ..model.hosts import sorted_by
from ..model.request import Request
from ..model.site import Site

MAX_NAME = 20
MAX_DESCRIPTION = 100


def list_data_centers(site: Site, request: Request) -> dict[str, Any]:
    """4.9.9."""
    wanted_id, text = request.query.get("id"), request.query.get("name")
    hosts = Counter(host.data_center_id for host in site.hosts.values())
    found = [
        d for d in site.data_centers.values() if (not wanted_id or d.id == wanted_id) and (not text or text in d.name)
    ]
    found = sorted_by(found, request, {"name": lambda d: d.name, "hosts_num": lambda d: hosts[d.id]})
    return {
        "total_count": len(found),
        "data_centers": [
            {"id": d.id, "name": d.name, "description": d.description, "hosts_num": hosts[d.id]}
            for d in site.page(found, request)
        ],
    }


def _check_lengths(item: dict[str, Any]) -> None:
    if len(item.get("name") or "") > MAX_NAME:
        raise ApiError("DBS.06025024", detail=f"a data center name has at most {MAX_NAME} characters")
    if len(item.get("description") or "") > MAX_DESCRIPTION:
        raise ApiError("DBS.06025025", detail=f"a description has at most {MAX_DESCRIPTION} characters")


def add_data_centers(site: Site, request: Request) -> None:
    """4.9.10. All or nothing."""
    items = request.body["data_centers"]
    taken = {d.name for d in site.data_centers.values()}
    for item in items:
        _check_lengths(item)
        if item["name"] in taken:
            raise ApiError("DBS.06025059", name=item["name"])
        taken.add(item["name"])
    for item in items:
        new = DataCenter(
            id=site.ids.uuid(),
            name=item["name"],
            description=item.get("description") or "",
            created=site.clock.now(),
        )
        site.data_centers[new.id] = new


def modify_data_centers(site: Site, request: Request) -> None:
    """4.9.11. All or nothing; two data centers may swap their names in one request.

    Availability zones of instances are named like the data centers of their hosts (4.9.2), so this name is fixed.
    """
    items = request.body["data_centers"]
    names = {d.id: d.name for d in site.data_centers.values()}
    zones = {host.data_center_id for host in site.hosts.values() if host.instance_id}
    for item in items:
        if item["id"] not in names:
            raise ApiError("DBS.06025058", id=item["id"])
        _check_lengths(item)
        name = item.get("name", names[item["id"]])
        if name != names[item["id"]] and item["id"] in zones:
            raise ApiError("DBS.06025060", name=site.data_centers[item["id"]].name)
        names[item["id"]] = name
    doubles = [name for name, count in Counter(names.values()).items() if count > 1]
    if doubles:
        raise ApiError("DBS.06025059", name=doubles[0])
    for item in items:
        data_center = site.data_centers[item["id"]]
        data_center.name = names[data_center.id]
        data_center.description = item.get("description", data_center.description)


def delete_data_centers(site: Site, request: Request) -> None:
    """4.9.12. All or nothing."""
    wanted = request.body["data_center_ids"]
    occupied = {host.data_center_id for host in site.hosts.values()}
    for data_center_id in wanted:
        if data_center_id not in site.data_centers:
            raise ApiError("DBS.06025058", id=data_center_id)
        if data_center_id in occupied:
            raise ApiError("DBS.06025030", name=site.data_centers[data_center_id].name)
    for data_center_id in wanted:
        site.data_centers.pop(data_center_id, None)
