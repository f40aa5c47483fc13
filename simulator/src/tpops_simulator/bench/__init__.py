# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the simulator answers: `python -m tpops_simulator.bench` measures it, with the estate that is made here."""

from __future__ import annotations

from pathlib import Path

import yaml

SECRET = "Gauss_2345"
ZONES = 6
HOSTS_EACH = 3


def address(number: int) -> str:
    """The management address of the n-th host."""
    return f"10.{number // 62500}.{number // 250 % 250}.{number % 250 + 1}"


def instance_id(number: int) -> str:
    """The ID of the n-th instance."""
    return f"{number:032x}in14"


def write_estate(path: Path, hosts: int, instances: int) -> None:
    """Hosts in six data centers; each instance on three of them, with a database and a user."""
    data = {
        "data_centers": [f"az-{n}" for n in range(ZONES)],
        "hosts": [
            {"name": f"host-{n:05d}", "manage_ip": address(n), "data_center": f"az-{n % ZONES}"} for n in range(hosts)
        ],
        "instances": [
            {
                "id": instance_id(n),
                "name": f"db-{n:04d}",
                "solution": "triset",
                "hosts": [address(n * HOSTS_EACH + i) for i in range(HOSTS_EACH)],
                "password": SECRET,
                "databases": ["shop"],
                "users": [{"name": "clerk", "password": SECRET}],
            }
            for n in range(instances)
        ],
    }
    with path.open("w") as file:
        yaml.dump(data, file, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper))
