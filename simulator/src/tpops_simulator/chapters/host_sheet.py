# SPDX-License-Identifier: GPL-3.0-or-later
"""4.9.6 and 4.9.7: adding many hosts from a filled sheet."""

from __future__ import annotations

import re
from typing import Any

from ..model import xlsx
from ..model.errors import ApiError
from ..model.hosts import MAX_DESCRIPTION, MAX_NAME_BYTES, SUPPORTED, hosts_by_ip, is_address, ssh_port_allowed
from ..model.request import Reply, Request
from ..model.site import Site

MAX_HOSTS = 50
COLUMNS = (
    "name",
    "type",
    "os_type",
    "cpu_spec",
    "storage_type",
    "manage_ip",
    "data_ip",
    "virtual_ip",
    "ssh_port",
    "os_root_pwd",
    "ssh_key_id",
    "data_center_id",
    "description",
    "is_force_rm_chroot_dir",
)
_ADDRESSES = ("manage_ip", "data_ip", "virtual_ip")
_CHOICES = {"type": "types", "os_type": "os_types", "cpu_spec": "cpu_specs", "storage_type": "storage_types"}


def get_host_template(site: Site, request: Request) -> Reply:
    """4.9.6."""
    return Reply(
        xlsx.write([COLUMNS]),
        headers={"Content-Disposition": 'attachment; filename="host_template.xlsx"'},
        media_type="application/octet-stream",
    )


def _decode(text: str) -> bytes:
    """The bytes of the file: hexadecimal digits, which may be separated by blanks, commas or 0x."""
    digits = re.sub(r"0[xX]|[\s,\[\]]", "", text)
    try:
        content = bytes.fromhex(digits)
    except ValueError as exc:
        raise ApiError("DBS.200001", detail="file is not a row of hexadecimal bytes") from exc
    # The reference's example shows the headers of a form part in front of the file.
    start = content.find(b"PK\x03\x04")
    return content[start:] if start > 0 else content


class _Row:
    """One row of the sheet and the cells of it that are wrong."""

    def __init__(self, number: int, values: dict[str, str]) -> None:
        self.number = number
        self.values = values
        self.wrong: list[str] = []

    def blame(self, name: str) -> None:
        # A password must not come back in a message.
        value = "***" if name == "os_root_pwd" else self.values.get(name, "")
        place = f"{xlsx.column_letter(COLUMNS.index(name))}{self.number}"
        self.wrong.append(f"{name}(value:{value}) in {place}")


def _check(site: Site, row: _Row, seen: set[str], centers: dict[str, str]) -> None:
    values = row.values
    if not values.get("name") or len(values["name"].encode()) > MAX_NAME_BYTES:
        row.blame("name")
    for name, key in _CHOICES.items():
        if values.get(name, "").lower() not in {v.lower() for v in SUPPORTED[key]}:
            row.blame(name)
    for name in _ADDRESSES:
        if not is_address(values.get(name, "")) or (name == "manage_ip" and values[name] in seen):
            row.blame(name)
    seen.add(values.get("manage_ip", ""))
    port = values.get("ssh_port", "").removesuffix(".0")
    if not port.isdecimal() or not ssh_port_allowed(int(port)):
        row.blame("ssh_port")
    if values.get("ssh_key_id") and values["ssh_key_id"] not in site.key_pairs:
        row.blame("ssh_key_id")
    elif not values.get("ssh_key_id") and not values.get("os_root_pwd"):
        row.blame("os_root_pwd")
    if values.get("data_center_id", "") not in centers:
        row.blame("data_center_id")
    if len(values.get("description", "")) > MAX_DESCRIPTION:
        row.blame("description")
    if values.get("is_force_rm_chroot_dir", "").lower() not in ("", "true", "false", "0", "1"):
        row.blame("is_force_rm_chroot_dir")


def _as_host(row: _Row, centers: dict[str, str]) -> dict[str, Any]:
    values = row.values
    return {
        "name": values["name"],
        "type": values["type"].upper(),
        "os_type": values["os_type"].lower(),
        "cpu_spec": values["cpu_spec"].lower(),
        "storage_type": values["storage_type"].lower(),
        "ip": {name: values[name] for name in _ADDRESSES},
        "ssh_port": int(values["ssh_port"].removesuffix(".0")),
        "os_root_pwd": values.get("os_root_pwd") or None,
        "ssh_key_id": values.get("ssh_key_id") or None,
        "data_center_id": centers[values["data_center_id"]],
        "description": values.get("description", ""),
        "is_force_rm_chroot_dir": values.get("is_force_rm_chroot_dir", "").lower() in ("true", "1"),
    }


def verify_host_file(site: Site, request: Request) -> dict[str, Any] | Reply:
    """4.9.7. The data center may be given by ID or name."""
    try:
        table = list(xlsx.read(_decode(request.body["file"])))
    except xlsx.XlsxError as exc:
        raise ApiError("DBS.200001", detail=str(exc)) from exc
    heading = table[0][1] if table else {}
    if tuple(heading.get(i) for i in range(len(COLUMNS))) != COLUMNS:
        raise ApiError("DBS.200001", detail="the first row is not that of the template")
    rows = [
        _Row(number, {name: cells.get(i, "") for i, name in enumerate(COLUMNS)})
        for number, cells in table[1:]
        if any(cells.values())
    ]
    if not 1 <= len(rows) <= MAX_HOSTS:
        raise ApiError("DBS.200001", detail=f"the file has {len(rows)} hosts, 1 to {MAX_HOSTS} are possible")
    centers = {d.name: d.id for d in site.data_centers.values()} | {i: i for i in site.data_centers}
    seen = set(hosts_by_ip(site))
    for row in rows:
        _check(site, row, seen, centers)
    failed = [row for row in rows if row.wrong]
    if failed:
        messages = ["please check error in [" + ", ".join(f'"{w}"' for w in row.wrong) + "]" for row in failed]
        return Reply({"fail_count": len(failed), "fail_hosts": messages}, status=400)
    return {"total_count": len(rows), "hosts": [_as_host(row, centers) for row in rows]}
