# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests that are timed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from . import HOSTS_EACH, SECRET, address, instance_id

# Method, path below /rds, body.
Call = tuple[str, str, Any]

# As the contract has it.
DATABASES = "/gaussdb/v3/instances/{instance_id}/databases"


def list_databases(instances: int) -> Callable[[int], Call]:
    """Makes the n-th request of the operation that is compared with bare Starlette."""
    return lambda n: ("GET", DATABASES.format(instance_id=instance_id(n % instances)), None)


def cases(hosts: int, instances: int) -> Iterator[tuple[str, str, Callable[[int], Call]]]:
    """Name, kind, and a function that makes the n-th request."""
    v3, middle = "/gaussdb/v3", instances // 2
    free = itertools.count(instances * HOSTS_EACH)
    last = max(hosts - 100, 0)

    def instance(n: int) -> str:
        return f"{v3}/instances/{instance_id(n % instances)}"

    def create(n: int) -> Call:
        body = {
            **{"name": f"new-{n}", "os_type": "kylin", "datastore": {"type": "GaussDB"}, "host_type": "BMS"},
            **{"cpu_spec": "intel", "arch": "X86", "ha": {"mode": "centralization_standard"}, "solution": "single"},
            **{"password": SECRET, "manage_ip": [address(next(free))]},
        }
        body["ha"] = {"mode": "centralization_standard", "replication_mode": "sync"}
        return "POST", f"{v3}/instances", body

    def add_host(n: int) -> Call:
        ip = f"172.{16 + n // 62500}.{n // 250 % 250}.{n % 250 + 1}"
        host = {
            **{"name": f"added-{n}", "type": "BMS", "os_type": "kylin", "cpu_spec": "intel", "ssh_port": 22},
            **{"storage_type": "localssd", "ip": {"manage_ip": ip, "data_ip": ip, "virtual_ip": ip}},
            **{"data_center_id": "DC", "os_root_pwd": SECRET, "is_force_rm_chroot_dir": False},
        }
        return "POST", f"{v3}/hosts", {"hosts": [host]}

    yield "list_data_centers", "read", lambda n: ("GET", f"{v3}/data-centers", None)
    yield "list_hosts, first 100", "read", lambda n: ("GET", f"{v3}/hosts?limit=100", None)
    yield "list_hosts, last 100", "read", lambda n: ("GET", f"{v3}/hosts?limit=100&offset={last}", None)
    yield "list_hosts, by name", "read", lambda n: ("GET", f"{v3}/hosts?name=host-{n % hosts:05d}", None)
    yield "list_instances, first 100", "read", lambda n: ("GET", "/gaussdb/v3.1/instances?limit=100", None)
    yield "list_instances, by name", "read", lambda n: ("GET", f"/gaussdb/v3.1/instances?name=db-{middle:04d}", None)
    yield "list_components", "read", lambda n: ("GET", f"{instance(n)}/components", None)
    yield "list_databases", "read", list_databases(instances)
    yield (
        "get_parameters",
        "read",
        lambda n: ("GET", f"/gaussdb/v3.1/instances/{instance_id(n % instances)}/configurations", None),
    )
    yield "create_user", "write", lambda n: ("POST", f"{instance(n)}/db-user", {"name": f"u{n}", "password": SECRET})
    yield "create_database", "write", lambda n: ("POST", f"{instance(n)}/database", {"name": f"d{n}"})
    yield (
        "create_backup",
        "write",
        lambda n: ("POST", f"{v3}/backups", {"instance_id": instance_id(n), "name": f"b{n}xx"}),
    )
    yield "add_hosts, one", "write", add_host
    yield "create_instance", "write", create
