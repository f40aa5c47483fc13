# SPDX-License-Identifier: GPL-3.0-or-later
"""Demonstrate a day of a database team at two simulated sites: the proof of a backup, the repair of a node, and the
health of everything before and after.

Run it with the Python of ``.venv``. Options are passed to each ansible-playbook, for example ``demo_day2.py -v``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import demo
import demo_dr

import simulator
from common import BUILD, ROOT, ansible_environment

EXAMPLE = ROOT / "examples" / "day2"
VAULT_PASSWORD = EXAMPLE / "vault-password.example"
EVIDENCE = BUILD / "day2-evidence"
SPEED = 600
QUICK = ("-e", f"@{EXAMPLE / 'simulator' / 'quick.yml'}")
# A restart does not help this node, a repair does.
FAILURE = {"instance": "orders", "node": "orders_root_2", "until": 2}
REPAIR = ("-e", "node_repair_node=orders_root_2", "-e", "gaussdb_sites=site-a")


def environment(sites: demo_dr.Sites, evidence: Path) -> dict[str, str]:
    """Return the variables that the inventory of the example reads."""
    values = ansible_environment() | sites.environment()
    return values | {"ANSIBLE_VAULT_PASSWORD_FILE": str(VAULT_PASSWORD), "DAY2_EVIDENCE_DIR": str(evidence)}


def command(playbook: str, *options: str) -> list[str]:
    return ["ansible-playbook", "-i", str(EXAMPLE / "inventory.yml"), f"gaussdb.tpops.{playbook}", *options]


def main() -> int:
    started = time.monotonic()
    older = set(EVIDENCE.glob("*"))
    with simulator.running(SPEED, options=("--peer-port", "0")) as server:
        sites = demo_dr.sites_of(server)
        sites.fill(EXAMPLE)
        run = demo.player(command, environment(sites, EVIDENCE), sys.argv[1:])
        demo.say(
            f"Two simulated sites, {SPEED} times as fast as real ones: site-a {sites.endpoints[0]} with the instances "
            f"orders and billing and three spare hosts, site-b {sites.endpoints[1]} with archive."
        )
        run("The page of every morning: the health of all sites.", "health")
        run(
            "Can the newest backup of orders be restored? It is restored to the spare hosts, verified, and removed.",
            "backup_proof",
            *(*QUICK, "-e", "gaussdb_target=orders"),
        )
        sites.admin(0, "estate", {"node_failures": [FAILURE]})
        run(
            "A node of orders fails. The morning's page shows it, and with gaussdb_health_strict the run fails.",
            "health",
            *("-e", "gaussdb_health_strict=true"),
            fails=True,
        )
        run(
            "Repair the node: a restart does not help it, the next rung of the ladder does.",
            "node_repair",
            *QUICK,
            *REPAIR,
        )
        changed = run(
            "The same command again: the node is healthy, and nothing is done.", "node_repair", *QUICK, *REPAIR
        )
        changed += run(
            "The page of the next morning, in Chinese: what was found is gone.",
            "health",
            *("-e", "gaussdb_evidence_language=zh", "-e", "gaussdb_health_strict=true"),
        )
    if not demo.tell_end("pages", started, changed, set(EVIDENCE.glob("*.html")) - older):
        return 1
    print("Where to look next:")
    print("  the pages                 open them in a browser")
    print("  examples/day2/            the two platforms as data")
    print("  docs/runbooks/            when to run which playbook, and what to do when it fails")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
