# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The upgrade of the two instances of a relation, at two sites: one subject, in the order of its replication, and never
half of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Recap
from two_sites import AWAY, HOME, MEMBERS, TwoSites

import common
import simulator

OLD, NEW = "3.103.0", "3.200.0"
INSTANCES = ("orders-prod", "orders-dr")
# A new instance has a session with a long transaction, and soon a full backup, which is too old here.
QUICK = {"observe_minutes": 0, "wait_interval": 1, "transaction_seconds": 86400, "backup_age": "1m"}
# What an upgrade from the beginning sends to each site: the zones one by one, then the commit.
WHOLE = (
    ["upgrade_agent", "create_backup", *["upgrade_instance"] * 3],
    ["upgrade_agent", *["upgrade_instance"] * 3],
)
STREAM = ["prod upgrade", "prod upgrade", "dr upgrade", "dr upgrade", "dr commit", "prod commit"]


class Pair(TwoSites):
    """Two platforms with one instance each, both in two zones, in a relation, and their descriptions."""

    def __init__(self, server: simulator.Simulator, folder: Path) -> None:
        self.folder = folder
        super().__init__(server, folder / "home")
        self.describe()

    def reset(self) -> None:
        for site in (0, 1):
            for what in ("faults", "requests"):
                self.sites.admin(site, what, method="DELETE")
            self.up(site)
            self.fill(site, OLD)
        self.clock(speed=600)

    def fill(self, site: int, version: str) -> None:
        """Let a site have its instance, with a version."""
        self.sites.admin(site, "estate", method="DELETE")
        shape = {"solution": "triset", "version": version, "data_center": ["z1", "z2"], "password": "Orders-Root-1"}
        self.sites.admin(site, "estate", {"instances": [{"name": INSTANCES[site], **shape}]})

    def replicate(self, disaster_type: str = "stream") -> None:
        relation = {"name": "orders", "master": "orders-prod", "standby": "orders-dr", "disaster_type": disaster_type}
        self.sites.admin(1, "estate", {"dr_relations": [relation]})
        self.clock(advance=60)

    def describe(self, prod: Any = None, dr: Any = None, **more: Any) -> None:
        """Write the inventory. Each member may have options of its own, and None leaves it as it is."""
        hosts = {}
        for site, (name, options) in enumerate(zip(INSTANCES, (prod, dr))):
            described = [{"name": name, "engine_version": NEW, **(options or {})}] if options is not False else []
            hosts[(HOME, AWAY)[site]] = {
                "tpops_endpoint": self.sites.endpoints[site],
                "tpops_username": self.server.username,
                "tpops_password": self.server.password,
                "tpops_ca_path": str(self.server.ca_path),
                "gaussdb_evidence_dir": str(self.evidence) if hasattr(self, "evidence") else "",
                "gaussdb_estate": {"instances": described, "upgrade_defaults": QUICK},
            }
        relations = [{"name": "orders", "primary_site": HOME, "members": MEMBERS}]
        variables = {"ansible_connection": "local", "dr_relations": relations, **more}
        inventory = {"tpops": {"hosts": hosts, "vars": variables}}
        # JSON is YAML.
        (self.folder / "inventory.yml").write_text(json.dumps(inventory), encoding="utf-8")

    @property
    def inventory(self) -> str:
        return str(self.folder / "inventory.yml")

    def command(self, *arguments: str) -> list[str]:
        return [str(common.venv_bin() / "ansible-playbook"), "-i", self.inventory, *arguments]

    def upgrade(self, *arguments: str) -> Recap:
        return self.play("gaussdb.tpops.upgrade", *arguments)

    def rollback(self, *arguments: str) -> Recap:
        return self.play("gaussdb.tpops.upgrade_rollback", "-e", "gaussdb_target=orders-*", *arguments)

    def log(self, site: int) -> list[dict[str, Any]]:
        """Return the requests to a site that may have changed something."""
        return [each for each in self.sites.admin(site, "requests", method="GET")["requests"] if each["write"]]

    def sent(self, site: int) -> list[str]:
        return [each["operation_id"] for each in self.log(site)]

    def forget(self) -> None:
        for site in (0, 1):
            self.sites.admin(site, "requests", method="DELETE")

    def order(self) -> list[str]:
        """Return the accepted requests of upgrades to both platforms, in their order."""
        found = []
        for site, name in enumerate(("prod", "dr")):
            for each in self.log(site):
                if each["operation_id"] == "upgrade_instance" and each["status"] < 400:
                    found.append((each["time"], f"{name} {each['body']['upgrade_action']}"))
        return [text for _time, text in sorted(found)]

    def records(self) -> list[dict[str, Any]]:
        paths = sorted(self.evidence.glob("*.json"), key=lambda path: path.name)
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def versions(self) -> list[str]:
        return [seen["upgrade"]["version"] for seen in self.records()[-1]["after"]["sites"].values()]


@pytest.fixture
def pair(linked_platforms: simulator.Simulator, tmp_path: Path) -> Pair:
    return Pair(linked_platforms, tmp_path)


def ended(run: Recap, outcome: str, pair: Pair) -> dict[str, Any]:
    """Check that a run ended with an outcome, and return its record."""
    record = pair.records()[-1]
    assert record["outcome"] == outcome, run.output[-9000:]
    assert (run.status == 0) == (outcome in {"unchanged", "done", "paused"}), run.output[-3000:]
    assert record["ended"]
    return record


def steps(record: dict[str, Any], *names: str) -> list[str]:
    """Return the steps of these names with their instances."""
    return [f"{step['name']} {step['instance']}" for step in record["steps"] if not names or step["name"] in names]


def test_a_pair_is_upgraded_in_the_order_of_its_replication_and_again(pair: Pair) -> None:
    pair.replicate()
    run = pair.upgrade()
    record = ended(run, "done", pair)
    assert (record["subject"], record["members"]) == ("orders", {HOME: "orders-prod", AWAY: "orders-dr"})
    assert pair.versions() == [NEW, NEW] and record["good_end"]
    assert pair.order() == STREAM
    assert (pair.sent(0), pair.sent(1)) == WHOLE
    # After each entry of the order, the relation is protected again.
    assert [step["name"] for step in record["steps"]].count("wait_protected") == 4
    assert all(figure["samples"] for figure in record["figures"])
    pair.forget()
    assert "No upgrade is pending" in pair.upgrade().output
    ended(pair.upgrade("-e", "gaussdb_target=orders-dr"), "unchanged", pair)
    assert (pair.sent(0), pair.sent(1)) == ([], [])


def test_check_mode_announces_the_steps_of_both(pair: Pair) -> None:
    pair.replicate()
    planned = pair.upgrade("--check")
    assert planned.status == 0, planned.output[-9000:]
    assert (pair.sent(0), pair.sent(1)) == ([], []) and not pair.evidence.exists()
    assert planned.changed == sum(map(len, WHOLE))
    assert "the plan assumes that earlier tasks" in planned.output


def test_a_pair_is_paused_and_goes_on(pair: Pair) -> None:
    pair.replicate()
    ended(pair.upgrade("-e", "gaussdb_until=precheck"), "paused", pair)
    assert (pair.sent(0), pair.sent(1)) == ([], [])
    ended(pair.upgrade("-e", "gaussdb_until=first_zone"), "paused", pair)
    assert pair.order() == STREAM[:1]
    record = ended(pair.upgrade("-e", "gaussdb_until=zones"), "paused", pair)
    assert pair.order() == STREAM[:4]
    assert steps(record, "observe_zones")[0] == "observe_zones orders-prod"
    # A commit that the platform refuses leaves one member committed: the next run goes on there.
    pair.sites.admin(0, "estate", {"upgrade_rules": [{"instance": "orders-prod", "refuse": ["commit"]}]})
    record = ended(pair.upgrade("-e", "upgrade_on_failure=rollback"), "held", pair)
    assert pair.order() == STREAM[:5] and pair.versions() == [OLD, NEW]
    # What is upgraded but not committed was verified before the first commit.
    assert steps(record, "verify_zones") == ["verify_zones orders-prod", "verify_zones orders-dr"]
    # The first commit ends the way back.
    pair.forget()
    run = pair.rollback()
    ended(run, "held", pair)
    assert "rollback_possible" in run.output and pair.order() == []
    pair.sites.admin(0, "estate", {"upgrade_rules": [{"instance": "orders-prod"}]})
    record = ended(pair.upgrade(), "done", pair)
    assert pair.order() == STREAM[5:] and pair.versions() == [NEW, NEW]
    assert steps(record, "verify_zones", "verify_version") == [
        "verify_zones orders-prod",
        "verify_version orders-dr",
        "verify_version orders-prod",
    ]


def test_a_pair_is_rolled_back_from_the_dr_instance(pair: Pair) -> None:
    """By policy, and by hand."""
    pair.replicate()
    broken = {"instance": "orders-dr", "version": NEW, "zone": "z2", "after_seconds": 0, "component": "dn_6002"}
    pair.sites.admin(1, "estate", {"version_faults": [broken]})
    run = pair.upgrade("-e", "upgrade_on_failure=rollback")
    record = ended(run, "rolled_back", pair)
    assert pair.versions() == [OLD, OLD] and pair.order()[-2:] == ["dr rollback", "prod rollback"]
    assert steps(record, "roll_back") == ["roll_back orders-dr", "roll_back orders-prod"]


def test_a_pair_is_rolled_back_by_hand(pair: Pair) -> None:
    pair.replicate()
    ended(pair.upgrade("-e", "gaussdb_until=zones"), "paused", pair)
    pair.forget()
    planned = pair.rollback("--check")
    assert (planned.status, planned.changed) == (0, 2), planned.output[-6000:]
    assert pair.order() == []
    record = ended(pair.rollback(), "done", pair)
    assert pair.order() == ["dr rollback", "prod rollback"] and record["good_end"]
    assert record["subject"] == "orders" and pair.versions() == [OLD, OLD]
    ended(pair.rollback(), "unchanged", pair)


def refuses(run: Recap, pair: Pair, *texts: str) -> None:
    """Check that a run was refused with a reason and the way out, and sent nothing."""
    output = " ".join(run.output.split())
    assert run.status != 0 and all(text in output for text in texts), run.output[-6000:]
    assert (pair.sent(0), pair.sent(1)) == ([], [])


def test_half_a_pair_is_refused(pair: Pair) -> None:
    together = "orders-prod and orders-dr are in the relation orders, and are only upgraded together"
    pair.replicate()
    for playbook in (pair.upgrade, pair.rollback):
        run = playbook("-e", "gaussdb_sites=site-a")
        refuses(run, pair, together, "does not have site-b", "-e gaussdb_sites=site-a,site-b")
    pair.describe(dr=False)
    refuses(pair.upgrade(), pair, together, "Describe orders-dr in gaussdb_estate")
    # A relation that the platform has and the description has not.
    pair.describe(dr_relations=[])
    run = pair.upgrade()
    refuses(run, pair, "pair_known: orders: none, or one that dr_relations describes")
    assert {record["outcome"] for record in pair.records()} == {"held"}
    pair.describe(dr={"engine_version": "3.300.0"})
    refuses(pair.upgrade(), pair, "must describe the same version", "grey 3.300.0", "grey 3.200.0")
    pair.describe(dr={"window": {"from": "01:00", "to": "05:00"}})
    refuses(pair.upgrade(), pair, "the same window", "01:00")
    pair.describe()
    run = pair.upgrade("-e", json.dumps({"upgrade_dr_order": {"stream": ["observe both"]}}))
    refuses(run, pair, "Each entry of upgrade_dr_order", "observe both")


def test_a_pair_that_is_not_protected_is_refused(pair: Pair) -> None:
    """The relation does not exist, or is not within its thresholds."""
    refuses(pair.upgrade(), pair, "failed for orders-prod: pair_known: no relation", "dr_setup")
    pair.replicate()
    relation = {"name": "orders", "primary_site": HOME, "members": MEMBERS, "thresholds": {"rto_seconds": 0.5}}
    pair.describe(dr_relations=[relation])
    refuses(pair.upgrade(), pair, "pair_protected: normal, RPO 0 s, RTO 1 s: normal, RPO at most 10 s, RTO at most 0.5")


def test_a_pair_whose_run_was_killed_is_taken_up(pair: Pair) -> None:
    pair.replicate()
    pair.clock(speed=0)

    def of_dr_instance(line: str) -> bool:
        return (line.startswith("gaussdb_upgrade ") and len(pair.order()) == 3) or pair.go_on(line)

    run = pair.kill_when(of_dr_instance, "gaussdb.tpops.upgrade")
    assert run.status == -9, run.output[-6000:]
    assert steps(pair.records()[-1])[-1] == "upgrade_zones orders-dr"
    run = pair.kill_when(pair.go_on, "gaussdb.tpops.upgrade")
    record = ended(run, "done", pair)
    assert pair.order() == STREAM
    assert steps(record, "observe_zones", "upgrade_zones")[:3] == [
        "observe_zones orders-prod",
        "observe_zones orders-dr",
        "upgrade_zones orders-dr",
    ]


def test_storage_replication_has_another_order(pair: Pair) -> None:
    pair.replicate("dorado")
    ended(pair.upgrade("-e", "gaussdb_until=zones"), "paused", pair)
    assert pair.order() == ["prod upgrade"] * 2
    ended(pair.upgrade(), "done", pair)
    assert pair.order() == [*["prod upgrade"] * 2, "prod commit", *["dr upgrade"] * 2, "dr commit"]
    assert pair.versions() == [NEW, NEW]


def test_hotfixes_come_to_the_dr_instance_first(pair: Pair) -> None:
    pair.replicate()
    for site in (0, 1):
        pair.sites.admin(site, "estate", {"engine_versions": [OLD, f"{OLD}.1", NEW]})
    hotfix = {"engine_version": None, "upgrade": {"strategy": "hotfix", "version": f"{OLD}.1"}}
    pair.describe(hotfix, hotfix)
    record = ended(pair.upgrade(), "done", pair)
    assert pair.order() == ["dr upgradeAutoCommit", "prod upgradeAutoCommit"]
    assert steps(record, "verify_version") == ["verify_version orders-dr", "verify_version orders-prod"]


def test_a_member_that_has_the_version_already_is_left_alone(pair: Pair) -> None:
    pair.fill(1, NEW)
    pair.replicate()
    ended(pair.upgrade(), "done", pair)
    assert pair.order() == ["prod upgrade", "prod upgrade", "prod commit"]


def test_the_site_of_the_dr_instance_is_lost_while_the_pair_is_observed(pair: Pair) -> None:
    pair.replicate()
    ended(pair.upgrade("-e", "gaussdb_until=zones"), "paused", pair)
    pair.down(1)
    run = pair.upgrade("-e", "gaussdb_target=orders-*")
    assert run.status != 0 and "site-b" in run.output
    pair.up(1)
    ended(pair.upgrade(), "done", pair)
    assert pair.order() == STREAM


def test_disaster_recovery_finds_the_relations_among_the_variables_of_the_platforms(pair: Pair) -> None:
    pair.replicate()
    run = pair.play("gaussdb.tpops.dr_status")
    assert run.status == 0 and "orders is as described" in run.output, run.output[-6000:]
