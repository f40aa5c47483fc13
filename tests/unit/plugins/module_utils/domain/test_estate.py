# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a description to the tasks of its modules, and back from their options to the places in the description."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import part_named
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import (
    Task,
    by_role,
    expand,
    labels_of,
    without_interruption,
)

ESTATE: dict[str, Any] = {
    "inspections": [{"name": "nightly"}],
    "instances": [
        {
            "name": "orders",
            "port": 8000,
            "os_type": "kylin",
            "parameters": {"max_connections": 100},
            "parameter_restart": "if_required",
            "extensions": {"BackupSet": "/etc/xbsa.conf"},
            "backup_policy": {"keep_days": 7},
            "users": [{"name": "app"}, None, {"name": "dba"}],
            "update_password": "always",
            "databases": [{"name": "orders", "schemas": [{"name": "shipping", "owner": "app"}]}],
        },
        {"name": "billing", "instance_id": "5f2d", "state": "stopped", "databases": [{"name": "billing"}]},
    ],
    "instance_defaults": {"port": 9000, "arch": "ARM"},
    "host_defaults": {"os_type": "Kylin", "data_center": "north"},
    "hosts": [{"name": "db-1"}, {"name": "db-2", "data_center": "south", "os_type": None}],
    "data_centers": [{"name": "north"}],
}


def tasks(everything: bool = False) -> dict[str, Task]:
    return {f"{task.part.name} {task.path}": task for task in expand(ESTATE, everything)}


def arguments(name: str, everything: bool = False) -> Any:
    return dict(tasks(everything)[name].arguments)


def test_tasks_are_in_the_order_in_which_they_are_converged() -> None:
    assert [task.part.module for task in expand(ESTATE)] == [
        "gaussdb_data_center",
        "gaussdb_host",
        "gaussdb_instance",
        "gaussdb_parameter",
        "gaussdb_instance_extension",
        "gaussdb_backup_policy",
        "gaussdb_user",
        "gaussdb_database",
        "gaussdb_schema",
        "gaussdb_instance",
        "gaussdb_inspection",
    ]


def test_an_entry_has_the_defaults_that_it_does_not_replace_and_the_words_of_its_module() -> None:
    assert arguments("hosts hosts")["hosts"] == [
        {"name": "db-1", "os_type": "kylin", "data_center": "north"},
        {"name": "db-2", "os_type": "kylin", "data_center": "south"},
    ]
    assert arguments("instances instances[orders]") == {
        "name": "orders",
        "port": 8000,
        "os_type": "Kylin",
        "arch": "ARM",
    }


def test_a_part_that_is_one_option_has_the_options_beside_it() -> None:
    scope = {"instance": "orders"}
    assert arguments("parameters instances[orders].parameters") == {
        "parameters": {"max_connections": 100},
        "restart": "if_required",
        **scope,
    }
    assert arguments("users instances[orders].users") == {
        "users": [{"name": "app"}, {"name": "dba"}],
        "update_password": "always",
        **scope,
    }


def test_what_is_inside_of_an_entry_is_a_task_of_its_own() -> None:
    assert arguments("databases instances[orders].databases")["databases"] == [{"name": "orders"}]
    assert arguments("schemas instances[orders].databases[0].schemas") == {
        "schemas": [{"name": "shipping", "owner": "app"}],
        "instance": "orders",
        "database": "orders",
    }


def test_a_dictionary_is_the_options_of_a_task_or_one_task_for_each_key() -> None:
    assert arguments("backup_policy instances[orders].backup_policy") == {"keep_days": 7, "instance": "orders"}
    extension = arguments("extensions instances[orders].extensions.BackupSet")
    assert extension == {"key": "BackupSet", "value": "/etc/xbsa.conf", "instance": "orders"}


def test_inside_of_an_instance_that_does_not_run_there_is_nothing_to_converge() -> None:
    name = "databases instances[billing].databases"
    assert name not in tasks()
    assert arguments(name, everything=True) == {
        "databases": [{"name": "billing"}],
        "instance": "billing",
        "instance_id": "5f2d",
    }


@pytest.mark.parametrize(
    ("task", "option", "place"),
    [
        ("hosts hosts", "hosts[1].name", "hosts[1].name"),
        ("hosts hosts", "hosts[1].os_type", "host_defaults.os_type"),
        ("hosts hosts", "hosts[1].data_center", "hosts[1].data_center"),
        ("hosts hosts", "hosts", "hosts"),
        ("instances instances[orders]", "port", "instances[orders].port"),
        ("instances instances[orders]", "manage_ips[2]", "instances[orders].manage_ips[2]"),
        ("instances instances[orders]", "arch", "instance_defaults.arch"),
        ("instances instances[orders]", "", "instances[orders]"),
        ("users instances[orders].users", "users[1].password", "instances[orders].users[2].password"),
        ("users instances[orders].users", "update_password", "instances[orders].update_password"),
        ("parameters instances[orders].parameters", "restart", "instances[orders].parameter_restart"),
        ("parameters instances[orders].parameters", "parameters.dn:a.b", "instances[orders].parameters.dn:a.b"),
        ("backup_policy instances[orders].backup_policy", "period[0]", "instances[orders].backup_policy.period[0]"),
        ("extensions instances[orders].extensions.BackupSet", "value", "instances[orders].extensions.BackupSet"),
        (
            "schemas instances[orders].databases[0].schemas",
            "schemas[0].owner",
            "instances[orders].databases[0].schemas[0].owner",
        ),
    ],
)
def test_an_option_of_a_task_is_found_in_the_description(task: str, option: str, place: str) -> None:
    assert tasks()[task].locate(option) == place


def test_what_is_inside_of_the_defaults_is_found_there() -> None:
    described = {"instance_defaults": {"parameters": {"a": 1}}, "instances": [{"name": "orders"}, {"name": "billing"}]}
    inside = [task for task in expand(described) if task.part.name == "parameters"]
    assert [task.path for task in inside] == ["instance_defaults.parameters"] * 2
    assert [task.arguments["instance"] for task in inside] == ["orders", "billing"]


def test_of_two_instances_with_one_name_the_second_is_known_by_its_position() -> None:
    entries = [{"name": "a"}, {"name": "a"}, {}, None]
    part = part_named("instances")
    assert labels_of(part, entries) == ["a", "1", "2", "3"]


def test_roles_get_their_parts_of_the_platform() -> None:
    roles = by_role(ESTATE)
    assert roles == {
        "hosts": {
            "data_centers": [{"name": "north"}],
            "hosts": [
                {"name": "db-1", "os_type": "kylin", "data_center": "north"},
                {"name": "db-2", "os_type": "kylin", "data_center": "south"},
            ],
        },
        "estate": {"inspections": [{"name": "nightly"}]},
    }


def test_roles_get_their_parts_of_an_instance() -> None:
    roles = by_role(ESTATE, "orders")
    assert set(roles) == {"instance", "backup", "database"}
    assert roles["backup"] == {"backup_policy": {"keep_days": 7}}
    assert set(roles["database"]) == {"users", "update_password", "databases"}
    assert roles["instance"] == {
        "name": "orders",
        "port": 8000,
        "os_type": "Kylin",
        "arch": "ARM",
        "parameters": {"max_connections": 100},
        "parameter_restart": "if_required",
        "extensions": {"BackupSet": "/etc/xbsa.conf"},
    }


def test_an_instance_that_is_not_described_has_no_roles() -> None:
    with pytest.raises(LookupError, match="no entry named archive"):
        by_role(ESTATE, "archive")


def test_what_is_null_is_not_described() -> None:
    assert by_role({"hosts": None, "data_centers": [{"name": "a", "description": None}]}) == {
        "hosts": {"data_centers": [{"name": "a"}]},
        "estate": {},
    }
    assert list(expand({"hosts": None, "instances": [None]})) == []
    silent = {"name": "a", "parameters": {}, "backup_config": {"compression": None}}
    assert [task.part.name for task in expand({"instances": [silent]})] == ["instances"]
    assert len(list(expand({"instances": [silent]}, everything=True))) == 3


def test_only_the_named_parts_are_returned_with_what_they_are_inside_of() -> None:
    roles = by_role(ESTATE, "orders", ["users", "schemas"])
    assert roles["instance"] == {"name": "orders"} and roles["backup"] == {}
    assert sorted(roles["database"]) == ["databases", "update_password", "users"]
    assert by_role(ESTATE, parts=["hosts"])["estate"] == {}
    assert by_role(ESTATE, "orders", ["instances"])["database"] == {}


WINDOW = {"from": "01:00", "to": "05:00"}
INSIDE, OUTSIDE = (datetime(2026, 11, 27, hour, tzinfo=timezone.utc) for hour in (2, 12))


@pytest.mark.parametrize(
    ("of_platform", "of_instance", "now", "restart"),
    [
        (None, None, OUTSIDE, "if_required"),
        (WINDOW, None, OUTSIDE, "defer"),
        (WINDOW, None, INSIDE, "if_required"),
        (WINDOW, {"from": "11:00", "to": "13:00"}, OUTSIDE, "if_required"),
        (None, WINDOW, OUTSIDE, "defer"),
    ],
)
def test_what_interrupts_the_service_waits_for_its_window(
    of_platform: Any, of_instance: Any, now: datetime, restart: str
) -> None:
    first, *others = ESTATE["instances"]
    estate = {**ESTATE, "window": of_platform, "instances": [{**first, "window": of_instance}, *others]}
    found = by_role(estate, "orders", now=now)["instance"]
    assert found["parameter_restart"] == restart and "window" not in found


def test_an_instance_is_not_stopped_outside_of_its_window() -> None:
    estate = {**ESTATE, "window": WINDOW}
    assert "state" not in by_role(estate, "billing", now=OUTSIDE)["instance"]
    assert by_role(estate, "billing", now=INSIDE)["instance"]["state"] == "stopped"
    assert without_interruption(part_named("instances"), {"state": "started"}) == {"state": "started"}


def test_the_settings_of_the_playbooks_are_no_options_of_modules() -> None:
    estate = {"instances": [{"name": "orders", "protected": True, "users_exclusive": True, "users": []}]}
    (task, *_rest) = expand(estate)
    assert dict(task.arguments) == {"name": "orders"}
    roles = by_role(estate, "orders")
    assert roles["instance"] == {"name": "orders"}
    assert roles["database"] == {"users": [], "users_exclusive": True}
