# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The action that keeps records: what it writes and when, what it shows and returns, and what it refuses."""

from __future__ import annotations

import copy
import hashlib
import json
import multiprocessing
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.template import Templar

from ansible_collections.gaussdb.tpops.plugins.action import gaussdb_procedure as action
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.evidence import artifacts
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import store

MEMBERS = {"site-a": "orders-prod", "site-b": "orders-dr"}
RELATION = {
    "name": "orders",
    "primary_site": "site-a",
    "members": [{"site": site, "instance": instance} for site, instance in MEMBERS.items()],
}
SECRET = "Sentinel_Secret-7"
HOSTS = {site: {"tpops_endpoint": f"{site}.example.com", "tpops_password": SECRET} for site in MEMBERS}


def reads(acts_as: str) -> dict[str, Any]:
    """Return what is read of one member of a healthy relation."""
    monitor = {"rpo_seconds": 0, "rto_seconds": 1, "rpo_threshold_seconds": 10, "rto_threshold_seconds": 900}
    relation = {"name": "orders", "status": "normal", "acts_as": acts_as, "protected": True, "monitor": monitor}
    instance = {"id": "in14", "status": "ACTIVE", "running": True, "engine_version": "3.200.0"}
    return {"relations": {"relations": [relation]}, "instances": {"instances": [instance]}, "alarms": {"alarms": []}}


BEGIN: dict[str, Any] = {
    "state": "begin",
    "procedure": "failover",
    "subject": "orders",
    "members": MEMBERS,
    "relation": RELATION,
}
END = {"state": "end"}

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []
    monkeypatch.setattr(action.display, "display", lambda text, **_options: shown.append(text))
    return shown


class Platforms:
    """What the platforms answer, and what they were asked with."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {"site-a": reads("primary"), "site-b": reads("standby")}
        self.asked: list[Any] = []

    def __call__(self, members: Any, connections: Any, looks: Any, progress: Any) -> dict[str, Any]:
        self.asked.append((dict(members), dict(connections), tuple(looks)))
        return {site: copy.deepcopy(self.found[site]) for site in members}


@pytest.fixture
def platforms() -> Platforms:
    return Platforms()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str], platforms: Platforms) -> Run:
    """Run the action for a host of the play, with the folder of the run and that of the evidence."""
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setattr(action.C, "DEFAULT_LOCAL_TMP", str(folder))
    monkeypatch.setattr(action, "read_all", platforms)

    def once(args: dict[str, Any], host: str = "DR@orders", check_mode: bool = False, **more: Any) -> dict[str, Any]:
        args = copy.deepcopy(args) | more.pop("change", {})
        if args["state"] == "begin":
            args.setdefault("dest", str(tmp_path / "evidence"))
        task = MagicMock(args=args, async_val=0, check_mode=check_mode, no_log=False, environment=None, diff=False)
        variables = {"inventory_hostname": host, "ansible_play_hosts_all": [host], "hostvars": HOSTS, **more}
        loader = DataLoader()
        templar = Templar(loader=loader, variables=variables)
        shell = MagicMock(transport="local")
        shell._shell.env_prefix.return_value = ""
        module = action.ActionModule(task, shell, PlayContext(), loader, templar, MagicMock())
        result: dict[str, Any] = module.run(task_vars=variables)
        assert SECRET not in str(result)
        assert result["changed"] is False or args["state"] == "page"
        return result

    return once


def records(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((tmp_path / "evidence").glob("*.json"))]


def note(**args: Any) -> dict[str, Any]:
    return {"state": "note", **args}


def test_a_run_from_its_begin_to_its_end(run: Run, tmp_path: Path, lines: list[str]) -> None:
    run(BEGIN, awx_user_name="dba", awx_job_id=12)
    (record,) = records(tmp_path)
    assert (record["outcome"], record["steps"], record["run_by"]) == ("running", [], "dba")
    assert record["awx"] == {"job_id": "12", "launched_by": "dba"}
    assert record["tools"]["collection"] == action.TOOLS["collection"]
    run(note(step="promote", site="site-b"))
    (record,) = records(tmp_path)
    assert [(step["name"], step["outcome"]) for step in record["steps"]] == [("promote", "running")]
    assert not list((tmp_path / "evidence").glob("*.html"))
    run(note(result={"changed": True, "plan": [{"operation": "failover_dr"}]}, step="verify_promoted"))
    ended = run(END)
    (record,) = records(tmp_path)
    assert [step["outcome"] for step in record["steps"]] == ["changed", "ok"]
    assert (record["outcome"], ended["outcome"], ended["bad"]) == ("done", "done", False)
    text, page = (Path(path) for path in ended["files"])
    assert re.fullmatch(r"\d{8}T\d{6}\.\d{6}Z-failover-orders\.json", text.name)
    assert hashlib.sha256(text.read_bytes()).hexdigest() == ended["digest"]
    assert ended["digest"] in page.read_text(encoding="utf-8")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (text, page)} == {0o640}
    assert stat.S_IMODE(text.parent.stat().st_mode) == 0o750
    assert lines[-4:] == [
        "failover of orders: done",
        "orders: primary site-a (orders-prod), status normal, protected, RPO 0 s",
        f"Evidence: {page}",
        f"SHA-256 of the JSON file next to it: {ended['digest']}",
    ]


def test_the_statistics_of_a_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run(BEGIN)
    run(note(result={"samples": [{"time": "2026-01-05 12:00:00 UTC", "site": "site-b", "rpo_seconds": 7}]}))
    stats = run(END)["ansible_stats"]
    assert (stats["aggregate"], stats["per_host"]) == (True, False)
    (entry,) = stats["data"]["gaussdb_evidence"].values()
    assert entry["outcome"] == "unchanged"
    assert [part["code"] for part in entry["end_state"]] == ["primary", "status", "protected", "rpo"]
    assert entry["figures"] == [
        {"name": "rpo_seconds", "unit": "seconds", "limit": 10, "samples": 5, "last": 0},
        {"name": "rto_seconds", "unit": "seconds", "limit": 900, "samples": 4, "last": 1},
    ]
    assert entry["record"]["outcome"] == "unchanged" and len(entry["digest"]) == 64
    # All records together have to fit.
    monkeypatch.setattr(artifacts, "LARGEST", 39 * len(json.dumps(entry["record"])))
    run(BEGIN)
    (entry,) = run(END, ansible_play_hosts_all=["x"] * 40)["ansible_stats"]["data"]["gaussdb_evidence"].values()
    assert "record" not in entry and entry["digest"]


def test_what_is_seen_before_and_after(run: Run, platforms: Platforms) -> None:
    begun = run(BEGIN, change={"probe": {"timeout": 2}})
    assert (begun["state"]["primaries"], begun["sites"]["site-b"]["instance_status"]) == (["site-a"], "ACTIVE")
    ((members, connections, looks),) = platforms.asked
    assert (members, looks) == (MEMBERS, ("relations", "instances", "alarms"))
    assert connections["site-a"] == {
        "endpoint": "site-a.example.com",
        "password": SECRET,
        "timeout": 2,
        "retries": 1,
    }
    platforms.found["site-a"] = {"relations": {"msg": f"no reply, {SECRET}", "error": {"kind": "ConnectionFailed"}}}
    record = run(END)["record"]
    assert platforms.asked[1] == platforms.asked[0]
    assert record["endpoints"] == {"site-a": "site-a.example.com", "site-b": "site-b.example.com"}
    before, after = record["before"], record["after"]
    assert (before["primary"], before["protected"], before["lost_primary"]) == (["site-a"], True, [])
    assert (after["primary"], after["protected"], after["lost_primary"]) == ([], False, ["site-a"])
    assert not after["sites"]["site-a"]["reachable"] and not record["good_end"]


def test_looking_alone(run: Run, tmp_path: Path) -> None:
    seen = run({"state": "observe", "members": MEMBERS, "relation": RELATION, "primary_site": "site-b"})
    assert [each["code"] for each in seen["state"]["deviations"]] == ["other_primary"]
    assert seen["snapshot"]["primary"] == ["site-a"]
    plain = run({"state": "observe", "members": {"site-a": "orders-prod"}})
    assert (list(plain["sites"]), plain["state"]) == (["site-a"], {})
    assert not (tmp_path / "evidence").exists()


def test_looks_are_read_from_the_begin_to_the_end(run: Run, platforms: Platforms) -> None:
    for found in platforms.found.values():
        found["instances"]["instances"][0]["nodes"] = []
        found["components"] = {"nodes": [{"id": "no14", "name": "node-1", "status": "normal", "components": []}]}
    alone = {"members": {"site-a": "orders-prod"}, "relation": {}, "looks": ["components"]}
    run({**BEGIN, **alone})
    record = run(END)["record"]
    assert [looks[-1] for _members, _connections, looks in platforms.asked] == ["components"] * 2
    assert (record["looks"], record["end_state"][0]["code"]) == (["components"], "nodes_healthy")
    assert [node["name"] for node in record["after"]["sites"]["site-a"]["nodes"]] == ["node-1"]
    refused = run({"state": "observe", "members": MEMBERS, "looks": ["disks"]})
    assert refused["failed"] and "procedure_looks: can have components, backups, upgrades" in refused["msg"]


def test_earlier_records_of_the_subject(run: Run) -> None:
    run(BEGIN)
    run(END)
    run({**BEGIN, "subject": "other"})
    assert run({"state": "recall"})["records"] == []
    run(BEGIN)
    (earlier,) = run({"state": "recall"})["records"]
    assert (earlier["subject"], earlier["outcome"]) == ("orders", "unchanged")


def test_an_instance_that_has_taken_over_is_compared_with_the_other_one(run: Run, platforms: Platforms) -> None:
    for site, names in (("site-a", ["a", "b"]), ("site-b", ["a"])):
        lists = {look: {look: [{"name": name} for name in names]} for look in ("databases", "users", "sessions")}
        platforms.found[site] = lists | {"parameters": {"parameters": [{"name": "p", "value": "1"}]}}
    verify = {"state": "verify", "members": MEMBERS, "site": "site-b", "parameters": ["p"]}
    alone = run(verify)["checks"]
    assert [(check["name"], check["passed"]) for check in alone] == [
        ("databases", True),
        ("users", True),
        ("sessions", True),
        ("parameters", True),
    ]
    compared = run(verify, change={"compared_site": "site-a"})["checks"]
    assert [check["passed"] for check in compared] == [False, False, True, True, True]
    assert [list(members) for members, _connections, _looks in platforms.asked] == [["site-b"], ["site-b", "site-a"]]


def lists_of(*names: str) -> dict[str, Any]:
    lists = {look: {look: [{"name": name} for name in names]} for look in ("databases", "users", "sessions")}
    return lists | {"parameters": {"parameters": [{"name": "p", "value": "1"}]}}


def test_what_was_restored_is_compared_with_its_source(run: Run, platforms: Platforms) -> None:
    run({**BEGIN, "procedure": "backup_proof"})
    platforms.found["site-a"] = lists_of("a", "b")
    unknown = run({"state": "baseline", "site": "site-a", "parameters": ["q"]})
    assert unknown["failed"] and "proof_parameters: q" in unknown["msg"]
    run({"state": "baseline", "site": "site-a", "parameters": ["p"]})
    platforms.found["site-a"] = lists_of("a")
    verify = {"state": "verify", "members": {"site-a": "copy"}, "site": "site-a", "restored": True, "parameters": ["p"]}
    checks = {check["name"]: check for check in run(verify)["checks"]}
    assert checks["databases_restored"]["value"] == {"missing": ["b"], "more": []}
    assert (checks["databases_restored"]["passed"], checks["parameter"]["passed"]) == (False, True)
    assert len(run(verify, change={"compare_objects": False})["checks"]) == 4


def test_whose_turn_it_is(run: Run, tmp_path: Path) -> None:
    done = {**BEGIN, "procedure": "backup_proof"}
    rotate = {
        "state": "rotate",
        "procedure": "backup_proof",
        "subjects": {"DR": MEMBERS, "other": {"site-a": "billing"}},
        "limit": 1,
        "dest": str(tmp_path / "evidence"),
    }
    run(done)
    run({**END, "outcome": "done"})
    found = run(rotate)
    assert found["chosen"] == ["other"] and list(found["proven"]) == ["DR"]


def test_check_mode_writes_nothing(run: Run, tmp_path: Path, lines: list[str]) -> None:
    run(BEGIN, check_mode=True)
    run(note(step="promote", site="site-b"), check_mode=True)
    run(note(result={"changed": True}), check_mode=True)
    ended = run(END, check_mode=True)
    assert (ended["outcome"], ended["files"]) == ("planned", [])
    assert not (tmp_path / "evidence").exists() and lines[-1] == "Evidence: none in check mode"


def test_a_folder_that_cannot_be_written(run: Run, tmp_path: Path, lines: list[str]) -> None:
    nowhere = {"dest": "/dev/null/evidence"}
    refused = run(BEGIN, change=nowhere)
    assert refused["failed"] and "so nothing is done: gaussdb_evidence_dir: /dev/null/evidence" in refused["msg"]
    lines.clear()
    run(BEGIN, change={**nowhere, "dest_required": False})
    run(note(step="promote"))
    ended = run(END)
    assert ended["files"] == [] and ended["outcome"] == "unchanged"
    assert len([line for line in lines if line.startswith("WARNING: the evidence cannot be written")]) == 1
    shown = next(line for line in lines if line.startswith("{"))
    assert json.loads(shown)["steps"][0]["name"] == "promote"
    assert (
        lines[-1] == "Evidence: the record above, because /dev/null/evidence (gaussdb_evidence_dir) cannot be written"
    )
    # What the sinks get is in the folder of the run, also with a note about one of them.
    record, page = map(Path, ended["copies"])
    assert tmp_path / "run" in record.parents and json.loads(record.read_text(encoding="utf-8")) == ended["record"]
    run(note(notes=[{"code": "evidence_sink", "sink": "git x", "message": "no route"}]))
    assert json.loads(record.read_text(encoding="utf-8"))["notes"][0]["sink"] == "git x"
    assert "the evidence was not sent to git x: no route" in page.read_text(encoding="utf-8")


def test_a_folder_that_can_be_written_later_gets_the_whole_record(run: Run, tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("in the way", encoding="utf-8")
    run(BEGIN, change={"dest_required": False})
    (tmp_path / "evidence").unlink()
    ended = run(END)
    assert len(ended["files"]) == 2 and ended["copies"] == ended["files"]


def test_a_note_after_the_end_is_in_file_page_and_statistic(run: Run, lines: list[str]) -> None:
    run(BEGIN)
    ended = run(END)
    noted = run(note(notes=[{"code": "evidence_sink", "sink": "git x", "message": "no route"}]))
    content = Path(ended["files"][0]).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert digest != ended["digest"] and lines[-1] == f"SHA-256 of the JSON file with this note: {digest}"
    (entry,) = noted["ansible_stats"]["data"]["gaussdb_evidence"].values()
    assert entry["digest"] == digest and entry["record"] == json.loads(content)
    assert digest in Path(ended["files"][1]).read_text(encoding="utf-8")


GATES = {
    "gates": ["rpo", "rto"],
    "observed": {
        "state": {
            "rpo_seconds": 45,
            "rpo_limit": 10,
            "rpo_within": False,
            "rto_seconds": 1,
            "rto_limit": 900,
            "rto_within": True,
        }
    },
}


def test_a_gate_that_does_not_pass_holds_the_run(run: Run, lines: list[str]) -> None:
    run(BEGIN)
    run(note(step="check_failover"))
    judged = run(note(**GATES))
    assert judged["failed"]
    assert (
        "1 of 2 gates failed: rpo: 45 s: at most 10 s. Wait until the DR instance has caught up. Or waive"
        in judged["msg"]
    )
    assert judged["msg"].endswith("gaussdb_gates_waived=rpo")
    assert lines[-2:] == ["rpo | failed | 45 s | at most 10 s", "rto | passed | 1 s | at most 900 s"]
    run(note(failure=judged))
    ended = run(END)
    assert (ended["outcome"], ended["bad"]) == ("held", True)
    assert ended["msg"].startswith("Check before the failover: 1 of 2 gates failed")
    assert [gate["outcome"] for gate in ended["record"]["gates"]] == ["failed", "passed"]


def test_what_was_approved_is_a_gate(run: Run, platforms: Platforms, lines: list[str]) -> None:
    request = {"request": {"desired_primary_site": "site-b", "confirm": []}}
    run(BEGIN, check_mode=True, change=request)
    assert "as_approved" not in [gate["name"] for gate in run(END, check_mode=True)["record"]["gates"]]
    run(BEGIN, check_mode=True, change=request)
    handed_on = run(END, check_mode=True)["ansible_stats"]["data"]
    request["request"]["confirm"] = ["orders-dr"]
    run(BEGIN, change=request)
    assert "failed" not in run(note(**GATES, waived="rpo"), **handed_on)
    run(note(**GATES, waived="rpo"), **handed_on)
    gates = [(gate["name"], gate["outcome"]) for gate in run(END)["record"]["gates"]]
    assert gates.count(("as_approved", "passed")) == 1
    # Another instance of the same name has taken its place, and somebody asks for something else.
    platforms.found["site-a"]["instances"]["instances"][0]["id"] = "in15"
    request["request"]["desired_primary_site"] = "site-a"
    run(BEGIN, change=request)
    refused = run(note(**GATES, waived="rpo"), **handed_on)
    assert refused["failed"] and "as_approved" in refused["msg"]
    assert "request.desired_primary_site is site-a now" in refused["msg"]
    assert "site-a.instance_id is in15 now" in refused["msg"]
    # Another procedure, or the same one that nobody has approved.
    run(BEGIN, change={**request, "procedure": "switchover"})
    assert "failed" not in run(note(**GATES, waived="rpo"), **handed_on)


def test_what_a_failed_step_has_found(run: Run) -> None:
    """A failed job, and the kinds of the checks that have not passed; a gate is neither."""
    run(BEGIN)
    run(note(step="check_failover"))
    gates = run(note(failure=run(note(**GATES))))
    assert (gates["failed_step"], gates["findings"]) == ("check_failover", [])
    run(note(step="promote"))
    run(note(result={"jobs": [{"id": "1", "status": "Failed"}]}))
    run(note(verification=[{"name": "nodes", "kind": "components", "value": 1, "expected": 0}]))
    failed = run(note(failure={"msg": "no"}))
    assert (failed["failed_step"], failed["findings"]) == ("promote", ["components", "job"])


def test_nobody_is_told_to_waive_a_gate_that_cannot_be_waived(run: Run) -> None:
    run(BEGIN)
    upgrade = {"stage": "observed", "target_version": "3.200.0", "rollback_enabled": False}
    seen = {"observed": {"sites": {"site-a": {"upgrade": upgrade}}}, "limits": {"site": "site-a"}}
    judged = run(note(gates=["rollback_possible"], **seen))
    assert judged["failed"] and judged["msg"].endswith("a way back.") and "waive" not in judged["msg"]


LATER = {
    "state": "judge",
    "site": "site-a",
    "gates": ["rpo", "no_long_transaction"],
    "limits": {"transaction_seconds": 9},
}


def test_a_gate_is_judged_again_and_recorded_once(run: Run, lines: list[str], platforms: Platforms) -> None:
    """With what the platform shows each time. Only what fails is shown while it may pass later."""
    long = {"started_at_ms": 1000, "transaction_started_at_ms": 1000, "age_seconds": 10}
    run(BEGIN)
    run(note(step="check_failover", site="site-a"))
    platforms.found["site-a"]["sessions"] = {"sessions": [long]}
    judged = run(LATER)
    assert judged["failed"] and judged["may_pass_later"] and "terminate its session" in judged["msg"]
    assert lines[-1:] == ["no_long_transaction | failed | 10 s | at most 9 s"] and "rpo |" not in str(lines[-2])
    platforms.found["site-a"]["sessions"] = {"sessions": []}
    assert "failed" not in run(LATER)
    assert [line.split(" | ")[:2] for line in lines[-2:]] == [["rpo", "passed"], ["no_long_transaction", "passed"]]
    gates = run(END)["record"]["gates"]
    assert [(gate["name"], gate["outcome"], gate["site"]) for gate in gates] == [
        ("rpo", "passed", "site-a"),
        ("no_long_transaction", "passed", "site-a"),
    ]


def test_sessions_that_cannot_be_read_are_a_reason_to_try_again(run: Run, platforms: Platforms) -> None:
    run(BEGIN)
    run(note(step="check_failover", site="site-a"))
    platforms.found["site-a"]["sessions"] = {"failed": True, "msg": "no permission"}
    judged = run(LATER)
    assert judged["failed"] and "no_long_transaction: unknown" in judged["msg"]


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_is_not_known_is_null_or_an_empty_text(run: Run, nothing: Any) -> None:
    """A template whose value is null becomes an empty text before ansible-core 2.19."""
    run(BEGIN)
    assert "failed" not in run(note(gates=["sessions_lost"], observed={"sessions": nothing}))
    (gate,) = run(END)["record"]["gates"]
    assert (gate["outcome"], gate["value"]) == ("noted", None)


def test_a_platform_that_is_away_is_waited_for_between_begin_and_end(
    run: Run, platforms: Platforms, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    silence = {"relations": {"failed": True, "msg": "no reply", "error": {"kind": "ConnectionFailed"}}}
    home, slept = platforms.found["site-a"] | {"sessions": {"sessions": []}}, []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        platforms.found["site-a"] = home if len(slept) % 3 == 0 else silence

    monkeypatch.setattr(action.time, "sleep", sleep)
    away = {"patience": {"tries": 5, "interval": 2}}
    platforms.found["site-a"] = silence
    # At the begin there is no reason to wait: the site may be lost.
    run(BEGIN, change=away)
    assert slept == []
    run(note(step="check_failover", site="site-a"))
    assert "failed" not in run(LATER | {"gates": ["rpo"]}) and slept == [2.0, 2.0, 2.0]
    assert [line for line in lines if "no answer" in line] == [
        f"site-a: no answer, {left} more attempts" for left in (5, 4, 3)
    ]
    platforms.found["site-a"] = silence
    looked = {"state": "observe", "members": MEMBERS, "relation": RELATION, "patience": {"tries": 1, "interval": 2}}
    assert run(looked)["sites"]["site-a"]["silent"] and len(slept) == 4
    platforms.found["site-a"] = silence
    run(END)
    assert len(slept) == 4


def test_a_baseline_is_part_of_the_record(run: Run, platforms: Platforms, tmp_path: Path) -> None:
    run(BEGIN)
    platforms.found["site-a"] |= {
        "databases": {"databases": [{"name": "orders"}]},
        "users": {"users": [{"name": "app"}]},
        "parameters": {"parameters": [{"name": "a", "value": "1"}, {"name": "os_pwd", "value": SECRET}]},
    }
    run({"state": "baseline", "site": "site-a"})
    (record,) = records(tmp_path)
    assert record["baseline"] == {"site-a": {"databases": ["orders"], "users": ["app"], "parameters": {"a": "1"}}}
    assert platforms.asked[-1][2] == ("databases", "users", "parameters")
    wrong = run({"state": "baseline", "site": "site-a", "parameters": ["b"]})
    assert wrong["failed"] and "b is no parameter of this instance" in wrong["msg"]


def test_a_waived_gate_is_at_the_top_of_the_page(run: Run) -> None:
    run(BEGIN)
    assert "failed" not in run(note(**GATES, waived="rpo"))
    page = Path(run(END)["files"][1]).read_text(encoding="utf-8")
    assert page.index("Waived gates") < page.index("Primary before")
    wrong = run(note(**GATES, waived="rpo,rto"))
    assert wrong["failed"] and "but not all of them" in wrong["msg"]


def test_a_verification_that_fails(run: Run) -> None:
    run(BEGIN)
    run(note(step="verify_promoted", site="site-b"))
    checks = [{"name": "databases", "value": ["a"], "expected": ["b"]}, {"name": "sessions", "value": 3}]
    failed = run(note(verification=checks))
    assert failed["failed"] and failed["msg"] == "The verification of orders-dr failed: databases: a (expected: b)"
    assert [check["passed"] for check in run(END)["record"]["verification"]] == [False, True]


def test_what_a_run_says_of_a_loss_and_of_its_ticket(run: Run) -> None:
    run(BEGIN, change={"language": "zh", "ticket": "CHG0012345"})
    loss = {"code": "lost", "instance": "orders-prod", "rpo_seconds": 593, "known_by": "site-b", "confirmed_with": "x"}
    run(note(loss=loss, notes=[{"code": "evidence_tasks", "message": "no route"}]))
    page = Path(run(END)["files"][1]).read_text(encoding="utf-8")
    for expected in ("CHG0012345", "运行后的任务失败：no route", 'lang="zh-CN"'):
        assert expected in page


def test_the_page_of_all_subjects(run: Run, tmp_path: Path, lines: list[str]) -> None:
    for subject in ("orders", "billing", "订单"):
        run(BEGIN, host=subject, change={"subject": subject})
    first = run(END, host="orders")
    fleet = Path(first["files"][2])
    assert "2 × " in fleet.read_text(encoding="utf-8") and lines[-1] == f"All of this run: {fleet}"
    run(note(step="promote", failure={"msg": "<b>no</b>"}), host="billing")
    run(END, host="billing")
    run(END, host="订单")
    text = fleet.read_text(encoding="utf-8")
    rows = re.findall(r"<tr><td>(.*?)</td>", text)
    # The worst first.
    assert rows == ["billing", "orders", "订单"]
    assert "&lt;b&gt;no&lt;/b&gt;" in text
    links = re.findall(r'href="([^"]*)"', text)
    assert len(links) == 3 and all((tmp_path / "evidence" / link).is_file() for link in links)
    # Another procedure of the same run has a page of its own.
    run(BEGIN, host="orders", change={"procedure": "switchover"})
    assert len(run(END, host="orders")["files"]) == 2


def test_several_subjects_that_end_at_the_same_time(run: Run, tmp_path: Path) -> None:
    hosts = [f"r{number}" for number in range(8)]
    for host in hosts:
        run(BEGIN, host=host, change={"subject": host})
    # As the workers of a run. Threads would share the environment, which a task changes.
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=run, args=(END,), kwargs={"host": host}) for host in hosts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * len(hosts)
    (fleet,) = set((tmp_path / "evidence").glob("*.html")) - {
        path.with_suffix(".html") for path in (tmp_path / "evidence").glob("*.json")
    }
    assert "8 × " in fleet.read_text(encoding="utf-8")


def test_the_lock_is_free_after_its_owner(tmp_path: Path) -> None:
    kept = store.Store(str(tmp_path))
    for _again in range(2):
        with pytest.raises(OSError), kept.lock():
            raise OSError("the worker ends")


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ({"state": "note"}, "There is no record of this host"),
        ({"state": "begin"}, "missing"),
        ({**BEGIN, "language": "fr"}, "gaussdb_evidence_language must be one of en, zh, not fr"),
        ({"state": "page"}, "record"),
        ({"state": "page", "record": "/nowhere.json"}, "record: /nowhere.json cannot be read"),
        ({"state": "stop"}, "state"),
    ],
)
def test_wrong_options(run: Run, tmp_path: Path, args: dict[str, Any], text: str) -> None:
    result = run(args)
    assert result["failed"] and text in result["msg"]
    assert not (tmp_path / "evidence").exists()


def test_the_page_of_a_record(run: Run, tmp_path: Path) -> None:
    run(BEGIN)
    run(note(step="promote", site="site-b"))
    (left,) = (tmp_path / "evidence").glob("*.json")
    written = run({"state": "page", "record": str(left), "language": "zh"})
    (page,) = map(Path, written["files"])
    assert page.name == f"{left.stem}.zh.html" and written["changed"]
    assert "已中断或仍在运行" in page.read_text(encoding="utf-8") and "灾备实例升主" in page.read_text(encoding="utf-8")
    assert not run({"state": "page", "record": str(left), "language": "zh"})["changed"]


@pytest.mark.parametrize("content", ["[]", "{}", '{"schema": 1}', "not JSON", '{"schema": 2}'])
def test_what_is_not_a_record_has_no_page(run: Run, tmp_path: Path, content: str) -> None:
    path = tmp_path / "sent.json"
    path.write_text(content, encoding="utf-8")
    result = run({"state": "page", "record": str(path)})
    assert result["failed"] and f"No page can be created from {path}" in result["msg"]
    assert list(tmp_path.glob("*.html")) == []


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("orders", "orders"),
        ("订单", "订单"),
        ("2024", "2024"),
        ("a/b", "a_b-c14cddc0"),
        ("../x", ".._x-d6b96a97"),
        ("x" * 300, None),
        ("名" * 64, None),
    ],
)
def test_the_name_of_a_file(subject: str, name: str | None) -> None:
    found = action.file_name(subject)
    assert found == name or (name is None and len(found) <= action.LONGEST_NAME and found[:30] == subject[:30])


def test_long_names_that_begin_alike_have_different_files() -> None:
    assert action.file_name("x" * 300) != action.file_name("x" * 301)
