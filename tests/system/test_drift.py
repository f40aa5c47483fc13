# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verdict from outside: the exit status 0, 2 or 4 is never mixed, and drift.json has each platform's own."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import ROOT, VAULT_KEY, Platform, Recap, common, simulator
from test_plan import CHANGES, Runs, secrets_of

DRIFT = "gaussdb.tpops.drift"
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "gaussdb_drift.schema.json").read_text(encoding="utf-8"))
STATUS = {"in_step": 0, "drift": 2, "cannot_tell": 4}
TOMORROW, YESTERDAY = ((date.today() + timedelta(days)).isoformat() for days in (1, -1))


class Nights(Runs):
    """Nightly runs, each of which sends no write."""

    def night(self, verdict: str, *arguments: str, **environment: str) -> dict[str, Any]:
        self.platform.forget_requests()
        (self.folder / "drift.json").unlink(missing_ok=True)
        run = self.compare(*arguments, **environment)
        assert run.status == STATUS[verdict], run.output[-6000:]
        assert self.platform.writes() == []
        for name in ("drift.json", "drift.md"):
            assert stat.S_IMODE((self.folder / name).stat().st_mode) == 0o600
        found: dict[str, Any] = json.loads((self.folder / "drift.json").read_text(encoding="utf-8"))
        jsonschema.validate(found, SCHEMA, jsonschema.Draft7Validator)
        assert found["verdict"] == verdict
        return found

    def compare(self, *arguments: str, key: bool = True, **environment: str) -> Recap:
        vault = ["--vault-password-file", str(VAULT_KEY)] if key else []
        program = str(common.venv_bin() / "ansible-playbook")
        command = [program, "-i", "inventory.yml", *vault, *arguments, DRIFT]
        run = self.platform.run(command, cwd=self.folder, **environment)
        self.output += run.output
        return run

    def accept(self, *entries: dict[str, Any]) -> None:
        """Write the baseline, beside the description."""
        path = self.folder / "group_vars" / "tpops" / "accepted.yml"
        path.write_text(json.dumps({"gaussdb_drift_baseline": list(entries)}))


def entry(part: str, **more: Any) -> dict[str, Any]:
    return {"part": part, "reason": f"CHG-{part}", "until": TOMORROW, **more}


def failed(verdicts: dict[str, Any]) -> list[str]:
    return [f"{each['path']}: {each['reason']}" for each in verdicts["sites"]["site-a"]["failures"]]


@pytest.fixture
def nights(platform: Platform, tmp_path: Path) -> Nights:
    return Nights(platform, tmp_path)


def test_drift_is_found_and_accepted(nights: Nights, platform: Platform) -> None:
    path = nights.folder / "group_vars" / "tpops" / "estate.yml"
    example = path.read_text(encoding="utf-8")
    nights.change(*CHANGES)
    nights.site()
    assert nights.night("in_step", "-vvvvv")["sites"]["site-a"]["drift"] == []

    # As if somebody had made the changes by hand.
    path.write_text(example, encoding="utf-8")
    found = nights.night("drift", "-vvvvv")["sites"]["site-a"]
    assert {(each["kind"], each["part"], each["object"]) for each in found["drift"]} == {
        ("difference", "parameters", "failed_login_attempts"),
        ("difference", "backup_policy", ""),
        ("undescribed", "users", "auditor"),
        ("undescribed", "databases", "fraud"),
    }
    assert "orders-prod: not described: user auditor, database fraud" in nights.output
    page = (nights.folder / "drift.md").read_text(encoding="utf-8")
    assert "- orders-prod: user auditor, database fraud" in page

    keys = {"part": "key_pairs", "until": YESTERDAY}
    nights.accept(
        entry("parameters", instance="orders-*", object="failed_login_attempts", field="value", value=5),
        entry("backup_policy", field="keep_days"),
        entry("users", object="auditor"),
        entry("databases", object="fr?ud"),
        entry(**keys),
        entry("hosts"),
    )
    found = nights.night("in_step")["sites"]["site-a"]
    assert len(found["accepted"]) == 4
    assert [each["entry"] for each in (*found["expired"], *found["unused"])] == [
        "gaussdb_drift_baseline[4]",
        "gaussdb_drift_baseline[5]",
    ]
    nights.accept(entry("parameters", value=4), entry("users"), entry("databases"), entry("backup_policy"))
    assert [each["object"] for each in nights.night("drift")["sites"]["site-a"]["drift"]] == ["failed_login_attempts"]

    texts = [path.read_text(encoding="utf-8") for path in nights.folder.glob("drift.*")]
    assert [secret for secret in secrets_of(platform) for text in (*texts, nights.output) if secret in text] == []


def test_without_the_key_nobody_can_tell(nights: Nights) -> None:
    run = nights.compare(key=False)
    assert run.status == 4, run.output
    found = json.loads((nights.folder / "drift.json").read_text(encoding="utf-8"))
    assert found["verdict"] == "cannot_tell"
    assert all("decrypt" in each.lower() for each in failed(found)) and len(failed(found)) == 5, failed(found)


class Platforms(Nights):
    """Hosts that stand for the same platform, with variables of their own."""

    def describe(self, hosts: dict[str, dict[str, Any]]) -> None:
        variables = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        inventory = {"tpops": {"hosts": hosts, "vars": variables}}
        (self.folder / "inventory.yml").write_text(json.dumps(inventory))
        for path in (self.folder / "group_vars" / "tpops").iterdir():
            path.unlink()


@pytest.fixture(scope="module")
def one_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform with one instance, which no test changes."""
    with simulator.running() as server:
        found = Platform(server, tmp_path_factory.mktemp("home"))
        found.admin("POST", "estate", {"instances": [{"name": "core-prod", "solution": "triset"}]})
        yield found


@pytest.fixture
def platforms(one_platform: Platform, tmp_path: Path) -> Platforms:
    return Platforms(one_platform, tmp_path)


SAME: dict[str, Any] = {"gaussdb_estate": {}, "gaussdb_empty_estate": True}
DRIFTED = {"gaussdb_estate": {"data_centers": [{"name": "east"}]}}
# What is wrong with a platform, and what people read. Everything else of it would be drift.
CAUSES: dict[str, tuple[dict[str, Any], str]] = {
    "login": ({"tpops_username": "nobody"}, "login: "),
    "unreachable": ({"tpops_endpoint": "127.0.0.1:1", "tpops_retries": 0}, "unreachable: Cannot connect to the platf"),
    "password": ({"tpops_password": "{{ nowhere }}"}, "tpops_password: 'nowhere' is undefined"),
    "undefined": ({"gaussdb_estate": "{{ nowhere }}"}, "gaussdb_estate: 'nowhere' is undefined"),
    "missing": ({"gaussdb_estate": None}, "gaussdb_estate: is missing, or describes nothing"),
    "invalid": ({"gaussdb_estate": {"hosts": [{"nmae": "a"}]}}, "hosts[0].nmae: unknown, did you mean name?"),
    "refused": ({"gaussdb_estate": {"data_centers": [{"name": "a b"}]}}, "data_centers[0].name: "),
    "secret": (
        {"gaussdb_estate": {"instances": [{"name": "core", "users": [{"name": "app", "password": "{{ nowhere }}"}]}]}},
        "instances[core].users[0].password: 'nowhere' is undefined",
    ),
    "option": ({"gaussdb_plan_connections": "many"}, "gaussdb_plan_connections: not a whole number"),
    "baseline": (
        {"gaussdb_drift_baseline": [{"part": "hosts", "reason": "x"}]},
        "gaussdb_drift_baseline[0].until: req",
    ),
    "file": ({"gaussdb_drift_baseline": "nowhere.yml"}, "gaussdb_drift_baseline: cannot be read"),
    "tree": ({"gaussdb_estate": None, "gaussdb_estate_dir": "nowhere"}, "gaussdb_estate_dir: nowhere has neither"),
    "ssh": ({"ansible_connection": "ssh"}, "ssh: A plan needs a local connection"),
}


def test_what_cannot_be_compared_is_no_drift(platforms: Platforms) -> None:
    platforms.describe({name: {**DRIFTED, **variables} for name, (variables, _reason) in CAUSES.items()})
    found = platforms.night("cannot_tell", "--forks", "16")
    assert set(found["sites"]) == set(CAUSES)
    for name, (_variables, reason) in CAUSES.items():
        texts = [f"{each['path'] or name}: {each['reason']}" for each in found["sites"][name]["failures"]]
        assert [text for text in texts if text.startswith(reason)], (name, texts)
        assert re.search(rf"^{name} .* unreachable=1 +failed=0 ", platforms.output, re.MULTILINE), platforms.output


def described(**values: Any) -> dict[str, Any]:
    return {"gaussdb_estate": {"instances": [{"name": "core-prod", **values}]}}


def test_what_is_pending_counts_only_on_request(platforms: Platforms) -> None:
    newer = described(engine_version="99.1.0")
    platforms.describe({"site": newer, "strict": {**newer, "gaussdb_drift_pending": True}})
    found = platforms.night("drift")["sites"]
    assert {site: record["verdict"] for site, record in found.items()} == {"site": "in_step", "strict": "drift"}
    for findings in (found["site"]["reported"], found["strict"]["drift"]):
        (pending,) = [each for each in findings if each["kind"] == "pending"]
        assert (pending["object"], pending["playbook"]) == ("core-prod", "gaussdb.tpops.upgrade")
    assert re.search(
        r"^site is in step with its description \(.*1 pending not counted\)$", platforms.output, re.MULTILINE
    )


def test_a_part_that_cannot_be_read_wins_over_drift(platforms: Platforms) -> None:
    user = {"name": "app", "password": "Sentinel_2026"}
    platforms.describe({"site": described(users=[user], databases=[{"name": "fraud"}])})
    reply = {"kind": "status", "status": 400, "body": {"error_code": "X", "error_msg": "Y"}}
    platforms.platform.admin("POST", "faults", [{"operation": "list_users", **reply}])
    (record,) = platforms.night("cannot_tell")["sites"].values()
    assert {each["path"] for each in record["failures"]} == {"instances[core-prod].users"}
    assert [each["object"] for each in record["drift"]] == ["fraud"]


@pytest.mark.parametrize(
    ("hosts", "verdict"),
    [("same same-2", "in_step"), ("same drifted", "drift"), ("drifted unknown same", "cannot_tell")],
)
def test_the_worst_verdict_is_the_exit_status(platforms: Platforms, hosts: str, verdict: str) -> None:
    kinds = {"same": (SAME, "in_step"), "drifted": (DRIFTED, "drift"), "unknown": (CAUSES["invalid"][0], "cannot_tell")}
    chosen = {host: kinds[host.partition("-")[0]] for host in hosts.split()}
    platforms.describe({host: variables for host, (variables, _verdict) in chosen.items()})
    # What would make ansible-core 2.16 call an unreachable host failed, see the playbook.
    for fatal in ("false", "true"):
        found = platforms.night(verdict, ANSIBLE_ANY_ERRORS_FATAL=fatal)
        assert {site: record["verdict"] for site, record in found["sites"].items()} == {
            host: expected for host, (_variables, expected) in chosen.items()
        }
        assert list(found["sites"]) == list(chosen)


def test_only_the_platforms_of_a_run_are_in_its_file(platforms: Platforms) -> None:
    platforms.describe({"same": SAME, "drifted": DRIFTED, "unknown": CAUSES["invalid"][0]})
    (platforms.folder / "drift.json").write_text('{"sites": {"other": {}}}')
    assert platforms.compare("-e", "gaussdb_sites=drifted").status == 2
    assert set(json.loads((platforms.folder / "drift.json").read_text())["sites"]) == {"drifted"}


def test_a_run_that_compares_nothing_is_not_green(platforms: Platforms) -> None:
    platforms.describe({"same": SAME})
    for arguments in (("-e", "gaussdb_sites=site-z"), ("--limit", "site-z"), ("--start-at-task", "Give the verdict")):
        run = platforms.compare(*arguments)
        assert run.status not in (0, 2), run.output
        assert not (platforms.folder / "drift.json").exists()
    platforms.night("in_step", "--tags", "other")
