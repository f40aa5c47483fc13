# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Measure the failover of a lost site with many relations against that of a site with one.

All relations fail over at the same time, so it should not take many times as long. The figures are in
``build/bench_failover.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import time

import demo_dr

import simulator
from common import BUILD, ansible_environment, venv_bin

FOLDER = BUILD / "bench_failover"
EVIDENCE = FOLDER / "evidence"


def fail_over(sites: demo_dr.Sites, environment: dict[str, str], count: int) -> float:
    """Lose site-a, promote all instances of site-b in one run, and return its seconds."""
    for site in (0, 1):
        sites.admin(site, "estate", method="DELETE")
    described = sites.relate([f"bench-{number + 1:02}" for number in range(count)])
    shutil.rmtree(EVIDENCE, ignore_errors=True)
    sites.admin(0, "site", {"up": False, "mode": "reset"})
    command = [str(venv_bin() / "ansible-playbook"), *demo_dr.command("dr_failover")[1:], "--forks", str(count)]
    started = time.monotonic()
    done = subprocess.run(
        [*command, "-e", json.dumps({"dr_relations": described}), "-e", "gaussdb_confirm=site-a"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    sites.admin(0, "site", {"up": True})
    outcomes = [json.loads(path.read_text(encoding="utf-8"))["outcome"] for path in EVIDENCE.glob("*.json")]
    if done.returncode or outcomes != ["done"] * count:
        raise SystemExit(f"The failover of {count} relations failed:\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}")
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--relations", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with simulator.running(demo_dr.SPEED, options=("--peer-port", "0")) as server:
        sites = demo_dr.sites_of(server)
        environment = ansible_environment("bench_failover/ansible") | sites.environment()
        environment |= {
            "ANSIBLE_VAULT_PASSWORD_FILE": str(demo_dr.VAULT_PASSWORD),
            "DR_EVIDENCE_DIR": str(EVIDENCE),
        }
        rounds = [
            [fail_over(sites, environment, count) for count in (1, options.relations)]
            for _round in range(options.rounds)
        ]
    one, many = map(statistics.median, zip(*rounds))
    figures = {
        "relations": options.relations,
        "one_seconds": round(one, 1),
        "all_seconds": round(many, 1),
        "all_to_one": round(many / one, 2),
        "cores": os.cpu_count(),
    }
    (BUILD / "bench_failover.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
