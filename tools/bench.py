# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the cost of a task, convergence and plans of large estates, and an inventory of 10,000 hosts; print a table
and write build/bench.json.

Everything is measured in one run, so that the ratios are valid on a machine of any speed. Needs PyYAML, requests,
ansible-core and tpops-simulator.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import ssl
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import requests
import yaml

from common import BUILD, ansible_environment, venv_bin
from simulator import Simulator, running

FOLDER = BUILD / "bench"
MANY = 40
FORKS = "10"
# The default of gaussdb_plan_connections.
CONNECTIONS = 10
# How much larger the second estate is whose plan is measured.
LARGER = 10
# The instances of the inventory that is measured: with three nodes each, and their platform, 10,001 hosts.
LISTED_INSTANCES = 2500
# Seconds between two looks at the memory.
LOOK = 0.1

INFO = {"gaussdb.tpops.gaussdb_data_center_info": {"name": "az-01"}}
URI = {
    "ansible.builtin.uri": {
        "url": (
            "https://{{ lookup('env', 'GAUSSDB_TPOPS_ENDPOINT') "
            "}}/rds/gaussdb/v3/data-centers?name=az-01&limit=100&offset=0"
        ),
        "headers": {"X-Mini-Token": "{{ lookup('env', 'BENCH_TOKEN') }}"},
        "ca_path": "{{ lookup('env', 'GAUSSDB_TPOPS_CA_PATH') }}",
    }
}
# The measurements: the task, and whether modules run inside the controller.
TASKS: dict[str, tuple[dict[str, Any], bool]] = {
    "gaussdb_data_center_info, in the controller": (INFO, True),
    "gaussdb_data_center_info, as a module": (INFO, False),
    "ansible.builtin.uri, the same GET": (URI, True),
    "ansible.builtin.ping": ({"ansible.builtin.ping": {}}, True),
}


class Bench:
    """One simulator and the playbooks that are run against it."""

    def __init__(self, server: Simulator) -> None:
        self.server = server
        self.environment = ansible_environment("bench/ansible") | server.environment() | {"ANSIBLE_FORKS": FORKS}
        self._tls = ssl.create_default_context(cafile=str(server.ca_path))

    def token(self) -> str:
        """Log in for uri, which has no login of its own."""
        body = json.dumps({"username": self.server.username, "password": self.server.password}).encode()
        url = f"https://{self.server.endpoint}/rds/v3/auth/mini-token"
        request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, context=self._tls) as reply:
            return str(json.loads(reply.read())["x_mini_token"])

    def play(self, arguments: list[str], extra: dict[str, str] | None = None) -> tuple[float, str]:
        """Run ansible-playbook; return seconds and output. A failure ends the bench."""
        started = time.monotonic()
        done = subprocess.run(
            [str(venv_bin() / "ansible-playbook"), *arguments],
            env=self.environment | (extra or {}),
            cwd=FOLDER,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(
                f"ansible-playbook {' '.join(arguments)} failed:\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
            )
        return time.monotonic() - started, done.stdout

    def look(self, *arguments: str) -> float:
        """Run ansible-inventory; return the seconds."""
        command = [str(venv_bin() / "ansible-inventory"), *arguments]
        started = time.monotonic()
        subprocess.run(command, env=self.environment, cwd=FOLDER, stdout=subprocess.DEVNULL, check=True)
        return time.monotonic() - started

    def peak_memory(self, arguments: list[str]) -> float | None:
        """Run ansible-playbook; return the most MiB that it and its workers had at a time, where Linux tells. What they
        share counts once."""
        command = [str(venv_bin() / "ansible-playbook"), *arguments]
        run = subprocess.Popen(
            command, env=self.environment, cwd=FOLDER, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        most = 0
        while run.poll() is None:
            most = max(most, sum(map(_proportional_kib, [run.pid, *_descendants(run.pid)])))
            time.sleep(LOOK)
        if run.returncode:
            raise SystemExit(f"ansible-playbook {' '.join(arguments)} failed")
        return round(most / 1024, 1) or None

    def time_tasks(self, rounds: int) -> dict[str, float]:
        """Return milliseconds for one task of each kind: a playbook of many of them minus one of a single one."""
        environment = {"BENCH_TOKEN": self.token()}
        samples: dict[str, list[float]] = {name: [] for name in TASKS}
        for _round in range(rounds):
            # All kinds in each round, so that changes in the machine's speed affect all of them.
            for number, (name, (task, inside)) in enumerate(TASKS.items()):
                seconds = [
                    self.play(
                        [self._playbook(number, count, task), "-e", f"run_in_controller={str(inside).lower()}"],
                        environment,
                    )[0]
                    for count in (1, MANY + 1)
                ]
                samples[name].append((seconds[1] - seconds[0]) / MANY * 1000)
        return {name: statistics.median(values) for name, values in samples.items()}

    def _playbook(self, number: int, count: int, task: dict[str, Any]) -> str:
        play = {"name": "Bench", "hosts": "localhost", "gather_facts": False, "connection": "local"}
        tasks = [{"name": f"Task {index}", **task} for index in range(count)]
        path = FOLDER / f"task-{number}-{count}.yml"
        path.write_text(yaml.safe_dump([play | {"tasks": tasks}], sort_keys=False))
        return str(path)


def _descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have started."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        # A process may end at any time.
        with contextlib.suppress(OSError):
            for child in map(int, path.read_text().split()):
                found += [child, *_descendants(child)]
    return found


def _proportional_kib(pid: int) -> int:
    """Return the memory of a process, of shared pages its share."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def estate(data_centers: int, hosts: int, instances: int, children: int) -> dict[str, Any]:
    """Return a gaussdb_estate: three hosts for each instance, the others unused."""
    zones = [f"az-{number + 1:02d}" for number in range(data_centers)]
    addresses = [f"{number // 250}.{number % 250 + 1}" for number in range(hosts)]
    return {
        "data_centers": [{"name": zone, "description": f"Zone {zone}"} for zone in zones],
        "key_pairs": [{"name": "bench", "algorithm": "RSA_2048"}],
        "host_defaults": {
            "type": "BMS",
            "os_type": "kylin",
            "cpu_spec": "kunpeng",
            "storage_type": "localssd",
            "ssh_port": 22,
            "key_pair": "bench",
        },
        "hosts": [
            {
                "name": f"db-{number + 1:04d}",
                "manage_ip": f"10.20.{address}",
                "data_ip": f"10.21.{address}",
                "virtual_ip": f"10.22.{address}",
                "data_center": zones[number // 3 % data_centers],
            }
            for number, address in enumerate(addresses)
        ],
        "instances": [
            {
                "name": f"bench-{number + 1:03d}",
                "solution": "triset",
                "os_type": "Kylin",
                "cpu_spec": "Kunpeng",
                "arch": "ARM",
                "port": 8000,
                "root_password": "Bench-Root_2026",
                "manage_ips": [f"10.20.{address}" for address in addresses[number * 3 : number * 3 + 3]],
                "master_az_ips": [f"10.20.{addresses[number * 3]}"],
                "parameters": {"failed_login_attempts": 4},
                "backup_policy": {
                    "keep_days": 14,
                    "start_time": "19:00-20:00",
                    "period": [1, 3, 5],
                    "differential_period_minutes": 30,
                },
                "users": [
                    {"name": f"app_{child}", "password": "Bench-App_2026", "login_only": True}
                    for child in range(children)
                ],
                "databases": [{"name": f"data_{child}", "owner": f"app_{child}"} for child in range(children)],
            }
            for number in range(instances)
        ],
    }


def as_on_platform(description: dict[str, Any]) -> dict[str, Any]:
    """Return the same as the simulator loads it: the state that a run of site would make of it."""
    own = ("name", "manage_ip", "data_ip", "virtual_ip", "data_center")
    defaults = {key: description["host_defaults"][key] for key in ("type", "os_type", "cpu_spec", "storage_type")}
    key_pairs = {each["name"]: each["algorithm"] for each in description["key_pairs"]}
    return {
        "data_centers": description["data_centers"],
        "key_pairs": [{"name": name, "key_algorithms": algorithm} for name, algorithm in key_pairs.items()],
        "hosts": [
            {**defaults, **{key: host[key] for key in own}, "ssh_key": description["host_defaults"]["key_pair"]}
            for host in description["hosts"]
        ],
        "instances": [
            {
                **{key: instance[key] for key in ("name", "solution", "port", "parameters", "databases")},
                "password": instance["root_password"],
                "hosts": instance["manage_ips"],
                "backup_policy": {
                    "keep_days": instance["backup_policy"]["keep_days"],
                    "start_time": instance["backup_policy"]["start_time"],
                    "period": ",".join(map(str, instance["backup_policy"]["period"])),
                    "differential_period": str(instance["backup_policy"]["differential_period_minutes"]),
                },
                "users": [{key: user[key] for key in ("name", "password")} for user in instance["users"]],
            }
            for instance in description["instances"]
        ],
    }


# The two forms of an estate, and the folder of the inventory with it.
FORMS = ("tree", "variable")


def write_estate(description: dict[str, Any]) -> None:
    """Write inventories with the estate: as a tree, and as a variable."""
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    instances = FOLDER / "tree" / "estate" / "instances"
    instances.mkdir(parents=True, exist_ok=True)
    for instance in description["instances"]:
        (instances / f"{instance['name']}.yml").write_text(yaml.safe_dump(instance))
    site = {key: value for key, value in description.items() if key != "instances"}
    (instances.parent / "site.yml").write_text(yaml.safe_dump(site))
    variables = {"tree": {"gaussdb_estate_dir": str(instances.parent)}, "variable": {"gaussdb_estate": description}}
    for form in FORMS:
        (FOLDER / form / "group_vars").mkdir(parents=True, exist_ok=True)
        (FOLDER / form / "group_vars" / "tpops.yml").write_text(yaml.safe_dump(variables[form]))
        (FOLDER / form / "inventory.yml").write_text(yaml.safe_dump({"tpops": {"hosts": {"bench": local}}}))


def inventory(form: str) -> list[str]:
    return ["-i", str(FOLDER / form / "inventory.yml")]


def converge(bench: Bench, arguments: list[str]) -> tuple[float, list[dict[str, Any]], int]:
    """Converge once without a cached token; return seconds, requests and the number of changed tasks."""
    shutil.rmtree(FOLDER / "ansible" / "gaussdb_tpops", ignore_errors=True)
    bench.server.admin("DELETE", "requests")
    seconds, output = bench.play(arguments)
    recap = [line for line in output.rpartition("PLAY RECAP")[2].splitlines() if "changed=" in line]
    changed = sum(int(line.split("changed=")[1].split()[0]) for line in recap)
    return seconds, bench.server.requests(), changed


def send_again(bench: Bench, entries: list[dict[str, Any]]) -> float:
    """Send reads of the simulator's log once more, by a plain program over as many kept-alive connections as a plan
    has; return the seconds."""
    token, server = bench.token(), bench.server
    left = iter(entries)
    lock = threading.Lock()

    def work() -> None:
        with requests.Session() as session:
            session.trust_env = False
            session.headers.update({"X-Mini-Token": token, "Content-Type": "application/json"})
            while True:
                with lock:
                    entry = next(left, None)
                if entry is None:
                    return
                session.request(
                    entry["method"],
                    f"https://{server.endpoint}{entry['path']}",
                    params=entry["query"],
                    json=entry["body"],
                    verify=str(server.ca_path),
                    timeout=60,
                ).raise_for_status()

    started = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for each in [pool.submit(work) for _number in range(CONNECTIONS)]:
            each.result()
    return time.monotonic() - started


class Planned(NamedTuple):
    """The plan of a converged estate, in seconds; medians of some rounds."""

    # Of the plan.
    whole: float
    # Of a playbook with the same inventory and without any task.
    nothing: float
    # Of the same reads, by a plain program.
    reads: float
    # These reads, as in the simulator's log.
    entries: list[dict[str, Any]]

    @property
    def own(self) -> float:
        return self.whole - self.nothing


def plan(bench: Bench, rounds: int, form: str) -> Planned:
    """Plan a converged estate, and compare that with its reads alone."""
    empty = FOLDER / "empty.yml"
    empty.write_text(yaml.safe_dump([{"name": "Nothing", "hosts": "tpops", "gather_facts": False, "tasks": []}]))
    samples: list[tuple[float, float, float]] = []
    entries: list[dict[str, Any]] = []
    for _round in range(rounds):
        nothing, _output = bench.play([*inventory(form), str(empty)])
        whole, entries, _changed = converge(bench, [*inventory(form), "gaussdb.tpops.plan"])
        entries = [entry for entry in entries if entry["operation_id"] != "create_token"]
        samples.append((whole, nothing, send_again(bench, entries)))
        found = json.loads((FOLDER / "plan.json").read_text(encoding="utf-8"))
        if not found["in_step"]:
            raise SystemExit("The plan of a converged estate has differences")
    whole, nothing, reads = map(statistics.median, zip(*samples))
    return Planned(whole, nothing, reads, entries)


def plan_larger(options: argparse.Namespace) -> dict[str, tuple[Planned, float | None]]:
    """Plan a larger estate, which is converged from the start; return that, and its peak of memory (MiB), by form."""
    sizes = (options.data_centers, options.hosts * LARGER, options.instances * LARGER, options.children)
    description = estate(*sizes)
    with running(speed=600) as server:
        server.admin("POST", "estate", as_on_platform(description))
        bench = Bench(server)
        write_estate(description)
        return {
            form: (plan(bench, options.rounds, form), bench.peak_memory([*inventory(form), "gaussdb.tpops.plan"]))
            for form in FORMS
        }


def list_hosts(rounds: int) -> dict[str, float]:
    """Return the figures of an inventory of platforms, instances and nodes: compared with its reads alone, what each
    command with this inventory takes more than one with an empty one, and what it takes to print it too."""
    config, empty = FOLDER / "bench.tpops.yml", FOLDER / "empty-inventory.yml"
    config.write_text(yaml.safe_dump({"plugin": "gaussdb.tpops.tpops", "gather": ["nodes", "relations"]}))
    empty.write_text(yaml.safe_dump({"all": {}}))
    with running(speed=600) as server:
        server.admin("POST", "estate", as_on_platform(estate(50, 3 * LISTED_INSTANCES, LISTED_INSTANCES, 0)))
        bench = Bench(server)
        samples = []
        for _round in range(rounds):
            nothing = bench.look("-i", str(empty), "--list")
            made = bench.look("-i", str(config), "--host", "127.0.0.1")
            server.admin("DELETE", "requests")
            printed = bench.look("-i", str(config), "--list", "--export")
            entries = [entry for entry in server.requests() if entry["operation_id"] != "create_token"]
            samples.append((nothing, made, printed, send_again(bench, entries)))
    # The best of all rounds: these are fractions of seconds, and what else the machine does only adds to them.
    nothing, made, printed, reads = map(min, zip(*samples))
    return {
        "inventory_seconds": round(made, 2),
        "inventory_printed_seconds": round(printed, 2),
        "inventory_reads_seconds": round(reads, 3),
        "inventory_to_reads": round((made - nothing) / reads, 2),
        "inventory_printed_to_reads": round((printed - nothing) / reads, 2),
    }


def figures_of(site: float, planned: Planned, larger: Planned, memory: float | None) -> dict[str, float | None]:
    """Return the figures of a run of site that changes nothing, of a plan, and of that of the larger estate."""
    return {
        "converged_site_to_reads": round((site - planned.nothing) / planned.reads, 2),
        "plan_seconds": round(planned.whole, 2),
        "plan_reads_seconds": round(planned.reads, 2),
        "plan_to_reads": round(planned.own / planned.reads, 2),
        "plan_growth": round(larger.own / planned.own, 2),
        "plan_larger_seconds": round(larger.whole, 2),
        "plan_larger_to_reads": round(larger.own / larger.reads, 2),
        "plan_larger_memory_mib": memory,
    }


def by_figure(figures: dict[str, dict[str, float | None]]) -> dict[str, dict[str, float | None]]:
    """Return figures of forms by figure and form."""
    names = figures[FORMS[0]]
    return {name: {form: figures[form][name] for form in FORMS} for name in names}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often tasks and plans are timed (default: 3)")
    parser.add_argument("--data-centers", type=int, default=50)
    parser.add_argument("--hosts", type=int, default=500)
    parser.add_argument("--instances", type=int, default=100)
    parser.add_argument("--children", type=int, default=10, help="databases and users in each instance (default: 10)")
    options = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with running(speed=600) as server:
        bench = Bench(server)
        write_estate(estate(options.data_centers, options.hosts, options.instances, options.children))
        arguments = [*inventory("variable"), "gaussdb.tpops.site"]
        first_seconds, first, first_changed = converge(bench, arguments)
        second_seconds, second, second_changed = converge(bench, arguments)
        sites = {"variable": second_seconds, "tree": converge(bench, [*inventory("tree"), "gaussdb.tpops.site"])[0]}
        planned = {form: plan(bench, options.rounds, form) for form in FORMS}
        milliseconds = bench.time_tasks(options.rounds)
    larger = plan_larger(options)
    listed = list_hosts(options.rounds)
    names = list(TASKS)
    uri = milliseconds[names[2]]
    reads = [entry for entry in second if not entry["write"] and entry["operation_id"] != "create_token"]
    # Data centers, key pair, hosts; and of each instance itself, parameters, backup policy, users, databases.
    state_tasks = 3 + options.instances * 5
    kinds = Counter(entry["operation_id"] for entry in second)
    figures = {
        "task_ms": {name: round(value, 1) for name, value in milliseconds.items()},
        "in_controller_to_uri": round(milliseconds[names[0]] / uri, 3),
        "module_to_uri": round(milliseconds[names[1]] / uri, 3),
        "logins_per_playbook": kinds["create_token"],
        "requests_per_converged_task": round(len(reads) / state_tasks, 3),
        "first_run_seconds": round(first_seconds, 1),
        "first_run_requests": len(first),
        "first_run_changed": first_changed,
        "second_run_seconds": round(second_seconds, 1),
        "second_run_requests": len(second),
        "second_run_requests_by_operation": dict(sorted(kinds.items())),
        "second_run_writes": sum(entry["write"] and entry["operation_id"] != "create_token" for entry in second),
        "second_run_changed": second_changed,
        **by_figure({form: figures_of(sites[form], planned[form], *larger[form]) for form in FORMS}),
        **listed,
        "plan_reads": len(planned["tree"].entries),
        # What is read once for the whole platform has no instance in its path.
        "plan_reads_per_instance": round(
            sum("/instances/" in entry["path"] for entry in planned["tree"].entries) / options.instances, 3
        ),
        "estate": {key: getattr(options, key) for key in ("data_centers", "hosts", "instances", "children")},
        "cores": os.cpu_count(),
    }
    (BUILD / "bench.json").write_text(json.dumps(figures, indent=2) + "\n")
    show(figures, names)
    return 0


def show(figures: dict[str, Any], names: list[str]) -> None:
    times = figures["task_ms"]
    size = figures["estate"]
    print(f"{'one task':<48}{'ms':>8}{'x uri':>8}")
    for name in names:
        print(f"{name:<48}{times[name]:>8.1f}{times[name] / times[names[2]]:>8.2f}")
    print(
        f"\n{size['data_centers']} data centers, {size['hosts']} hosts, {size['instances']} instances"
        f" with {size['children']} databases and {size['children']} users each"
    )
    print(f"{'':<24}{'seconds':>10}{'requests':>10}{'changed':>10}")
    for run in ("first", "second"):
        row = [figures[f"{run}_run_{what}"] for what in ("seconds", "requests", "changed")]
        print(f"{run + ' run':<24}{row[0]:>10}{row[1]:>10}{row[2]:>10}")
    print(f"writes of the second run       {figures['second_run_writes']}")
    print(f"logins of the second run       {figures['logins_per_playbook']}")
    print(f"requests per converged task    {figures['requests_per_converged_task']}")
    print(f"\n{4 * LISTED_INSTANCES + 1} hosts of an inventory")
    for name, value in figures.items():
        if name.startswith("inventory_"):
            print(f"{name:<31}{value}")
    print(f"\nreads of the plan              {figures['plan_reads']}")
    print(f"of them for each instance      {figures['plan_reads_per_instance']}")
    print(f"\n{'the estate as a':<30}" + "".join(f"{form:>10}" for form in FORMS))
    for name, values in figures.items():
        if isinstance(values, dict) and set(values) == set(FORMS):
            print(f"{name:<30}" + "".join(f"{values[form] or '?':>10}" for form in FORMS))
    report = BUILD / "bench.json"
    print(f"\nWritten: {report.relative_to(Path.cwd()) if report.is_relative_to(Path.cwd()) else report}")


if __name__ == "__main__":
    sys.exit(main())
