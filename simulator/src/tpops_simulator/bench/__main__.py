# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the simulator answers, and how much memory it takes, with a large estate and on one core.

    python -m tpops_simulator.bench [--hosts 10000] [--instances 2000] [--seconds 1] [--output FILE]

One client asks over one kept connection, so a rate says how long one request takes; the server has a core of its own.
A machine is as fast as it is, so list_databases is also compared with Starlette alone, in turns with it.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import HOSTS_EACH, write_estate
from .cases import DATABASES, Call, cases, list_databases
from .processes import Process, start_bare, start_simulator

# So often the two that are compared take turns.
TURNS = 5


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


def measure(server: Process, seconds: float, name: str, kind: str, make: Callable[[int], Call], most: int) -> Result:
    """Send one kind of request for so many seconds, `most` at most."""
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
    """Time every kind of request on a simulator of its own."""
    server = start_simulator(directory / "tls", estate, validate=validate)
    try:
        before = server.memory_mb("VmRSS")
        _status, centers = server.send("GET", "/gaussdb/v3/data-centers")
        center = json.loads(centers)["data_centers"][0]["id"]
        compared = compare(server, directory / "tls", options) if validate else None
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
            "compared": compared,
            "results": [asdict(r) for r in results],
        }
    finally:
        server.stop()


def compare(server: Process, directory: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Requests per second of list_databases, here and from bare Starlette, which sends the same reply."""
    make = list_databases(options.instances)
    method, path, _body = make(0)
    bare = start_bare(directory, DATABASES, server.send(method, path)[1])
    turns: dict[Process, list[Result]] = {server: [], bare: []}
    try:
        for _turn in range(TURNS):
            for each, results in turns.items():
                seconds = options.seconds / TURNS
                results.append(measure(each, seconds, "list_databases", "read", make, options.instances))
    finally:
        bare.stop()
    simulator, alone = (statistics.median(r.per_second for r in results) for results in turns.values())
    return {"simulator": round(simulator), "starlette": round(alone), "ratio": round(simulator / alone, 2)}


def table(found: list[dict[str, Any]]) -> str:
    """The numbers for people."""
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
        if compared := f["compared"]:
            lines.append(
                "list_databases, replies validated: {simulator} requests/s, bare Starlette {starlette}, "
                "ratio {ratio}".format(**compared)
            )
    return "\n".join(lines)


def _heading(found: dict[str, Any]) -> str:
    return f"{'replies validated' if found['replies_validated'] else 'replies not validated':>36}   "


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tpops_simulator.bench", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--hosts", type=int, default=10000, help="default: %(default)s")
    parser.add_argument("--instances", type=int, default=2000, help="each on three of the hosts; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each kind of request (default: %(default)s)")
    parser.add_argument("--output", type=Path, help="write the numbers there, as JSON")
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
