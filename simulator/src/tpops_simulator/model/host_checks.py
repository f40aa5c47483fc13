# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of the check of a host."""

from __future__ import annotations

import uuid

from .entities import Host
from .hosts import CHROOT, SUPPORTED, TROUBLE_CODES, surroundings
from .request import Request
from .site import Site

PASSED, WARNING, UNPASSED = "passed", "warning", "unpassed"
RANK = (PASSED, WARNING, UNPASSED)


def find_detections(site: Site, request: Request, host: Host) -> list[dict[str, str]]:
    """The results of the host check; always the same for the same host."""
    left = surroundings(site).unreachable.get(host.manage_ip) == CHROOT
    mount = "noexec" if host.error_code == TROUBLE_CODES["check"] and not left else "exec"
    swap = "on" if host.cpu_spec == "hygon" else "off"
    # name, description in English and Chinese, expected, actual, whether the actual value passes
    rows = [
        ("CPU", ("Number of CPU cores", "CPU核数"), ">=4", host.vcpus, PASSED),
        ("Memory", ("Memory in GB", "内存大小（GB）"), ">=16", host.mem, PASSED),
        ("RootDisk", ("System disk in GB", "系统盘大小（GB）"), ">=100", host.root_disk_size, PASSED),
        ("DataDisk", ("Data disks in GB", "数据盘大小（GB）"), ">=300", host.data_disk_size, PASSED),
        ("OS", ("Operating system", "操作系统"), ", ".join(SUPPORTED["os_types"]), host.os_type, PASSED),
        ("Umask", ("File mode mask of root", "root用户的umask"), "<=0022", "0022", PASSED),
        ("GSSAPIAuthentication", ("Setting of sshd", "sshd配置项"), "no", "no", PASSED),
        ("Swap", ("Swap space", "交换空间"), "off", swap, PASSED if swap == "off" else WARNING),
        (
            "Chroot",
            ("Sandbox directory", "沙箱目录"),
            "empty",
            "not empty" if left else "empty",
            UNPASSED if left else PASSED,
        ),
        (
            "MountOptions",
            ("Mount options of the data directory", "数据目录的挂载选项"),
            "exec",
            mount,
            PASSED if mount == "exec" else UNPASSED,
        ),
    ]
    return [
        {
            "id": str(uuid.uuid5(uuid.UUID(host.id), name)) if _is_uuid(host.id) else f"{host.id}-{name}",
            "name": name,
            "description": descriptions[request.language == "zh-cn"],
            "expect_result": expected,
            "actual_result": actual,
            "result": result,
        }
        for name, descriptions, expected, actual, result in rows
    ]


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
