# SPDX-License-Identifier: GPL-3.0-or-later
"""Demonstrate disaster recovery between two simulated sites: protect, rehearse, lose a site, fail over, rebuild, switch
back.

Run it with the Python of ``.venv``. Options are passed to each ansible-playbook, for example ``demo_dr.py -v``.
"""

from __future__ import annotations

import json
import ssl
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import demo

import simulator
from common import BUILD, ROOT, ansible_environment

EXAMPLE = ROOT / "examples" / "dr"
VAULT_PASSWORD = EXAMPLE / "vault-password.example"
EVIDENCE = BUILD / "dr-evidence"
SPEED = 60
SITES, ENDS = ("site-a", "site-b"), ("prod", "dr")


@dataclass(frozen=True)
class Sites:
    """Two linked sites: ``endpoints`` of site-a and site-b."""

    server: simulator.Simulator
    endpoints: tuple[str, str]

    def admin(self, site: int, path: str, body: Any = None, method: str = "POST") -> Any:
        """Send a file or JSON data to a site's admin interface."""
        url = f"https://{self.endpoints[site]}/_simulator/{path}"
        data = body.read_bytes() if isinstance(body, Path) else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, method=method)
        with urllib.request.urlopen(
            request, context=ssl.create_default_context(cafile=str(self.server.ca_path))
        ) as reply:
            return json.loads(reply.read() or b"null")

    def fill(self, example: Path = EXAMPLE) -> None:
        """Give both sites the initial content of an example."""
        for site, name in enumerate(SITES):
            self.admin(site, "estate", example / "simulator" / f"{name}.yml")

    def relate(self, names: Sequence[str], shape: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Give both sites instances NAME-prod and NAME-dr of a ``shape``, and relations between them; return their
        descriptions."""
        for site, end in enumerate(ENDS):
            placed = {"solution": "single", "data_center": [f"dc{site + 1}"], **(shape or {})}
            self.admin(site, "estate", {"instances": [{"name": f"{name}-{end}", **placed} for name in names]})
        relations = [{"name": name, "master": f"{name}-prod", "standby": f"{name}-dr"} for name in names]
        self.admin(1, "estate", {"dr_relations": relations})
        return [
            {
                "name": name,
                "primary_site": SITES[0],
                "members": [{"site": site, "instance": f"{name}-{end}"} for site, end in zip(SITES, ENDS)],
            }
            for name in names
        ]

    def environment(self) -> dict[str, str]:
        """Return the variables that host_vars of an example reads."""
        values = {
            "USERNAME": self.server.username,
            "PASSWORD": self.server.password,
            "CA_PATH": str(self.server.ca_path),
        }
        found = {f"SITE_{letter}_{name}": value for letter in "AB" for name, value in values.items()}
        return found | {"SITE_A_ENDPOINT": self.endpoints[0], "SITE_B_ENDPOINT": self.endpoints[1]}


def sites_of(server: simulator.Simulator) -> Sites:
    """Return the two sites of a simulator that was started with ``--peer-port``; its first line has their addresses."""
    told = json.loads(server.log.read_text(encoding="utf-8").splitlines()[0])
    return Sites(server, (told["endpoint"], told["peer_endpoint"]))


def command(playbook: str, *options: str) -> list[str]:
    return ["ansible-playbook", "-i", str(EXAMPLE / "inventory.yml"), f"gaussdb.tpops.{playbook}", *options]


def main() -> int:
    started = time.monotonic()
    older = set(EVIDENCE.glob("*.html"))
    with simulator.running(SPEED, options=("--peer-port", "0")) as server:
        sites = sites_of(server)
        sites.fill()
        environment = ansible_environment() | sites.environment()
        environment |= {"ANSIBLE_VAULT_PASSWORD_FILE": str(VAULT_PASSWORD), "DR_EVIDENCE_DIR": str(EVIDENCE)}
        run = demo.player(command, environment, sys.argv[1:])
        demo.say(
            f"Two simulated sites, {SPEED} times as fast as real ones: site-a {sites.endpoints[0]}, site-b "
            f"{sites.endpoints[1]}."
        )
        run("Protect orders-prod of site-a with orders-dr of site-b.", "dr_setup")
        run("Rehearse a takeover: start a drill, verify, stop it, back to normal.", "dr_drill")
        demo.say("Disaster: site-a is lost.")
        sites.admin(0, "site", {"up": False, "mode": "reset"})
        run("Fail over to site-b.", "dr_failover", "-e", "dr_primary_site=site-b", "-e", "gaussdb_confirm=orders-dr")
        demo.say("site-a is back.")
        sites.admin(0, "site", {"up": True})
        run("Protect orders-dr again with the former primary.", "dr_reestablish", "-e", "gaussdb_confirm=orders-prod")
        run("Return to the original roles.", "dr_switchover")
        changed = sum(run(f"Again, {name}: there is nothing to do.", name) for name in ("dr_setup", "dr_switchover"))
        run("The current state of all sites on one page.", "dr_status")
    if not demo.tell_end("reports", started, changed, set(EVIDENCE.glob("*.html")) - older):
        return 1
    print("Where to look next:")
    print("  the reports               open them in a browser; each digest is that of the JSON file next to it")
    print("  examples/dr/              the two sites and their relation as data")
    print("  docs/runbooks/            which playbook to use, and what to do if one stops half-way")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
