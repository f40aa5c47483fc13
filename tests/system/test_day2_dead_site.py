# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Procedures for daily work while one of two sites is dead, from outside: the other site is served, and the run says
what it could not do."""

from __future__ import annotations

import json

import pytest
from day2 import options, refused, sent
from fleet import Fleet

RESTART = options(restart_transaction_seconds=86400, restart_wait_interval=1, restart_force="true")
MAINTENANCE = options(
    node_maintenance_host="10.200.0.1", node_maintenance_transaction_seconds=86400, node_maintenance_wait_interval=1
)
TARGET = options(gaussdb_target="orders-prod")
ONE = options(gaussdb_target="orders-prod", gaussdb_confirm="orders-prod")
ROTATION = options(rotate_passwords_accounts="clerk")
MOMENT = options(flashback_database="orders", flashback_table="t", flashback_time="2026-01-05 08:00:00 UTC")
# Of each playbook: its options, and what it sends to the living site.
PLAYBOOKS = {
    "restart": ((*TARGET, *RESTART), ["restart_instance"]),
    "node_maintenance": (MAINTENANCE, ["switch_shard", "stop_instance"]),
}


@pytest.fixture
def half_dead(fleet: Fleet) -> Fleet:
    """Two sites, of which nothing answers at the second one."""
    path = fleet.folder / "inventory.yml"
    inventory = json.loads(path.read_text(encoding="utf-8"))
    hosts = inventory["tpops"]["hosts"]
    # A port that nothing listens on.
    hosts["site-b"] = {**hosts["site-a"], "tpops_endpoint": "127.0.0.1:9", "tpops_retries": 0, "gaussdb_estate": {}}
    path.write_text(json.dumps(inventory), encoding="utf-8")
    return fleet


@pytest.mark.long
@pytest.mark.parametrize("name", PLAYBOOKS)
def test_the_other_site_is_served_and_the_run_says_which_one_is_dead(half_dead: Fleet, name: str) -> None:
    arguments, writes = PLAYBOOKS[name]
    run = half_dead.play(f"gaussdb.tpops.{name}", *arguments)
    assert sent(half_dead) == writes, run.output[-6000:]
    assert half_dead.record()["outcome"] in ("done", "paused"), run.output[-6000:]
    assert run.status != 0 and run.failed == 1 and "fatal: [site-b]" in run.output, run.output[-3000:]


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("restart", (*TARGET, *RESTART)),
        ("node_maintenance", MAINTENANCE),
        ("node_repair", options(node_repair_node="10.200.0.1", gaussdb_target="orders-prod")),
        ("restore", (*ONE, *options(restore_to="2026-01-05 08:00:00 UTC"))),
        ("flashback", (*ONE, *MOMENT)),
        ("rotate_passwords", (*ONE, *ROTATION)),
        ("decommission", (*ONE, *options(decommission_keep_full_backup_days=7))),
        ("backup_proof", (*TARGET, *options(proof_data_center="spare", proof_root_password="Proof-Root-1"))),
        ("expand", ONE),
        ("zone_force_start", (*TARGET, *options(zone_force_start_zone="dc3", gaussdb_confirm="dc1,dc2"))),
        ("adopt", ()),
    ],
)
def test_nothing_is_done_at_a_dead_site(half_dead: Fleet, name: str, arguments: tuple[str, ...]) -> None:
    said = refused(half_dead, f"gaussdb.tpops.{name}", *arguments, *options(gaussdb_sites="site-b"))
    assert "127.0.0.1:9" in said and "fatal: [site-b]" in said
