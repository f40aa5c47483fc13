# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hosts (reference 4.9.1 to 4.9.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape

# The example of 4.9.1 has the operating system next to the object that contains it in the table.
HOST = Shape(
    (
        Attr("id", doc="ID of the host."),
        Attr("name", doc="Name of the host."),
        Attr("description", doc="Description of the host."),
        Attr(
            "status",
            words=words.HOST_STATUS,
            doc=(
                "V(initializing), V(initialized) (ready, never used), V(initialize_failed), V(unmanaged) (no longer "
                "used by an instance, or used by an instance that the platform does not manage), V(in_use), "
                "V(deleting) or V(delete_failed)."
            ),
        ),
        Attr("type", words=words.HOST_TYPE, doc="Type of the host, such as V(BMS)."),
        Attr("manage_ip", ("ip.manage_ip", "manage_ip"), doc="Address in the management network."),
        Attr("data_ip", ("ip.data_ip", "data_ip"), doc="Address in the data network."),
        Attr("virtual_ip", ("ip.virtual_ip", "virtual_ip"), doc="Address in the service network."),
        Attr("float_ip", ("ip.float_ip", "float_ip"), doc="Floating address."),
        Attr("ssh_port", kind="int", doc="Port of the SSH service."),
        Attr("ssh_key_id", doc="ID of the key pair."),
        Attr("data_center", doc="Name of the data center."),
        Attr("data_center_id", doc="ID of the data center."),
        Attr("os_type", ("os.os_type", "os_type"), words=words.HOST_OS, doc="Operating system."),
        Attr("os_version", ("os.os_version", "os_version"), doc="Version of the operating system."),
        Attr("os_arch", ("os.os_arch", "os_arch"), words=words.HOST_ARCH, doc="Architecture, V(x86) or V(arm)."),
        Attr("cpu_spec", ("spec.cpu_spec", "cpu_spec"), words=words.HOST_CPU, doc="Vendor of the CPU."),
        Attr(
            "storage_type", ("spec.storage_type", "storage_type"), words=words.HOST_STORAGE, doc="Type of the storage."
        ),
        Attr("vcpus", ("spec.vcpus", "vcpus"), "int", doc="Number of virtual CPUs."),
        Attr("memory", ("spec.mem", "mem"), "int", doc="Size of the memory in GB."),
        Attr("root_disk_size", ("spec.root_disk_size", "root_disk_size"), "int", doc="Size of the system disk in GB."),
        Attr("data_disk_size", ("spec.data_disk_size", "data_disk_size"), "int", doc="Size of the data disks in GB."),
        Attr("instance_id", doc="ID of the instance on the host."),
        Attr("instance_name", doc="Name of that instance."),
        Attr("node_id", doc="ID of the instance's node on the host."),
        Attr("job_id", doc="ID of the last job about the host."),
        Attr("error_code", ("async_task_error.error_code",), doc="Error code of this job."),
        Attr("error_message", ("async_task_error.error_msg",), doc="Error message of this job."),
        Attr("created_at", doc="When the host was added."),
        Attr("updated_at", doc="When it was last changed."),
    ),
    sample={
        "id": "2f9f4d1c-7f2a-4f7e-8b1c-6f1e7d3c5a90",
        "name": "db-east-01",
        "status": "initialized",
        "manage_ip": "192.0.2.11",
        "data_center": "AZ1",
        "vcpus": 64,
    },
)
DETECTION_RESULT = Shape(
    (
        Attr("id", doc="ID of the check."),
        Attr("name", doc="Name of the check."),
        Attr("description", doc="What is checked."),
        Attr("expected", ("expect_result",), doc="Expected value."),
        Attr("actual", ("actual_result",), doc="Actual value."),
        Attr("result", words=words.DETECTION_RESULT, doc="V(passed), V(warning) or V(unpassed)."),
    )
)
SPECIFICATIONS = Shape(
    (
        Attr("types", kind="list", doc="Types of hosts."),
        Attr("os_types", kind="list", doc="Operating systems."),
        Attr("storage_types", kind="list", doc="Types of storage."),
        Attr("cpu_specs", kind="list", doc="CPU vendors."),
    ),
    sample={
        "types": ["BMS"],
        "os_types": ["kylin", "uniontech"],
        "storage_types": ["localssd", "dorado"],
        "cpu_specs": ["intel", "kunpeng", "hygon"],
    },
)

# As the host module accepts them, so that a sheet can be passed to it. The platform's words for these have any case.
SHEET_HOST = Shape(
    (
        Attr("name", doc="Name of the host."),
        Attr("manage_ip", ("ip.manage_ip", "manage_ip"), doc="Management address."),
        Attr("data_ip", ("ip.data_ip", "data_ip"), doc="Data address."),
        Attr("virtual_ip", ("ip.virtual_ip", "virtual_ip"), doc="Service address."),
        Attr("data_center_id", doc="ID of the data center."),
        Attr("ssh_key_id", doc="ID of the key pair.", returned="if the workbook has one"),
        Attr(
            "os_root_password",
            ("os_root_pwd",),
            doc="Password of root.",
            returned="if O(return_passwords=true) and the workbook has one",
        ),
        Attr("ssh_port", kind="int", doc="Port of the SSH server."),
        Attr("type", words=words.HOST_TYPE, doc="Type of the host, such as V(BMS)."),
        Attr("os_type", words=words.HOST_OS, doc="Operating system."),
        Attr("cpu_spec", words=words.HOST_CPU, doc="Vendor of the CPU."),
        Attr("storage_type", words=words.HOST_STORAGE, doc="Type of storage."),
        Attr("description", doc="Description of the host.", returned="if the workbook has one"),
        Attr(
            "remove_chroot_dir",
            ("is_force_rm_chroot_dir",),
            "bool",
            doc="Whether the directory of the sandbox is removed.",
        ),
    ),
    sample={
        "name": "db-east-01",
        "manage_ip": "192.0.2.11",
        "data_ip": "198.51.100.11",
        "virtual_ip": "203.0.113.11",
        "data_center_id": "59ec7944-757a-4429-b448-bad7207ce7c6",
        "ssh_port": 22,
        "type": "BMS",
        "os_type": "kylin",
        "cpu_spec": "intel",
        "storage_type": "localssd",
        "remove_chroot_dir": False,
    },
)

LIST_HOSTS = Operation(
    "list_hosts", "GET", "/gaussdb/v3/hosts", "4.9.1", read=True, items=("hosts",), page_size=100, shape=HOST
)
ADD_HOSTS = Operation("add_hosts", "POST", "/gaussdb/v3/hosts", "4.9.2", job=True)
MODIFY_HOSTS = Operation("modify_hosts", "PUT", "/gaussdb/v3/hosts", "4.9.3")
DELETE_HOSTS = Operation("delete_hosts", "DELETE", "/gaussdb/v3/hosts", "4.9.4", job=True)
LIST_DETECTION_RESULTS = Operation(
    "list_detection_results",
    "GET",
    "/gaussdb/v3/hosts/{host_id}/detection-results",
    "4.9.5",
    read=True,
    items=("detection_results",),
    page_size=100,
    shape=DETECTION_RESULT,
)
# A current workbook is a ZIP archive; an old one is a compound file.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
GET_HOST_TEMPLATE = Operation(
    "get_host_template", "GET", "/gaussdb/v3/hosts/template-file", "4.9.6", read=True, file=True, begins=_WORKBOOKS
)
VERIFY_HOST_FILE = Operation(
    "verify_host_file",
    "POST",
    "/gaussdb/v3/hosts/file-verification",
    "4.9.7",
    read=True,
    items=("hosts",),
    shape=SHEET_HOST,
)
LIST_HOST_SPECIFICATIONS = Operation(
    "list_host_specifications", "GET", "/gaussdb/v3/hosts/specifications", "4.9.8", read=True, shape=SPECIFICATIONS
)

BATCH = 50
RESERVED_SSH_PORTS = (8002, 12017)


def list_hosts(
    host_id: str | None = None,
    data_center_id: str | None = None,
    name: str | None = None,
    host_type: str | None = None,
    status: str | None = None,
) -> Call:
    """List hosts (4.9.1). The platform's name filter may match substrings; sizes are in GB."""
    return LIST_HOSTS.call(
        query={"id": host_id, "data_center_id": data_center_id, "name": name, "type": host_type, "status": status}
    )


def add_hosts(hosts: Sequence[Mapping[str, Any]]) -> Call:
    """Add up to 50 hosts, which starts one job (4.9.2).

    Keys of each: ``name``, ``type``, ``os_type``, ``cpu_spec``, ``storage_type``, ``manage_ip``, ``data_ip``,
    ``virtual_ip``, ``ssh_port``, ``data_center_id``, ``os_root_password`` or ``ssh_key_id``, ``description``,
    ``remove_chroot_dir``. Errors: ``DBS.06025027`` the address already exists, ``DBS.06025058`` no such data center.
    """
    return ADD_HOSTS.call(body={"hosts": [_host_to_add(host) for host in hosts]})


def _host_to_add(host: Mapping[str, Any]) -> dict[str, Any]:
    plain = (
        "name",
        "type",
        "os_type",
        "cpu_spec",
        "storage_type",
        "ssh_port",
        "ssh_key_id",
        "data_center_id",
        "description",
    )
    return {
        **{key: host.get(key) for key in plain},
        "ip": {key: host.get(key) for key in ("manage_ip", "data_ip", "virtual_ip")},
        "os_root_pwd": host.get("os_root_password"),
        "is_force_rm_chroot_dir": host.get("remove_chroot_dir"),
    }


def modify_hosts(hosts: Sequence[Mapping[str, Any]]) -> Call:
    """Change up to 50 hosts, each named by its ``manage_ip`` (4.9.3).

    Keys that can change: ``name``, ``data_ip``, ``virtual_ip``, ``data_center_id``, ``description``, ``ssh_key_id``.
    Error ``DBS.06025028``: the status does not allow it; the addresses of hosts that are unmanaged or in use are fixed.
    """
    keys = ("manage_ip", "name", "data_ip", "virtual_ip", "data_center_id", "description", "ssh_key_id")
    return MODIFY_HOSTS.call(body={"hosts": [{key: host.get(key) for key in keys} for host in hosts]})


def delete_hosts(hosts: Sequence[Mapping[str, Any]]) -> Call:
    """Remove up to 50 hosts from the platform, which starts one job (4.9.4).

    Keys of each: ``manage_ip``, ``ssh_port``, and ``os_root_password`` or ``ssh_key_id`` for the login; by default the
    key pair that the host was added with is used. Error ``DBS.06025029``: it is initializing, in use or being deleted.
    """
    return DELETE_HOSTS.call(
        body={
            "hosts": [
                {
                    **{key: host.get(key) for key in ("manage_ip", "ssh_port", "ssh_key_id")},
                    "os_root_pwd": host.get("os_root_password"),
                }
                for host in hosts
            ]
        }
    )


def list_detection_results(host_id: str) -> Call:
    """List the platform's checks of a host (4.9.5): ``id``, ``name``, ``description``, ``expected``, ``actual``,
    ``result``.

    ``result`` is ``passed``, ``warning`` or ``unpassed``. The list is empty while the host is initializing.
    """
    return LIST_DETECTION_RESULTS.call({"host_id": host_id})


def get_host_template() -> Call:
    """Download the template workbook for hosts (4.9.6). The reply is a file, in ``Reply.content``."""
    return GET_HOST_TEMPLATE.call()


def verify_host_file(content: bytes) -> Call:
    """Validate a filled workbook of up to 50 hosts (4.9.7); nothing is added.

    The reply lists the hosts, with their root passwords if the workbook has them, or is an error with ``fail_count``
    and ``fail_hosts``.
    """
    return VERIFY_HOST_FILE.call(body={"file": content.hex()})


def list_host_specifications() -> Call:
    """Get the ``types``, ``os_types``, ``storage_types`` and ``cpu_specs`` of hosts that the platform supports
    (4.9.8)."""
    return LIST_HOST_SPECIFICATIONS.call()
