# SPDX-License-Identifier: GPL-3.0-or-later
"""Demonstrate the upgrade of a fleet at two simulated sites: check, waves, a failure that is rolled back, its fix, and
the rest.

Run it with the Python of ``.venv``. Options are passed to each ansible-playbook, for example ``demo_upgrade.py -v``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import demo
import demo_dr

import simulator
from common import BUILD, ROOT, ansible_environment

EXAMPLE = ROOT / "examples" / "upgrade"
VAULT_PASSWORD = EXAMPLE / "vault-password.example"
EVIDENCE = BUILD / "upgrade-evidence"
SPEED = 600
NEW = "3.200.0"
# The second zone of payments, whose standby does not come up with the new version.
ZONE = {"instance": "payments", "version": NEW, "zone": "dc3"}
FAULT = ZONE | {"component": "dn_6003"}
QUICK = ("-e", f"@{EXAMPLE / 'simulator' / 'quick.yml'}")


def environment(sites: demo_dr.Sites, evidence: Path) -> dict[str, str]:
    """Return the variables that the inventory of the example reads."""
    values = ansible_environment() | sites.environment()
    return values | {"ANSIBLE_VAULT_PASSWORD_FILE": str(VAULT_PASSWORD), "UPGRADE_EVIDENCE_DIR": str(evidence)}


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
            f"Two simulated sites, {SPEED} times as fast as real ones, with eight instances: site-a "
            f"{sites.endpoints[0]}, site-b {sites.endpoints[1]}. Two instances are a pair, which is upgraded as one."
        )
        run("Check: what would be done?", "upgrade", *QUICK, "--check")
        sites.admin(0, "estate", {"version_faults": [FAULT]})
        run(
            "Upgrade in waves of one, three and the rest. In its second zone payments has a node that stays down: "
            "it is rolled back, and no further wave begins.",
            "upgrade",
            *QUICK,
            fails=True,
        )
        (rolled_back,) = set(EVIDENCE.glob("*-upgrade-payments.json")) - older
        sites.admin(0, "estate", {"version_faults": [ZONE]})
        run("The cause is fixed. The same command again upgrades those that are left.", "upgrade", *QUICK)
        run("Check again: nothing is pending.", "upgrade", *QUICK, "--check")
        run(
            "The page of the upgrade that was rolled back, in Chinese.",
            "evidence_page",
            *("-e", f"gaussdb_record={rolled_back}", "-e", "gaussdb_evidence_language=zh"),
        )
        changed = run(
            "Again, for all instances by name: each is verified, and there is nothing to do. The page is in Chinese.",
            "upgrade",
            *(*QUICK, "-e", "gaussdb_target=*", "-e", "gaussdb_evidence_language=zh"),
        )
    if not demo.tell_end("pages", started, changed, set(EVIDENCE.glob("*.html")) - older):
        return 1
    print("Where to look next:")
    print("  the pages                 open them in a browser; those named after the run show all instances")
    print("  examples/upgrade/         the fleet as data: waves, how to upgrade, your own verification")
    print("  docs/runbooks/            what to do before, meanwhile, and when an upgrade is held")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
