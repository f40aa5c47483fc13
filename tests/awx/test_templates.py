# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each job template of examples/awx is launched with answers to its survey, and does what it promises."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from walker import SUCCESSFUL, Job, LaunchError, questions_of
from world import AWAY, DR, EMPTY, HOME, LEAVING, NEW, OLD, PREFIX, PROD, RELATED, ROOT_PASSWORD, World

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.events.changes import make_event

ROOT = Path(__file__).resolve().parents[2]
EVIDENCE = "gaussdb_evidence"
ROTATED = "Rotated-Root-Sentinel-1"


@dataclass
class Case:
    """The launch of one job template.

    ``answers`` may depend on the world, which is ``prepare``-d before. ``statistic`` is what is left of the job, for a
    procedure with its ``outcome``. ``check`` looks at the platforms.
    """

    answers: Mapping[str, Any] | Callable[[World], Mapping[str, Any]] = field(default_factory=dict)
    start: str = ""
    prepare: Callable[[World], None] = lambda _world: None
    statistic: str = EVIDENCE
    outcome: str = "done"
    check: Callable[[World], bool] = lambda world: not world.writes(HOME) and not world.writes(AWAY)


def node(number: int) -> str:
    return f"{PROD}_root_{number}"


def want_a_database(world: World) -> None:
    world.describe(databases=[{"name": "orders"}, {"name": "returns"}])


def want_the_new_version(world: World) -> None:
    world.describe(engine_version=NEW)
    world.describe("site-b", DR, engine_version=NEW)


def begin_the_upgrade(world: World) -> None:
    want_the_new_version(world)
    run = world.launch("upgrade", gaussdb_target="orders-*", gaussdb_until="first_zone")
    assert run.status == SUCCESSFUL, run.stdout[-6000:]


def fail_over(world: World) -> None:
    world.lose(HOME)
    run = world.launch("DR failover", dr_relation="orders", dr_primary_site="site-b", gaussdb_confirm=DR)
    assert run.status == SUCCESSFUL, run.stdout[-6000:]
    world.find_again(HOME)


def stage_a_secret(world: World) -> None:
    """Let the project have tasks for a vault, in which a secret is staged."""
    folder = world.folder / "secrets"
    folder.mkdir(exist_ok=True)
    # A job has a user of its own.
    folder.chmod(0o777)
    world.controller.secrets.append(ROTATED)
    staged = {"current": {}, "staged": {"root": ROTATED}}
    (folder / f"{PROD}.json").write_text(json.dumps(staged), encoding="utf-8")
    (folder / f"{PROD}.json").chmod(0o666)
    examples = ROOT / "examples" / "passwords"
    tasks = {"secret": "secrets", "publish": "publish", "verify": "verify"}
    options = {f"rotate_passwords_{name}_tasks": str(examples / f"{file}.yml") for name, file in tasks.items()}
    variables = world.project / "inventories" / "prod" / "group_vars" / "all" / "passwords.yml"
    variables.write_text(json.dumps({**options, "secrets_folder": str(folder)}), encoding="utf-8")


def report_health(world: World) -> None:
    assert world.launch("health").status == SUCCESSFUL


def want_more_hosts(world: World) -> None:
    """Describe a distributed instance with three hosts more than it has."""
    more = [f"198.51.100.{number}" for number in range(21, 24)]
    hosts = [{"name": f"more-{number}", "manage_ip": ip, "data_center": "dc1"} for number, ip in enumerate(more, 1)]
    shape = {"name": "ledger", "version": OLD, "solution": "hcs2", "data_center": "dc1", "password": ROOT_PASSWORD}
    world.load(HOME, hosts=hosts, instances=[{**shape, "backups": [{"name": "full-3", "age_seconds": 30}]}])
    # The backup stays recent.
    world.clock(speed=60)
    own = [str(host) for host in world.instance("ledger")["hosts"]]
    world.describe(instance="ledger", solution="hcs2", engine_version=OLD, databases=[], manage_ips=own + more)


CASES: dict[str, Case] = {
    "validate": Case(statistic=""),
    "plan": Case(prepare=want_a_database, statistic="gaussdb_plans"),
    "site": Case(
        {"gaussdb_target": PROD},
        prepare=want_a_database,
        statistic="",
        check=lambda world: "returns" in [each["name"] for each in world.instance()["databases"]],
    ),
    "drift": Case(statistic="gaussdb_drift"),
    "export": Case(lambda world: {"gaussdb_export_dir": str(world.evidence / "estate")}, statistic=""),
    "health": Case(start=RELATED, statistic="gaussdb_health"),
    "DR status": Case({"dr_status_strict": "true"}, start=RELATED, statistic=""),
    "DR setup": Case({"dr_relation": "orders"}, start=EMPTY, check=lambda world: world.primary() == PROD),
    "DR drill": Case(start=RELATED, check=lambda world: world.primary() == PROD),
    "DR switchover": Case({"dr_primary_site": "site-b"}, start=RELATED, check=lambda world: world.primary() == DR),
    "DR failover": Case(
        {"dr_relation": "orders", "dr_primary_site": "site-b", "gaussdb_confirm": DR},
        start=RELATED,
        prepare=lambda world: world.lose(HOME),
        check=lambda world: world.writes(AWAY) != [],
    ),
    "DR reestablish": Case(
        {"gaussdb_confirm": PROD}, start=RELATED, prepare=fail_over, check=lambda world: world.primary() == DR
    ),
    "DR teardown": Case(
        {"dr_relation": "orders", "gaussdb_confirm": PROD}, start=RELATED, check=lambda world: world.primary() == ""
    ),
    "upgrade": Case(
        {"gaussdb_target": "orders-*"},
        start=RELATED,
        prepare=want_the_new_version,
        check=lambda world: world.instance()["version"] == world.instance(DR, AWAY)["version"] == NEW,
    ),
    "upgrade rollback": Case(
        {"gaussdb_target": "orders-*"},
        start=RELATED,
        prepare=begin_the_upgrade,
        check=lambda world: world.instance()["version"] == world.instance(DR, AWAY)["version"] == OLD,
    ),
    "restart": Case(
        {"gaussdb_target": PROD},
        prepare=lambda world: world.describe(parameters={"autovacuum_max_workers": 4}, parameter_restart="defer"),
        check=lambda world: world.writes() == ["set_parameters", "restart_instance"],
    ),
    "node maintenance": Case(
        {"node_maintenance_host": "10.200.0.1", "gaussdb_sites": "site-a"},
        outcome="paused",
        check=lambda world: world.writes()[-1] == "stop_instance",
    ),
    "node repair": Case(
        {"node_repair_node": node(2)},
        prepare=lambda world: world.load(HOME, node_failures=[{"instance": PROD, "node": node(2)}]),
        check=lambda world: world.writes() == ["start_instance", "repair_nodes"],
    ),
    "zone force start": Case(
        {"gaussdb_target": PROD, "zone_force_start_zone": "dc3", "gaussdb_confirm": "dc1,dc2"},
        prepare=lambda world: world.load(HOME, node_failures=[{"instance": PROD, "node": each} for each in (0, 1)]),
        check=lambda world: world.writes() == ["repair_availability_zone"],
    ),
    "backup proof": Case(
        {"gaussdb_target": PROD, "proof_data_center": "spare"},
        check=lambda world: world.writes() == ["create_instance", "set_backup_policy", "delete_instance"],
    ),
    "restore": Case(
        lambda world: {"gaussdb_target": PROD, "restore_to": world.ago(600), "gaussdb_confirm": PROD},
        outcome="paused",
        check=lambda world: world.writes() == ["create_backup", "restore_instance"],
    ),
    "flashback": Case(
        lambda world: {
            "gaussdb_target": PROD,
            "flashback_database": "orders",
            "flashback_schema": "public",
            "flashback_table": "items",
            "flashback_time": world.ago(600),
            "gaussdb_confirm": PROD,
        },
        check=lambda world: world.writes() == ["flashback_tables"],
    ),
    "decommission": Case(
        {
            "gaussdb_target": "billing",
            "gaussdb_confirm": "billing",
            "decommission_keep_full_backup_days": 90,
            # Each user of a simulated instance has sessions.
            "gaussdb_gates_waived": "no_sessions",
        },
        start=LEAVING,
        outcome="paused",
        check=lambda world: world.writes() == ["lock_user"],
    ),
    "rotate passwords": Case(
        {"gaussdb_target": PROD, "gaussdb_confirm": PROD, "rotate_passwords_accounts": "root"},
        prepare=stage_a_secret,
        check=lambda world: (
            "init_builtin_passwords" in world.writes()
            and ROTATED in json.loads((world.folder / "secrets" / f"{PROD}.json").read_text())["current"].values()
        ),
    ),
    # Without gaussdb_adopt it only lists what nobody manages.
    "adopt": Case({"gaussdb_sites": "site-a"}, outcome="unchanged"),
    "expand": Case(
        {"gaussdb_target": "ledger", "gaussdb_sites": "site-a", "gaussdb_confirm": "ledger"},
        prepare=want_more_hosts,
        check=lambda world: world.writes() == ["expand_instance"],
    ),
    "evidence page": Case(
        lambda world: {
            "gaussdb_record": str(max(world.evidence.glob("*.json"))),
            "gaussdb_evidence_language": "zh",
        },
        prepare=report_health,
        statistic="gaussdb_page",
        check=lambda world: bool(list(world.evidence.glob("*zh.html"))),
    ),
    "event ticket": Case(
        {"gaussdb_event": make_event("site_lost", "site-a", "1", 1_800_000_000_000)},
        statistic="gaussdb_ticket_payload",
        check=lambda world: bool(list((world.evidence / "tickets").glob("*.json"))),
    ),
}


def test_every_job_template_is_launched(world: World) -> None:
    assert {f"{PREFIX} {name}" for name in CASES} == set(world.controller.names("templates"))


def check_evidence(job: Job, case: Case) -> None:
    """Check what AWX keeps of a job."""
    if case.statistic:
        assert job.artifacts.get(case.statistic), (job.artifacts, job.stdout[-3000:])
    if case.statistic == EVIDENCE:
        for kept in job.artifacts[EVIDENCE].values():
            assert (kept["record"]["outcome"], bool(kept["record"]["ended"])) == (case.outcome, True)


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_a_job_template(world: World, name: str) -> None:
    case = CASES[name]
    world.reset(case.start)
    case.prepare(world)
    world.forget_requests()
    job = world.launch(name, **(case.answers(world) if callable(case.answers) else case.answers))
    assert job.status == SUCCESSFUL, job.stdout[-6000:]
    assert job.ignored == {}
    check_evidence(job, case)
    assert case.check(world), (world.writes(HOME), world.writes(AWAY), job.stdout[-3000:])
    assert world.leaks([job]) == []


def test_answers_are_checked_before_anything_runs(world: World) -> None:
    template = world.controller.find("templates", world.template("decommission"))
    questions = {each["variable"]: each for each in questions_of(template)}
    assert questions["gaussdb_target"]["required"] and not any(
        each["type"] == "password" for each in questions.values()
    )
    for answers, wrong in (
        ({"gaussdb_target": "billing"}, "'gaussdb_confirm' value missing"),
        ({"gaussdb_until": "gone"}, "value 'gone' of 'gaussdb_until' is not one of"),
        ({"decommission_keep_full_backup_days": "90"}, "is not of the type integer"),
    ):
        with pytest.raises(LaunchError, match=wrong):
            world.launch("decommission", **answers)
