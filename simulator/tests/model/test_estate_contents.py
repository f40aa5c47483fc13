# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of instances in an estate file, and how it is written back."""

from __future__ import annotations

import pytest
import yaml

from tpops_simulator.chapters import load as load_handlers
from tpops_simulator.contract import load as load_contract
from tpops_simulator.model import estate
from tpops_simulator.model.clock import Clock
from tpops_simulator.model.request import Request
from tpops_simulator.model.site import Site

REGISTRY = load_handlers(load_contract().operations)
ESTATE = """
instances:
  - name: orders
    solution: single
    users:
      - {name: orders_owner, password: Orders-pw-1, attributes: {createdb: true}, member_of: [readonly]}
      - app
    roles: [readonly]
    databases:
      - name: orders
        owner: orders_owner
        character_set: GBK
        schemas: [billing, {name: archive, owner: app}]
        tables:
          - {schema: billing, name: invoices, live_rows: 5000}
          - {name: gone, dropped: true}
        locks: [{table_name: invoices, grant_lock_type: tuple, user_name: app, app_name: gsql}]
      - stock
    parameters: {failed_login_attempts: 5, enable_recyclebin: 'on', enable_default_ustore_table: 'on'}
    backup_policy: {keep_days: 30}
    backup_config: {rate_limit: 10}
    backups: [{name: before-release, age_seconds: 86400}]
"""


def load(text):
    site = Site(clock=Clock(0))
    estate.load(site, yaml.safe_load(text))
    return site, next(iter(site.instances.values()))


def ask(site, instance, operation, body=None, **query):
    query = {"offset": 0, "limit": 100, **query}
    request = Request(operation, path={"instance_id": instance.id}, query=query, body=body)
    return REGISTRY.handlers[operation](site, request)


def test_everything_is_shown():
    site, instance = load(ESTATE)
    databases = ask(site, instance, "list_databases")["databases"]
    assert [(d["name"], d["owner"], d["character_set"]) for d in databases] == [
        ("orders", "orders_owner", "GBK"),
        ("stock", "root", "UTF8"),
    ]
    schemas = ask(site, instance, "list_schemas", db_name="orders")["database_schemas"]
    assert {s["schema_name"]: s["owner"] for s in schemas} == {"billing": "orders_owner", "archive": "app"}
    users = {u["name"]: u for u in ask(site, instance, "list_users")["users"]}
    assert list(users) == ["root", "orders_owner", "app", "readonly"]
    assert users["orders_owner"]["memberof"] == "{readonly}"
    assert users["orders_owner"]["attribute"]["rolcreatedb"] and users["app"]["attribute"]["rolcanlogin"]
    assert not users["readonly"]["attribute"]["rolcanlogin"]
    activity = ask(site, instance, "get_database_activity", name="orders", table_limit=100)
    assert [t["table_name"] for t in activity["relations_info"]] == ["invoices"]
    assert activity["row_lock_count"] == "1"
    parameters = {p["name"]: p["value"] for p in ask(site, instance, "get_parameters")["configuration_parameters"]}
    assert parameters["failed_login_attempts"] == "5" and instance.pending_parameters == {}
    policy = ask(site, instance, "get_backup_policy")["backup_policy"]
    assert (policy["keep_days"], policy["rate_limit"], policy["period"]) == (30, 10, "1,2,3,4,5,6,7")
    assert [b["name"] for b in ask(site, instance, "list_backups")["backups"]] == ["before-release"]
    body = {"db_name": "orders", "schema_name": "public", "table_name": "gone", "action": "back_drop"}
    ask(site, instance, "flashback_tables", body)


def test_dump_can_be_loaded_again():
    site, _unused = load(ESTATE)
    first = estate.dump(site)
    assert "Orders-pw-1" not in yaml.safe_dump(first)
    again = Site(clock=Clock(0))
    estate.load(again, first)
    assert estate.dump(again) == first


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (
            "databases: [{name: a, owner: nobody}]",
            "instances: instance orders: The database account does not exist. [name=nobody]",
        ),
        ("databases: [postgres]", "instances: postgres is a template database, which every instance has"),
        ("databases: [{name: a, colour: red}]", "instances: a database has no colour"),
        ("databases: [{name: a, tables: [{name: t, rows: 1}]}]", "instances: a table has no rows"),
        ("databases: [{name: a, locks: [{lock: 1}]}]", "instances: a lock has no lock"),
        ("users: [{name: a, attributes: {fly: true}}]", "instances: the attributes of an account has no fly"),
        (
            "parameters: {failed_login_attempts: many}",
            "instances: instance orders: Parameter error. [failed_login_attempts must be in the range 0-1000]",
        ),
        (
            "parameters: {no_such_parameter: 1}",
            "instances: instance orders: Parameter error. [no_such_parameter is not a parameter of this instance]",
        ),
        ("backup_policy: {days: 3}", "instances: a backup policy has no days"),
        ("backup_config: {days: 3}", "instances: a backup configuration has no days"),
        ("backups: [{name: a, when: now}]", "instances: a backup has no when"),
    ],
)
def test_mistakes_are_named(wrong, named):
    with pytest.raises(estate.EstateError) as refused:
        load(f"instances:\n  - name: orders\n    {wrong}\n")
    assert str(refused.value) == named


PLACE = {
    "engine_versions": ["3.103.0"],
    "data_centers": ["dc"],
    "instances": [{"name": "orders", "solution": "single"}, {"name": "ledger", "solution": "single"}],
}
# A valid entry of each key, and its name in messages.
ENTRIES = {
    "alarm_policies": ({"instance": "orders", "disabled": ["5010001"]}, "an alarm policy"),
    "alarms": ({"instance": "orders", "alarm_id": "5010099", "name": "CPU", "severity": "minor"}, "an alarm"),
    "data_centers": ({"name": "west"}, "a data center"),
    "database_sessions": ({"instance": "orders", "state": "idle"}, "a session"),
    "dbmind_instances": ({"name": "mind"}, "a DBMind instance"),
    "disk_usage": ({"instance": "orders", "node": 0, "percent": 50}, "a disk usage"),
    "dr_relations": ({"name": "pair", "master": "orders", "standby": "ledger"}, "a relation"),
    "hosts": ({"name": "h", "manage_ip": "192.0.2.250", "data_center": "dc"}, "a host"),
    "inspection_findings": ({"instance": "orders", "item": "cpu_usage", "status": "fail"}, "an inspection finding"),
    "inspection_scenes": ({"name": "small", "items": ["cpu_usage"]}, "a scene"),
    "inspections": (
        {
            "inspection_name": "nightly",
            "instances": ["orders"],
            "items": ["cpu_usage"],
            "inspection_policy": "periodic",
            "inspection_period": "daily",
        },
        "an inspection",
    ),
    "instances": ({"name": "new", "solution": "single"}, "an instance"),
    "key_pairs": ({"name": "k"}, "a key pair"),
    "node_failures": ({"instance": "orders", "node": 0, "at": "start", "until": 2}, "a node failure"),
    "statement_changes": (
        {"instance": "orders", "from_version": "3.200.0", "sql": "order_items", "factor": 3},
        "a statement change",
    ),
    "unmanaged_instances": ({"name": "wild", "password": "Gauss_2345"}, "an instance"),
    "upgrade_rules": ({"instance": "orders", "leaves": "partial"}, "an upgrade rule"),
    "users": ({"name": "auditor", "password": "Long-Enough-1"}, "a user"),
    "version_faults": ({"instance": "orders", "version": "3.200.0", "zone": "dc"}, "a version fault"),
}
# Keys whose value is not a list of mappings.
OTHERS = {"agents", "engine_versions", "job_seconds", "unreachable"}


def load_one(key, entry):
    site = Site(seed=1, clock=Clock(0))
    estate.load(site, PLACE)
    estate.load(site, {key: [entry]})


def test_every_key_is_tried():
    assert set(ENTRIES) | OTHERS == set(estate._find_functions("load_"))


@pytest.mark.parametrize("key", sorted(ENTRIES))
def test_a_valid_entry_is_loaded_and_one_with_a_typo_is_not(key):
    entry, called = ENTRIES[key]
    load_one(key, entry)
    with pytest.raises(estate.EstateError) as refused:
        load_one(key, {**entry, "colour": "red"})
    assert str(refused.value) == f"{key}: {called} has no colour"


@pytest.mark.parametrize(
    ("key", "entry", "named"),
    [
        ("inspection_scenes", {"name": "small", "items": ["cpu_usage", "nonsense"]}, "unknown item nonsense"),
        ("inspection_scenes", {"name": "small"}, "'items' is missing"),
        ("inspection_scenes", {"items": ["cpu_usage"]}, "'name' is missing"),
        ("inspections", {**ENTRIES["inspections"][0], "items": ["nonsense"]}, "unknown item nonsense"),
        ("node_failures", {"instance": "nobody", "node": 0}, "instance nobody does not exist"),
        (
            "inspection_findings",
            {"instance": "orders", "item": "cpu_usage", "status": "bad"},
            "status is normal, abnormal, fail or null",
        ),
        ("inspection_findings", {"instance": "orders", "item": "no", "status": "fail"}, "unknown item no"),
        ("node_failures", {"instance": "orders", "node": 0, "at": "noon"}, "at is now or start"),
        (
            "node_failures",
            {"instance": "orders", "node": 0, "at": "start"},
            "at: start needs one of stays, until, after_seconds",
        ),
        (
            "node_failures",
            {"instance": "orders", "node": 0, "stays": True, "until": 2},
            "stays does not go with until",
        ),
        ("node_failures", {"instance": "orders", "node": 0, "until": 0}, "until is the number of an attempt, from 1"),
        (
            "node_failures",
            {"instance": "orders", "node": 0, "after_seconds": -1},
            "after_seconds is a number of seconds",
        ),
        (
            "node_failures",
            {"instance": "orders", "node": 0, "recovered": True, "stays": True},
            "stays is for a node that fails",
        ),
        ("engine_versions", {"version": "3.1.0"}, "a version must be a string, {'version': '3.1.0'} is not"),
        ("engine_versions", 3.1, "a version must be a string, 3.1 is not"),
    ],
)
def test_what_does_not_exist_is_named(key, entry, named):
    with pytest.raises(estate.EstateError) as refused:
        load_one(key, entry)
    assert str(refused.value) == f"{key}: {named}"
