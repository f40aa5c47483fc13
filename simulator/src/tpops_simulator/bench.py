# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the simulator replies, and how much memory it uses, with a large estate and on one core.

    python -m tpops_simulator.bench [--hosts 10000] [--instances 2000] [--seconds 1] [--output FILE]

One client uses one persistent connection, so a rate shows how long one request takes; the server has its own core.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import yaml

PASSWORD = "Simulated-Pw1"
SECRET = "Gauss_2345"
ZONES = 6
HOSTS_EACH = 3


@dataclass
class Result:
    """One kind of request. `cpu_ms` is what the server's process spent on each."""

    name: str
    kind: str
    requests: int
    per_second: float
    median_ms: float
    p99_ms: float
    cpu_ms: float


def address(number: int) -> str:
    return f"10.{number // 62500}.{number // 250 % 250}.{number % 250 + 1}"


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


def instance_id(number: int) -> str:
    return f"{number:032x}in14"


class Process:
    """A simulator in its own process, pinned to one core, and a connection to it."""

    def __init__(self, directory: Path, estate: Path, *, validate: bool) -> None:
        ca = directory / "ca.pem"
        command = [sys.executable, "-m", "tpops_simulator", "serve", "--port", "0", "--estate", str(estate), "--admin"]
        command += ["--ca-file", str(ca), "--seed", "bench", "--speed", "60"]
        environment = {**os.environ, "TPOPS_SIMULATOR_PASSWORD": PASSWORD}
        begun = time.perf_counter()
        self._process = subprocess.Popen(
            command + ([] if validate else ["--no-validate-replies"]),
            stdout=subprocess.PIPE,
            env=environment,
            preexec_fn=_pin,
        )
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the simulator did not start")
        self.start_seconds = time.perf_counter() - begun
        facts = json.loads(line)
        context = ssl.create_default_context(cafile=str(ca))
        self._connection = HTTPSConnection("127.0.0.1", facts["port"], context=context, timeout=60)
        self._headers = {"Content-Type": "application/json"}
        status, body = self.send("POST", "/v3/auth/mini-token", {"username": "admin", "password": PASSWORD})
        if status != 200:
            raise SystemExit(f"cannot log in: {body[:300]!r}")
        self._headers["X-Mini-Token"] = json.loads(body)["x_mini_token"]

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        content = None if body is None else json.dumps(body)
        self._connection.request(method, "/rds" + path, content, self._headers)
        reply = self._connection.getresponse()
        return reply.status, reply.read()

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self, field: str) -> float:
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return round(int(line.split()[1]) / 1024, 1)
        return 0.0

    def stop(self) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.wait(20)


def _pin() -> None:
    """The server gets the last core, the client keeps the others."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


Call = tuple[str, str, Any]


def cases(hosts: int, instances: int) -> Iterator[tuple[str, str, Callable[[int], Call]]]:
    """Name, kind, and a function that builds the n-th request."""
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
    yield "list_databases", "read", lambda n: ("GET", f"{instance(n)}/databases", None)
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


def measure(server: Process, seconds: float, name: str, kind: str, make: Callable[[int], Call], most: int) -> Result:
    times: list[float] = []
    cpu, begun = server.cpu_seconds(), time.perf_counter()
    for n in range(most):
        method, path, body = make(n)
        before = time.perf_counter()
        status, reply = server.send(method, path, body)
        times.append(time.perf_counter() - before)
        if status >= 300:
            raise SystemExit(f"{name}: {method} {path} was answered with {status} {reply[:300]!r}")
        if before - begun > seconds:
            break
    spent = sum(times)
    return Result(
        name=name,
        kind=kind,
        requests=len(times),
        per_second=round(len(times) / spent, 1),
        median_ms=round(statistics.median(times) * 1000, 2),
        p99_ms=round(sorted(times)[int(len(times) * 0.99)] * 1000, 2),
        cpu_ms=round((server.cpu_seconds() - cpu) * 1000 / len(times), 2),
    )


def run(options: argparse.Namespace, directory: Path, estate: Path, *, validate: bool) -> dict[str, Any]:
    server = Process(directory, estate, validate=validate)
    try:
        before = server.memory_mb("VmRSS")
        _status, centers = server.send("GET", "/gaussdb/v3/data-centers")
        center = json.loads(centers)["data_centers"][0]["id"]
        results = []
        for name, kind, make in cases(options.hosts, options.instances):

            def filled(n: int, make: Callable[[int], Call] = make) -> Call:
                method, path, body = make(n)
                if body and "hosts" in body:
                    body["hosts"][0]["data_center_id"] = center
                return method, path, body

            results.append(measure(server, options.seconds, name, kind, filled, options.instances))
        return {
            "replies_validated": validate,
            "start_seconds": round(server.start_seconds, 2),
            "memory_mb": {"loaded": before, "at_the_end": server.memory_mb("VmRSS"), "peak": server.memory_mb("VmHWM")},
            "results": [asdict(r) for r in results],
        }
    finally:
        server.stop()


def table(found: list[dict[str, Any]]) -> str:
    lines = [f"{'':28}{'':7}" + "".join(_heading(f) for f in found)]
    lines.append(f"{'request':28}{'kind':7}" + f"{'req/s':>9}{'median':>9}{'p99':>9}{'CPU':>9} ms" * len(found))
    for rows in zip(*(f["results"] for f in found), strict=True):
        cells = (f"{r['per_second']:9.0f}{r['median_ms']:9.2f}{r['p99_ms']:9.2f}{r['cpu_ms']:9.2f}   " for r in rows)
        lines.append(f"{rows[0]['name']:28}{rows[0]['kind']:7}" + "".join(cells))
    for f in found:
        memory = f["memory_mb"]
        lines.append(
            f"{_heading(f).strip()}: started with the estate in {f['start_seconds']} s; "
            f"{memory['loaded']} MB loaded, {memory['at_the_end']} MB at the end, {memory['peak']} MB at most"
        )
    return "\n".join(lines)


def _heading(found: dict[str, Any]) -> str:
    return f"{'replies validated' if found['replies_validated'] else 'replies not validated':>36}   "


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tpops_simulator.bench", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--hosts", type=int, default=10000, help="default: %(default)s")
    parser.add_argument("--instances", type=int, default=2000, help="each on three of the hosts; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each kind of request (default: %(default)s)")
    parser.add_argument("--output", type=Path, help="write the numbers to this file, as JSON")
    options = parser.parse_args(arguments)
    if options.hosts < options.instances * (HOSTS_EACH + 1):
        parser.error("there must be four hosts for each instance: three that it has and one that is free")
    with tempfile.TemporaryDirectory(prefix="tpops-simulator-bench-") as name:
        directory = Path(name)
        estate = directory / "estate.yml"
        write_estate(estate, options.hosts, options.instances)
        found = [run(options, directory, estate, validate=validate) for validate in (True, False)]
    print(f"{options.hosts} hosts, {options.instances} instances; Python {platform.python_version()}, one core")
    print(table(found))
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        facts = {"hosts": options.hosts, "instances": options.instances, "python": platform.python_version()}
        options.output.write_text(json.dumps({**facts, "runs": found}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
