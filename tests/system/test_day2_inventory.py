# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The procedures for instances and hosts on an inventory of the plugin: the tests that play each of them to its end.

Its hosts of instances have names of their own, and there are hosts of nodes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from day2 import sent
from fleet import Fleet
from test_day2_adopt import found, test_a_database_is_adopted_and_again
from test_day2_backup_proof import spared, test_a_proof_and_again
from test_day2_decommission import leaving, test_locked_and_removed_and_again
from test_day2_expand import growing, test_the_described_hosts_are_added_once
from test_day2_flashback import moment, test_flashed_back_once
from test_day2_node_maintenance import test_a_host_out_of_service_and_back_and_again
from test_day2_node_repair import test_one_rung_after_the_other_until_the_node_is_healthy
from test_day2_restart import QUICK, test_what_waits_is_set_and_restarted_once, waiting
from test_day2_restore import back, test_restored_accepted_and_again
from test_day2_rotate_passwords import test_what_is_staged_is_set_and_becomes_current, used, vault
from test_day2_zone_force_start import test_an_instance_in_one_zone_and_back
from test_upgrade import test_a_broken_zone_is_rolled_back_by_policy, test_a_whole_upgrade_and_again

import common
import simulator

# What pytest finds here, with the fixture `fleet` of this file.
__all__ = [
    "back",
    "found",
    "growing",
    "leaving",
    "moment",
    "spared",
    "used",
    "vault",
    "waiting",
    "test_a_broken_zone_is_rolled_back_by_policy",
    "test_a_database_is_adopted_and_again",
    "test_a_host_out_of_service_and_back_and_again",
    "test_a_proof_and_again",
    "test_a_whole_upgrade_and_again",
    "test_an_instance_in_one_zone_and_back",
    "test_flashed_back_once",
    "test_locked_and_removed_and_again",
    "test_one_rung_after_the_other_until_the_node_is_healthy",
    "test_restored_accepted_and_again",
    "test_the_described_hosts_are_added_once",
    "test_what_is_staged_is_set_and_becomes_current",
    "test_what_waits_is_set_and_restarted_once",
]

pytestmark = pytest.mark.long


class LiveFleet(Fleet):
    """A fleet whose inventory the plugin reads from the platform."""

    def describe(self, *instances: dict[str, Any], **more: Any) -> None:
        super().describe(*instances, **more)
        written = json.loads((self.folder / "inventory.yml").read_text(encoding="utf-8"))
        host = written["tpops"]["hosts"]["site-a"]
        options = ("endpoint", "username", "password", "ca_path")
        connection = {name: host.pop(f"tpops_{name}") for name in options}
        config = {
            "plugin": "gaussdb.tpops.tpops",
            "platforms": [{"name": "site-a", **connection}],
            "gather": ["nodes", "relations"],
            "hostnames": ["gaussdb_site ~ '-' ~ gaussdb_node_name | default(gaussdb_instance_name)"],
        }
        (self.folder / "live.tpops.yml").write_text(json.dumps(config), encoding="utf-8")
        variables = self.folder / "group_vars"
        variables.mkdir(exist_ok=True)
        # The plugin shows no password.
        everywhere = {**host, "tpops_password": connection["password"]}
        (variables / "all.yml").write_text(json.dumps(everywhere), encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        return [str(common.venv_bin() / "ansible-playbook"), "-i", str(self.folder / "live.tpops.yml"), *arguments]


@pytest.fixture
def fleet(fleet_platform: simulator.Simulator, tmp_path: Path) -> Fleet:
    return LiveFleet(fleet_platform, tmp_path)


def test_a_slice_has_an_instance_and_not_its_platform(fleet: Fleet) -> None:
    """As AWX hands it over: a script that prints all groups and a few hosts."""
    program = str(common.venv_bin() / "ansible-inventory")
    shown = fleet.run([program, "-i", str(fleet.folder / "live.tpops.yml"), "--list", "--export"]).output
    hosts = json.loads(shown[shown.index("{\n") :])
    del hosts["_meta"]["hostvars"]["site-a"]
    hosts["tpops"] = {"vars": hosts["tpops"]["vars"] | {"tpops_password": fleet.server.password}}
    script = fleet.folder / "slice.py"
    script.write_text(f"#!/usr/bin/env python3\nprint({json.dumps(hosts)!r})\n", encoding="utf-8")
    script.chmod(0o755)
    command = [
        *fleet.command()[:1],
        "-i",
        str(script),
        "gaussdb.tpops.restart",
        *QUICK,
        "-e",
        "gaussdb_target=orders-prod",
    ]
    refused = fleet.run([*command, "-e", "restart_force=true"])
    assert refused.status != 0 and "No host of the inventory matches tpops" in " ".join(refused.output.split())
    fleet.forget_requests()
    run = fleet.run([*command, "-e", "restart_force=true", "-e", "gaussdb_sliced=true"])
    assert run.status == 0 and sent(fleet) == ["restart_instance"], run.output[-6000:]
