# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared by the tests of instances: a small estate, request bodies, and reading one instance."""

from __future__ import annotations

from typing import Any

INSTANCES = "/gaussdb/v3.1/instances"
CREATE = "/gaussdb/v3/instances"
PASSWORD = "Root-Passw0rd"


def address(number: int) -> str:
    return f"192.0.2.{number}"


def addresses(first: int, count: int) -> list[str]:
    return [address(n) for n in range(first, first + count)]


def load(client: Any, estate: dict[str, Any]) -> None:
    reply = client.raw("POST", "/_simulator/estate", json=estate)
    assert reply.status_code == 200, reply.text


def estate(hosts: int = 20, **more: Any) -> dict[str, Any]:
    """Two data centers; hosts with odd numbers are in the first."""
    return {
        "data_centers": ["east", "west"],
        "hosts": [
            {"name": f"h{n}", "manage_ip": address(n), "data_center": "east" if n % 2 else "west"}
            for n in range(1, hosts + 1)
        ],
        **more,
    }


def body(name: str, manage_ip: list[str], solution: str = "triset", **changes: Any) -> dict[str, Any]:
    mode = "combined" if solution.startswith("hcs") else "centralization_standard"
    made = {
        "name": name,
        "os_type": "Kylin",
        "datastore": {"type": "GaussDB"},
        "host_type": "BMS",
        "cpu_spec": "Intel",
        "arch": "X86",
        "ha": {"mode": mode, "replication_mode": "sync"},
        "solution": solution,
        "password": PASSWORD,
        "manage_ip": manage_ip,
        **changes,
    }
    return {k: v for k, v in made.items() if v is not None}


def code(reply: Any, status: int = 400) -> str:
    assert reply.status_code == status, reply.text
    return reply.json()["error_code"]


def create(client: Any, request: dict[str, Any]) -> dict[str, Any]:
    reply = client.post(CREATE, json=request)
    assert reply.status_code == 202, reply.text
    return reply.json()


def get(client: Any, name: str) -> dict[str, Any] | None:
    found = client.get(INSTANCES, params={"name": name}).json()["instances"]
    return found[0] if found else None


def components(client: Any, instance_id: str, **query: Any) -> list[dict[str, Any]]:
    reply = client.get(f"/gaussdb/v3/instances/{instance_id}/components", params=query)
    assert reply.status_code == 200, reply.text
    return [{"node": n["id"], **c} for n in reply.json()["nodes"] for c in n["components"]]


def primaries(client: Any, instance_id: str) -> dict[str, str]:
    """Node by ID of the DN that is primary."""
    found = components(client, instance_id, component_type="DN")
    return {c["id"]: c["node"] for c in found if c["status"] == "Primary"}


def hosts(client: Any, **query: Any) -> dict[str, dict[str, Any]]:
    found = client.get("/gaussdb/v3/hosts", params={"limit": 100, **query}).json()["hosts"]
    return {h["ip"]["manage_ip"]: h for h in found}


def one(client: Any, **entry: Any) -> str:
    """Create the instance `orders`; returns its ID."""
    load(client, {"instances": [{"name": "orders", "hosts": addresses(1, 3), **entry}]})
    found = get(client, "orders")
    assert found is not None
    return str(found["id"])


def url(instance_id: str, tail: str, version: str = "/gaussdb/v3") -> str:
    return f"{version}/instances/{instance_id}/{tail}"


def accepted(client: Any, reply: Any, status: int = 202) -> dict[str, Any]:
    """The job of a reply, after it has ended."""
    assert reply.status_code == status, reply.text
    client.advance(1000)
    job: dict[str, Any] = client.job(reply.json()["job_id"])
    return job


def fail(client: Any, operation_id: str) -> None:
    """Make the next task of the operation fail."""
    rule = {"kind": "job_fail", "operation_id": operation_id, "count": 1}
    assert client.raw("POST", "/_simulator/faults", json=rule).status_code == 200
