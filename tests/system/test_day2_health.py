# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The morning's page about two platforms: each kind of trouble is a line, a dead platform is one, and nothing that
could not be read is healthy."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import demo_dr
import pytest
from conftest import Platform, occurrences

import common
import simulator

HEALTH = "gaussdb.tpops.health"
OLD, NEW = "3.103.0", "3.200.0"
DAY = 86400
AGENT = "gaussdbv5_agent_2.24.01.100"
PASSWORD = "Orders-Root-1"


class Sites(Platform):
    """Two platforms with instances, and an inventory with their descriptions."""

    def __init__(self, server: simulator.Simulator, folder: Path) -> None:
        super().__init__(server, folder / "home")
        self.folder = folder
        self.evidence = folder / "evidence"
        self.sites = demo_dr.sites_of(server)
        self.environment = common.ansible_environment() | {"ANSIBLE_HOME": str(self.home)}
        self.environment |= {"ANSIBLE_SHOW_CUSTOM_STATS": "true"}
        for site in (0, 1):
            self.sites.admin(site, "site", {"up": True})
            for what in ("estate", "faults", "requests"):
                self.sites.admin(site, what, method="DELETE")
            self.sites.admin(site, "clock", {"speed": 1})

    def order(self, site: int, **estate: Any) -> None:
        self.sites.admin(site, "estate", estate)

    def create(self, site: int, *names: str, **more: Any) -> None:
        made = {"version": NEW, "solution": "triset", "password": PASSWORD, "backups": [{"name": "full"}], **more}
        self.order(site, agents={"package": AGENT, "instances": {}})
        self.order(site, instances=[{"name": name, **made} for name in names])

    def advance(self, seconds: float) -> None:
        self.sites.admin(0, "clock", {"advance": seconds})

    def describe(self, *estates: Any, **more: Any) -> None:
        """Write the inventory, with the description of each platform."""
        hosts = {}
        for index, (site, estate) in enumerate(zip(demo_dr.SITES, estates or (None, None))):
            hosts[site] = {
                "tpops_endpoint": self.sites.endpoints[index],
                "tpops_username": self.server.username,
                "tpops_password": self.server.password,
                "tpops_ca_path": str(self.server.ca_path),
                "gaussdb_evidence_dir": str(self.evidence),
                **({"gaussdb_estate": estate} if estate is not None else {}),
            }
        inventory = {"tpops": {"hosts": hosts, "vars": {"ansible_connection": "local", **more}}}
        # JSON is YAML.
        (self.folder / "inventory.yml").write_text(json.dumps(inventory), encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        return [str(common.venv_bin() / "ansible-playbook"), "-i", str(self.folder / "inventory.yml"), *arguments]

    def report(self, *arguments: str, failed: bool = False) -> dict[str, Any]:
        """Run the playbook, and return the newest record."""
        run = self.play(HEALTH, *arguments)
        self.output = run.output
        assert (run.status != 0) == failed, run.output[-6000:]
        return self.records()[-1]

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(self.evidence.glob("*-health.json"))]

    def log(self, site: int) -> list[dict[str, Any]]:
        found = self.sites.admin(site, "requests?limit=100000", method="GET")["requests"]
        return [entry for entry in found if entry["operation_id"] != "create_token"]

    def forget(self) -> None:
        for site in (0, 1):
            self.sites.admin(site, "requests", method="DELETE")


@pytest.fixture
def sites(linked_platforms: simulator.Simulator, tmp_path: Path) -> Sites:
    return Sites(linked_platforms, tmp_path)


def codes(record: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    return {(each["site"], each["instance"], each["code"], each["color"]) for each in record["findings"]}


def healthy(sites: Sites) -> None:
    """Let each site have healthy instances."""
    sites.create(0, "orders-prod", "ledger-prod")
    sites.create(1, "orders-dr")
    # Until metrics have been measured.
    sites.advance(60)


@pytest.mark.long
def test_a_healthy_fleet(sites: Sites) -> None:
    healthy(sites)
    # A secret that is not defined is not looked at.
    user = {"name": "app", "password": "{{ nowhere }}"}
    described = [{"name": name, "engine_version": NEW, "users": [user]} for name in ("orders-prod", "ledger-prod")]
    sites.describe({"instances": described}, {})
    sites.forget()
    record = sites.report()
    assert codes(record) == set(), sites.output
    assert record["color"] == "green" and record["compared"] is None
    assert set(record["sites"]["site-a"]["instances"]) == {"orders-prod", "ledger-prod"}
    for site in (0, 1):
        assert [entry for entry in sites.log(site) if entry["write"]] == []
    (page,) = sites.evidence.glob("*-health.html")
    assert "There is no earlier report" in page.read_text(encoding="utf-8")
    assert stats(sites)["counts"]["sites"] == 2
    assert secrets_in(sites) == []


def readable(sites: Sites) -> str:
    """Return the text of the newest page, which has neither empty cells nor values that nobody has put in words."""
    page = max(sites.evidence.glob("*-health.html")).read_text(encoding="utf-8")
    body = page.partition("<body")[2]
    text = " ".join(re.sub(r"<[^>]*>", " ", body).split())
    assert re.findall(r"\b(?:None|null|undefined|True|False)\b|[{}]", text) == []
    # Only what is healthy has nothing in the column of findings.
    for row in re.findall(r"<tr><td>.*?</tr>", body, re.DOTALL):
        empty = re.findall(r"<td[^>]*>\s*</td>", row)
        assert len(empty) <= ('class="mark green"' in row), row
    return text


def secrets_in(sites: Sites) -> list[str]:
    """Return where a secret is, in the evidence and in what a run showed."""
    secrets = [sites.server.password, PASSWORD]
    return [*occurrences(sites.evidence, secrets), *(secret for secret in secrets if secret in sites.output)]


def stats(sites: Sites) -> dict[str, Any]:
    """Return the statistic of the last run."""
    shown = re.search(r"^\tRUN: (\{.*\})$", sites.output, re.MULTILINE)
    assert shown, sites.output
    return dict(json.loads(shown[1])["gaussdb_health"])


@pytest.mark.parametrize("count", [3, pytest.param(60, marks=pytest.mark.long)])
def test_the_number_of_lists_does_not_depend_on_that_of_instances(sites: Sites, count: int) -> None:
    sites.create(0, *(f"core-{number:02}" for number in range(count)), solution="single")
    sites.advance(60)
    sites.describe()
    sites.forget()
    record = sites.report()
    assert len(record["sites"]["site-a"]["instances"]) == count
    for site in (0, 1):
        sent = sites.log(site)
        assert len({entry["operation_id"] for entry in sent}) <= 8, sent
        # Each page once.
        asked = [json.dumps([entry["path"], entry["query"], entry["body"]], sort_keys=True) for entry in sent]
        assert len(set(asked)) == len(asked)


# What is wrong at site-a, by its instance.
TROUBLES = {
    "node": [("node_unhealthy", "red")],
    "shut": [("instance_stopped", "red")],
    "broken": [("instance_status", "red")],
    "full": [("disk_used", "red")],
    "filling": [("disk_used", "amber")],
    "unsafe": [("backup_missing", "red")],
    "failing": [("backup_failed", "red")],
    "failed": [("backup_failed_before", "amber")],
    "noisy": [("alarm", "red")],
    "outdated": [("agent_old", "amber")],
    "observed": [("upgrade_observed", "amber")],
    "pending": [("upgrade_pending", "amber")],
    "ahead": [("version_ahead", "amber")],
    "unknown": [("instance_undescribed", "amber")],
    "missing": [("instance_missing", "red")],
    "alone": [("relation_missing", "red")],
    "": [("host_failed", "amber"), ("password_expires", "amber")],
}
SPECIAL: dict[str, dict[str, Any]] = {
    "shut": {"status": "SHUTDOWN"},
    "broken": {"status": "FAILED"},
    "unsafe": {"backups": []},
    "failing": {"backups": [{"name": "older", "age_seconds": 7200}, {"name": "newest", "status": "FAILED"}]},
    "failed": {"backups": [{"name": "older", "age_seconds": 7200, "status": "FAILED"}, {"name": "newest"}]},
    "observed": {"status": "UPGRADE TO BE OBSERVED"},
    "pending": {"version": OLD},
}


def troubled(sites: Sites) -> None:
    """Let site-a have one instance of each trouble, and describe it."""
    for name in TROUBLES:
        if name and name != "missing":
            sites.create(0, f"{name}-prod", solution="triset" if name == "node" else "single", **SPECIAL.get(name, {}))
    sites.order(
        0,
        node_failures=[{"instance": "node-prod", "node": 1}],
        disk_usage=[
            {"instance": f"{name}-prod", "node": 0, "percent": used} for name, used in (("full", 94), ("filling", 84))
        ],
        alarms=[{"instance": "noisy-prod", "alarm_id": "5010099", "name": "CPU usage", "severity": "critical"}],
        agents={"package": AGENT, "instances": {"outdated-prod": "gaussdbv5_agent_2.24.01.090"}},
        hosts=[{"name": "spare-1", "manage_ip": "192.0.2.9", "status": "initialize_failed"}],
    )
    sites.create(1, "orders-dr")
    sites.advance(60)
    described = [{"name": f"{name}-prod", "engine_version": NEW} for name in TROUBLES if name not in ("", "unknown")]
    for each in described:
        if each["name"] == "ahead-prod":
            each["engine_version"] = OLD
    members = [{"site": "site-a", "instance": "alone-prod"}, {"site": "site-b", "instance": "orders-dr"}]
    relations = [{"name": "alone", "primary_site": "site-a", "members": members}]
    sites.describe({"instances": described}, {}, dr_relations=relations, health_password_amber_days=400)


def test_each_trouble_is_a_line(sites: Sites) -> None:
    troubled(sites)
    record = sites.report()
    found = codes(record)
    expected = {
        ("site-a", name and f"{name}-prod", code, color) for name, each in TROUBLES.items() for code, color in each
    }
    expected |= {("site-b", "orders-dr", "relation_missing", "red"), ("site-b", "", "password_expires", "amber")}
    assert expected <= found, sites.output
    for language in ("en", "zh"):
        sites.report("-e", f"gaussdb_evidence_language={language}")
        shown = readable(sites)
        raw = {each["code"] for each in record["findings"] if "_" in each["code"]}
        assert [code for code in raw if code in shown] == []
    # The platform raises alarms for most of it, too.
    assert {each for each in found - expected if each[2] not in ("alarm", "disk_unread", "backup_missing")} == set()
    # An instance that is not known cannot be healthy, and the others are not affected.
    assert record["sites"]["site-a"]["instances"]["pending-prod"]["color"] == "amber"
    assert stats(sites)["counts"]["red"] == record["counts"]["red"]
    assert "run gaussdb.tpops.upgrade" in sites.output


@pytest.mark.long
def test_what_is_new_and_what_is_gone(sites: Sites) -> None:
    healthy(sites)
    sites.describe()
    sites.order(0, disk_usage=[{"instance": "ledger-prod", "node": 1, "percent": 84}])
    sites.advance(60)
    first = sites.report()
    assert codes(first) >= {("site-a", "ledger-prod", "disk_used", "amber")}
    assert {each["new"] for each in first["findings"]} == {None}

    sites.order(
        0,
        disk_usage=[{"instance": "ledger-prod", "node": 1, "percent": None}],
        alarms=[{"instance": "orders-prod", "alarm_id": "5010099", "name": "CPU usage", "severity": "critical"}],
    )
    sites.advance(60)
    second = sites.report()
    assert second["compared"]["time"] == first["time"]
    assert [(each["code"], each["instance"]) for each in second["findings"] if each["new"]] == [
        ("alarm", "orders-prod")
    ]
    assert ("disk_used", "ledger-prod") in {(each["code"], each["instance"]) for each in second["gone"]}

    third = sites.report()
    assert third["counts"]["new"] == third["counts"]["gone"] == 0
    # A run of other sites is not compared with one of both.
    assert sites.report("-e", "gaussdb_sites=site-a")["compared"] is None


def test_a_dead_site_is_one_line(sites: Sites) -> None:
    healthy(sites)
    sites.describe()
    sites.report()
    sites.sites.admin(1, "site", {"up": False, "mode": "reset"})
    record = sites.report()
    assert codes(record) == {("site-b", "", "site_silent", "red")}
    assert record["counts"]["new"] == 1 and record["gone"] == []
    assert stats(sites)["dead_sites"] == ["site-b"]
    again = sites.report("-e", "gaussdb_health_strict=true", failed=True)
    assert again["counts"]["new"] == 0 and "1 red, 0 not read (site-b cannot be read)" in sites.output

    # Nothing is known of it, so nothing was new or gone meanwhile.
    sites.sites.admin(1, "site", {"up": True})
    sites.order(1, disk_usage=[{"instance": "orders-dr", "node": 1, "percent": 84}])
    back = sites.report()
    assert {each["new"] for each in back["findings"]} == {None}, back["findings"]
    assert [each["code"] for each in back["gone"]] == ["site_silent"]


@pytest.mark.long
def test_what_cannot_be_read_is_not_healthy(sites: Sites) -> None:
    healthy(sites)
    sites.describe()
    reply = {"kind": "status", "status": 400, "body": {"error_code": "X", "error_msg": "Y"}, "count": None}
    sites.sites.admin(0, "faults", [{"operation": "list_backups", **reply}])
    break_password(sites)
    record = sites.report()
    assert codes(record) == {("site-a", "", "part_unread", "unread"), ("site-b", "", "site_refused", "red")}
    assert {each["color"] for each in record["sites"]["site-a"]["instances"].values()} == {"unread"}
    sites.report("-e", "gaussdb_health_strict=true", "-e", "gaussdb_sites=site-a", failed=True)


@pytest.mark.long
def test_descriptions_in_folders_and_with_mistakes(sites: Sites) -> None:
    healthy(sites)
    sites.describe(None, {"instances": [{"nmae": "orders-dr"}]})
    (sites.folder / "tree" / "instances").mkdir(parents=True)
    (sites.folder / "tree" / "instances" / "orders.yml").write_text("name: orders-prod\nengine_version: 3.300.0\n")
    path = sites.folder / "inventory.yml"
    inventory = json.loads(path.read_text(encoding="utf-8"))
    inventory["tpops"]["hosts"]["site-a"]["gaussdb_estate_dir"] = str(sites.folder / "tree")
    path.write_text(json.dumps(inventory), encoding="utf-8")
    record = sites.report()
    assert codes(record) == {
        ("site-a", "orders-prod", "upgrade_pending", "amber"),
        ("site-a", "ledger-prod", "instance_undescribed", "amber"),
        ("site-b", "", "part_unread", "unread"),
    }
    assert "did you mean name?" in sites.output


@pytest.mark.long
def test_a_folder_that_cannot_be_written_hides_nothing(sites: Sites) -> None:
    healthy(sites)
    sites.describe()
    sites.evidence.write_text("not a folder")
    sites.order(0, disk_usage=[{"instance": "orders-prod", "node": 1, "percent": 84}])
    sites.advance(60)
    run = sites.play(HEALTH)
    assert run.status == 0 and "WARNING: the page cannot be written" in run.output, run.output
    assert re.search(r"^amber: site-a orders-prod: Disk of .* 84 % used", run.output, re.MULTILINE), run.output


@pytest.mark.long
def test_check_mode_reads_and_writes_nothing(sites: Sites) -> None:
    healthy(sites)
    sites.describe()
    sites.forget()
    run = sites.play(HEALTH, "--check", "-e", "gaussdb_health_deep=true")
    assert run.status == 0, run.output
    assert "No page is written in check mode" in run.output and not sites.evidence.exists()
    assert "not read: site-a orders-prod: No completed inspection within 12h" in run.output
    assert [entry for site in (0, 1) for entry in sites.log(site) if entry["write"]] == []


@pytest.mark.long
def test_a_deep_look(sites: Sites) -> None:
    sites.sites.admin(0, "clock", {"speed": 600})
    healthy(sites)
    sites.describe()
    ordered = {"orders-prod": "abnormal", "ledger-prod": "fail"}
    sites.order(
        0,
        inspection_findings=[
            {"instance": name, "item": "cpu_usage", "status": status} for name, status in ordered.items()
        ],
    )
    sites.forget()
    record = sites.report("-e", "gaussdb_health_deep=true", "-e", "health_slow_sql_most=0", "-vvvvv")
    assert secrets_in(sites) == []
    started = [entry["operation_id"] for site in (0, 1) for entry in sites.log(site) if entry["write"]]
    assert started == ["create_inspection"] * 2
    assert record["sites"]["site-a"]["instances"]["orders-prod"]["restorable_until"]
    inspected = [each for each in record["findings"] if each["part"] == "inspection" and each["about"] == "cpu_usage"]
    assert {(each["instance"], each["code"], each["color"]) for each in inspected} == {
        ("orders-prod", "inspection_abnormal", "amber"),
        ("ledger-prod", "inspection_not_run", "unread"),
    }
    # With the suggestion of the platform.
    assert all(each["detail"].count(" · ") >= 1 for each in inspected)
    assert {each["site"] for each in record["findings"] if each["code"] == "slow_sql"}
    # The results are recent. A site whose variables have a mistake does not keep the others from being inspected.
    sites.forget()
    break_password(sites)
    record = sites.report("-e", "gaussdb_health_deep=true")
    assert [entry for site in (0, 1) for entry in sites.log(site) if entry["write"]] == []
    assert {each["code"] for each in record["findings"] if each["site"] == "site-b"} == {"site_refused"}
    assert {each["about"] for each in record["findings"] if each["code"] == "inspection_abnormal"} >= {"cpu_usage"}


@pytest.mark.long
def test_how_far_a_relation_is_behind(sites: Sites) -> None:
    """Only a deep report reads it, and one that does not has not solved what the deep one has found."""
    sites.sites.admin(0, "clock", {"speed": 600})
    healthy(sites)
    sites.order(1, dr_relations=[{"name": "orders", "master": "orders-prod", "standby": "orders-dr"}])
    sites.describe()
    sites.forget()
    sites.report("-e", "gaussdb_evidence_language=zh")
    assert "get_dr_monitor" not in {entry["operation_id"] for site in (0, 1) for entry in sites.log(site)}
    for language, said in (("en", "RPO / RTO"), ("zh", "RPO 与 RTO")):
        record = sites.report("-e", "gaussdb_health_deep=true", "-e", f"gaussdb_evidence_language={language}")
        assert said in readable(sites)
    shown = [each for site in record["sites"].values() for each in site["instances"].values()]
    assert sum(each["rpo_seconds"] is not None for each in shown) == 2, record["findings"]
    assert "replication" in record["sites"]["site-a"]["read"]
    again = sites.report()
    assert not [each for each in again["gone"] if each["part"] == "replication"]


def break_password(sites: Sites) -> None:
    """Let the password of site-b refer to a variable that does not exist."""
    path = sites.folder / "inventory.yml"
    inventory = json.loads(path.read_text(encoding="utf-8"))
    inventory["tpops"]["hosts"]["site-b"]["tpops_password"] = "{{ nowhere }}"
    path.write_text(json.dumps(inventory), encoding="utf-8")


@pytest.mark.long
@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("health_backup_age=yesterday", "health_backup_age is a length of time"),
        ("health_disk_red_percent=full", "health_disk_red_percent"),
        ('{"health_alarms_red": ["bad"]}', "health_alarms_red"),
        ("gaussdb_evidence_language=fr", "gaussdb_evidence_language"),
    ],
)
def test_a_mistake_in_an_option_is_named_before_anything_is_read(sites: Sites, option: str, problem: str) -> None:
    sites.describe()
    sites.forget()
    run = sites.play(HEALTH, "-e", option, "-e", "gaussdb_health_deep=true")
    assert run.status != 0 and problem in run.output, run.output
    assert [sites.log(site) for site in (0, 1)] == [[], []]
