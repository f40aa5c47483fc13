# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-test on a clean copy of the checkout: ``ansible_test.py sanity|integration [--name NAME] ...``

ansible-test needs a git work tree at …/ansible_collections/gaussdb/tpops and resolves symbolic links, so it gets a copy
of the files that git tracks or would add. Run it with the Python of the virtual environment that has the ansible-core
to test.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import simulator
from common import BUILD, ROOT, print_counts, venv_bin

# A replacement for ansible-test's download: a program that installs pip into a new environment. If this file is in its
# cache it does not use the network, so the tests also run on machines that can only reach a package index.
GET_PIP = '''\
"""Install pip from the wheel that comes with Python: stands in for get-pip.py."""
import ensurepip
import glob
import os
import sys

wheels = glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", "pip-*.whl"))
sys.path.insert(0, wheels[0])
from pip._internal.cli.main import main

arguments = [value for value in sys.argv[1:] if value not in ("--no-setuptools", "--no-wheel")]
sys.exit(main(["install", "--upgrade"] + arguments))
'''
# The line with which ansible-test starts a sanity test or an integration target.
STARTED = re.compile(r"Running sanity test |Running \S+ integration test (role|script)")
SLOWEST = 10
GET_PIP_VERSIONS = ("23_1_2", "24_2", "25_2")


def copy_checkout(target: Path) -> None:
    """Make ``target`` a separate git work tree with the tracked and not ignored files of the checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    wanted = {name for name in listed if name and (ROOT / name).is_file()}
    target.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        _copy_if_changed(ROOT / name, target / name)
    for path in sorted(target.rglob("*"), reverse=True):
        place = path.relative_to(target)
        if place.parts[0] == ".git" or place.parts[:2] == ("tests", "output"):
            continue
        if path.is_dir() and not path.is_symlink():
            with contextlib.suppress(OSError):
                path.rmdir()
        elif str(place) not in wanted:
            path.unlink()
    for arguments in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *arguments], cwd=target, check=True, stderr=subprocess.DEVNULL)


def _copy_if_changed(source: Path, target: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        old, new = target.stat(), source.stat()
        if (old.st_size, old.st_mtime_ns, old.st_mode) == (new.st_size, new.st_mtime_ns, new.st_mode):
            return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def test_environment(home: Path) -> dict[str, str]:
    """Return an environment for ansible-test with its own home, so that the user's is not touched."""
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in GET_PIP_VERSIONS:
        path = cache / f"get_pip_{version}.py"
        if not path.exists():
            path.write_text(GET_PIP, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "GAUSSDB_"))}
    real_home = Path.home()
    environment.setdefault("PIP_CACHE_DIR", os.environ.get("XDG_CACHE_HOME", str(real_home / ".cache")) + "/pip")
    for configuration in (real_home / ".config/pip/pip.conf", real_home / ".pip/pip.conf"):
        if configuration.exists():
            environment.setdefault("PIP_CONFIG_FILE", str(configuration))
    # Real interpreters before the shims of a version manager, which also respond for inactive versions.
    versions = sorted(glob.glob(os.environ.get("PYENV_ROOT", str(real_home / ".pyenv")) + "/versions/3.*/bin"))
    environment["PATH"] = os.pathsep.join([str(venv_bin()), *versions, os.environ["PATH"]])
    environment["HOME"] = str(home)
    environment["LC_ALL"] = "C.UTF-8"
    environment.pop("PYTHONPATH", None)
    return environment


@contextlib.contextmanager
def integration_config(
    checkout: Path, extra: dict[str, object], speed: float, start: str | None
) -> Iterator[simulator.Simulator]:
    """Run a simulator and configure the targets of the copy for it."""
    path = checkout / "tests" / "integration" / "integration_config.yml"
    with simulator.running(speed, options=["--start", start] if start else []) as server:
        values = {
            "tpops_endpoint": server.endpoint,
            "tpops_username": server.username,
            "tpops_password": server.password,
            "tpops_ca_path": str(server.ca_path),
            "tpops_speed": speed,
        }
        path.touch(0o600)
        # JSON is YAML, and quotes every value correctly.
        path.write_text(json.dumps(values | extra) + "\n", encoding="utf-8")
        try:
            yield server
        finally:
            path.unlink()


def uncalled_operations(server: simulator.Simulator) -> list[str]:
    """Return the sections and operations of the reference without a request. Two of them share one request."""
    with (ROOT / "docs" / "operations.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    called = {entry["operation_id"] for entry in server.requests()}
    routes = {(row["method"], row["path"]) for row in rows if row["operation_id"] in called}
    missing = [f"{row['section']} {row['operation_id']}" for row in rows if (row["method"], row["path"]) not in routes]
    print(f"Modules called {len(rows) - len(missing)} of {len(rows)} operations.")
    return missing


def run(command: list[str], checkout: Path, environment: dict[str, str]) -> tuple[int, list[str]]:
    """Run a command, forward its output, and return its status and lines."""
    process = subprocess.Popen(
        command,
        cwd=checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: list[str] = []
    begun: list[tuple[str, float]] = []
    for line in process.stdout or ():
        print(line, end="", flush=True)
        lines.append(line.rstrip("\n"))
        if STARTED.match(line):
            begun.append((line.rstrip("\n").removeprefix("Running "), time.monotonic()))
    status = process.wait()
    ends = [started for _name, started in begun[1:]] + [time.monotonic()]
    slowest = sorted(((end - started, name) for (name, started), end in zip(begun, ends)), reverse=True)[:SLOWEST]
    print("Slowest:", ", ".join(f"{name} {seconds:.0f} s" for seconds, name in slowest))
    return status, lines


def count(status: int, lines: list[str], checks: Sequence[bool] = ()) -> int:
    """Print how many tests or targets passed and failed, and the other checks."""
    total, failed = sum(1 for line in lines if STARTED.match(line)), 0
    for line in lines:
        match = re.search(r"The (\d+) (?:sanity|integration) test\(s\) listed below \(out of (\d+)\) failed", line)
        if match:
            failed, total = int(match[1]), int(match[2])
    if status and not failed:
        failed, total = 1, max(total, 1)
    if not total:
        print("Nothing was tested.")
        failed, total = 1, 1
    failed, total = failed + list(checks).count(False), total + len(checks)
    return print_counts(total - failed, failed)


def sanity(checkout: Path, environment: dict[str, str], arguments: argparse.Namespace) -> int:
    """Run every sanity test; a collection that needs exceptions fails."""
    exceptions = sorted(path.name for path in (checkout / "tests" / "sanity").glob("ignore*.txt"))
    if exceptions:
        print(f"Sanity must pass without exceptions, but tests/sanity has {', '.join(exceptions)}.")
        return print_counts(0, 1)
    command = ["ansible-test", "sanity", "--local", "--python", python_version(), "--color", "no", *arguments.rest]
    return count(*run(command, checkout, environment))


def integration(checkout: Path, environment: dict[str, str], arguments: argparse.Namespace) -> int:
    """Run all integration targets in one go against one simulator. Together they call every operation."""
    command = [
        "ansible-test",
        "integration",
        "--local",
        "--python",
        python_version(),
        "--color",
        "no",
        "--continue-on-error",
    ]
    command += ["--coverage"] if arguments.coverage else []
    extra: dict[str, object] = {} if arguments.in_controller else {"run_in_controller": False}
    checks = []
    with integration_config(checkout, extra, arguments.speed, arguments.start) as server:
        status, lines = run(command + arguments.rest, checkout, environment)
        if not arguments.rest:
            missing = uncalled_operations(server)
            if missing:
                print("No target has a module call", ", ".join(missing))
            checks.append(not missing)
    result = count(status, lines, checks)
    if arguments.coverage:
        export_coverage(checkout, environment, arguments.name)
    return result


def export_coverage(checkout: Path, environment: dict[str, str], name: str) -> None:
    """Write one coverage data file to build/coverage for `make coverage`."""
    target = BUILD / "coverage"
    target.mkdir(parents=True, exist_ok=True)
    data = [str(path) for path in (checkout / "tests" / "output" / "coverage").glob("*=coverage*") if path.is_file()]
    if data:
        command = ["coverage", "combine", "--quiet", "--data-file", str(target / f".coverage.{name}"), *data]
        subprocess.run(command, cwd=checkout, env=environment, check=False)


def python_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("sanity", "integration"))
    parser.add_argument("--name", help="name of the copy below build/ansible-test (default: the test's)")
    parser.add_argument("--process", dest="in_controller", action="store_false", help="run modules as processes")
    parser.add_argument(
        "--start", metavar="TIME", help="simulated time at the start, such as 2028-02-29T23:59:30Z (default: now)"
    )
    parser.add_argument(
        "--speed",
        type=float,
        default=60,
        help="simulated seconds per second; more is like a slower machine (default: 60)",
    )
    parser.add_argument("--coverage", action="store_true", help="measure coverage of plugins/")
    arguments, rest = parser.parse_known_args()
    arguments.rest = rest
    arguments.name = arguments.name or arguments.what
    checkout = BUILD / "ansible-test" / arguments.name / "ansible_collections" / "gaussdb" / "tpops"
    copy_checkout(checkout)
    # Homes are not shared: two concurrent runs would fill the same cache.
    environment = test_environment(BUILD / "ansible-test" / arguments.name / "home")
    return {"sanity": sanity, "integration": integration}[arguments.what](checkout, environment, arguments)


if __name__ == "__main__":
    sys.exit(main())
