# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a plan finds out: every task of a description in check mode, against a platform of lists."""

from __future__ import annotations

import copy
import random
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import PARTS
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure, NotFound
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate import survey as module
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reading import Description
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import SharedReads
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.survey import Selection, Survey, Surveyor
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.validation import examine
from ansible_collections.gaussdb.tpops.tests.unit.plugins.plugin_utils.estate.test_mutations import (
    ODD,
    estate_with_every_part,
    places_of,
    problems_of,
)

SECRET = "Sentinel-Secret-7"
CONNECTION = {"endpoint": "tpops.example.com:8002", "username": "automation", "password": SECRET, "busy_timeout": 300}
NODES = [{"id": f"n{number}", "management_ip": f"10.0.0.{number}", "status": "Normal"} for number in (1, 2, 3)]
PARAMETERS = [
    {"name": "max_connections", "value": "1000", "restart_required": True, "type": "integer", "value_range": "1-9999"},
    {"name": "timeout", "value": "10", "restart_required": False, "type": "integer", "value_range": "1-9999"},
]


class Platform:
    """Answers reads from lists by operation, and by instance where a dictionary has them."""

    def __init__(self, **lists: Any) -> None:
        core = {"id": "i1", "name": "core", "status": "ACTIVE", "type": "Ha", "port": "8000", "replica_num": 3}
        core |= {"datastore": {"type": "GaussDB", "version": "3.103.0"}, "nodes": NODES}
        self.lists: dict[str, Any] = {
            "list_instances": [core],
            "list_users": [{"name": "root"}, {"name": "rdsAdmin"}, {"name": "app", "lock_status": False}],
            "list_databases": [{"name": "postgres"}, {"name": "orders", "owner": "app"}],
            "get_parameters": PARAMETERS,
            "list_hosts": [],
            **lists,
        }
        self.calls: list[Call] = []
        self.requests_sent, self.knows_time = 0, True
        self.warnings: list[str] = []

    def token(self) -> str:
        self._answer("login")
        return "token"

    def close(self) -> None:
        """There is no connection."""

    def now_ms(self) -> int:
        return 1_800_000_000_000

    def items(self, call: Call) -> list[dict[str, Any]]:
        assert call.operation.read
        self.calls.append(call)
        shape = call.operation.shape
        rows = self._answer(call.operation.name)
        return [shape.read(row) for row in rows] if shape else rows

    def item(self, call: Call) -> dict[str, Any]:
        return self.items(call)[0]

    def _answer(self, name: str) -> Any:
        answer = self.lists.get(name, [])
        if isinstance(answer, Exception):
            raise answer
        return copy.deepcopy(answer)

    def reads(self) -> list[str]:
        return [call.operation.name for call in self.calls]


def survey(
    estate: dict[str, Any], platform: Platform | None = None, threads: int = 3, selection: Selection | None = None
) -> Survey:
    client: Any = platform or Platform()
    tasks = examine(Description(estate, exists=True), "gaussdb_estate").tasks
    return Surveyor(estate, tasks, CONNECTION, SharedReads(lambda: client), threads, selection).survey()


def core(**parts: Any) -> dict[str, Any]:
    return {"instances": [{"name": "core", **parts}]}


def differences(found: Survey) -> list[tuple[Any, ...]]:
    return [(entry["part"], entry["object"], entry["outcome"]) for entry in found.found.differences]


def test_a_converged_instance_needs_one_read_for_each_part() -> None:
    platform = Platform()
    estate = core(
        users=[{"name": "app", "password": SECRET}],
        roles=[{"name": "app", "password": SECRET}][:0],
        databases=[{"name": "orders", "owner": "app"}],
        parameters={"timeout": 10},
    )
    found = survey(estate, platform)
    assert (differences(found), found.found.failures, found.found.steps) == ([], [], [])
    assert sorted(platform.reads()) == [
        "get_parameters",
        "list_databases",
        "list_hosts",
        "list_instances",
        "list_users",
    ]
    assert found.found.not_compared == [
        {"part": "users", "instance": "core", "object": "app", "fields": ["password"], "sent": False}
    ]
    assert found.instances == ["core"] and found.undescribed == []


def test_differences_have_their_fields_before_and_after() -> None:
    found = survey(
        core(
            users=[{"name": "app", "locked": True}, {"name": "batch", "password": SECRET, "login_only": True}],
            databases=[{"name": "orders"}, {"name": "fraud", "owner": "app"}],
            parameters={"max_connections": 2000, "timeout": 20},
        )
    )
    by_object = {(entry["part"], entry["object"]): entry for entry in found.found.differences}
    assert by_object["users", "app"] == {
        "part": "users",
        "instance": "core",
        "object": "app",
        "path": "instances[core].users[0]",
        "outcome": "updated",
        "fields": [{"name": "locked", "before": False, "after": True}],
    }
    assert by_object["users", "batch"]["fields"] == [
        {"name": "password", "secret": True, "before": None, "after": "set"},
        {"name": "login_only", "before": None, "after": True},
    ]
    assert by_object["databases", "fraud"]["outcome"] == "created"
    assert by_object["parameters", "max_connections"]["restart_pending"] is True
    assert "restart_pending" not in by_object["parameters", "timeout"]
    assert by_object["parameters", "timeout"]["fields"] == [{"name": "value", "before": "10", "after": "20"}]
    assert [step["operation"] for step in found.found.steps] == [
        "set_parameters",
        "create_user",
        "lock_user",
        "create_database",
    ]


def test_no_secret_is_in_what_is_found() -> None:
    estate = core(
        users=[{"name": "app", "password": SECRET}, {"name": "b", "password": SECRET}], update_password="always"
    )
    found = survey(estate)
    assert SECRET not in repr(found)
    assert differences(found) == [("users", "b", "created")]
    assert {"part": "users", "instance": "core", "object": "app", "fields": ["password"], "sent": True} in (
        found.found.not_compared
    )


@pytest.mark.parametrize(
    ("attributes", "differs"), [({"createdb": True, "monadmin": False}, False), ({"createdb": False}, True)]
)
def test_attributes_that_are_sent_in_each_run_differ_where_they_are_shown(
    attributes: dict[str, bool], differs: bool
) -> None:
    platform = Platform(list_users=[{"name": "app", "lock_status": False, "attribute": {"rolcreatedb": True}}])
    user = {"name": "app", "password": SECRET, "attributes": attributes}
    found = survey(core(users=[user], update_attributes="always"), platform)
    assert differences(found) == ([("users", "app", "updated")] if differs else [])
    where = {"part": "users", "instance": "core", "object": "app"}
    sent = [] if differs else [{**where, "fields": ["attributes"], "sent": True}]
    assert found.found.not_compared == [*sent, {**where, "fields": ["password"], "sent": False}]


def test_an_instance_that_does_not_exist_yet_is_new_with_all_that_is_in_it() -> None:
    new: dict[str, Any] = {
        "name": "cards",
        "solution": "single",
        "os_type": "Kylin",
        "cpu_spec": "Kunpeng",
        "arch": "ARM",
    }
    new |= {"root_password": SECRET, "manage_ips": ["10.0.0.9"], "databases": [{"name": "fraud"}]}
    found = survey({"instances": [new]})
    assert differences(found) == [("instances", "cards", "created"), ("databases", "fraud", "created")]
    assert found.found.notes == [] and found.found.failures == []


def test_what_is_pending_is_left_to_a_procedure_and_the_rest_is_compared() -> None:
    found = survey(core(engine_version="3.200.0", users=[{"name": "app", "locked": True}]))
    assert differences(found) == [("users", "app", "updated")]
    (pending,) = found.found.pending
    assert (pending["field"], pending["before"], pending["after"]) == ("engine_version", "3.103.0", "3.200.0")
    assert pending["playbook"] == "gaussdb.tpops.upgrade" and pending["path"] == "instances[core].engine_version"
    assert found.found.failures == []


def test_hosts_in_one_text_are_several_hosts() -> None:
    found = survey(core(solution="triset", manage_ips="10.0.0.1,10.0.0.2,10.0.0.3", slave_az_ips=None))
    assert (found.found.pending, found.found.failures, differences(found)) == ([], [], [])
    found = survey(core(solution="triset", manage_ips="10.0.0.1,10.0.0.2,10.0.0.4", slave_az_ips=None))
    (pending,) = found.found.pending
    assert (pending["path"], pending["after"]) == (
        "instances[core].manage_ips",
        ["10.0.0.1", "10.0.0.2", "10.0.0.4"],
    )


def test_a_name_that_is_a_number_is_known_as_its_text() -> None:
    host = {"manage_ip": "10.0.0.9", "data_ip": "10.1.0.9", "virtual_ip": "10.2.0.9", "name": "h"}
    host |= {"os_type": "kylin", "cpu_spec": "intel", "os_root_password": SECRET, "data_center": 2024}
    found = survey({"data_centers": [{"name": 2024}], "hosts": [host]})
    assert differences(found) == [("data_centers", "2024", "created"), ("hosts", "h", "created")]
    assert found.found.failures == []


def test_what_the_module_refuses_is_a_failure_at_its_place() -> None:
    found = survey(core(engine_version="3.100.0", databases=[{"name": "orders", "owner": "root"}]))
    assert [(each["kind"], each["path"]) for each in found.found.failures] == [
        ("refused", "instances[core].engine_version"),
        ("refused", "instances[core].databases[0].owner"),
    ]
    assert "cannot change it to" in found.found.failures[0]["reason"]


def test_what_cannot_be_read_is_a_failure_and_the_rest_is_compared() -> None:
    platform = Platform(list_users=ApiFailure("no answer"))
    found = survey(core(users=[{"name": "app"}], parameters={"timeout": 20}), platform)
    assert differences(found) == [("parameters", "timeout", "updated")]
    assert [(each["kind"], each["path"], each["reason"]) for each in found.found.failures] == [
        ("unreadable", "instances[core].users", "no answer")
    ]


@pytest.mark.parametrize("name", ["login", "list_instances"])
def test_a_platform_that_does_not_answer_is_one_failure(name: str) -> None:
    found = survey(core(users=[{"name": "app"}]), Platform(**{name: ApiFailure("no answer")}))
    (failure,) = found.found.failures
    assert (failure["part"], failure["kind"], failure["reason"]) == ("", "unreadable", "no answer")
    assert found.instances == ["core"]


def test_what_the_platform_refuses_by_name_is_a_refusal() -> None:
    found = survey(core(parameters={"no_such": 1}))
    assert [each["kind"] for each in found.found.failures] == ["refused"]
    found = survey(core(users=[{"name": "app"}]), Platform(list_users=NotFound("gone")))
    assert len(found.found.failures) == 1


def test_what_the_description_lacks_is_listed() -> None:
    lists = {
        "list_hosts": [{"id": "h1", "name": "db-1", "manage_ip": "10.0.0.1"}, {"id": "h2", "manage_ip": "10.0.0.2"}],
        "list_instances": [*Platform().lists["list_instances"], {"id": "i2", "name": "other", "status": "ACTIVE"}],
    }
    found = survey({**core(databases=[{"name": "x"}]), "hosts": []}, Platform(**lists))
    assert found.undescribed == [
        {"part": "hosts", "instance": "", "names": ["10.0.0.2", "db-1"]},
        {"part": "instances", "instance": "", "names": ["other"]},
        {"part": "users", "instance": "core", "names": ["app"]},
        {"part": "databases", "instance": "core", "names": ["orders"]},
    ]


def test_nothing_is_read_of_an_instance_that_does_not_run() -> None:
    stopped = [{"id": "i1", "name": "core", "status": "SHUTDOWN"}]
    platform = Platform(list_instances=stopped)
    assert survey(core(), platform).found.failures == []
    assert "list_users" not in platform.reads()


def test_what_no_run_can_compare_is_listed_with_what_is_sent() -> None:
    privileges = [
        {"grantee": "app", "type": "schema", "database": "orders", "schema": "s", "privileges": ["usage"]},
        {"grantee": "app", "type": "role", "objects": ["readonly"]},
    ]
    estate = {
        "instances": [{"name": "core", "privileges": privileges}],
        "alarm_policies": [{"source": "core", "targets": ["core2"]}],
    }
    found = survey(estate)
    assert differences(found) == [("privileges", "role readonly for app", "updated")]
    assert found.found.differences[0]["fields"] == [{"name": "granted", "before": False, "after": True}]
    privilege = ("privileges", "schema orders.s: usage for app", ["granted", "privileges"])
    policy = ("alarm_policies", "core to core2", ["source", "targets"])
    hidden = {(each["part"], each["object"], tuple(each["fields"])): each["sent"] for each in found.found.not_compared}
    # The list of privileges is sent for the membership; nothing about the policy is new.
    assert (hidden[(*privilege[:2], tuple(privilege[2]))], hidden[(*policy[:2], tuple(policy[2]))]) == (True, False)
    assert {step["part"] for step in found.found.steps} == {"privileges"}

    again = survey(estate, selection=Selection(resend=True))
    assert {step["part"] for step in again.found.steps} == {"privileges", "alarm_policies"}


def test_what_nobody_creates_is_refused() -> None:
    found = survey({**core(), "alarm_policies": [{"source": "cor", "targets": ["core"]}]})
    assert [(each["path"], each["reason"]) for each in found.found.failures] == [
        ("alarm_policies[0]", "there is no instance named cor")
    ]
    assert found.found.notes == []


@pytest.mark.parametrize(("status", "told"), [("ACTIVE", []), ("REBOOTING", ["core"]), ("FAILED", ["core"])])
def test_an_instance_that_is_not_settled_is_told(status: str, told: list[str]) -> None:
    found = survey(core(), Platform(list_instances=[{"id": "i1", "name": "core", "status": status}]))
    assert [each["instance"] for each in found.unsettled] == told


def filled(data: Any) -> Any:
    """Return a description with a secret for each template."""
    if isinstance(data, dict):
        return {key: filled(value) for key, value in data.items()}
    if isinstance(data, list):
        return [filled(value) for value in data]
    return f"{SECRET.replace('-', '_')}" if isinstance(data, str) and "{{" in data else data


def test_on_an_empty_platform_every_part_is_new() -> None:
    estate = filled(estate_with_every_part())
    dbmind = [{"id": "d1", "name": "dbmind-north"}]
    checks = [{"id": name, "name": name} for name in ("CPU usage", "Memory usage")]
    items = [{"name": "Host", "items": checks}]
    platform = Platform(list_instances=[], list_dbmind_instances=dbmind, list_inspection_items=items)
    found = survey(estate, platform)
    assert [(each["path"], each["reason"]) for each in found.found.failures] == []
    told = {entry["part"] for entry in (*found.found.differences, *found.found.not_compared)}
    # A new instance keeps no log for another one, as described.
    assert {part.name for part in PARTS} - told == {"dr_log_keep"}
    assert all(entry["outcome"] in ("created", "updated") for entry in found.found.differences)
    # One login, one list of instances, and nothing of what does not exist.
    assert platform.reads().count("list_instances") == 1
    assert not [call for call in platform.calls if "instance_id" in call.path_args]
    assert SECRET.replace("-", "_") not in repr(found)
    assert found.undescribed == []


@pytest.mark.parametrize("seed", range(4))
def test_nothing_that_is_valid_stops_a_plan(seed: int) -> None:
    """The internal errors of a module would be failures, too: they are none of these."""
    choice = random.Random(seed)
    places = places_of(estate_with_every_part())
    for _round in range(25):
        estate = filled(estate_with_every_part())
        *steps, last = choice.choice(places)
        holder = estate
        for step in steps:
            holder = holder[step]
        holder[last] = choice.choice(ODD)
        if all(problem.warning for problem in problems_of(estate)):
            reasons = [each["reason"] for each in survey(estate).found.failures]
            assert not [reason for reason in reasons if "Internal error" in reason], (steps, last, holder[last])


def test_several_processes_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    def found_on(number_of_cores: int) -> tuple[Any, ...]:
        monkeypatch.setattr(module, "cores", lambda: number_of_cores)
        monkeypatch.setattr(module, "_WORTH_A_PROCESS", 1)
        client: Any = Platform(list_users=[{"name": "app"}, {"name": "other"}])
        client.warnings.append("told by each")
        reads = SharedReads(lambda: client)
        second = {**core()["instances"][0], "name": "second", "databases": [{"name": "fraud"}]}
        estate = {
            "instances": [
                *core(users=[{"name": "app", "locked": True}], parameters={"timeout": 20})["instances"],
                second,
            ]
        }
        tasks = examine(Description(estate, exists=True), "gaussdb_estate").tasks
        survey = Surveyor(estate, tasks, CONNECTION, reads, 4).survey()
        assert len(client.calls) < sum(reads.counts.values()) or number_of_cores == 1
        return survey, reads.counts, reads.warnings

    assert found_on(3) == found_on(1)


def test_a_bug_is_a_failure_without_its_text() -> None:
    platform = Platform(list_users=KeyError(SECRET), get_parameters=ValueError(SECRET))
    failures = survey(core(parameters={"timeout": 20}), platform).found.failures
    assert [each["path"] for each in failures] == ["instances[core].parameters", "instances[core].users"]
    assert all(each["kind"] == "unreadable" and "Internal error" in each["reason"] for each in failures)
    assert SECRET not in repr(failures)


def test_a_note_is_told_once() -> None:
    transient = [{"id": "i1", "name": "core", "status": "FAILED"}]
    found = survey(core(users=[{"name": "app", "attributes": {"createdb": True}}]), Platform(list_instances=transient))
    texts = [each["text"] for each in found.found.notes]
    assert len(texts) == len(set(texts)) >= 1


def test_a_removal_is_confirmed_and_a_protected_instance_is_not_removed() -> None:
    found = survey(core(state="absent"))
    assert differences(found) == [("instances", "core", "removed")]
    assert found.to_confirm == ["core"]

    protected = survey(core(state="absent", protected=True))
    assert protected.to_confirm == [] and differences(protected) == []
    (failure,) = protected.found.failures
    assert (failure["kind"], failure["path"]) == ("refused", "instances[core].state")
    assert "protected" in failure["reason"]

    gone = survey({"instances": [{"name": "gone", "state": "absent", "protected": True}]})
    assert (gone.to_confirm, gone.found.failures) == ([], [])


def test_an_exclusive_list_removes_who_is_not_described_and_says_so() -> None:
    accounts = [{"name": name, "attribute": {"rolcanlogin": True}} for name in ("root", "app", "guest")]
    found = survey(core(users=[{"name": "app"}], users_exclusive=True), Platform(list_users=accounts))
    assert differences(found) == [("users", "guest", "removed")]
    assert found.found.differences[0]["path"] == "instances[core].users_exclusive"
    assert found.to_confirm == ["core"]
    assert [each for each in found.undescribed if each["part"] == "users"] == []
    assert [step["operation"] for step in found.found.steps] == ["delete_user"]


WINDOW = {"from": "01:00", "to": "05:00"}
OUTSIDE, INSIDE = (Selection(now=datetime(2026, 11, 27, hour, tzinfo=timezone.utc)) for hour in (12, 2))


def test_outside_of_the_window_a_restart_and_what_needs_it_are_pending() -> None:
    estate = core(window=WINDOW, parameters={"max_connections": 2000, "timeout": 20}, parameter_restart="if_required")
    found = survey(estate, selection=OUTSIDE)
    assert differences(found) == [("parameters", "timeout", "updated")]
    (pending,) = found.found.pending
    assert (pending["field"], pending["before"], pending["after"]) == ("max_connections", "1000", 2000)
    assert (pending["path"], pending["window"]) == (
        "instances[core].parameters.max_connections",
        "daily 01:00 to 05:00 UTC",
    )
    assert [step["operation"] for step in found.found.steps] == ["set_parameters"]

    inside = survey(estate, selection=INSIDE)
    assert len(differences(inside)) == 2 and inside.found.pending == []
    assert [step["operation"] for step in inside.found.steps] == ["set_parameters", "restart_instance"]


@pytest.mark.parametrize("state", ["stopped", "absent"])
def test_outside_of_the_window_no_instance_goes_down(state: str) -> None:
    found = survey({**core(state=state), "window": WINDOW}, selection=OUTSIDE)
    assert differences(found) == [] and found.to_confirm == []
    (pending,) = found.found.pending
    assert (pending["field"], pending["after"], pending["path"]) == ("state", state, "instances[core].state")
    assert survey({**core(state=state), "window": WINDOW}, selection=INSIDE).found.pending == []


def test_a_plan_is_limited_to_instances_and_parts() -> None:
    estate = {
        **core(users=[{"name": "app", "locked": True}], parameters={"timeout": 20}),
        "data_centers": [{"name": "north"}],
    }
    estate["instances"].append({"name": "other", "users": [{"name": "b"}]})
    platform = Platform()
    found = survey(estate, platform, selection=Selection(instances=["co*"]))
    assert differences(found) == [("parameters", "timeout", "updated"), ("users", "app", "updated")]
    assert found.instances == ["core"] and "list_data_centers" not in platform.reads()
    assert {each["instance"] for each in found.undescribed} == {"core"}
    only = survey(estate, selection=Selection(instances=["core"], parts=["users"]))
    assert differences(only) == [("users", "app", "updated")]
    assert Selection(instances=["co*", "nobody"]).matched(["core"]) == ["co*"]


@pytest.mark.parametrize(
    ("parts", "owner", "expected"),
    [
        (["users", "schemas"], "core", ["users", "databases"]),
        (["hosts"], "core", []),
        (["hosts", "instances"], "", ["hosts"]),
        (["instances"], "core", ["instances"]),
    ],
)
def test_what_is_selected_without_a_comparison(parts: list[str], owner: str, expected: list[str]) -> None:
    assert Selection(parts=parts).parts_of(owner) == expected
