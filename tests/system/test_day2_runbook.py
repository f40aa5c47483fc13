# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every command of the runbook for nodes, in both languages, works as it is written, and ends as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from day2 import nodes_after, options
from fleet import OLD, ZONES, Fleet, ended
from runbooks import Runbook

import simulator

MAINTENANCE, REPAIR, ZONE = (
    f"gaussdb.tpops.{name}" for name in ("node_maintenance", "node_repair", "zone_force_start")
)
HOSTS = {"db-01": "192.0.2.11", "db-02": "192.0.2.12", "db-03": "192.0.2.13", "db-09": "192.0.2.19"}
QUICK = {
    "node_maintenance_transaction_seconds": 86400,
    "node_maintenance_wait_interval": 1,
    "node_repair_patience": 2,
    "node_repair_wait_interval": 1,
    "zone_force_start_wait_interval": 1,
}


class Nodes(Fleet):
    """The platform of the runbook."""

    def __init__(self, server: simulator.Simulator, folder: Path) -> None:
        super().__init__(server, folder)
        self.admin("DELETE", "estate")
        places = zip(HOSTS.items(), [*ZONES, ZONES[-1]])
        hosts = [{"name": name, "manage_ip": address, "data_center": zone} for (name, address), zone in places]
        instance: dict[str, Any] = {
            "name": "orders-prod",
            "version": OLD,
            "solution": "triset",
            "hosts": list(HOSTS)[:3],
        }
        centers = [{"name": zone} for zone in ZONES]
        self.admin("POST", "estate", {"data_centers": centers, "hosts": hosts, "instances": [instance]})

    def command(self, *arguments: str) -> list[str]:
        return super().command(*arguments, *options(**QUICK))

    def break_node(self, *numbers: int) -> None:
        failures = [{"instance": "orders-prod", "node": number} for number in numbers]
        self.admin("POST", "estate", {"node_failures": failures})


@pytest.mark.long
def test_the_commands_work(fleet_platform: simulator.Simulator, tmp_path: Path) -> None:
    fleet = Nodes(fleet_platform, tmp_path)
    runbook = Runbook("nodes", fleet, tmp_path)

    def run(beginning: str, outcome: str) -> str:
        done = runbook.run(beginning)
        ended(done, outcome, fleet)
        return done.output

    host = f"{MAINTENANCE} -e node_maintenance_host=db-01"
    out = run(host, "paused")
    assert "stopped nodes: orders-prod_root_0, unhealthy nodes: none" in out
    assert "all nodes are healthy" in run(f"{host} -e gaussdb_until=started", "done")
    assert nodes_after(fleet)["orders-prod_root_0"] == ("healthy", ["dn_6001"])
    run(f"{host} -e gaussdb_until=drained", "paused")
    run(f"{host} -e gaussdb_until=started", "done")

    fleet.break_node(2)
    run(f"{REPAIR} -e node_repair_node=db-03", "done")
    fleet.break_node(2)
    fleet.admin("POST", "faults", {"kind": "job_fail", "operation": "repair_nodes", "count": 2})
    node = f"{REPAIR} -e node_repair_node=db-03"
    ended(fleet.play(*node.split()), "held", fleet)
    spare = "-e gaussdb_target=orders-prod -e node_repair_spare=192.0.2.19 -e gaussdb_confirm=db-03"
    run(f"{node} -e node_repair_rung_limit=replaced {spare}", "done")
    old = fleet.record()["notes"][-1]
    assert (old["code"], old["address"], old["old_address"]) == ("old_host", "192.0.2.19", "192.0.2.13")

    fleet.break_node(0, 1)
    zone = f"{ZONE} -e gaussdb_target=orders-prod -e zone_force_start_zone=dc3"
    assert "LOST: what orders-prod had committed only in dc1, dc2, and not in dc3" in run(
        f"{zone} -e gaussdb_confirm=dc1,dc2", "done"
    )
    run(f"{zone} -e gaussdb_until=resumed -e zone_force_start_home=dc1", "done")
    assert nodes_after(fleet)["orders-prod_root_0"] == ("healthy", ["dn_6001"])
    assert runbook.left == set()
